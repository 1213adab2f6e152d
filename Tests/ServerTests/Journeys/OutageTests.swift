import Directory
import FoundationEssentials
import Gateways
import Identity
import TestSupport
import Testing

@Suite("No message gets out: the person is told, and nothing is counted against them")
struct OutageTests {
    static let known = "13800000001"
    static let unknown = "13800000099"
    static let told = ["Text messages cannot be sent at the moment. Try again later, or sign in with your password."]

    /// Asks for a code on a page of its own.
    @discardableResult
    private static func ask(_ phone: String, _ server: TestServer, at origin: String = Samples.acme.issuer) async throws
        -> Browser.Visit
    {
        let browser = server.browser(at: origin)
        let visit = try await browser.askForCode(phone, on: try await browser.visit("/login"))
        // The queue is through.
        _ = await server.sentCodes()
        return visit
    }

    @Test(
        "after a failure the next one who asks is told, known or unknown, with the same bytes; nothing is written",
        .tags(.security), arguments: Backend.journeys)
    func told(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server async throws in
            server.sms.fail(with: .unavailable(reason: "timeout"))
            #expect(try await Self.ask(Self.known, server).reply.status == 200)
            #expect(try await server.ledger() == ["LOGIN_SMS failed unavailable: timeout"])
            var pages: Set<String> = []
            for phone in [Self.known, Self.unknown, "13800000002", "13800000003"] {
                let visit = try await Self.ask(phone, server)
                #expect(visit.reply.status == 503)
                #expect(visit.reply["Retry-After"] == "120")
                #expect(visit.reply.formErrors == Self.told)
                pages.insert(server.withoutRequestID(visit.reply, typed: [phone]))
            }
            #expect(pages.count == 1)
            #expect(try await server.ledgerRows() == 1)
        }
    }

    @Test("a gateway that has come back is used after two minutes, by the same person at once", .tags(.security))
    func back() async throws {
        try await TestServer.run(settings: productPressure) { server async throws in
            server.sms.fail(with: .unavailable(reason: "timeout"))
            for _ in 1...6 {
                #expect(try await Self.ask(Self.known, server).reply.status == 200)
                server.clock.advance(by: 119)
                #expect(try await Self.ask(Self.known, server).reply.status == 503)
                server.clock.advance(by: 1)
            }
            server.sms.fail(with: nil)
            // Six failures were no send: neither the hour's five nor the puzzle after two has been reached.
            for _ in 1...2 {
                #expect(try await Self.ask(Self.known, server).reply.status == 200)
                server.clock.advance(by: 60)
            }
            #expect(try await Self.ask(Self.known, server).reply.formErrors == puzzleFirst)
            #expect(await server.sentCodes().count == 2)
        }
    }

    @Test("one message that is taken ends the outage for everybody", .tags(.security))
    func healed() async throws {
        try await TestServer.run { server async throws in
            server.sms.fail(with: .unavailable(reason: "timeout"))
            try await Self.ask(Self.known, server)
            server.clock.advance(by: 120)
            server.sms.fail(with: nil)
            #expect(try await Self.ask(Self.known, server).reply.status == 200)
            #expect(try await Self.ask("13800000002", server).reply.status == 200)
        }
    }

    @Test("what a vendor does not send to one receiver is no outage, and counts", .tags(.security))
    func rejected() async throws {
        try await TestServer.run { server async throws in
            server.sms.fail(with: .rejected(code: "E200030"))
            #expect(try await Self.ask(Self.known, server).reply.status == 200)
            #expect(try await server.ledger() == ["LOGIN_SMS rejected rejected: E200030"])
            #expect(try await Self.ask("13800000002", server).reply.status == 200)
            #expect(try await Self.ask(Self.known, server).reply.status == 429)
        }
    }

    @Test("a template that one purpose lacks stops no other purpose, and another tenant not at all", .tags(.security))
    func purposes() async throws {
        try await TestServer.run { server async throws in
            server.sms.fail(with: .misconfigured(code: "isv.SMS_TEMPLATE_ILLEGAL"))
            let browser = server.browser()
            let page = try await browser.visit("/login")
            let form = try await browser.visit("/login/forgotten?i=\(try page.interactionID)")
                .form(to: "/login/forgotten")
            _ = try await browser.submit(form, ["phone": Self.known], pressing: "send")
            _ = await server.sentCodes()
            #expect(try await server.ledger() == ["FORGET_PWD_SMS failed misconfigured: isv.SMS_TEMPLATE_ILLEGAL"])
            let told = try await browser.submit(form, ["phone": Self.unknown], pressing: "send")
            #expect(told.reply.status == 503)
            #expect(
                told.reply.formErrors == [
                    "Text messages cannot be sent at the moment. Try again later, or ask your administrator."
                ])
            server.sms.fail(with: nil)
            #expect(try await Self.ask(Self.known, server).reply.status == 200)
            server.sms.fail(with: .unavailable(reason: "timeout"))
            server.clock.advance(by: 60)
            try await Self.ask(Self.known, server)
            #expect(try await Self.ask(Self.unknown, server).reply.status == 503)
            #expect(try await Self.ask(Self.known, server, at: Samples.globex.issuer).reply.status == 200)
        }
    }

    @Test("a tenant without password sign-in does not point to the password")
    func codesOnly() async throws {
        try await TestServer.run(settings: ["signIn.methods": "sms"]) { server async throws in
            server.sms.fail(with: .unavailable(reason: "timeout"))
            try await Self.ask(Self.known, server)
            #expect(
                try await Self.ask(Self.known, server).reply.formErrors == [
                    "Text messages cannot be sent at the moment. Try again later, or ask your administrator."
                ])
        }
    }

    static let huawei = [
        "sms.gateway": "huawei", "sms.huawei.url": "https://smsapi.example.com", "sms.huawei.key": "k",
        "sms.huawei.secret": "s", "sms.huawei.sender": "881",
    ]

    @Test(
        "what no template can send is told before anybody is looked up", .tags(.security),
        arguments: ["FORGET_PWD_SMS=1", "LOGIN_SMS=1:code,password; *=2"])
    func noTemplate(_ templates: String) async throws {
        let settings = Self.huawei.merging(["sms.huawei.templates": templates]) { $1 }
        try await TestServer.run(settings: settings) { server async throws in
            var pages: Set<String> = []
            for phone in [Self.known, Self.unknown] {
                let visit = try await Self.ask(phone, server)
                #expect(visit.reply.status == 503)
                pages.insert(server.withoutRequestID(visit.reply, typed: [phone]))
            }
            #expect(pages.count == 1)
            #expect(try await server.ledgerRows() == 0)
            #expect(try await server.events() == [])
        }
    }

    @Test(
        "no room in the queue: told at once, counted for nothing, and no outage for the next", .tags(.security),
        arguments: [known, unknown])
    func full(_ phone: String) async throws {
        var post = TestServer.Post()
        post.capacity = 2
        try await TestServer.run(sms: post) { server async throws in
            server.sms.makeBusy()
            let browser = server.browser()
            let page = try await browser.visit("/login")
            #expect(try await browser.askForCode("13800000002", on: page).reply.status == 200)
            var waiting = 0
            while try await browser.askForCode("138000002\(10 + waiting)", on: page).reply.status == 200 {
                waiting += 1
            }
            #expect((1...5).contains(waiting))
            let told = try await browser.askForCode(phone, on: page)
            #expect(told.reply.status == 503)
            #expect(told.reply.formErrors == Self.told)
            let line = "error SMS queue is full, a message was dropped "
            #expect(server.log.lines.filter { $0 == line }.count == 2)
            server.sms.makeFree()
            _ = await server.sentCodes()
            #expect(try await browser.askForCode(phone, on: page).reply.status == 200)
            _ = await server.sentCodes()
            let failed = try await server.ledger().filter { $0 != "LOGIN_SMS accepted inbox" }
            #expect(failed == (phone == Self.known ? ["LOGIN_SMS failed queue full"] : []))
        }
    }

    @Test("neither phone nor code reaches the log when sending fails", .tags(.security))
    func log() async throws {
        try await TestServer.run { server async throws in
            server.sms.fail(with: .unavailable(reason: "timeout"))
            try await Self.ask(Self.known, server)
            let lines = server.log.lines.filter { $0.contains("SMS not sent") }
            #expect(lines == ["error SMS not sent error=unavailable: timeout purpose=LOGIN_SMS"])
            #expect(server.log.lines.allSatisfy { !$0.contains(Self.known) })
        }
    }
}
