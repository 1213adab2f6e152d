/// A user's account name, unique in the tenant without regard to ASCII case.
///
/// The repertoire is small on purpose: ASCII letters, digits, `.`, `_`, `-` and Chinese characters (unified
/// ideographs). None of them has a second spelling or a look-alike in another script, so no normalisation is needed
/// and no two names read the same. `@` is kept for e-mail addresses and `username@tenantcode`.
package struct Username: Hashable, Sendable, CustomStringConvertible {
    /// The name as the administrator wrote it.
    package let text: String

    /// What names are compared and looked up by.
    package var key: String { TypedText.lowercasedASCII(text) }

    package var description: String { text }

    /// Checks a name.
    /// - Throws: `badUsername`.
    package init(_ text: String) throws(DirectoryError) {
        let plain = TypedText.plain(text)
        guard (1...64).contains(plain.unicodeScalars.count) else { throw .badUsername }
        guard plain.unicodeScalars.allSatisfy(Self.isAllowed) else { throw .badUsername }
        self.text = plain
    }

    /// Takes a name that was checked when it was stored.
    package init(stored text: String) {
        self.text = text
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        guard let byte = UInt8(exactly: scalar.value), byte < 0x80 else {
            return scalar.properties.isUnifiedIdeograph
        }
        return byte.isASCIILetter || byte.isASCIIDigit || [".", "_", "-"].contains(scalar)
    }
}
