import Glibc
import Logging

/// One line an event on the standard error: `2026-11-21T23:00:05Z info request method=GET path=/ status=200`.
///
/// The handler that comes with the logging library takes three times as long for a line, most of it to format the time,
/// and lets a value with a line break in it look like a second line.
struct LineLogHandler: LogHandler {
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line = Self.line(event, metadata, at: time(nil))
        // One call a line, so that the lines of several threads do not mix. Nobody could be told that it failed.
        line.withUTF8 { bytes in _ = unsafe write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
    }

    /// The line with its line break: time, level, message, and the values by name.
    /// - Parameter now: Seconds since 1970.
    static func line(_ event: LogEvent, _ metadata: Logger.Metadata, at now: time_t) -> String {
        var line = ""
        line.reserveCapacity(256)
        append(now, to: &line)
        line += " "
        line += event.level.rawValue
        line += " "
        line += quotedIfNeeded(event.message.description, spaces: true)
        var all = metadata
        if let more = event.metadata { all.merge(more) { _, newer in newer } }
        if let error = event.error, all["error"] == nil { all["error"] = .string("\(error)") }
        for (name, value) in all.sorted(by: { $0.key < $1.key }) {
            line += " "
            line += name
            line += "="
            line += quotedIfNeeded(value.description, spaces: false)
        }
        line += "\n"
        return line
    }

    /// UTC to the second (RFC 3339).
    private static func append(_ now: time_t, to line: inout String) {
        var now = now
        var parts = unsafe tm()
        unsafe gmtime_r(&now, &parts)
        let numbers = unsafe [
            (Int(parts.tm_year) + 1_900, "-"), (Int(parts.tm_mon) + 1, "-"), (Int(parts.tm_mday), "T"),
            (Int(parts.tm_hour), ":"), (Int(parts.tm_min), ":"), (Int(parts.tm_sec), "Z"),
        ]
        for (number, separator) in numbers {
            if number < 10 { line += "0" }
            line += String(number)
            line += separator
        }
    }

    /// A text as it is, or in quotes with escapes when it could be read as something else.
    private static func quotedIfNeeded(_ text: String, spaces: Bool) -> String {
        let isPlain =
            !text.isEmpty
            && text.utf8.allSatisfy { byte in
                byte > 0x20 && byte != 0x22 && byte != 0x5C && byte != 0x7F && byte != 0x3D || spaces && byte == 0x20
            }
        guard !isPlain else { return text }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case "\n": quoted += "\\n"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                quoted += "\\u{\(String(scalar.value, radix: 16))}"
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
