import Cryptography
import Directory
import FoundationEssentials
import Identity
import Server
import Storage
import TestSupport
import Testing
import Wire

@Suite("/account/enterprises and /join at the shared address", .timeLimit(.minutes(10)))
struct EnterprisesPageTests {
    private static func prove(_ browser: Browser, _ server: TestServer) async throws -> Browser.Visit {
        let page = try await browser.visit(JoinPath.enterprises)
        let sent = try await browser.submit(try page.form(to: JoinPath.enterprises), pressing: "send")
        return try await browser.submit(
            try sent.form(to: JoinPath.enterprises), ["code": try await server.lastCode(to: "+8613800000001")],
            pressing: "verify")
    }

    @Test("lists the others after a code to the phone, and not before", .tags(.security), arguments: Backend.journeys)
    func lists(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = try await server.signedIn()
            #expect(try await browser.visit("/account").reply.text.contains("href=\"/account/enterprises\""))
            let before = try await browser.visit(JoinPath.enterprises)
            #expect(before.reply.status == 200)
            #expect(before.reply.text.contains("138****0001") && !before.reply.text.contains("Globex"))
            let proved = try await Self.prove(browser, server)
            #expect(proved.trail == [JoinPath.enterprises, JoinPath.enterprises])
            #expect(proved.reply.text.contains("href=\"https://sso.globex.example/login\""))
            #expect(!proved.reply.text.contains("https://sso.acme.example/login"))
            // Nothing is handed over: there one signs in.
            #expect(try await server.browser(at: Samples.globex.issuer).visit("/login").reply.heading == "Sign in")
            server.clock.advance(by: 600)
            #expect(try await browser.visit(JoinPath.enterprises).reply.text.contains("Globex") == false)
        }
    }

    @Test(
        "a tenant that sends through an account of its own, and so reads its codes, learns of no other",
        .tags(.security))
    func ownGateway() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            _ = try await Self.prove(browser, server)
            #expect(try await browser.visit(JoinPath.enterprises).reply.text.contains("Globex"))
            let secret = Samples.sealingKey.seal(
                Array("whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldY".utf8),
                context: "setting/\(Samples.acme.id)/sms.webhook.secret")
            try await server.set([
                "sms.gateway": "webhook", "sms.webhook.url": "https://sms.acme.example/", "sms.webhook.secret": secret,
            ])
            let page = try await browser.visit(JoinPath.enterprises)
            #expect(!page.reply.text.contains("Globex"))
            #expect(page.reply.text.contains("your enterprise sends messages through an account of its own"))
            #expect(throws: Browser.Missing.self) { try page.form(to: JoinPath.enterprises) }
        }
    }

    @Test("an enterprise in which the phone's member is disabled is not told", .tags(.security))
    func disabled() async throws {
        try await TestServer.run { server in
            for tenant in [Samples.globex, Samples.local] {
                try await server.disable(try #require(try await server.member(with: "+8613800000001", of: tenant)))
            }
            let proved = try await Self.prove(try await server.signedIn(), server)
            #expect(!proved.reply.text.contains("Globex"))
            #expect(proved.reply.text.contains("This phone belongs to no other enterprise here."))
        }
    }

    @Test("a proof is of this session, and of the phone that the account has now", .tags(.security))
    func bound() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            let other = try await server.signedIn()
            _ = try await Self.prove(browser, server)
            #expect(try await other.visit(JoinPath.enterprises).reply.text.contains("Globex") == false)
            // What an administrator enters as a member's phone is nobody's proof.
            try await server.change { db in
                var alice = Samples.alice
                alice.profile.phone = PhoneNumber(stored: "+8613800000099")
                try db.users(Samples.sealingKey).update(alice)
            }
            #expect(try await browser.visit(JoinPath.enterprises).reply.text.contains("Globex") == false)
        }
    }

    @Test("a wrong code counts and shows nothing; one for something else is none", .tags(.security))
    func wrong() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            let page = try await browser.visit(JoinPath.enterprises)
            let sent = try await browser.submit(try page.form(to: JoinPath.enterprises), pressing: "send")
            let code = try await server.lastCode(to: "+8613800000001")
            let wrong = try await browser.submit(
                try sent.form(to: JoinPath.enterprises), ["code": other(code)], pressing: "verify")
            #expect(wrong.reply.status == 422 && !wrong.reply.text.contains("Globex"))
            #expect(try await server.throttle(of: Samples.alice)?.failures == 1)
            server.clock.advance(by: 120)
            let phone = try await browser.visit("/account/phone")
            _ = try await browser.submit(try phone.form(to: "/account/phone"), pressing: "send")
            let foreign = try await server.lastCode(to: "+8613800000001")
            let used = try await browser.submit(
                try sent.form(to: JoinPath.enterprises), ["code": foreign == code ? other(code) : foreign],
                pressing: "verify")
            #expect(used.reply.status == 422)
        }
    }

    @Test(
        "forms need their token and a session", .tags(.security), arguments: [JoinPath.enterprises, JoinPath.elsewhere])
    func forged(_ path: String) async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            for token in ["", "x"] {
                let reply = try await browser.post(path, [.init("csrf", token), .init("action", "send")])
                #expect(reply.status == 403)
            }
            #expect(try await server.browser().post(path, [.init("csrf", "x")]).status == 403)
            #expect(await server.sentCodes().isEmpty)
        }
    }

    // MARK: - A code of another tenant's

    @Test("a code leads to the enterprise whose it is")
    func joinElsewhere() async throws {
        try await TestServer.run { server in
            let theirs = Department(
                id: "theirs", tenantID: Samples.globex.id, code: "sales", name: "Sales", invites: true,
                createdAt: FixedClock.start)
            try await server.invite(into: theirs)
            let browser = try await server.signedIn()
            let page = try await browser.visit(JoinPath.enterprises)
            let form = try page.form(to: JoinPath.elsewhere)
            let onward = try await browser.submit(form, ["invitation": "abcd 2345"])
            #expect(onward.reply.status == 200)
            #expect(onward.reply["Refresh"] == "0; url=https://sso.globex.example/join?code=ABCD2345")
            for typed in ["ABCD-2346", "hello"] {
                let refused = try await browser.submit(form, ["invitation": typed])
                #expect(refused.reply.status == 422)
                #expect(refused.reply.formErrors == badInvitation)
            }
        }
    }

    private static func shared(
        _ settings: [String: String] = [:], _ body: @escaping @Sendable (TestServer) async throws -> Void
    ) async throws {
        let address = ["http.sharedAddress": "https://sso.example.com"]
        try await TestServer.run(settings: address.merging(settings) { $1 }, body)
    }

    @Test("the shared address leads on by a code, and decides nothing", .tags(.security))
    func sharedAddress() async throws {
        try await Self.shared { server in
            let invitation = try await server.invite()
            let browser = server.browser(at: "https://sso.example.com")
            #expect(try await browser.visit("/login").reply.text.contains("href=\"/join\""))
            let page = try await browser.visit("/join?code=ABCD-2345")
            let form = try page.form(to: JoinPath.join)
            #expect(form["invitation"] == "ABCD-2345")
            let onward = try await browser.submit(form)
            #expect(onward.reply["Refresh"] == "0; url=https://sso.acme.example/join?code=ABCD2345")
            #expect(try await server.invitations() == [invitation])
            for change in [Self.turnOff, Self.revoke] {
                try await change(server)
                let refused = try await browser.submit(form)
                #expect(refused.reply.status == 422)
                #expect(refused.reply.formErrors == badInvitation)
                #expect(refused.reply["Refresh"] == nil)
            }
            #expect(try await browser.post("/join", [], headers: [("Origin", "https://evil.example")]).status == 403)
        }
    }

    private static let turnOff: @Sendable (TestServer) async throws -> Void = { try await $0.turn(false) }
    private static let revoke: @Sendable (TestServer) async throws -> Void = { server in
        try await server.turn(true)
        try await server.change { db in
            _ = try db.invitations.revoke("invitation-ab", in: Samples.acme.id, now: FixedClock.start)
        }
    }

    @Test("trying codes there costs puzzles, and then a wait", .tags(.security))
    func guessing() async throws {
        let settings = ["puzzle.addressFailures": "2", "address.failures": "3", "puzzle.work": "4"]
        try await Self.shared(settings) { server in
            try await server.invite()
            let browser = server.browser(at: "https://sso.example.com")
            var page = try await browser.visit("/join")
            for _ in 0..<3 {
                page = try await browser.submit(try page.form(to: JoinPath.join), ["invitation": "ABCD-2346"])
            }
            #expect(page.reply.formErrors == puzzleFirst)
            let right: Changes = ["invitation": "ABCD-2346"]
            page = try await browser.submit(
                try page.form(to: JoinPath.join), right.merging(try page.solution) { $1 })
            #expect(page.reply.formErrors == badInvitation)
            page = try await browser.submit(try page.form(to: JoinPath.join), ["invitation": "ABCD-2345"])
            #expect(page.reply.status == 429)
        }
    }
}
