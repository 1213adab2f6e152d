import Foundation
import Testing

@testable import gatehouse

@Suite("Commands: the options of the logs")
struct LogCommandTests {
    private static func date(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }

    @Test("a day is from its first instant to the next day's")
    func day() throws {
        let time = try LogTime("2024-02-29", of: "--from")
        #expect(time.start == (try Self.date("2024-02-29T00:00:00Z")))
        #expect(time.end == (try Self.date("2024-03-01T00:00:00Z")))
    }

    @Test("an instant is itself")
    func instant() throws {
        let time = try LogTime("2026-11-21T13:00:05Z", of: "--to")
        #expect(time.start == (try Self.date("2026-11-21T13:00:05Z")))
        #expect(time.end == time.start)
    }

    @Test(
        "anything else is refused, and the refusal names the option",
        arguments: [
            "", "2026-11", "2026-11-31", "2026-11-21x", "21.11.2026", "2026-11-21T13:00", "2026-11-21T13:00:00",
            "2026-11-21T13:00:00Zx", "2026-11-21T25:00:00Z", "2026-11-21 13:00:00Z", "yesterday",
        ])
    func refused(_ text: String) {
        let refusal = CommandRefusal(
            "--to takes a day such as 2026-11-21 or a time such as 2026-11-21T13:00:00Z.")
        #expect(throws: refusal) { try LogTime(text, of: "--to") }
    }
}
