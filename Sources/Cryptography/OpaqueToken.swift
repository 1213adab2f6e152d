import Wire

/// A random secret value that means nothing by itself: a code, a ticket, an access or refresh token, a cookie.
///
/// The text goes to its holder once; the database keeps only `hash`. Prints as `•••`.
///
/// ```swift
/// let token = OpaqueToken(using: &random)
/// token.text                                      // 43 characters
/// OpaqueToken.hash(of: presented) == token.hash   // how it is found again
/// ```
package struct OpaqueToken: Equatable, Sendable {
    /// What its holder presents: the prefix and 32 random bytes in base64url (43 characters).
    package let text: String
    /// What is stored: base64url of SHA-256 of `text` (43 characters). No salt is needed for 256 random bits.
    package let hash: String

    /// - Parameters:
    ///   - prefix: `"ST-"` and its like (CAS §3.7: the character set is letters, digits and `-`, so is a prefix's);
    ///     part of the secret text.
    ///   - random: `SecureRandom`, or a seeded generator in a test.
    package init(prefix: StaticString = "", using random: inout some RandomNumberGenerator) {
        text = prefix.description + Base64URL.encode(random.bytes(32))
        hash = Self.hash(of: text)
    }

    /// The stored form of what somebody presents; any text is accepted, an unknown one is found nowhere.
    package static func hash(of presented: String) -> String {
        Base64URL.encode(SHA256.hash(presented))
    }
}

extension OpaqueToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Names of stored rows: not secret, not guessable, never reused.
package enum Identifier {
    /// 16 random bytes in base64url: 22 characters.
    package static func make(using random: inout some RandomNumberGenerator) -> String {
        Base64URL.encode(random.bytes(16))
    }
}
