import Cryptography
import Directory
import Foundation
import Identity
import Server
import Storage
import TestSupport
import Testing
import Wire

@Suite("Management: users")
struct UserAdministrationTests {
    let now = TestInstallation.now

    /// A hash as another system would hand it over: 16 MiB, 3 passes.
    static let foreignHash =
        "$argon2id$v=19$m=16384,t=3,p=1$c29tZXNhbHRzb21lc2FsdA$QnVuY2ggb2YgYnl0ZXMgb2YgMzIgb2N0ZXRzLi4uLi4"

    @Test("a user without a password has no credential at all: only an SMS code lets them in")
    func withoutPassword() async throws {
        try await TestInstallation.peopled { installation in
            let (credential, user) = (try await installation.credential(), try await installation.user())
            #expect(credential == nil)
            #expect(user.status == .pending)
        }
    }

    @Test("an initial password must be changed", .tags(.security), arguments: Backend.available)
    func initialPassword(_ backend: Backend) async throws {
        try await TestInstallation.peopled(on: backend) { installation in
            let draft = UserDraft(username: "wang", credential: .password("Quiet-Harbour-42"))
            _ = try await installation.administration.addUser(draft, to: "acme", now: now)
            let credential = try #require(try await installation.credential("wang"))
            #expect(credential.mustChangeSince == now)
            #expect(Argon2id.verify(password: Password("Quiet-Harbour-42").bytes, phc: credential.hash ?? ""))
        }
    }

    @Test("a hash that is brought along stays as it is and need not be changed")
    func importedHash() async throws {
        try await TestInstallation.peopled { installation in
            let draft = UserDraft(username: "wang", credential: .hash(Self.foreignHash))
            _ = try await installation.administration.addUser(draft, to: "acme", now: now)
            let expected = Credential(hash: Self.foreignHash, version: 1, changedAt: now)
            #expect(try await installation.credential("wang") == expected)
        }
    }

