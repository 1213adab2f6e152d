import Cryptography
import Directory
import FoundationEssentials
import Identity
import Server
import Storage
import TestSupport
import Testing
import Wire

@Suite("Management: a tenant's initial password")
struct InitialPasswordTests {
    static let text = "Quiet-Harbour-42"
    let now = TestInstallation.now

    /// A document with the initial password, or another word in its place, and these people.
    private static func document(_ word: String?, _ people: [String], _ more: [JSON.Member] = []) -> JSON {
        let settings = (word.map { [JSON.Member("password.initial", .string($0))] } ?? []) + more
        return [
            "tenants": [
                [
                    "code": "acme", "name": "Acme", "issuer": "https://sso.acme.example",
                    "settings": .object(settings), "users": .array(people.map { ["username": .string($0)] }),
                ]
            ]
        ]
    }

    private static func set(_ word: String, _ installation: TestInstallation) async throws -> [String] {
        let draft = TenantDraft(code: "acme", settings: ["password.initial": word])
        return try await installation.administration.changeTenant(draft, now: now).fields
    }

    private static var now: Date { TestInstallation.now }

    @Test("nobody has one unless the tenant wants it")
    func none() async throws {
        try await TestInstallation.peopled { installation in
            let wang = UserDraft(username: "wang")
            _ = try await installation.administration.addUser(wang, to: "acme", now: now)
            #expect(try await installation.credential("wang") == nil)
        }
    }

