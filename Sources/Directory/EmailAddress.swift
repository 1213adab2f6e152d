/// An e-mail address of the plain form that mail systems in use accept (the dot-atom of RFC 5322 §3.4.1).
package struct EmailAddress: Hashable, Sendable, Concealed {
    /// The address as it was written. Personal data: never for a log.
    package let text: String

    /// What addresses are compared and looked up by. RFC 5321 lets a local part depend on case; no one relies on it.
    package var key: String { TypedText.lowercasedASCII(text) }

    /// Checks an address.
    /// - Throws: `badEmailAddress`, for quoted local parts, address literals and non-ASCII too.
    package init(_ typed: String) throws(DirectoryError) {
        let plain = TypedText.plain(typed)
        let parts = plain.split(separator: "@", omittingEmptySubsequences: false)
        // RFC 5321 §4.5.3.1: 64 bytes before the @, 254 in all.
        guard parts.count == 2, plain.utf8.count <= 254, parts[0].utf8.count <= 64 else { throw .badEmailAddress }
        guard Self.isDotAtom(parts[0]), HostName.isDomain(parts[1]) else { throw .badEmailAddress }
        text = plain
    }

    /// Takes an address that was checked when it was stored.
    package init(stored text: String) {
        self.text = text
    }

    private static func isDotAtom(_ local: Substring) -> Bool {
        let atoms = local.split(separator: ".", omittingEmptySubsequences: false)
        return atoms.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(isAtomByte) }
    }

    /// `atext` of RFC 5322 §3.2.3.
    private static func isAtomByte(_ byte: UInt8) -> Bool {
        byte.isASCIILetter || byte.isASCIIDigit || symbols.contains(byte)
    }

    private static let symbols = Set("!#$%&'*+-/=?^_`{|}~".utf8)
}
