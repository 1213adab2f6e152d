package import FoundationEssentials
import Wire

/// Shows messages on the terminal instead of sending them: the gateway of a developer's machine.
///
/// Like the one for SMS it writes to standard error and not through the logger, which could carry a code to a log
/// collector.
package struct LogMailGateway: MailGateway {
    private let output: AppendOnlyFile
    package var name: String { "log" }

    package init() { self.init(output: .standardError) }

    init(output: AppendOnlyFile) { self.output = output }

    package func send(_ message: MailMessage) async throws -> MailReceipt {
        do { try await output.append(Array(Self.box(message).utf8)) } catch { throw MailError.notWritten }
        return MailReceipt(gateway: name)
    }

    /// A framed block that is easy to find among log lines. Control characters would let a name move the cursor.
    static func box(_ message: MailMessage) -> String {
        let lines = message.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let rows =
            [("to", message.to.text), ("for", message.purpose), ("code", message.code ?? "–")]
            + [("title", message.subject)] + lines.map { ("", $0) }
        let printed = rows.map { name, value in
            "│ \(name)\(String(repeating: " ", count: 6 - name.count))\(String(value.filter { !$0.isControl }))\n"
        }
        return "┌─ E-mail (not sent: the log gateway is in use)\n\(printed.joined())└─\n"
    }
}

extension Character {
    fileprivate var isControl: Bool { unicodeScalars.contains { $0.properties.generalCategory == .control } }
}

/// Appends each message to a file instead of sending it: one line of JSON each, for tests and rehearsals.
package struct FileMailGateway: MailGateway {
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

    package func send(_ message: MailMessage) async throws -> MailReceipt {
        do { try await file.append(Self.line(message, at: now())) } catch { throw MailError.notWritten }
        return MailReceipt(gateway: name)
    }

    static func line(_ message: MailMessage, at time: Date) -> [UInt8] {
        var json = JSONWriter(reserving: 256)
        json.beginObject()
        json.member("to", message.to.text)
        json.member("purpose", message.purpose)
        json.member("subject", message.subject)
        json.member("text", message.text)
        json.member("code", ifPresent: message.code)
        json.member("time", VendorTime.extended(time))
        json.endObject()
        return json.bytes + [UInt8(ascii: "\n")]
    }
}
