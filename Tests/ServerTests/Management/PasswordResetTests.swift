import Cryptography
import Directory
import FoundationEssentials
import Gateways
import Identity
import Storage
import TestSupport
import Testing
import Wire

@testable import Server

@Suite("Management: an administrator resets passwords")
struct PasswordResetTests {
    /// The person without a phone whom some of these tests add.
    static let phoneless = UserDraft(username: "grace", credential: .password("Quiet-Harbour-42"))

    private static func results(_ pairs: [(String, PasswordResetResult.Outcome)]) -> [String] {
        pairs.map { "\($0.0) \($0.1)" }
    }

    private static func shown(_ results: [PasswordResetResult]) -> [String] {
        results.map { "\($0.username) \($0.outcome)" }
    }

    @Test(
        "cleared: the password is gone, a code lets the person in, who is told", .tags(.security),
        arguments: Backend.journeys)
    func clear(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let results = try await server.reset(["alice", "FRANK"])
            #expect(Self.shown(results) == Self.results([("alice", .reset), ("frank", .reset)]))
            for user in [Samples.alice, Samples.frank] {
                let expected = Credential(
                    hash: nil, version: 2, changedAt: server.clock.now, history: [Samples.passwordHash])
                #expect(try await server.credential(of: user) == expected)
            }
            #expect(try await server.browser().signIn().reply.status == 422)
            let told = await server.sentCodes()
            #expect(told.map(\.phone) == ["+8613800000001", "+8613800000006"])
            #expect(told.map(\.code) == ["", ""])
            #expect(
                told[0].text
                    == "【Acme】账号 alice 的密码已被管理员清除，请在 https://sso.acme.example 用短信验证码登录并设置新密码。")
            let events = try await server.events()
            #expect(events.filter { $0.hasPrefix("password.cleared") }.count == 2)
        }
    }

    @Test(
        "one-time: the password goes to the phone, lets in once, and has to be replaced", .tags(.security),
        arguments: Backend.journeys)
    func oneTime(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let results = try await server.reset(["alice"], by: .oneTime)
            #expect(Self.shown(results) == Self.results([("alice", .reset)]))
            let sent = try #require(await server.sentCodes().last)
            #expect(sent.text.contains(sent.code) && sent.code.utf8.count == 12)
            let stored = try #require(try await server.credential(of: Samples.alice))
            #expect(stored.mustChangeSince == server.clock.now)
            #expect(stored.usableUntil == server.clock.now + 86_400)
            #expect(stored.history == [Samples.passwordHash])
            let browser = server.browser()
            let page = try await browser.signIn("alice", sent.code, at: authorize())
            #expect(page.reply.heading == "Set a password")
            #expect(try await server.sessions().isEmpty)
            let same = try await browser.setPassword(sent.code, on: page)
            #expect(violatedRules(on: same.reply) == ["notRecent"])
            let done = try await browser.setPassword("Better-Horse-8", on: page)
            #expect(done.departure?.hasPrefix("https://notes.example/cb?code=") == true)
            #expect(try await server.browser().signIn("alice", sent.code).reply.status == 422)
            #expect(try await server.events().contains(#"password.set {"cause":"reset"}"#))
        }
    }

    @Test("a one-time password dies by itself, in the second that was told", .tags(.security))
    func runsOut() async throws {
        try await TestServer.run(settings: ["password.oneTimeLifetime": "2h"]) { server in
            try await server.reset(["alice"], by: .oneTime)
            let sent = try #require(await server.sentCodes().last)
            #expect(sent.text.contains("2"))
            server.clock.advance(by: 7_199)
            #expect(try await server.browser().signIn("alice", sent.code).reply.heading == "Set a password")
            server.clock.advance(by: 1)
            let late = try await server.browser().signIn("alice", sent.code)
            #expect(late.reply.status == 422)
            #expect(
                try await server.events().contains(
                    #"sign_in.failed {"method":"password","reason":"expired_password"}"#))
        }
    }

    @Test(
        "every session, grant and ticket of each ends at once, and nobody else's", .tags(.security),
        arguments: Backend.journeys, PasswordReset.allCases)
    func ends(backend: Backend, way: PasswordReset) async throws {
        try await TestServer.run(on: backend) { server in
            let tokens = try await server.tokens()
            let browser = try await server.signedIn()
            let (code, ticket) = (try await browser.enterNotes(), try await browser.enterWiki())
            let (frank, twin) = (
                try await server.signedIn("frank"), try await server.signedIn(at: Samples.globex.issuer)
            )
            try await server.reset(["alice"], by: way)
            #expect(try await !browser.isSignedIn())
            #expect(try await server.userInfo(tokens.access).status == 401)
            #expect(try await server.refresh(tokens.refresh).status == 400)
            #expect(try await server.redeem(code).status == 400)
            #expect(try await server.validate(ticket).text.contains("INVALID_TICKET"))
            #expect(try await frank.isSignedIn())
            #expect(try await twin.isSignedIn())
            let ended = try await server.events().filter { $0.hasPrefix("session.ended") }
            #expect(ended.count == 2 && ended.allSatisfy { $0.contains("password_reset") })
        }
    }

    @Test(
        "one unknown name, and nothing is changed or sent for anybody", .tags(.security), arguments: Backend.journeys,
        PasswordReset.allCases)
    func allOrNothing(backend: Backend, way: PasswordReset) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = try await server.signedIn()
            let before = (try await server.credential(of: Samples.alice), try await server.events())
            for unknown in ["nobody", "a@b", ""] {
                let error = await #expect(throws: AdministrationError.self) {
                    try await server.reset(["alice", unknown, "frank"], by: way)
                }
                #expect(error?.field == "username")
            }
            #expect(try await server.credential(of: Samples.alice) == before.0)
            #expect(try await server.events() == before.1)
            #expect(try await browser.isSignedIn())
            #expect(await server.sentCodes().isEmpty)
            #expect(try await server.sentMessages().isEmpty)
        }
    }

    @Test("nobody of another tenant can be named", .tags(.security))
    func otherTenant() async throws {
        try await TestServer.run { server in
            await #expect(throws: AdministrationError.self) {
                try await server.administration().resetPasswords(
                    of: ["frank"], in: "globex", by: .clear, now: server.clock.now)
            }
            _ = try await server.signedIn("frank")
        }
    }

    @Test(
        "an account without a phone is left as it is: nobody could get in again", .tags(.security),
        arguments: PasswordReset.allCases)
    func noPhone(way: PasswordReset) async throws {
        try await TestServer.run { server in
            let administration = server.administration()
            let grace = try await administration.addUser(Self.phoneless, to: "acme", now: server.clock.now)
            let before = try await server.credential(of: grace)
            let results = try await server.reset(["grace", "alice"], by: way)
            #expect(Self.shown(results) == Self.results([("grace", .noPhone), ("alice", .reset)]))
            #expect(try await server.credential(of: grace) == before)
            #expect(await server.sentCodes().map(\.phone) == ["+8613800000001"])
        }
    }

    @Test(
        "a message that is not sent is told; the reset holds, and a code still lets the person in", .tags(.security),
        arguments: PasswordReset.allCases)
    func notSent(way: PasswordReset) async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            let results = try await server.reset(["alice"], by: way, gateway: ClosedGateway())
            #expect(Self.shown(results) == Self.results([("alice", .notSent)]))
            #expect(try await !browser.isSignedIn())
            #expect(try await server.browser().signIn().reply.status == 422)
            // The tenant's messages are taken for out of order for a while.
            server.clock.advance(by: 121)
            let again = server.browser()
            let sent = try await again.askForCode("13800000001", on: try await again.visit("/"))
            let page = try await again.enterCode(try await server.lastCode(to: "+8613800000001"), on: sent)
            #expect(page.reply.heading == "Set a password")
        }
    }

    @Test("who is named twice is reset once: the password that arrives works", .tags(.security))
    func twice() async throws {
        try await TestServer.run { server in
            let results = try await server.reset(["alice", "frank", "Alice"], by: .oneTime)
            #expect(Self.shown(results) == Self.results([("alice", .reset), ("frank", .reset)]))
            let sent = await server.sentCodes()
            #expect(sent.map(\.phone) == ["+8613800000001", "+8613800000006"])
            #expect(Set(sent.map(\.code)).count == 2)
            for (name, message) in zip(["alice", "frank"], sent) {
                #expect(try await server.browser().signIn(name, message.code).reply.heading == "Set a password")
            }
        }
    }

    @Test("a second reset makes the first one's password worthless", .tags(.security))
    func again() async throws {
        try await TestServer.run { server in
            try await server.reset(["alice"], by: .oneTime)
            try await server.reset(["alice"], by: .oneTime)
            let sent = await server.sentCodes().map(\.code)
            #expect(try await server.browser().signIn("alice", sent[0]).reply.status == 422)
            #expect(try await server.browser().signIn("alice", sent[1]).reply.heading == "Set a password")
        }
    }

    @Test("a reset ends a freeze", arguments: Backend.journeys)
    func freeze(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            try await SameWordsTests.freeze(server)
            try await server.reset(["frank"], by: .oneTime)
            let sent = try #require(await server.sentCodes().last)
            #expect(try await server.browser().signIn("frank", sent.code).reply.heading == "Set a password")
        }
    }

    @Test("a password is not cleared where no code leads anywhere", .tags(.security))
    func deadEnd() async throws {
        try await TestServer.run { server in
            try await server.set(["signIn.methods": "password", "password.forgotten": "off"])
            let error = await #expect(throws: AdministrationError.self) { try await server.reset(["alice"]) }
            #expect(error?.kind == .conflict)
            _ = try await server.signedIn()
            let results = try await server.reset(["alice"], by: .oneTime)
            #expect(Self.shown(results) == Self.results([("alice", .reset)]))
        }
    }

    @Test("the one-time password is in the message and nowhere else", .tags(.security))
    func nowhereElse() async throws {
        try await Backend.sqliteFile.withPlace { place in
            let database = try await place.open()
            let (passwords, log) = try await TestServer.run(over: database) { server in
                try await Samples.store(in: server.database)
                try await server.reset(["alice", "dave"], by: .oneTime)
                let sent = await server.sentCodes().map(\.code)
                try await server.reset(["frank"], by: .oneTime, gateway: ClosedGateway())
                _ = try await server.browser().signIn("alice", sent[0])
                _ = try await server.browser().signIn("dave", sent[0])
                return (sent, server.log.lines)
            }
            await database.close()
            let files = ["", "-wal"].compactMap { try? Data(contentsOf: URL(filePath: place.path + $0)) }
            let bytes = files.flatMap(Array.init)
            #expect(passwords.count == 2 && bytes.count > 100_000)
            #expect(log.contains { $0.contains("SMS not sent") })
            for password in passwords {
                #expect(!bytes.holds(password))
                #expect(log.allSatisfy { !$0.contains(password) })
            }
        }
    }

    @Test("results and what travels with them print nothing secret", .tags(.security))
    func concealed() async throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let text = OneTimePassword.text(using: &random)
            let password = OneTimePassword(text: text, hash: "$argon2id$")
            #expect("\(password) \(String(reflecting: password))" == "••• •••")
            let broken = PasswordPolicy().violations(
                of: Password(text), for: Username(stored: "alice"), common: [], isReused: false)
            #expect(broken.isEmpty)
            #expect(text.allSatisfy { !"0O1lIio".contains($0) })
        }
    }
}

extension TestServer {
    /// Purpose and outcome of every message in Acme's ledger, oldest first; decoys are left out.
    func sentMessages() async throws -> [String] {
        try await database.read { db in
            try db.rows(
                """
                SELECT purpose, outcome FROM sms_sends WHERE tenant_id = \(Samples.acme.id) AND is_decoy = \(false)
                ORDER BY sent_at, purpose
                """
            ) { row in
                let purpose: String = try row.next()
                let outcome: String? = try row.next()
                return "\(purpose) \(outcome ?? "-")"
            }
        }
    }
}
