import Cryptography
import Directory
import FoundationEssentials
import Identity
import Server
import Storage
import TestSupport
import Testing
import Wire

@Suite("People bring their passwords along as hashes of another system")
struct ImportedHashTests {
    /// An apply file that brings one person along.
    private static func document(_ hash: String) throws -> ApplyDocument {
        let person: JSON = ["username": "grace", "phone": "13800000007", "passwordHash": .string(hash)]
        return try ApplyDocument(ServerTests.document(["tenants": [["code": "acme", "users": [person]]]]))
    }

    /// Applies it to the running server.
    private static func bring(_ hash: String, to server: TestServer) async throws -> User {
        let administration = server.administration()
        let report = try await administration.apply(
            try document(hash), relativeTo: "/nowhere", now: server.clock.now)
        #expect(report.lines.map(\.outcome) == [.unchanged, .created])
        return try await administration.user("grace", of: "acme").user
    }

    @Test("the page of the operator has examples of every scheme")
    func examples() {
        let schemes = HashExample.all.compactMap { StoredPassword.scheme(of: $0.hash) }
        #expect(schemes.count == HashExample.all.count && schemes.count >= 18)
        for scheme: StoredPassword.Scheme in [.argon2id, .bcrypt, .shaCrypt, .pbkdf2, .scrypt, .saltedDigest] {
            #expect(schemes.contains(scheme))
        }
    }

    @Test(
        "the first sign-in works and leaves a hash of ours, and so does the second", .tags(.security),
        arguments: HashExample.all)
    func upgrades(_ example: HashExample) async throws {
        try await TestServer.run { server in
            let grace = try await Self.bring(example.hash, to: server)
            #expect(try await server.credential(of: grace)?.hash == example.hash)
            #expect(try await server.browser().signIn("grace", "correct horsf").reply.status == 422)
            #expect(try await server.throttle(of: grace)?.failures == 1)
            #expect(try await server.credential(of: grace)?.hash == example.hash)
            let first = try await server.browser().signIn("grace", HashExample.password, at: authorize())
            #expect(first.departure?.hasPrefix("https://notes.example/cb?code=") == true)
            let stored = try #require(try await server.credential(of: grace))
            let expected = Credential(hash: stored.hash, version: 1, changedAt: FixedClock.start)
            #expect(stored == expected)
            #expect(stored.hash?.hasPrefix(TestServer.parameters.prefix) == true)
            #expect(try await server.throttle(of: grace) == nil)
            _ = try await server.signedIn(as: "grace", HashExample.password)
            #expect(try await server.credential(of: grace)?.hash == stored.hash)
            #expect(try await server.browser().signIn("grace", "correct horsf").reply.status == 422)
        }
    }

    @Test("a first sign-in in many browsers at once lets all in and keeps one hash", arguments: Backend.journeys)
    func parallel(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let grace = try await Self.bring(HashExample.all[1].hash, to: server)
            let visits = try await inParallel(8) { _ in
                try await server.browser().signIn("grace", HashExample.password).reply.status
            }
            #expect(visits == .init(repeating: 200, count: 8))
            let stored = try #require(try await server.credential(of: grace))
            #expect(stored.version == 1)
            #expect(Argon2id.verify(password: Password(HashExample.password).bytes, phc: stored.hash ?? ""))
        }
    }

    @Test("ten wrong passwords freeze the account as any other", .tags(.security))
    func freezes() async throws {
        try await TestServer.run { server in
            let grace = try await Self.bring(HashExample.all[1].hash, to: server)
            let browser = server.browser()
            let page = try await browser.visit("/")
            for _ in 1...10 { _ = try await browser.enter("grace", "correct horsf", on: page) }
            #expect(try await browser.enter("grace", HashExample.password, on: page).reply.status == 422)
            #expect(try await server.throttle(of: grace)?.failures == 10)
            #expect(try await server.credential(of: grace)?.hash == HashExample.all[1].hash)
        }
    }

    @Test("the password that was brought along is not chosen again", .tags(.security), arguments: HashExample.all)
    func history(_ example: HashExample) async throws {
        // The example's password is too plain for the rules; only the history is to refuse it here.
        try await TestServer.run(settings: ["password.classes": "off"]) { server in
            _ = try await Self.bring(example.hash, to: server)
            let (browser, page) = try await server.forgetting("13800000007")
            let same = try await browser.setPassword(HashExample.password, on: page)
            #expect(violatedRules(on: same.reply) == ["notRecent"])
            let done = try await browser.setPassword("Better-Horse-8", on: page)
            #expect(done.reply.heading == "My applications")
            let changed = try await PasswordChangeTests.change(
                browser, from: "Better-Horse-8", to: HashExample.password)
            #expect(violatedRules(on: changed.reply) == ["notRecent"])
        }
    }

    @Test("whoever came in by code changes the password with the one brought along")
    func ownChange() async throws {
        try await TestServer.run { server in
            let grace = try await Self.bring(HashExample.all[1].hash, to: server)
            let browser = server.browser()
            let sent = try await browser.askForCode("13800000007", on: try await browser.visit("/"))
            _ = try await browser.enterCode(try await server.lastCode(to: "+8613800000007"), on: sent)
            #expect(try await server.credential(of: grace)?.hash == HashExample.all[1].hash)
            let done = try await PasswordChangeTests.change(
                browser, from: HashExample.password, to: "Better-Horse-8")
            #expect(done.reply.status == 200)
        }
    }

    @Test("a document that is applied again leaves the upgraded hash alone", .tags(.security))
    func again() async throws {
        try await TestServer.run { server in
            let grace = try await Self.bring(HashExample.all[1].hash, to: server)
            _ = try await server.browser().signIn("grace", HashExample.password)
            let upgraded = try await server.credential(of: grace)
            let report = try await server.administration().apply(
                try Self.document(HashExample.all[1].hash), relativeTo: "/nowhere", now: server.clock.now)
            #expect(report.isUnchanged)
            #expect(try await server.credential(of: grace) == upgraded)
        }
    }

    @Test(
        "what costs too much, or could never be verified, is refused with the sentence", .tags(.security),
        arguments: HashExample.tooCostly + ["{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", "correct horse"])
    func refused(_ hash: String) async throws {
        try await TestServer.run { server in
            let refusal = await #expect(throws: DocumentRefusal.self) { try await Self.bring(hash, to: server) }
            let text = "\(try #require(refusal))"
            #expect(text.contains("the form of this hash is not accepted, or it costs more than a sign-in may"))
            #expect(text.contains("tenants[0].users[0].passwordHash"))
            #expect(!text.contains(hash))
            let users = try await server.administration().users(of: "acme")
            #expect(users.count == Samples.people.count)
        }
    }

    @Test("the deleted, disabled and frozen do not come in by a hash either", .tags(.security))
    func disabled() async throws {
        try await TestServer.run { server in
            let grace = try await Self.bring(HashExample.all[1].hash, to: server)
            try await server.disable(grace)
            #expect(try await server.browser().signIn("grace", HashExample.password).reply.status == 422)
            #expect(try await server.credential(of: grace)?.hash == HashExample.all[1].hash)
        }
    }
}

extension TestServer {
    /// A browser in which somebody with another password than ``Samples/password`` has signed in.
    func signedIn(as username: String, _ password: String) async throws -> Browser {
        let browser = browser()
        _ = try await browser.signIn(username, password)
        guard try await browser.isSignedIn() else { throw Browser.Missing("a session of \(username)") }
        return browser
    }
}
