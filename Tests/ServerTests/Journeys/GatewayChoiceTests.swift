import Directory
import FoundationEssentials
import Gateways
import Server
import Synchronization
import TestSupport
import Testing

@Suite("Which gateway a tenant's messages take")
struct GatewayChoiceTests {
    static let secret = "whsec_" + String(repeating: "QUJD", count: 8)

    private static func ask(_ server: TestServer, at origin: String = Samples.acme.issuer) async throws {
        let browser = server.browser(at: origin)
        let page = try await browser.visit("/login")
        #expect(try await browser.askForCode("13800000001", on: page).reply.status == 200)
        _ = await server.sentCodes()
    }

    @Test("a tenant's own gateway sends its messages, and the installation's everybody else's", .tags(.security))
    func own() async throws {
        let book = Book()
        var post = TestServer.Post()
        post.gateway = { settings, inbox in
            book.note(settings)
            return inbox
        }
        try await TestServer.run(sms: post) { server in
            let draft = TenantDraft(
                code: "acme",
                settings: [
                    "sms.gateway": "webhook", "sms.webhook.url": "https://sms.acme.example/send",
                    "sms.webhook.secret": Self.secret,
                ])
            _ = try await server.administration().changeTenant(draft, now: server.clock.now)
            server.clock.advance(by: 10)
            try await Self.ask(server)
            let own = SMSSettings.Gateway.webhook(
                .init(url: "https://sms.acme.example/send", secret: try WebhookSecret(Self.secret)))
            #expect(book.taken() == [[own], [.log]])
            try await Self.ask(server, at: Samples.globex.issuer)
            #expect(book.taken() == [[.log], [.log]])
        }
    }

    @Test("what the first gateway cannot send the second one does; the ledger names it, the log the other")
    func failOver() async throws {
        let failures = Book()
        var post = TestServer.Post()
        post.gateway = { _, inbox in
            FailOverSMSGateway(Down(), then: [inbox]) { name, error in failures.note("\(name) \(error)") }
        }
        try await TestServer.run(sms: post) { server in
            try await Self.ask(server)
            #expect(try await server.ledger() == ["LOGIN_SMS accepted inbox"])
            #expect(await server.sentCodes().count == 1)
            #expect(failures.words().first == #"first unavailable(reason: "timeout")"#)
            server.clock.advance(by: 60)
            server.sms.fail(with: .unavailable(reason: "also down"))
            try await Self.ask(server)
            #expect(try await server.ledger().last == "LOGIN_SMS failed unavailable: timeout")
        }
    }
}

/// A vendor that does not answer.
private struct Down: SMSGateway {
    let name = "first"

    func send(_ message: SMSMessage) async throws -> SMSReceipt { throw SMSError.unavailable(reason: "timeout") }
}

/// Remembers what gateways were made of.
private final class Book: Sendable {
    private let settings = Mutex<[[SMSSettings.Gateway]]>([])
    private let texts = Mutex<[String]>([])

    func note(_ made: SMSSettings) { settings.withLock { $0.append(made.gateways) } }
    func note(_ text: String) { texts.withLock { $0.append(text) } }
    func words() -> [String] { texts.withLock { $0 } }

    func taken() -> [[SMSSettings.Gateway]] {
        settings.withLock { settings in
            defer { settings = [] }
            return settings
        }
    }
}
