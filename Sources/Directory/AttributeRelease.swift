/// Which attributes an application is told, and under which names.
package struct AttributeRelease: Equatable, Sendable {
    /// One attribute and the name the application knows it by.
    package struct Entry: Equatable, Sendable {
        package var attribute: UserAttribute
        package var name: String

        package init(_ attribute: UserAttribute, as name: String) {
            self.attribute = attribute
            self.name = name
        }
    }

    /// One value under its released name.
    package struct Value: Equatable, Sendable {
        package var name: String
        package var value: AttributeValue

        package init(_ name: String, _ value: AttributeValue) {
            self.name = name
            self.value = value
        }
    }

    /// In the order in which they are released.
    package let entries: [Entry]

    /// Nothing is released beyond what the protocol itself needs.
    package static let none = AttributeRelease(stored: [])

    /// Checks what an administrator entered.
    /// - Throws: `badAttributeName` for a name that is no XML element name without colon of at most 64 bytes (CAS
    ///   writes it as an element, OpenID Connect as a member); `repeatedAttributeName`.
    package init(_ entries: [Entry]) throws(DirectoryError) {
        guard entries.allSatisfy({ Self.isName($0.name) }) else { throw .badAttributeName }
        guard Set(entries.map(\.name)).count == entries.count else { throw .repeatedAttributeName }
        self.entries = entries
    }

    /// Takes entries that were checked when they were stored.
    package init(stored entries: [Entry]) {
        self.entries = entries
    }

    /// What the application is told about a user; an attribute that the user does not have is left out.
    package func values(of user: User, groups: [Group], tenant: Tenant) -> [Value] {
        entries.compactMap { entry in
            entry.attribute.value(of: user, groups: groups, tenant: tenant).map { Value(entry.name, $0) }
        }
    }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, first.isASCIILetter || first == UInt8(ascii: "_") else { return false }
        return text.utf8.count <= 64
            && text.utf8.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || Set("_-.".utf8).contains($0) }
    }
}
