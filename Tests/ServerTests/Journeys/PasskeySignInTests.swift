import Directory
import Identity
import Storage
import TestSupport
import Testing
import Wire

@Suite("Signing in with a passkey")
struct PasskeySignInTests {
    /// Alice has added a passkey.
    static func passkey(_ server: TestServer) async throws -> SoftAuthenticator {
        var authenticator = try SoftAuthenticator()
        authenticator.counter = 1
        _ = try await server.signedIn().addPasskey(&authenticator)
        authenticator.counter = 2
        return authenticator
    }

    static func enter(
        _ authenticator: SoftAuthenticator, on page: Browser.Visit, _ browser: Browser,
        origin: String = Samples.acme.issuer, options: JSON? = nil, _ changes: Changes = [:]
    ) async throws -> Browser.Visit {
        let answer = try authenticator.get(try options ?? page.passkeyOptions(), at: origin)
        let form = try page.form(to: "/login") { $0["tab"] == "passkey" }
        return try await browser.submit(form, ["credential": answer].merging(changes) { $1 })
    }

    @Test("it says itself whose it is, and counts as both factors", arguments: Backend.journeys)
    func signIn(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            try await server.set(["secondFactor.demand": "everyone"])
            let authenticator = try await Self.addedUnderDemand(server)
            let browser = server.browser()
            let page = try await browser.visit(authorize(["acr_values": "phr"]))
            let done = try await Self.enter(authenticator, on: page, browser)
            let told = try claims(of: try Tokens(try await server.redeem(try #require(done.answer["code"]))).id)
            #expect(told["sub"] == "user-alice")
            #expect(told["amr"] == ["pop", "user", "mfa"])
            #expect(told["acr"] == "phr")
        }
    }

    private static func addedUnderDemand(_ server: TestServer) async throws -> SoftAuthenticator {
        try await server.set([:])
        let authenticator = try await passkey(server)
        try await server.set(["secondFactor.demand": "everyone"])
        return authenticator
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var origin = Samples.acme.issuer
        var flags: UInt8 = 0x05
        var counter: UInt32 = 2
        var userHandle: String?
    }

    @Test(
        "an answer for anything else than this page is refused in one sentence", .tags(.security),
        arguments: [
            Refusal(testDescription: "another origin", origin: "https://sso.acme.example.evil.example"),
            Refusal(testDescription: "the person was not verified", flags: 0x01),
            Refusal(testDescription: "the person was not there", flags: 0x04),
            Refusal(testDescription: "the counter went back", counter: 1),
            Refusal(testDescription: "somebody else's handle", userHandle: Passkey.userHandle(of: "user-frank")),
        ])
    func refused(_ refusal: Refusal) async throws {
        try await TestServer.run { server in
            var authenticator = try await Self.passkey(server)
            let browser = server.browser()
            let page = try await browser.visit("/login")
            let right = authenticator
            authenticator.flags = refusal.flags
            authenticator.counter = refusal.counter
            if let handle = refusal.userHandle { authenticator.userHandle = handle }
            let visit = try await Self.enter(authenticator, on: page, browser, origin: refusal.origin)
            #expect(visit.reply.status == 422)
            #expect(
                visit.reply.formErrors
                    == ["This passkey cannot be used to sign in here. Choose another way to sign in."])
            #expect(try await !browser.isSignedIn())
            #expect(try await Self.enter(right, on: page, browser).reply.status == 200)
        }
    }

    @Test("an answer to another browser's page is worth nothing", .tags(.security))
    func foreignChallenge() async throws {
        try await TestServer.run { server in
            let authenticator = try await Self.passkey(server)
            let victim = server.browser()
            let asked = try await victim.visit("/login")
            let attacker = server.browser()
            let page = try await attacker.visit("/login")
            let visit = try await Self.enter(
                authenticator, on: page, attacker, options: try asked.passkeyOptions())
            #expect(visit.reply.status == 422)
            #expect(try await !attacker.isSignedIn())
        }
    }

    @Test("an unknown passkey, one that was removed, and no answer at all are told alike", .tags(.security))
    func unknown() async throws {
        try await TestServer.run { server in
            let authenticator = try await Self.passkey(server)
            var stranger = try SoftAuthenticator()
            stranger.userHandle = Passkey.userHandle(of: "user-alice")
            for answering in [stranger, authenticator] {
                try await server.change { db in try db.passkeys.removeAll(ofUser: Samples.alice.id) }
                let browser = server.browser()
                let page = try await browser.visit("/login")
                #expect(try await Self.enter(answering, on: page, browser).reply.status == 422)
            }
            let browser = server.browser()
            let page = try await browser.visit("/login")
            for nothing in ["", "{}", "[]", String(repeating: "[", count: 5_000)] {
                let visit = try await browser.submit(
                    try page.form(to: "/login") { $0["tab"] == "passkey" }, ["credential": nothing])
                #expect(visit.reply.status == 422)
            }
        }
    }

    @Test("a disabled or frozen account, and a tenant that closed this way, let nobody in", .tags(.security))
    func closed() async throws {
        try await TestServer.run { server in
            var authenticator = try await Self.passkey(server)
            let browser = server.browser()
            let page = try await browser.visit("/login")
            let wrong = server.browser()
            let guess = try await wrong.visit("/login")
            for _ in 1...10 { _ = try await wrong.enter("alice", "Wrong-Horse-1", on: guess) }
            #expect(try await Self.enter(authenticator, on: page, browser).reply.status == 422)
            server.clock.advance(by: 900)
            try await server.set(["signIn.methods": "password,sms"])
            authenticator.counter = 3
            #expect(try await Self.enter(authenticator, on: page, browser).reply.status == 422)
            #expect(try await !server.browser().visit("/login").reply.text.contains("data-passkey"))
            try await server.set([:])
            try await server.change { db in
                var alice = Samples.alice
                alice.disabledAt = server.clock.now
                try db.users(Samples.sealingKey).update(alice)
            }
            #expect(try await Self.enter(authenticator, on: page, browser).reply.status == 422)
            #expect(try await !browser.isSignedIn())
        }
    }

    @Test("a tenant's passkey is nobody's at another tenant", .tags(.security))
    func anotherTenant() async throws {
        try await TestServer.run { server in
            let authenticator = try await Self.passkey(server)
            let browser = server.browser(at: Samples.globex.issuer)
            let page = try await browser.visit("/login")
            let visit = try await Self.enter(authenticator, on: page, browser, origin: Samples.globex.issuer)
            #expect(visit.reply.status == 422)
        }
    }

    @Test("a passkey is the second factor of who has an app as well, if it is that person's", .tags(.security))
    func secondFactor() async throws {
        try await TestServer.run { server in
            let authenticator = try await Self.passkey(server)
            try await server.giveApp()
            try await server.giveApp(to: Samples.frank)
            for (name, status) in [("frank", 422), ("alice", 200)] {
                let browser = server.browser()
                let asked = try await browser.signIn(name)
                #expect(asked.asksFactor)
                let page = try await browser.visit("\(try #require(asked.trail.last))&factor=passkey")
                // Frank has none, so his page offers none; he sends what hers would send.
                let options =
                    name == "alice"
                    ? try page.passkeyOptions() : try await server.browser().visit("/login").passkeyOptions()
                let answer = try authenticator.get(options, at: Samples.acme.issuer)
                let visit = try await browser.submit(
                    try page.factorForm, ["factor": "passkey", "credential": answer, "code": "123456"])
                #expect(visit.reply.status == status)
                #expect(try await browser.isSignedIn() == (status == 200))
            }
        }
    }
}
