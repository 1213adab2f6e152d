import NIOPosix

/// Shows messages on the terminal instead of sending them: the gateway of a developer's machine.
///
/// It is the one place where a code may be read outside a phone. It writes to standard error, where `make run` shows
/// it, and not through the logger, which could carry it to a log collector.
package struct LogSMSGateway: SMSGateway {
    private let output: AppendOnlyFile
    package var name: String { "log" }

    package init() { self.init(output: .standardError) }

    init(output: AppendOnlyFile) { self.output = output }

    package func send(_ message: SMSMessage) async throws -> SMSReceipt {
        try await output.append(Array(Self.box(message).utf8))
        return SMSReceipt(gateway: name)
    }

    /// A framed block that is easy to find among log lines. Control characters would let a name move the cursor.
    static func box(_ message: SMSMessage) -> String {
        let rows = [
            ("to", message.to), ("for", message.purpose), ("code", message.code ?? "–"), ("text", message.text),
        ]
        let lines = rows.map { name, value in
            "│ \(name)\(String(repeating: " ", count: 6 - name.count))\(String(value.filter { !$0.isControl }))\n"
        }
        return "┌─ SMS (not sent: the log gateway is in use)\n\(lines.joined())└─\n"
    }
}

extension Character {
    fileprivate var isControl: Bool { unicodeScalars.contains { $0.properties.generalCategory == .control } }
}
