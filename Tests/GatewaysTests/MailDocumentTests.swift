import Cryptography
import Foundation
import Testing
import Wire

@testable import Gateways

/// The message that every test begins with.
let mailMessage = MailMessage(
    to: address("li.mei@acme.example"), purpose: "VERIFY_EMAIL", subject: "验证码", text: "您好：\n\n123456",
    code: "123456")
let mailSender = address("sso@acme.example")

private func address(_ text: String) -> MailAddress {
    guard let address = MailAddress(text) else { preconditionFailure("no address") }
    return address
}

@Suite("E-mails as they travel (RFC 5322, RFC 2047)")
struct MailDocumentTests {
    private static func text(_ message: MailMessage = mailMessage, name: String? = "Acme 企业") -> String {
        var random = SecureRandom()
        let document = MailDocument(message, from: mailSender, name: name, date: sendingTime, using: &random)
        return String(decoding: document.bytes, as: UTF8.self).replacing(document.id, with: "ID")
    }

    @Test("header and body, whole")
    func whole() {
        #expect(
            Self.text() == """
                Date: Tue, 14 Nov 2023 22:13:20 +0000\r
                From: =?UTF-8?B?QWNtZSDkvIHkuJo=?=\r
                 <sso@acme.example>\r
                To: <li.mei@acme.example>\r
                Message-ID: <ID>\r
                Subject: =?UTF-8?B?6aqM6K+B56CB?=\r
                Auto-Submitted: auto-generated\r
                MIME-Version: 1.0\r
                Content-Type: text/plain; charset=utf-8\r
                Content-Transfer-Encoding: base64\r
                \r
                5oKo5aW977yaDQoNCjEyMzQ1Ng0K\r

                """)
    }

    @Test("each has an id of its own, in the sender's domain")
    func ids() {
        var random = SecureRandom()
        let ids = (0..<10).map { _ in
            MailDocument(mailMessage, from: mailSender, name: nil, date: sendingTime, using: &random).id
        }
        #expect(Set(ids).count == 10)
        #expect(ids.allSatisfy { $0.hasSuffix("@acme.example") })
    }

    @Test(
        "no text of a name, a subject or a body begins another header or line", .tags(.security),
        arguments: [
            "\r\nBcc: all@evil.example", "a\nb", "a\rb", "?=\r\nX: y", "\u{0}", String(repeating: "长", count: 400),
            ".\r\nQUIT",
        ])
    func injection(_ hostile: String) {
        var message = mailMessage
        message.subject = hostile
        message.text = hostile
        let text = Self.text(message, name: hostile)
        #expect(text.utf8.allSatisfy { (0x20...0x7E).contains($0) || $0 == 0x0D || $0 == 0x0A })
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.allSatisfy { $0.utf8.count <= 76 && !$0.contains("\n") && !$0.contains("\r") })
        let head = lines.prefix { !$0.isEmpty }.filter { !$0.hasPrefix(" ") }
        #expect(
            head.map { $0.prefix { $0 != ":" } } == [
                "Date", "From", "To", "Message-ID", "Subject", "Auto-Submitted", "MIME-Version", "Content-Type",
                "Content-Transfer-Encoding",
            ])
    }

    @Test("a long subject is several encoded words of whole characters")
    func longSubject() throws {
        let subject = String(repeating: "验证码👩‍👩‍👧‍👦", count: 12)
        let words = MailDocument.words(subject).split(separator: "\r\n ")
        #expect(words.count > 1)
        #expect(words.allSatisfy { $0.count <= 75 })
        let decoded = try words.map { word in
            String(decoding: try Base64.decode(String(word.dropFirst(10).dropLast(2))), as: UTF8.self)
        }
        #expect(decoded.joined() == subject)
        #expect(decoded.allSatisfy { !$0.contains("\u{FFFD}") })
    }

    @Test(
        "days and months",
        arguments: [
            (0.0, "Thu, 01 Jan 1970 00:00:00 +0000"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 +0000"),
            (1_795_305_600, "Sun, 22 Nov 2026 00:00:00 +0000"),
        ])
    func dates(_ seconds: Double, _ text: String) {
        #expect(MailDocument.date(Date(timeIntervalSince1970: seconds)) == text)
    }
}

