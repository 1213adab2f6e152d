import Directory

/// A one-time code as it is sent and typed. Prints as `•••`.
package struct SMSCode: Sendable, Concealed {
    /// Decimal digits, zeros in front included.
    package let text: String

    /// Makes a code; every one of the 10ⁿ is equally likely.
    /// - Parameter digits: 1 to 18.
    package static func make(digits: Int, using random: inout some RandomNumberGenerator) -> SMSCode {
        let drawn = (0..<digits).map { _ in UInt8.random(in: 0...9, using: &random) + UInt8(ascii: "0") }
        return SMSCode(text: String(decoding: drawn, as: UTF8.self))
    }

    /// Reads what a person typed: full-width digits and spaces between the digits are understood.
    /// - Returns: nil when it is not 4 to 10 digits and so cannot be a code; it counts as no try, whoever asks.
    package init?(typed: String) {
        guard typed.utf8.count <= 128 else { return nil }
        let plain = TypedText.plain(typed).filter { $0 != " " }
        guard (4...10).contains(plain.utf8.count) else { return nil }
        guard plain.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        text = plain
    }

    private init(text: String) {
        self.text = text
    }
}
