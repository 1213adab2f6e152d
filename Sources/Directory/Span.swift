package import FoundationEssentials

/// The text form of a span of time in settings: `90`, `90s`, `5m`, `12h`, `30d`, or `off`.
///
/// ```swift
/// try Span.parse("5m", within: 1...86_400)    // 300
/// try Span.parse("off", within: 1...86_400)   // nil
/// Span.text(7_200)                            // "2h"
/// ```
package enum Span {
    /// Reads a span.
    /// - Parameters:
    ///   - text: A whole number without sign, optionally followed by one of `s m h d`; seconds without a unit.
    ///   - bounds: The seconds that are accepted. `0` means nothing here; who wants no limit writes `off`.
    /// - Returns: Seconds; nil for `off`.
    /// - Throws: ``SettingProblem``.
    package static func parse(_ text: String, within bounds: ClosedRange<Int>) throws(SettingProblem) -> TimeInterval? {
        if text == "off" { return nil }
        let unit = units.first { text.utf8.last == $0.suffix }
        let digits = unit == nil ? text[...] : text.dropLast()
        let (seconds, overflows) = try WholeNumber.parse(digits).multipliedReportingOverflow(by: unit?.seconds ?? 1)
        guard !overflows, seconds <= bounds.upperBound else { throw .tooLarge }
        guard seconds >= bounds.lowerBound else { throw .tooSmall }
        return TimeInterval(seconds)
    }

    /// The shortest text that ``parse(_:within:)`` reads as this span; a fraction of a second is dropped.
    package static func text(_ seconds: TimeInterval?) -> String {
        guard let seconds else { return "off" }
        let whole = Int(seconds)
        let unit = units.last { whole != 0 && whole.isMultiple(of: $0.seconds) } ?? units[0]
        return "\(whole / unit.seconds)\(Character(Unicode.Scalar(unit.suffix)))"
    }

    private static let units: [(suffix: UInt8, seconds: Int)] = [
        (UInt8(ascii: "s"), 1), (UInt8(ascii: "m"), 60), (UInt8(ascii: "h"), 3_600), (UInt8(ascii: "d"), 86_400),
    ]
}

/// The text form of a number in settings: decimal digits, or `off`.
package enum WholeNumber {
    /// Reads a number.
    /// - Returns: nil for `off`.
    /// - Throws: ``SettingProblem``.
    package static func parse(_ text: String, within bounds: ClosedRange<Int>) throws(SettingProblem) -> Int? {
        if text == "off" { return nil }
        let number = try parse(text[...])
        guard number <= bounds.upperBound else { throw .tooLarge }
        guard number >= bounds.lowerBound else { throw .tooSmall }
        return number
    }

    static func parse(_ digits: Substring) throws(SettingProblem) -> Int {
        guard !digits.isEmpty, digits.utf8.allSatisfy(\.isASCIIDigit) else { throw .malformed }
        guard let number = Int(digits) else { throw .tooLarge }
        return number
    }
}

/// Why the text of a setting is refused.
package enum SettingProblem: Error, Equatable, Sendable {
    case malformed, tooSmall, tooLarge
    /// `off` where there must be a value.
    case mayNotBeOff
}
