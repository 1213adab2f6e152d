import Cryptography
import Directory
import Wire

/// A code on paper for the day on which the second factor is lost: each lets its person in once. Prints as `•••`.
///
/// 50 random bits cannot be guessed within the limits of a sign-in, and the keyed hash is worth nothing to who has the
/// database alone; so no slow hash is needed.
package struct RecoveryCode: Equatable, Sendable, Concealed {
    /// How many a person has at a time.
    package static let count = 10
    private static let length = 10
    /// Crockford's base32: digits and letters without I, L, O (which are read as 1, 1, 0) and U.
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    private let characters: String

    /// New codes, all different.
    package static func make(using random: inout some RandomNumberGenerator) -> [RecoveryCode] {
        var codes: [RecoveryCode] = []
        while codes.count < count {
            let bytes = (0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] }
            let code = RecoveryCode(characters: String(decoding: bytes, as: UTF8.self))
            if !codes.contains(code) { codes.append(code) }
        }
        return codes
    }

    private init(characters: String) {
        self.characters = characters
    }

    /// Reads what a person typed: in any case, with or without hyphens and spaces, and letters for the digits that look
    /// like them.
    /// - Returns: nil when it can be no code.
    package init?(typed: String) {
        guard typed.utf8.count <= 128 else { return nil }
        let bytes = TypedText.plain(typed).utf8.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: " ") }
        guard bytes.count == Self.length else { return nil }
        let read = bytes.map(Self.read)
        guard read.allSatisfy(Self.alphabet.contains) else { return nil }
        characters = String(decoding: read, as: UTF8.self)
    }

    private static func read(_ byte: UInt8) -> UInt8 {
        let upper = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) ? byte & ~0x20 : byte
        switch upper {
        case UInt8(ascii: "I"), UInt8(ascii: "L"): return UInt8(ascii: "1")
        case UInt8(ascii: "O"): return UInt8(ascii: "0")
        default: return upper
        }
    }

    /// As it is shown once: two groups of five.
    package var text: String { "\(characters.prefix(5))-\(characters.suffix(5))" }

    /// What is stored.
    /// - Parameter key: The installation's sub-key for recovery codes.
    package func hash(userID: String, key: [UInt8]) -> String {
        Base64URL.encode(
            HMACSHA256.authenticate(MACMessage.joined("recovery-code", userID, characters), key: key))
    }

    /// What is stored of a typed code; nil when it can be none.
    /// - Parameters:
    ///   - userID: Whose it would have to be: a code of somebody else's has another hash.
    ///   - key: The installation's sub-key for recovery codes.
    package static func hash(_ typed: String, userID: String, key: [UInt8]) -> String? {
        RecoveryCode(typed: typed)?.hash(userID: userID, key: key)
    }
}
