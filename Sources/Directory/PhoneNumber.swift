/// A phone number that can receive an SMS, in E.164 form.
///
/// ```swift
/// try PhoneNumber("138 0000 1234").e164     // "+8613800001234"
/// try PhoneNumber("０１３８…")                 // throws badPhoneNumber
/// ```
package struct PhoneNumber: Hashable, Sendable, Concealed {
    /// `+`, country code, national number; digits only. Personal data: never for a log.
    package let e164: String

    /// Reads a number as people write it.
    ///
    /// Spaces, hyphens, dots, slashes and brackets between the digits are dropped; `00` in front means `+`. A zero in
    /// brackets behind a country code, as in `+44 (0)7911 123456`, is dialled at home only and is dropped too. Without
    /// `+` or `00`, the number is a Chinese mobile number with or without `86`. Any other number without country code
    /// is refused: guessing would send a code to a stranger.
    /// - Throws: `badPhoneNumber`.
    package init(_ typed: String) throws(DirectoryError) {
        guard typed.utf8.count <= 128 else { throw .badPhoneNumber }
        let plain = Self.withoutTrunkZero(TypedText.plain(typed)).utf8.filter { !Self.separators.contains($0) }
        guard let international = Self.international(String(decoding: plain, as: UTF8.self)) else {
            throw .badPhoneNumber
        }
        e164 = "+" + international
    }

    /// Takes a number that was checked when it was stored.
    package init(stored e164: String) {
        self.e164 = e164
    }

    /// Enough for its owner to recognise the number, too little for anyone else to call it: `138****1234`.
    ///
    /// The number of stars does not depend on the number of digits.
    package var masked: String {
        let shown = isChinese ? String(e164.dropFirst(3)) : e164
        return shown.prefix(shown.count >= 10 ? 3 : 2) + "****" + shown.suffix(shown.count >= 11 ? 4 : 2)
    }

    /// The number as it is dialled at home: without `+86` for a Chinese number, otherwise ``e164``.
    package var national: String { isChinese ? String(e164.dropFirst(3)) : e164 }

    private var isChinese: Bool { e164.hasPrefix("+86") }

    private static let separators = Set(" -./()".utf8)

    /// The text without a `(0)` that stands right behind a country code.
    private static func withoutTrunkZero(_ text: String) -> String {
        guard let zero = text.firstRange(of: "(0)") else { return text }
        let code = text[..<zero.lowerBound].utf8.filter { !separators.contains($0) }
        let isBehindCode = code.first == UInt8(ascii: "+") ? (2...4) ~= code.count : (3...5) ~= code.count
        guard isBehindCode, code.starts(with: "+".utf8) || code.starts(with: "00".utf8) else { return text }
        return String(text[..<zero.lowerBound] + text[zero.upperBound...])
    }

    /// Country code and national number without `+`; nil when the text is no number.
    private static func international(_ text: String) -> String? {
        let digits: Substring
        if text.hasPrefix("+") {
            digits = text.dropFirst()
        } else if text.hasPrefix("00") {
            digits = text.dropFirst(2)
        } else if isChineseMobile(text[...]) {
            return "86" + text
        } else {
            guard text.hasPrefix("86") else { return nil }
            digits = text[...]
        }
        guard digits.utf8.allSatisfy(\.isASCIIDigit), digits.first != "0" else { return nil }
        if digits.hasPrefix("86") { return isChineseMobile(digits.dropFirst(2)) ? String(digits) : nil }
        // E.164 §6.2: at most 15 digits; no country has subscriber numbers that make less than 7.
        return (7...15).contains(digits.utf8.count) ? String(digits) : nil
    }

    /// Eleven digits, the first two 13 to 19.
    private static func isChineseMobile(_ text: Substring) -> Bool {
        guard text.utf8.count == 11, text.utf8.allSatisfy(\.isASCIIDigit), text.hasPrefix("1") else { return false }
        return !["0", "1", "2"].contains(text.dropFirst().first)
    }
}
