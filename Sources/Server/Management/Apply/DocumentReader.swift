/// A value with the path to it; reading from it refuses what does not fit.
struct DocumentReader {
    let value: DocumentValue
    let place: DocumentPlace

    init(_ value: DocumentValue, path: String = "") {
        self.value = value
        place = DocumentPlace(path: path, line: value.line)
    }

    /// The members of an object.
    /// - Parameter keys: All that may stand here.
    /// - Throws: For anything but an object, and for a key that is not among them: a misspelt key must not be silently
    ///   without effect.
    func object(_ keys: [String]) throws(DocumentRefusal) -> DocumentObject {
        guard case .object(let members) = value.content else {
            throw DocumentRefusal(place, "here must stand keys and values")
        }
        for member in members where !keys.contains(member.key) {
            let path = joined(Self.isPlain(member.key) ? member.key : "…")
            throw DocumentRefusal(
                unknownKey: DocumentPlace(path: path, line: member.value.line), knownKeys: keys)
        }
        return DocumentObject(members: try entries(members), place: place)
    }

    /// The members of an object with any keys, such as settings.
    func dictionary() throws(DocumentRefusal) -> [(key: String, reader: DocumentReader)] {
        guard case .object(let members) = value.content else {
            throw DocumentRefusal(place, "here must stand keys and values")
        }
        return try entries(members)
    }

    /// The elements of a list.
    func list() throws(DocumentRefusal) -> [DocumentReader] {
        guard case .list(let elements) = value.content else { throw DocumentRefusal(place, "here must stand a list") }
        return elements.enumerated().map { DocumentReader($1, path: "\(place.path)[\($0)]") }
    }

    /// A text; numbers and truth values are taken as they are written.
    func text() throws(DocumentRefusal) -> String {
        switch value.content {
        case .text(let text): return text
        case .null: throw DocumentRefusal(place, "the value is missing; leave the key out where nothing is to be said")
        case .list, .object: throw DocumentRefusal(place, "here must stand one text")
        }
    }

    func texts() throws(DocumentRefusal) -> [String] {
        var texts: [String] = []
        for element in try list() { texts.append(try element.text()) }
        return texts
    }

    func flag() throws(DocumentRefusal) -> Bool {
        switch try text() {
        case "true": return true
        case "false": return false
        default: throw DocumentRefusal(place, "here must stand true or false")
        }
    }

    private func entries(
        _ members: [DocumentValue.Member]
    ) throws(DocumentRefusal) -> [(key: String, reader: DocumentReader)] {
        var seen: Set<[UInt8]> = []
        var entries: [(key: String, reader: DocumentReader)] = []
        for member in members {
            let path = joined(Self.isPlain(member.key) ? member.key : "…")
            guard seen.insert(Array(member.key.utf8)).inserted else {
                throw DocumentRefusal(DocumentPlace(path: path, line: member.value.line), "the key stands here twice")
            }
            entries.append((member.key, DocumentReader(member.value, path: path)))
        }
        return entries
    }

    private func joined(_ key: String) -> String { place.path.isEmpty ? key : "\(place.path).\(key)" }

    /// Whether a key may be repeated in an error: under a wrong indentation anything can become a key, also a secret.
    private static func isPlain(_ key: String) -> Bool {
        (1...40).contains(key.utf8.count)
            && key.utf8.allSatisfy { byte in
                (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")) || byte == UInt8(ascii: ".")
            }
    }
}

/// The members of an object whose keys have been checked.
struct DocumentObject {
    let members: [(key: String, reader: DocumentReader)]
    let place: DocumentPlace

    subscript(_ key: String) -> DocumentReader? { members.first { $0.key == key }?.reader }

    func text(_ key: String) throws(DocumentRefusal) -> String? { try self[key]?.text() }

    func texts(_ key: String) throws(DocumentRefusal) -> [String]? { try self[key]?.texts() }

    func flag(_ key: String) throws(DocumentRefusal) -> Bool? { try self[key]?.flag() }

    /// The elements of a list that may be left out.
    func list(_ key: String) throws(DocumentRefusal) -> [DocumentReader] { try self[key]?.list() ?? [] }

    func requiredText(_ key: String, _ missing: StaticString) throws(DocumentRefusal) -> String {
        guard let text = try text(key) else { throw DocumentRefusal(place, missing) }
        return text
    }
}
