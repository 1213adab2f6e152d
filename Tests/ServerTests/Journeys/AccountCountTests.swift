import Directory
import FoundationEssentials
import Identity
import Server
import TestSupport
import Testing

@Suite("One count per account, over everything at once; and its release (peers' class 17)")
struct AccountCountTests {
    @Test(
        "fifty parallel guesses over all identifiers and both methods count as fifty: ten are looked at",
        .tags(.security), arguments: Backend.journeys)
    func mixed(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server async throws in
            let asking = server.browser()
            let sent = try await asking.askForCode("13800000001", on: try await asking.visit("/"))
            let code = try await server.lastCode(to: "+8613800000001")
            let names = ["alice", "ALICE", "13800000001", "+86 138-0000-0001", "Alice@acme.example"]
            let guessing = server.browser()
            let page = try await guessing.visit("/")
            let statuses = try await inParallel(50) { number in
                if number % 2 == 0 { return try await asking.enterCode(other(code), on: sent).reply.status }
                return try await guessing.enter(names[number / 2 % 5], "Wrong-Horse-1", on: page).reply.status
            }
            #expect(statuses == Array(repeating: 422, count: 50))
            let failures = try await server.events().filter { $0.hasPrefix("sign_in.failed") }
            #expect(failures.filter { $0.contains("frozen") }.count == 40)
            #expect(failures.count == 50)
            #expect(failures.filter { $0.contains("unknown_user") }.isEmpty)
            #expect(try await server.events().filter { $0.hasPrefix("account.frozen") }.count == 1)
            let row = try await server.throttle(of: Samples.alice)
            #expect(row?.failures == 10)
            #expect(row?.frozenUntil == server.clock.now + 900)
        }
    }

    @Test("a code for a forgotten password is counted with the rest", .tags(.security))
    func forgotten() async throws {
        try await TestServer.run { server async throws in
            let browser = server.browser()
            let page = try await browser.visit("/login")
            let forgotten = try await browser.visit("/login/forgotten?i=\(try page.interactionID)")
            let form = try forgotten.form(to: "/login/forgotten")
            let sent = try await browser.submit(form, ["phone": "13800000001"], pressing: "send")
            let code = try await server.lastCode(to: "+8613800000001")
            let next = try sent.form(to: "/login/forgotten")
            for _ in 1...4 { _ = try await browser.submit(next, ["code": other(code)], pressing: "verify") }
            for _ in 1...6 { _ = try await server.browser().signIn("alice", "Wrong-Horse-1") }
            #expect(try await server.throttle(of: Samples.alice)?.failures == 10)
            #expect(try await browser.submit(next, ["code": code], pressing: "verify").reply.status == 422)
        }
    }

    @Test(
        "an administrator ends a freeze: in, with a full count of attempts", .tags(.security),
        arguments: Backend.journeys)
    func unfreeze(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server async throws in
            let browser = server.browser()
            let page = try await browser.visit("/")
            for _ in 1...10 { _ = try await browser.enter("alice", "Wrong-Horse-1", on: page) }
            #expect(
                try await browser.enter("alice", Samples.password, on: page).reply.formErrors == FreezeTests.refusal)
            let now = server.clock.now
            let administration = server.administration()
            #expect(try await administration.unfreezeUser("alice", of: "acme", now: now))
            #expect(try await administration.unfreezeUser("alice", of: "acme", now: now) == false)
            #expect(try await server.events().filter { $0.hasPrefix("account.unfrozen") } == ["account.unfrozen {}"])
            for _ in 1...9 { _ = try await browser.enter("alice", "Wrong-Horse-1", on: page) }
            #expect(try await browser.enter("alice", Samples.password, on: page).reply.status == 200)
        }
    }

    @Test("who is not frozen, or does not exist, is not released", .tags(.security))
    func nothingToRelease() async throws {
        try await TestServer.run { server async throws in
            let (administration, now) = (server.administration(), server.clock.now)
            #expect(try await administration.unfreezeUser("alice", of: "acme", now: now) == false)
            for (name, tenant) in [("nobody", "acme"), ("frank", "globex"), ("alice", "none")] {
                await #expect(throws: (any Error).self) {
                    try await administration.unfreezeUser(name, of: tenant, now: now)
                }
            }
            #expect(try await server.events() == [])
        }
    }

    @Test("releasing one tenant's account leaves the other's frozen", .tags(.security))
    func tenants() async throws {
        try await TestServer.run { server async throws in
            for origin in [Samples.acme.issuer, Samples.globex.issuer] {
                let browser = server.browser(at: origin)
                let page = try await browser.visit("/login")
                for _ in 1...10 { _ = try await browser.enter("alice", "Wrong-Horse-1", on: page) }
            }
            _ = try await server.administration().unfreezeUser("alice", of: "acme", now: server.clock.now)
            #expect(try await server.browser().signIn().reply.status == 200)
            #expect(try await server.browser(at: Samples.globex.issuer).signIn(at: "/login").reply.status == 422)
        }
    }

    @Test("how many attempts are left is said to whoever is signed in, and on no other page", .tags(.security))
    func attemptsLeft() async throws {
        try await TestServer.run { server async throws in
            let own = try await server.signedIn()
            let form = try await own.visit("/account/password").form(to: "/account/password")
            func change() async throws -> [String] {
                let typed = [
                    "currentPassword": "Wrong-Horse-1", "newPassword": "Better-Horse-8",
                    "repeatedPassword": "Better-Horse-8",
                ]
                return try await own.submit(form, typed).reply.formErrors
            }
            for left in [9, 8, 7] {
                #expect(
                    try await change() == [
                        "The current password is not right. Wrong attempts left before the account is frozen for a while: \(left)."
                    ])
            }
            for _ in 1...6 {
                #expect(
                    try await server.browser().signIn("alice", "Wrong-Horse-1").reply.formErrors == FreezeTests.refusal)
            }
            for _ in 1...2 {
                #expect(
                    try await change() == [
                        "Too many wrong attempts: the account is frozen for a while. Try again later."
                    ])
            }
            #expect(try await server.browser().signIn().reply.formErrors == FreezeTests.refusal)
        }
    }

    @Test("where nothing freezes, nothing is said about what is left")
    func nothingFreezes() async throws {
        try await TestServer.run(settings: ["freeze.failures": "off"]) { server async throws in
            let own = try await server.signedIn()
            let form = try await own.visit("/account/password").form(to: "/account/password")
            let visit = try await own.submit(
                form,
                [
                    "currentPassword": "Wrong-Horse-1", "newPassword": "Better-Horse-8",
                    "repeatedPassword": "Better-Horse-8",
                ])
            #expect(
                visit.reply.formErrors == [
                    """
                    The current password is not right, or there were too many attempts. Check it, or try again later.
                    """
                ])
        }
    }
}
