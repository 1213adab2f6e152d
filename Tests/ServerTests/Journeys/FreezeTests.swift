import Identity
import Storage
import TestSupport
import Testing

@Suite("Ten wrong attempts freeze an account for fifteen minutes (peers' class 17)")
struct FreezeTests {
    static let refusal = [
        """
        The account or password is not right, or this account cannot sign in at the moment. Check both and try again; \
        after several failures, wait a while first.
        """
    ]

    @Test("nine wrong passwords and the right one: in, and the count is forgotten", .tags(.security))
    func nine() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            for _ in 1...2 {
                var page = try await browser.visit("/login")
                for _ in 1...9 {
                    page = try await browser.enter("alice", "Wrong-Horse-1", on: page)
                    #expect(page.reply.status == 422)
                    #expect(page.reply.formErrors == Self.refusal)
                }
                #expect(try await browser.enter("alice", Samples.password, on: page).reply.status == 200)
                #expect(try await server.throttle(of: Samples.alice) == nil)
                browser.cookies = [:]
            }
        }
    }

    @Test(
        "ten: the right password is refused until the last second of the freeze", .tags(.security),
        arguments: Backend.journeys)
    func ten(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = server.browser()
            let page = try await browser.visit("/")
            for _ in 1...10 { _ = try await browser.enter("alice", "Wrong-Horse-1", on: page) }
            #expect(try await server.events().contains(#"account.frozen {"until":1700000900}"#))
            server.clock.advance(by: 899)
            let frozen = try await browser.enter("alice", Samples.password, on: page)
            #expect(frozen.reply.formErrors == Self.refusal)
            server.clock.advance(by: 1)
            #expect(try await browser.enter("alice", Samples.password, on: page).reply.status == 200)
        }
    }

    @Test("trying on does not prolong a freeze")
    func notProlonged() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let page = try await browser.visit("/")
            for _ in 1...10 { _ = try await browser.enter("alice", "Wrong-Horse-1", on: page) }
            server.clock.advance(by: 890)
            _ = try await browser.enter("alice", "Wrong-Horse-1", on: page)
            server.clock.advance(by: 10)
            #expect(try await browser.enter("alice", Samples.password, on: page).reply.status == 200)
        }
    }

    @Test("one count over all identifiers, methods, browsers and the account page", .tags(.security))
    func oneCount() async throws {
        try await TestServer.run { server in
            let own = try await server.signedIn()
            for name in ["alice", "ALICE", "13800000001", "+8613800000001", "alice@acme.example"] {
                _ = try await server.browser().signIn(name, "Wrong-Horse-1")
            }
            let browser = server.browser()
            let sent = try await browser.askForCode("13800000001", on: try await browser.visit("/"))
            let code = try await server.lastCode(to: "+8613800000001")
            for _ in 1...3 { _ = try await browser.enterCode(other(code), on: sent) }
            let form = try await own.visit("/account/password").form(to: "/account/password")
            _ = try await own.submit(
                form,
                [
                    "currentPassword": "Wrong-Horse-1", "newPassword": "Better-Horse-8",
                    "repeatedPassword": "Better-Horse-8",
                ])
            #expect(try await server.throttle(of: Samples.alice)?.failures == 9)
            _ = try await server.browser().signIn("alice", "Wrong-Horse-1")
            #expect(try await server.browser().signIn("alice").reply.formErrors == Self.refusal)
            #expect(try await browser.enterCode(code, on: sent).reply.status == 422)
        }
    }

    @Test(
        "fifty parallel guesses count as fifty: the eleventh is not evaluated", .tags(.security),
        arguments: Backend.journeys)
    func parallel(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = server.browser()
            let page = try await browser.visit("/")
            let statuses = try await inParallel(50) { _ in
                try await browser.enter("alice", "Wrong-Horse-1", on: page).reply.status
            }
            #expect(statuses == Array(repeating: 422, count: 50))
            let reasons = try await server.events().filter { $0.hasPrefix("sign_in.failed") }
            #expect(reasons.filter { $0.contains("wrong_password") }.count == 10)
            #expect(reasons.filter { $0.contains("frozen") }.count == 40)
            #expect(try await server.events().filter { $0.hasPrefix("account.frozen") }.count == 1)
            #expect(try await server.throttle(of: Samples.alice)?.failures == 10)
            #expect(try await server.browser().signIn().reply.formErrors == Self.refusal)
        }
    }

    @Test(
        "fifty parallel guesses at a code: five are looked at, and ten count", .tags(.security),
        arguments: Backend.journeys)
    func parallelCodes(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = server.browser()
            let sent = try await browser.askForCode("13800000001", on: try await browser.visit("/"))
            let code = try await server.lastCode(to: "+8613800000001")
            _ = try await inParallel(50) { _ in try await browser.enterCode(other(code), on: sent).reply.status }
            let reasons = try await server.events().filter { $0.hasPrefix("sign_in.failed") }
            let counted = Dictionary(grouping: reasons) { $0 }.mapValues(\.count)
            #expect(
                counted == [
                    #"sign_in.failed {"method":"sms","reason":"wrong_code"}"#: 5,
                    #"sign_in.failed {"method":"sms","reason":"exhausted_code"}"#: 5,
                    #"sign_in.failed {"method":"sms","reason":"frozen"}"#: 40,
                ])
            #expect(try await browser.enterCode(code, on: sent).reply.status == 422)
            #expect(try await server.sessions().isEmpty)
        }
    }

    @Test("failures of fifteen minutes ago no longer count")
    func window() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let page = try await browser.visit("/")
            for _ in 1...9 { _ = try await browser.enter("alice", "Wrong-Horse-1", on: page) }
            server.clock.advance(by: 900)
            _ = try await browser.enter("alice", "Wrong-Horse-1", on: page)
            #expect(try await server.throttle(of: Samples.alice)?.failures == 1)
        }
    }

    @Test("somebody else's failures do not count", .tags(.security))
    func others() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let page = try await browser.visit("/")
            for _ in 1...10 { _ = try await browser.enter("frank", "Wrong-Horse-1", on: page) }
            #expect(try await browser.enter("alice", Samples.password, on: page).reply.status == 200)
        }
    }
}