@Suite("Mailboxes and mail servers in settings")
struct MailAddressTests {
    @Test(
        "an address is one mailbox of plain form, and nothing else", .tags(.security),
        arguments: [
            "", "a", "@b.example", "a@", "a@b@c.example", "a b@c.example", "a@b c.example", "<a@b.example>",
            "a@b.example\r\nRCPT TO:<x@y.example>", "a@b.example\n", "a@b.example\u{0}", "a,b@c.example",
            "a@[10.0.0.1]", "\"a\"@b.example", "a..b@c.example", ".a@c.example", "a@c..example", "é@b.example",
            String(repeating: "a", count: 65) + "@b.example", "a@" + String(repeating: "b", count: 260),
        ])
    func refused(_ text: String) {
        #expect(MailAddress(text) == nil)
    }

    @Test("prints as nothing", .tags(.security))
    func concealed() {
        #expect("\(mailMessage)" == "•••")
        #expect("\(mailSender)" == "•••")
        #expect("\(SMTPMailGateway.Login(name: "u", password: "secret"))" == "•••")
    }

    struct Server: Sendable {
        let url: String
        let host: String
        let port: Int
        let protection: SMTPServer.Protection
    }

    @Test(
        "encryption from the first byte, or STARTTLS; only loopback may go without", .tags(.security),
        arguments: [
            Server(url: "smtps://mail.example", host: "mail.example", port: 465, protection: .implicit),
            Server(url: "smtps://127.0.0.1:10465", host: "127.0.0.1", port: 10_465, protection: .implicit),
            Server(url: "smtp://mail.example", host: "mail.example", port: 587, protection: .startTLS),
            Server(url: "smtp://127.evil.example:25", host: "127.evil.example", port: 25, protection: .startTLS),
            Server(url: "smtp://127.0.0.1.example:25", host: "127.0.0.1.example", port: 25, protection: .startTLS),
            Server(url: "smtp://127.0.0.1:25", host: "127.0.0.1", port: 25, protection: .ifOffered),
            Server(url: "smtp://localhost:25", host: "localhost", port: 25, protection: .ifOffered),
        ])
    func servers(_ server: Server) {
        #expect(
            SMTPServer(server.url)
                == SMTPServer(host: server.host, port: server.port, protection: server.protection))
    }

    @Test(
        "anything else is no mail server", .tags(.security),
        arguments: [
            "mail.example", "smtp://", "smtp://a b", "smtp://a@b.example", "smtp://a.example/x", "smtp://a.example:0",
            "smtp://a.example:65536", "smtp://a.example:25:25", "SMTP://a.example", "http://a.example", "smtp://a?b",
        ])
    func noServers(_ url: String) {
        #expect(SMTPServer(url) == nil)
    }
}

@Suite("E-mails that stay here")
struct LocalMailGatewaysTests {
    @Test("the file gateway writes one line of JSON a message, for its owner alone", .tags(.security))
    func file() async throws {
        try await withFolder { folder in
            let path = folder + "/mail.jsonl"
            let gateway = FileMailGateway(path: path, now: { sendingTime })
            #expect(try await gateway.send(mailMessage) == MailReceipt(gateway: "file"))
            #expect(
                try String(contentsOfFile: path, encoding: .utf8) == """
                    {"to":"li.mei@acme.example","purpose":"VERIFY_EMAIL","subject":"验证码",\
                    "text":"您好：\\n\\n123456","code":"123456","time":"2023-11-14T22:13:20Z"}

                    """)
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        }
    }

    @Test("one that cannot write says so", .tags(.security))
    func notWritten() async throws {
        await #expect(throws: MailError.notWritten) {
            try await FileMailGateway(path: "/nowhere/mail.jsonl", now: { sendingTime }).send(mailMessage)
        }
    }

    @Test("the log gateway's box has no control characters", .tags(.security))
    func box() {
        var message = mailMessage
        message.subject = "a\u{1B}[2Jb"
        #expect(
            LogMailGateway.box(message) == """
                ┌─ E-mail (not sent: the log gateway is in use)
                │ to    li.mei@acme.example
                │ for   VERIFY_EMAIL
                │ code  123456
                │ title a[2Jb
                │       您好：
                │       \("")
                │       123456
                └─

                """)
    }
}
