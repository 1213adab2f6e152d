import Directory
import Foundation
import Server
import Storage
import TestSupport
import Testing
import Wire

@Suite("Management: roles are given and taken")
struct RoleAdministrationTests {
    let now = TestInstallation.now

    private func change(_ roles: [String]?, _ installation: TestInstallation, in code: String = "acme") async throws
        -> [String]
    {
        try await installation.administration.changeUser(
            UserDraft(username: "lin.mei", roles: roles), of: code, now: now + 5)
    }

    private func roles(_ installation: TestInstallation, in code: String = "acme") async throws -> [String] {
        try await installation.administration.user("lin.mei", of: code).roles
    }

    @Test("the audit log tells before and after; what is so already is no change", arguments: Backend.available)
    func audited(backend: Backend) async throws {
        try await TestInstallation.peopled(["acme", "other"], on: backend) { installation async throws in
            let first = try await installation.events().count
            #expect(try await change(["administrator"], installation) == ["roles"])
            #expect(try await change(["administrator", "administrator"], installation) == [])
            #expect(try await change(nil, installation) == [])
            #expect(try await roles(installation) == ["administrator"])
            #expect(try await roles(installation, in: "other") == [])
            #expect(try await change([], installation) == ["roles"])
            #expect(try await change([], installation) == [])
            #expect(try await roles(installation) == [])
            #expect(
                try await Set(installation.events().dropFirst(first)) == [
                    #"user.changed {"changes":[{"field":"roles","before":"","after":"administrator"}]}"#,
                    #"user.changed {"changes":[{"field":"roles","before":"administrator","after":""}]}"#,
                ])
        }
    }

    @Test("a new user may have one from the start", arguments: Backend.available)
    func added(backend: Backend) async throws {
        try await TestInstallation.peopled(on: backend) { installation async throws in
            let draft = UserDraft(username: "wang", roles: ["administrator"])
            _ = try await installation.administration.addUser(draft, to: "acme", now: now)
            #expect(try await installation.administration.user("wang", of: "acme").roles == ["administrator"])
            #expect(
                try await installation.administration.users(of: "acme").map(\.roles) == [[], ["administrator"]])
            #expect(try await installation.events().contains { $0.contains(#""after":"administrator""#) })
        }
    }

    @Test("what is no role is refused by its place, and nothing else of the draft is done", .tags(.security))
    func unknown() async throws {
        try await TestInstallation.peopled { installation async throws in
            let (before, events) = (try await installation.user(), try await installation.events())
            for name in ["", "Administrator", "admin", "root"] {
                let error = await #expect(throws: AdministrationError.self) {
                    try await installation.administration.changeUser(
                        UserDraft(username: "lin.mei", name: "林", roles: ["administrator", name]), of: "acme", now: now)
                }
                #expect(error?.field == "roles[1]")
            }
            #expect(try await installation.user() == before)
            #expect(try await roles(installation) == [])
            #expect(try await installation.events() == events)
        }
    }

    @Test("an apply file gives and takes them; one that says nothing leaves them", arguments: Backend.available)
    func applied(backend: Backend) async throws {
        try await TestInstallation.peopled(on: backend) { installation async throws in
            func apply(_ members: (String, JSON)...) async throws -> Bool {
                let user = JSON.object([.init("username", "lin.mei")] + members.map { .init($0.0, $0.1) })
                let document: JSON = [
                    "tenants": [
                        ["code": "acme", "name": "acme", "issuer": "https://sso.acme.example", "users": .array([user])]
                    ]
                ]
                return try await installation.apply(document).isUnchanged
            }
            #expect(try await !apply(("roles", ["administrator"])))
            #expect(try await apply(("roles", ["administrator"])))
            #expect(try await apply())
            #expect(try await roles(installation) == ["administrator"])
            await #expect(throws: DocumentRefusal.self) { try await apply(("roles", ["root"])) }
            #expect(try await !apply(("roles", [])))
            #expect(try await roles(installation) == [])
        }
    }

    @Test("a deleted user's successor by name has none", .tags(.security), arguments: Backend.available)
    func successor(backend: Backend) async throws {
        try await TestInstallation.peopled(on: backend) { installation async throws in
            _ = try await change(["administrator"], installation)
            try await installation.administration.deleteUser("lin.mei", of: "acme", now: now)
            _ = try await installation.administration.addUser(UserDraft(username: "lin.mei"), to: "acme", now: now)
            #expect(try await roles(installation) == [])
        }
    }
}
