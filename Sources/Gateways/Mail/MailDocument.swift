import Cryptography
import FoundationEssentials
import Wire

/// A message in the form in which it travels (RFC 5322, RFC 2045).
///
/// No text becomes part of a header as it is: names and subjects are written as encoded words (RFC 2047), which consist of
/// base64 letters whatever the text was, and addresses can only be ``MailAddress``. So nothing in a name or a subject can
/// begin another header.
struct MailDocument {
    /// Without brackets.
    let id: String
    private let headers: [(name: StaticString, value: String)]
    private let text: String

    /// - Parameters:
    ///   - date: When it is sent.
    ///   - random: Makes the `Message-ID`.
    init(
        _ message: MailMessage, from: MailAddress, name: String?, date: Date,
        using random: inout some RandomNumberGenerator
    ) {
        id = "\(Identifier.make(using: &random))@\(from.domain)"
        let sender = name.map { "\(Self.words($0))\r\n <\(from.text)>" } ?? "<\(from.text)>"
        headers = [
            ("Date", Self.date(date)), ("From", sender), ("To", "<\(message.to.text)>"),
            ("Message-ID", "<\(id)>"), ("Subject", Self.words(message.subject)),
            // RFC 3834 §5: nobody's absence is answered to us.
            ("Auto-Submitted", "auto-generated"), ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"), ("Content-Transfer-Encoding", "base64"),
        ]
        text = message.text
    }

    /// Lines of at most 76 columns that end with CRLF; only ASCII.
    var bytes: [UInt8] {
        let head = headers.map { "\($0.name): \($0.value)\r\n" }.joined()
        return Array((head + "\r\n" + Self.body(text)).utf8)
    }

    /// Encoded words of whole characters (RFC 2047 §5), on lines of their own, which have 76 columns at most (§2).
    static func words(_ text: String) -> String {
        var chunks: [[UInt8]] = [[]]
        for character in text.prefix(998) {
            let bytes = Array(String(character).utf8)
            // 39 bytes are 52 letters of base64, beside the name of the field. Nobody's character is so long; one that
            // is stands alone, cut.
            if chunks[chunks.count - 1].count + bytes.count > 39 { chunks.append([]) }
            chunks[chunks.count - 1] += bytes.prefix(39)
        }
        return chunks.map { "=?UTF-8?B?\(Base64.encode($0))?=" }.joined(separator: "\r\n ")
    }

    /// `Sun, 22 Nov 2026 08:00:00 +0000` (RFC 5322 §3.3).
    static func date(_ date: Date) -> String {
        let seconds = Int(date.timeIntervalSince1970.rounded(.down))
        let iso = Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(.iso8601)
        let parts = iso.prefix(10).split(separator: "-")
        // 1 January 1970 was a Thursday.
        let weekday = days[((seconds / 86_400) % 7 + 7) % 7]
        let month = Int(parts[1]).map { months[$0 - 1] } ?? ""
        return "\(weekday), \(parts[2]) \(month) \(parts[0]) \(iso.dropFirst(11).prefix(8)) +0000"
    }

    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func body(_ text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n") + "\r\n"
        let letters = Array(Base64.encode(Array(lines.utf8)).utf8)
        return stride(from: 0, to: letters.count, by: 76)
            .map { String(decoding: letters[$0..<min($0 + 76, letters.count)], as: UTF8.self) + "\r\n" }
            .joined()
    }
}