    @Test(
        "refuses a password hash that could never be verified, or that costs too much", .tags(.security),
        arguments: [
            "$2b$12$abcdefghijklmnopqrstuuAbCdEfGhIjKlMnOpQrStUvWxYz012345",
            "$argon2i$v=19$m=16384,t=3,p=1$c29tZXNhbHRzb21lc2FsdA$QnVuY2ggb2YgYnl0ZXMgb2YgMzIgb2N0ZXRzLi4uLi4",
            "$argon2id$v=19$m=4194304,t=3,p=1$c29tZXNhbHRzb21lc2FsdA$QnVuY2ggb2YgYnl0ZXMgb2YgMzIgb2N0ZXRzLi4uLi4",
            "$argon2id$v=19$m=16384,t=1000,p=1$c29tZXNhbHRzb21lc2FsdA$QnVuY2ggb2YgYnl0ZXMgb2YgMzIgb2N0ZXRzLi4uLi4",
            "Quiet-Harbour-42", "",
        ])
    func refusesHash(_ hash: String) async throws {
        try await TestInstallation.peopled { installation in
            let draft = UserDraft(username: "wang", credential: .hash(hash))
            let error = await #expect(throws: AdministrationError.self) {
                try await installation.administration.addUser(draft, to: "acme", now: now)
            }
            #expect(error?.field == "passwordHash")
            let users = try await installation.administration.users(of: "acme")
            #expect(users.map(\.user.username.text) == ["lin.mei"])
        }
    }

    @Test(
        "refuses an initial password that breaks the tenant's policy", .tags(.security),
        arguments: ["short-1", "alllowercaseletters", "Gnaw-1", "correct-horse-1"])
    func refusesPassword(_ password: String) async throws {
        try await TestInstallation.peopled { installation in
            let draft = UserDraft(username: "wang", credential: .password(password))
            let error = await #expect(throws: AdministrationError.self) {
                try await installation.administration.addUser(draft, to: "acme", now: now)
            }
            #expect(error?.field == "password")
            #expect(error?.description.contains(password) == false)
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var draft: UserDraft
        var field: String
    }

    @Test(
        "refuses, repeats nothing of the person, and writes nothing", .tags(.security),
        arguments: [
            Refusal(testDescription: "a taken username", draft: UserDraft(username: "LIN.MEI"), field: "username"),
            Refusal(testDescription: "a bad username", draft: UserDraft(username: "a@b"), field: "username"),
            Refusal(
                testDescription: "a taken phone number", draft: UserDraft(username: "wang", phone: "+86 138-0013-8000"),
                field: "phone"),
            Refusal(
                testDescription: "no phone number", draft: UserDraft(username: "wang", phone: "12345"), field: "phone"),
            Refusal(
                testDescription: "a taken e-mail address",
                draft: UserDraft(username: "wang", email: "Lin.Mei@acme.example"), field: "email"),
            Refusal(
                testDescription: "a username that is somebody else's phone number",
                draft: UserDraft(username: "13800138000"), field: "username"),
            Refusal(
                testDescription: "a name with a line break", draft: UserDraft(username: "wang", name: "a\nb"),
                field: "name"),
            Refusal(
                testDescription: "an unknown group", draft: UserDraft(username: "wang", groups: ["salse"]),
                field: "groups"),
        ])
    func refuses(_ refusal: Refusal) async throws {
        try await TestInstallation.peopled { installation in
            let before = try await installation.events()
            let error = await #expect(throws: AdministrationError.self) {
                try await installation.administration.addUser(refusal.draft, to: "acme", now: now)
            }
            #expect(error?.field == refusal.field)
            #expect(error?.description.contains("138") == false)
            #expect(try await installation.administration.users(of: "acme").count == 1)
            #expect(try await installation.events() == before)
        }
    }

    @Test(
        "disabling ends every session and grant at once, also those that outlive a session", .tags(.security),
        arguments: Backend.available)
    func disabling(_ backend: Backend) async throws {
        try await TestInstallation.peopled(on: backend) { installation in
            let ids = try await installation.signIn()
            #expect(try await installation.holds(ids) == (true, true))
            #expect(try await installation.administration.disableUser("lin.mei", of: "acme", now: now + 5))
            #expect(try await installation.holds(ids) == (false, false))
            #expect(try await installation.user().disabledAt == now + 5)
            let events = try await installation.events()
            #expect(events.contains { $0.hasPrefix("session.ended") && $0.contains("user_disabled") })
            #expect(events.contains { $0.hasPrefix("user.disabled") })
        }
    }

    @Test("enabling again brings no session and no grant back", .tags(.security))
    func enabling() async throws {
        try await TestInstallation.peopled { installation in
            let ids = try await installation.signIn()
            _ = try await installation.administration.disableUser("lin.mei", of: "acme", now: now)
            #expect(try await installation.administration.enableUser("lin.mei", of: "acme", now: now))
            #expect(try await installation.user().isEnabled)
            #expect(try await installation.holds(ids) == (false, false))
            #expect(try await installation.administration.enableUser("lin.mei", of: "acme", now: now) == false)
        }
    }

    @Test("disabling a user leaves the namesake of another tenant alone", .tags(.security))
    func otherTenant() async throws {
        try await TestInstallation.peopled(["acme", "other"]) { installation in
            let ids = try await installation.signIn("lin.mei", in: "other")
            _ = try await installation.administration.disableUser("lin.mei", of: "acme", now: now)
            #expect(try await installation.user("lin.mei", in: "other").isEnabled)
            #expect(try await installation.holds(ids, in: "other") == (true, true))
        }
    }

    @Test("a profile that was read before does not bring a disabled user back", .tags(.security))
    func staleProfile() async throws {
        try await TestInstallation.peopled { installation in
            let stale = try await installation.user()
            _ = try await installation.administration.disableUser("lin.mei", of: "acme", now: now)
            try await installation.database.write { [keys = installation.keys] db in
                try db.users(keys.sealing).update(stale)
            }
            #expect(try await installation.user().isEnabled == false)
        }
    }

    @Test("the audit log says who acted, and nothing personal", .tags(.security))
    func audit() async throws {
        try await TestInstallation.peopled { installation in
            let entries = try await installation.administration.auditLog(of: "acme", matching: LogQuery()).entries
            #expect(entries.count >= 4)
            #expect(entries.allSatisfy { $0.event.actorKind == "operator" && $0.event.actorName == "root" })
            for personal in ["13800138000", "lin.mei@", "林梅"] {
                #expect(entries.allSatisfy { !$0.event.detail.text.contains(personal) && $0.event.person == nil })
            }
        }
    }

    @Test("drafts print as •••", .tags(.security))
    func concealed() {
        let draft = UserDraft(username: "wang", phone: "13800138000", credential: .password("Quiet-Harbour-42"))
        #expect("\(draft) \(String(reflecting: draft))" == "••• •••")
        #expect("\(InitialCredential.password("Quiet-Harbour-42"))" == "•••")
    }
}
