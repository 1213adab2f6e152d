package import Cryptography

/// The code of an invitation, as it is shown and typed. Prints as `•••`.
///
/// Eight characters of an alphabet in which nothing looks like something else: 31⁸, almost 40 bits. That is too little
/// to be kept as a plain hash, which could be searched by whoever has the database, and enough where every wrong one is
/// counted.
package struct InvitationCode: Equatable, Sendable, Concealed {
    /// The plain form: eight capitals and digits.
    package let text: String

    /// In two groups, as people read it out: `ABCD-2345`.
    package var shown: String { "\(text.prefix(Self.length / 2))-\(text.suffix(Self.length / 2))" }

    /// A to Z without I, L and O, 2 to 9.
    package static let alphabet = Array("ABCDEFGHJKMNPQRSTUVWXYZ23456789".utf8)
    package static let length = 8

    /// Makes a code; every one is equally likely.
    package static func make(using random: inout some RandomNumberGenerator) -> InvitationCode {
        let drawn = (0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] }
        return InvitationCode(text: String(decoding: drawn, as: UTF8.self))
    }

    /// Reads what was typed, in any case, with spaces and hyphens anywhere.
    /// - Returns: nil when it can be no code, which a page tells with the words for one that is none.
    package init?(typed: String) {
        guard typed.utf8.count <= 128 else { return nil }
        let bytes = TypedText.plain(typed).utf8.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "-") }
        // The case of ASCII letters is this bit.
        let capitals = bytes.map { $0.isASCIILetter ? $0 & ~0x20 : $0 }
        guard capitals.count == Self.length, capitals.allSatisfy(Self.alphabet.contains) else { return nil }
        text = String(decoding: capitals, as: UTF8.self)
    }

    private init(text: String) {
        self.text = text
    }

    /// What is stored of it, and what it is found by: keyed, so that nobody finds codes in a copy of the database.
    package func index(_ key: SealingKey) -> String { key.index(text, context: "invitation") }
}
