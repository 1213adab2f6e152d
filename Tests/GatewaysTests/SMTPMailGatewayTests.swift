import Foundation
import NIOSSL
import Testing
import Wire

@testable import Gateways

@Suite("E-mails through a mail server (RFC 5321, RFC 6409)", .timeLimit(.minutes(10)))
struct SMTPMailGatewayTests {
    private static func gateway(
        at port: Int, _ protection: SMTPServer.Protection = .ifOffered, login: (String, String)? = nil,
        trusting pem: [UInt8] = [], host: String = "localhost",
        _ change: (inout OutboundHTTP.Settings) -> Void = { _ in }
    ) -> SMTPMailGateway {
        var outgoing = OutboundHTTP.Settings()
        outgoing.allowsLoopback = true
        outgoing.trustedCertificates = pem
        change(&outgoing)
        let settings = SMTPMailGateway.Settings(
            server: SMTPServer(host: host, port: port, protection: protection),
            login: login.map { SMTPMailGateway.Login(name: $0.0, password: $0.1) }, from: mailSender, fromName: "Acme")
        return SMTPMailGateway(settings, outgoing: outgoing, now: { sendingTime })
    }

    @Test("hands the message over, from the sender to the one receiver")
    func plain() async throws {
        try await LoopbackSMTP.run(.init()) { server in
            let receipt = try await Self.gateway(at: server.port).send(mailMessage)
            #expect(receipt.gateway == "smtp")
            let heard = server.heard
            #expect(
                heard.commands.prefix(4) == [
                    "EHLO acme.example", "MAIL FROM:<sso@acme.example>", "RCPT TO:<li.mei@acme.example>", "DATA",
                ])
            #expect(heard.message.contains("Message-ID: <\(try #require(receipt.reference))>\r\n"))
            #expect(heard.message.hasSuffix("\r\n\r\n5oKo5aW977yaDQoNCjEyMzQ1Ng0K\r\n"))
        }
    }

    @Test("over TLS from the first byte, or after STARTTLS, with a login", .tags(.security), arguments: [true, false])
    func encrypted(isImplicit: Bool) async throws {
        let certificate = try TestCertificate()
        let manner = LoopbackSMTP.Manner(tls: certificate.context, isImplicit: isImplicit, login: ("u", "secret"))
        try await LoopbackSMTP.run(manner) { server in
            let gateway = Self.gateway(
                at: server.port, isImplicit ? .implicit : .startTLS, login: ("u", "secret"),
                trusting: certificate.authorityPEM)
            _ = try await gateway.send(mailMessage)
            let heard = server.heard
            #expect(heard.message.contains("Subject: "))
            // Nothing but the way to encryption was said in the clear.
            #expect(heard.open == (isImplicit ? [] : ["EHLO acme.example", "STARTTLS"]))
        }
    }

    @Test("a server without STARTTLS hears neither login nor message", .tags(.security))
    func noEncryption() async throws {
        try await LoopbackSMTP.run(.init(login: ("u", "secret"))) { server in
            await #expect(throws: MailError.misconfigured(reason: "no encryption offered")) {
                try await Self.gateway(at: server.port, .startTLS, login: ("u", "secret")).send(mailMessage)
            }
            #expect(server.heard.commands.allSatisfy { $0.hasPrefix("EHLO") || $0 == "QUIT" })
        }
    }

    @Test(
        "a certificate that nobody vouches for, or for another name, ends it", .tags(.security),
        arguments: [true, false], ["localhost", "other.example"])
    func certificates(isImplicit: Bool, name: String) async throws {
        let certificate = try TestCertificate(for: name)
        let pem = name == "localhost" ? [] : certificate.authorityPEM
        let manner = LoopbackSMTP.Manner(tls: certificate.context, isImplicit: isImplicit)
        try await LoopbackSMTP.run(manner) { server in
            await #expect(throws: MailError.misconfigured(reason: "certificate not trusted")) {
                try await Self.gateway(at: server.port, isImplicit ? .implicit : .startTLS, trusting: pem)
                    .send(mailMessage)
            }
            #expect(server.heard.message == "")
        }
    }

    @Test("a login that is refused is somebody's to mend")
    func login() async throws {
        try await LoopbackSMTP.run(.init(login: ("u", "secret"))) { server in
            await #expect(throws: MailError.misconfigured(reason: "login refused")) {
                try await Self.gateway(at: server.port, login: ("u", "wrong")).send(mailMessage)
            }
        }
    }

    @Test(
        "a refusal for good is told from one for now",
        arguments: [
            ("RCPT", "550 no such user", MailError.rejected(code: 550)),
            ("RCPT", "451 later", .unavailable(reason: "451")), ("MAIL", "553 not you", .rejected(code: 553)),
            (".", "554 spam", .rejected(code: 554)), ("DATA", "421 busy", .unavailable(reason: "421")),
            ("MAIL", "530 who are you", .misconfigured(reason: "login needed")),
        ])
    func refusals(word: String, reply: String, error: MailError) async throws {
        try await LoopbackSMTP.run(.init(replies: [word: reply])) { server in
            await #expect(throws: error) { try await Self.gateway(at: server.port).send(mailMessage) }
        }
    }

    @Test("one that says nothing is given up after its time")
    func silence() async throws {
        try await LoopbackSMTP.run(.init(isSilent: true)) { server in
            await #expect(throws: MailError.unavailable(reason: "timed out")) {
                try await Self.gateway(at: server.port) { $0.requestTimeout = 0.5 }.send(mailMessage)
            }
        }
    }

    @Test("nobody there", arguments: ["localhost", "nobody.invalid"])
    func nobody(host: String) async throws {
        let error = await #expect(throws: MailError.self) {
            try await Self.gateway(at: 9, host: host).send(mailMessage)
        }
        #expect(error == .unavailable(reason: host == "localhost" ? "no connection" : "unknown host"))
    }

    @Test("an address of the inside is not called unless a setting says so", .tags(.security))
    func reach() async throws {
        try await LoopbackSMTP.run(.init()) { server in
            await #expect(throws: MailError.misconfigured(reason: "the address may not be called")) {
                try await Self.gateway(at: server.port) { $0.allowsLoopback = false }.send(mailMessage)
            }
            #expect(server.heard.commands == [])
        }
    }
}
