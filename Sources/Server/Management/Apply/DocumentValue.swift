import Directory

/// One value of a structured document such as an apply file, with the line it stands in. Whoever parses the format
/// makes it; nothing here knows YAML. It may hold secrets and personal data: prints as `•••`.
package struct DocumentValue: Equatable, Sendable, Concealed {
    /// What a value is.
    package indirect enum Content: Equatable, Sendable {
        /// Nothing after the key, or a word for nothing.
        case null
        /// Any text, number or truth value, as it is written.
        case text(String)
        case list([DocumentValue])
        /// Members in order; no key twice.
        case object([Member])
    }

    /// One key and its value.
    package struct Member: Equatable, Sendable {
        package let key: String
        package let value: DocumentValue

        package init(_ key: String, _ value: DocumentValue) {
            self.key = key
            self.value = value
        }
    }

    package let content: Content
    /// From 1.
    package let line: Int

    package init(_ content: Content, line: Int) {
        self.content = content
        self.line = line
    }
}

/// Where a value stands: `tenants[0].users[2].phone`, line 17.
package struct DocumentPlace: Equatable, Sendable {
    /// Empty for the whole document.
    package let path: String
    package let line: Int

    package init(path: String, line: Int) {
        self.path = path
        self.line = line
    }
}

/// Why a document is refused: where, and what would be right. Nothing of the document's values is repeated.
package struct DocumentRefusal: Error, Equatable, Sendable, CustomStringConvertible {
    package let place: DocumentPlace
    package let text: String

    package var description: String {
        "line \(place.line)" + (place.path.isEmpty ? "" : ", \(place.path)") + ": \(text)"
    }

    init(_ place: DocumentPlace, _ text: StaticString) {
        self.place = place
        self.text = text.description
    }

    /// - Parameter knownKeys: Our own words.
    init(unknownKey place: DocumentPlace, knownKeys: [String]) {
        self.place = place
        text = "there is no such key; here may stand \(knownKeys.joined(separator: ", "))"
    }

    /// A refusal of an act for something that the document says.
    init(_ place: DocumentPlace, _ error: AdministrationError) {
        let path = [place.path, error.field ?? ""].filter { !$0.isEmpty }.joined(separator: ".")
        self.place = DocumentPlace(path: path, line: place.line)
        text = error.text
    }
}
