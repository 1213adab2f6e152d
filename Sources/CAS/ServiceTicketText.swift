import Cryptography

/// A minted service ticket: the text for the browser and what is stored of it.
///
/// CAS allows tickets only the letters, the digits and `-` (§3.7), which base64url goes beyond, so it is not an
/// `OpaqueToken`. Prints as `•••`.
package struct ServiceTicketText: Equatable, Sendable {
    /// `ST-` and 40 random characters: 238 bits. Well below the 256 characters that services are to accept (§3.1.1).
    package let text: String
    /// What is stored, and found again by `OpaqueToken.hash(of:)`.
    package let hash: String

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
    private static let length = 40

    /// - Parameter random: `SecureRandom`, or a seeded generator in a test.
    package init(using random: inout some RandomNumberGenerator) {
        var characters: [UInt8] = []
        while characters.count < Self.length {
            // 248 is the largest multiple of 62 in a byte; what lies above would make the first letters likelier.
            characters += random.bytes(64).filter { $0 < 248 }.map { Self.alphabet[Int($0) % Self.alphabet.count] }
        }
        text = "ST-" + String(decoding: characters.prefix(Self.length), as: UTF8.self)
        hash = OpaqueToken.hash(of: text)
    }
}

extension ServiceTicketText: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