    @Test(
        "members added from now on have it and must change it; those that were there do not", .tags(.security),
        arguments: Backend.available)
    func laterMembers(_ backend: Backend) async throws {
        try await TestInstallation.peopled(on: backend) { installation in
            #expect(try await Self.set(Self.text, installation) == ["settings.password.initial"])
            let administration = installation.administration
            _ = try await administration.addUser(UserDraft(username: "wang"), to: "acme", now: now + 5)
            let own = UserDraft(username: "chen", credential: .hash(UserAdministrationTests.foreignHash))
            _ = try await administration.addUser(own, to: "acme", now: now + 5)
            let given = try #require(try await installation.credential("wang"))
            #expect(Argon2id.verify(password: Password(Self.text).bytes, phc: given.hash ?? ""))
            #expect(
                given == Credential(hash: given.hash, version: 1, changedAt: now + 5, mustChangeSince: now + 5))
            #expect(try await installation.credential("lin.mei") == nil)
            #expect(try await installation.credential("chen")?.hash == UserAdministrationTests.foreignHash)
            #expect(try await installation.events().contains { $0.hasPrefix("password.set") && $0.contains("initial") })
        }
    }

    @Test("somebody who was there is changed by a document without being given it", .tags(.security))
    func changedMembers() async throws {
        try await TestInstallation.empty { installation in
            try await installation.apply(Self.document(nil, ["wang"]))
            try await installation.apply(Self.document(Self.text, ["wang", "chen"]))
            let person: JSON = ["username": "wang", "name": "王"]
            let renamed = try await installation.apply([
                "tenants": [["code": "acme", "users": [person]]]
            ])
            #expect(renamed.lines.last?.fields == ["name"])
            #expect(try await installation.credential("wang") == nil)
            #expect(try await installation.credential("chen") != nil)
        }
    }

    @Test("the same document again changes nothing, and another word changes it", .tags(.security))
    func again() async throws {
        try await TestInstallation.empty { installation in
            try await installation.apply(Self.document(Self.text, ["wang"]))
            let (stored, events) = (try await installation.tenant()?.settings, try await installation.events())
            let again = try await installation.apply(Self.document(Self.text, ["wang"]))
            #expect(again.isUnchanged)
            #expect(try await installation.tenant()?.settings == stored)
            #expect(try await installation.events() == events)
            let other = try await installation.apply(Self.document("Other-Harbour-43", ["wang"]))
            #expect(other.lines.first?.fields == ["settings.password.initial"])
            // Who has one keeps it.
            let hash = try await installation.credential("wang")?.hash ?? ""
            #expect(Argon2id.verify(password: Password(Self.text).bytes, phc: hash))
        }
    }

    @Test("default removes it", .tags(.security))
    func removed() async throws {
        try await TestInstallation.peopled { installation in
            _ = try await Self.set(Self.text, installation)
            #expect(try await Self.set("default", installation) == ["settings.password.initial"])
            #expect(try await installation.tenant()?.settings == [:])
            _ = try await installation.administration.addUser(UserDraft(username: "wang"), to: "acme", now: now)
            #expect(try await installation.credential("wang") == nil)
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var word: String
        var settings: [String: String] = [:]
        var testDescription: String { "\(word) \(settings)" }
    }

    @Test(
        "is held to the rules of the tenant, as they will be", .tags(.security),
        arguments: [
            Refusal(word: "short-1"), Refusal(word: "alllowercaseletters"), Refusal(word: "Correct-Horse-1"),
            Refusal(word: text, settings: ["password.minimumLength": "20"]),
            Refusal(word: text, settings: ["password.classes": "4", "password.minimumLength": "17"]),
            Refusal(word: text, settings: ["password.maximumLength": "10"]),
        ])
    func rules(_ refusal: Refusal) async throws {
        try await TestInstallation.peopled { installation in
            let settings = refusal.settings.merging(["password.initial": refusal.word]) { $1 }
            let draft = TenantDraft(code: "acme", settings: settings)
            let error = await #expect(throws: AdministrationError.self) {
                try await installation.administration.changeTenant(draft, now: now)
            }
            #expect(error?.field == "settings.password.initial")
            #expect(error?.description.contains(refusal.word) == false)
            let other = TenantDraft(
                code: "other", name: "Other", issuer: "https://sso.other.example", settings: settings)
            await #expect(throws: AdministrationError.self) {
                try await installation.administration.createTenant(other, now: now)
            }
            let document = Self.document(
                refusal.word, [],
                refusal.settings.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) })
            await #expect(throws: DocumentRefusal.self) { try await installation.apply(document) }
            let stored = try await installation.tenant()?.settings
            #expect(stored == [:])
        }
    }

    @Test("a tenant that loosens its rules with it may have it")
    func looserRules() async throws {
        try await TestInstallation.peopled { installation in
            let draft = TenantDraft(
                code: "acme",
                settings: ["password.initial": "harbour", "password.minimumLength": "6", "password.classes": "1"])
            let fields = try await installation.administration.changeTenant(draft, now: now).fields
            #expect(fields.contains("settings.password.initial"))
        }
    }

    @Test("is no setting of the installation: it would be nobody's secret", .tags(.security))
    func installation() {
        #expect(throws: SettingRefusal.self) { try Settings(["password.initial": Self.text]) }
    }

    @Test("leads to an own password at the first sign-in, and cannot be kept", .tags(.security))
    func firstSignIn() async throws {
        try await TestServer.run { server in
            let administration = server.administration()
            let draft = TenantDraft(code: "acme", settings: ["password.initial": Self.text])
            _ = try await administration.changeTenant(draft, now: server.clock.now)
            server.clock.advance(by: 10)
            _ = try await administration.addUser(UserDraft(username: "wang"), to: "acme", now: server.clock.now)
            let browser = server.browser()
            let page = try await browser.signIn("wang", Self.text)
            #expect(page.reply.text.contains("Your current password was set by an administrator."))
            #expect(try await !browser.isSignedIn())
            let same = try await browser.setPassword(Self.text, on: page)
            #expect(violatedRules(on: same.reply) == ["notRecent"])
            _ = try await browser.setPassword("Better-Horse-8", on: page)
            #expect(try await browser.isSignedIn())
            #expect(try await server.browser().signIn("wang", Self.text).reply.status == 422)
            // Nobody who was there before got in by it.
            for name in ["bob", "erin", "alice"] {
                #expect(try await server.browser().signIn(name, Self.text).reply.status == 422)
            }
        }
    }

    @Test("is stored as a sealed hash: neither the word nor the hash can be read in the file", .tags(.security))
    func sealed() async throws {
        try await Backend.sqliteFile.withPlace { place in
            let database = try await place.open()
            let log = try await TestServer.run(over: database) { server in
                try await Samples.store(in: server.database)
                let draft = TenantDraft(code: "acme", settings: ["password.initial": Self.text])
                let (tenant, _) = try await server.administration().changeTenant(draft, now: server.clock.now)
                let stored = try #require(tenant.settings["password.initial"])
                #expect(!stored.contains("$argon2id$") && !stored.contains(Self.text))
                let told = try await server.events().filter { $0.contains("password.initial") }
                #expect(told.count == 1)
                #expect(told.allSatisfy { !$0.contains(stored) && !$0.contains(Self.text) })
                server.clock.advance(by: 10)
                _ = try await server.browser().visit("/")
                return server.log.lines
            }
            await database.close()
            let files = ["", "-wal"].compactMap { try? Data(contentsOf: URL(filePath: place.path + $0)) }
            let bytes = files.flatMap(Array.init)
            #expect(bytes.count > 100_000 && !bytes.holds(Self.text))
            #expect(log.allSatisfy { !$0.contains(Self.text) })
        }
    }
}
