import Directory
import FoundationEssentials
import Testing

@Suite("Spans and numbers in settings")
struct SpanTests {
    @Test(
        "reads seconds, minutes, hours, days and off",
        arguments: [
            ("90", 90), ("90s", 90), ("5m", 300), ("12h", 43_200), ("30d", 2_592_000), ("1", 1), ("0090", 90),
            ("off", nil),
        ] as [(String, TimeInterval?)])
    func reads(_ text: String, _ seconds: TimeInterval?) throws {
        #expect(try Span.parse(text, within: 1...315_360_000) == seconds)
    }

    @Test(
        "refuses anything else",
        arguments: [
            ("", .malformed), (" 90", .malformed), ("90 s", .malformed), ("-1", .malformed), ("+1", .malformed),
            ("1.5h", .malformed), ("1h30m", .malformed), ("1w", .malformed), ("1M", .malformed), ("s", .malformed),
            ("OFF", .malformed), ("never", .malformed), ("９０", .malformed), ("0x10", .malformed), ("1e3", .malformed),
            ("0", .tooSmall), ("9", .tooSmall), ("61", .tooLarge), ("2m", .tooLarge),
            ("9223372036854775807d", .tooLarge), ("99999999999999999999", .tooLarge),
        ] as [(String, SettingProblem)])
    func refuses(_ text: String, _ problem: SettingProblem) {
        #expect(throws: problem) { try Span.parse(text, within: 10...60) }
    }

    @Test("bounds are inclusive")
    func bounds() throws {
        #expect(try Span.parse("10", within: 10...60) == 10)
        #expect(try Span.parse("1m", within: 10...60) == 60)
    }

    @Test(
        "is written in its largest whole unit",
        arguments: [
            (90, "90s"), (300, "5m"), (43_200, "12h"), (2_592_000, "30d"), (3_601, "3601s"), (0, "0s"), (nil, "off"),
        ] as [(TimeInterval?, String)])
    func writes(_ seconds: TimeInterval?, _ text: String) {
        #expect(Span.text(seconds) == text)
    }

    @Test("a number is digits or off")
    func numbers() throws {
        #expect(try WholeNumber.parse("5", within: 0...10) == 5)
        #expect(try WholeNumber.parse("off", within: 0...10) == nil)
        for text in ["", "-1", "5s", "1.0", "five", "５"] {
            #expect(throws: SettingProblem.malformed) { try WholeNumber.parse(text, within: 0...10) }
        }
        #expect(throws: SettingProblem.tooLarge) { try WholeNumber.parse("11", within: 0...10) }
        #expect(throws: SettingProblem.tooSmall) { try WholeNumber.parse("1", within: 2...10) }
    }
}
