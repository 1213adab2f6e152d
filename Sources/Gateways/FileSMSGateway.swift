package import FoundationEssentials
import Wire

/// Appends each message to a file instead of sending it: one line of JSON each, for tests and rehearsals.
///
/// ```json
/// {"to":"+8613800001234","purpose":"LOGIN_SMS","text":"…","code":"123456","time":"2026-11-21T21:54:25Z"}
/// ```
package struct FileSMSGateway: SMSGateway {
    private let file: AppendOnlyFile
    private let now: @Sendable () -> Date
    package var name: String { "file" }

    /// - Parameters:
    ///   - path: Created with mode 0600 by the first message; its folder must exist.
    ///   - now: The clock.
    package init(path: String, now: @escaping @Sendable () -> Date) {
        file = .named(path)
        self.now = now
    }

    package func send(_ message: SMSMessage) async throws -> SMSReceipt {
        try await file.append(Self.line(message, at: now()))
        return SMSReceipt(gateway: name)
    }

    static func line(_ message: SMSMessage, at time: Date) -> [UInt8] {
        var json = JSONWriter(reserving: 256)
        json.beginObject()
        json.member("to", message.to)
        json.member("purpose", message.purpose)
        json.member("text", message.text)
        json.member("code", ifPresent: message.code)
        json.member("time", VendorTime.extended(time))
        json.endObject()
        return json.bytes + [UInt8(ascii: "\n")]
    }
}
