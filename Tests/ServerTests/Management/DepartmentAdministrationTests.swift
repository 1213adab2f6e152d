import Directory
import FoundationEssentials
import Server
import Storage
import TestSupport
import Testing
import Wire

@Suite("Departments and invitations of a tenant, administered", .timeLimit(.minutes(10)))
struct DepartmentAdministrationTests {
    static let now = TestInstallation.now

    private func codes(_ installation: TestInstallation, in tenant: String = "acme") async throws -> [String] {
        try await installation.administration.departments(of: tenant).map {
            "\($0.department.code) \($0.parent ?? "-") \($0.department.invites ? "on" : "off") \($0.memberCount)"
        }
    }

    @Test("are added, moved, filled and removed, each step audited", arguments: Backend.journeys)
    func life(backend: Backend) async throws {
        try await TestInstallation.peopled(on: backend) { installation in
            let administration = installation.administration
            _ = try await administration.addDepartment(.init(code: "hq", name: "总部"), to: "acme", now: Self.now)
            _ = try await administration.addDepartment(
                .init(code: "rd", parent: .below("hq"), invites: true), to: "acme", now: Self.now)
            let user = UserDraft(username: "lin.mei", departments: ["rd", "hq", "rd"])
            #expect(try await administration.changeUser(user, of: "acme", now: Self.now) == ["departments"])
            #expect(try await administration.changeUser(user, of: "acme", now: Self.now) == [])
            #expect(try await administration.user("lin.mei", of: "acme").departments == ["rd", "hq"])
            #expect(try await codes(installation) == ["hq - off 1", "rd hq on 1"])
            let moved = DepartmentDraft(code: "rd", name: "研发", parent: .top, invites: false)
            #expect(
                try await administration.changeDepartment(moved, of: "acme", now: Self.now) == [
                    "name", "parent", "invites",
                ])
            _ = try await administration.changeUser(
                .init(username: "lin.mei", departments: []), of: "acme", now: Self.now)
            try await administration.removeDepartment("rd", of: "acme", now: Self.now)
            #expect(try await codes(installation) == ["hq - off 0"])
            let events = try await installation.events().filter {
                $0.hasPrefix("department.") || $0.contains("departments")
            }
            #expect(
                Set(events) == [
                    #"department.added {"department":"hq","name":"总部"}"#,
                    #"department.added {"department":"rd","name":"rd"}"#,
                    #"department.changed {"department":"rd","changes":[{"field":"invites","before":"off","after":"on"}]}"#,
                    #"user.changed {"changes":[{"field":"departments","before":"","after":"rd, hq"}]}"#,
                    """
                    department.changed {"department":"rd","changes":[{"field":"name","before":"rd","after":"研发"},\
                    {"field":"parent","before":"hq","after":null},{"field":"invites","before":"on","after":"off"}]}
                    """,
                    #"user.changed {"changes":[{"field":"departments","before":"rd, hq","after":""}]}"#,
                    #"department.removed {"department":"rd"}"#,
                ])
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var field: String
        var act: @Sendable (Administration) async throws -> Void
    }

    static let refusals = [
        Refusal(testDescription: "a code that is there", field: "department") {
            _ = try await $0.addDepartment(.init(code: "hq"), to: "acme", now: now)
        },
        Refusal(testDescription: "a code with capitals", field: "department") {
            _ = try await $0.addDepartment(.init(code: "HQ2"), to: "acme", now: now)
        },
        Refusal(testDescription: "a name of two lines", field: "name") {
            _ = try await $0.addDepartment(.init(code: "x", name: "a\nb"), to: "acme", now: now)
        },
        Refusal(testDescription: "below nothing", field: "parent") {
            _ = try await $0.addDepartment(.init(code: "x", parent: .below("y")), to: "acme", now: now)
        },
        Refusal(testDescription: "below itself", field: "parent") {
            _ = try await $0.changeDepartment(.init(code: "hq", parent: .below("rd")), of: "acme", now: now)
        },
        Refusal(testDescription: "removed with others below", field: "department") {
            try await $0.removeDepartment("hq", of: "acme", now: now)
        },
        Refusal(testDescription: "removed with members", field: "department") {
            try await $0.removeDepartment("rd", of: "acme", now: now)
        },
        Refusal(testDescription: "another tenant's", field: "department") {
            _ = try await $0.changeUser(.init(username: "lin.mei", departments: ["hq"]), of: "globex", now: now)
        },
        Refusal(testDescription: "an invitation into one that is off", field: "department") {
            _ = try await $0.invite(.init(department: "hq"), to: "acme", now: now)
        },
        Refusal(testDescription: "an invitation for nobody", field: "useLimit") {
            _ = try await $0.invite(.init(department: "rd", useLimit: 0), to: "acme", now: now)
        },
        Refusal(testDescription: "an invitation for two years", field: "lifetime") {
            _ = try await $0.invite(.init(department: "rd", lifetime: 63_072_000), to: "acme", now: now)
        },
        Refusal(testDescription: "revoking what is not there", field: "invitation") {
            _ = try await $0.revokeInvitation("x", of: "acme", now: now)
        },
        Refusal(testDescription: "accepting what is not there", field: "request") {
            _ = try await $0.acceptRequest("x", of: "acme", now: now)
        },
        Refusal(testDescription: "declining what is not there", field: "request") {
            try await $0.declineRequest("x", of: "acme", now: now)
        },
    ]

    @Test("what cannot be is refused by the name of its field, and nothing is written", arguments: refusals)
    func refuses(_ refusal: Refusal) async throws {
        try await TestInstallation.peopled(["acme", "globex"]) { installation in
            let administration = installation.administration
            _ = try await administration.addDepartment(.init(code: "hq"), to: "acme", now: Self.now)
            _ = try await administration.addDepartment(
                .init(code: "rd", parent: .below("hq"), invites: true), to: "acme", now: Self.now)
            _ = try await administration.changeUser(
                .init(username: "lin.mei", departments: ["rd"]), of: "acme", now: Self.now)
            let before = try await installation.events()
            let error = await #expect(throws: AdministrationError.self) { try await refusal.act(administration) }
            #expect(error?.field == refusal.field)
            #expect(try await installation.events() == before)
        }
    }

    @Test("an invitation lasts as long as the tenant's setting says, unless somebody says otherwise")
    func lifetime() async throws {
        try await TestInstallation.peopled { installation in
            let administration = installation.administration
            _ = try await administration.addDepartment(.init(code: "rd", invites: true), to: "acme", now: Self.now)
            let spans = try await [nil, 60].asyncMap { span in
                try await administration.invite(
                    .init(department: "rd", lifetime: span), to: "acme", now: Self.now
                ).invitation.expiresAt.timeIntervalSince(Self.now)
            }
            #expect(spans == [7 * 86_400, 60])
            let issued = try await administration.invite(.init(department: "rd"), to: "acme", now: Self.now)
            #expect(issued.link == "https://sso.acme.example/join?code=\(issued.code.text)")
            #expect("\(issued)" == "•••")
            let states = try await administration.invitations(of: "acme", now: Self.now + 60).map(\.state)
            #expect(Set(states) == [.open, .expired])
        }
    }

    @Test("apply files make departments and put people into them, and again without effect")
    func apply() async throws {
        try await TestInstallation.peopled { installation in
            let document = try ApplyDocument(
                document([
                    "tenants": [
                        [
                            "code": "acme",
                            "departments": [
                                ["code": "hq", "name": "总部"], ["code": "rd", "parent": "hq", "invites": true],
                            ],
                            "users": [["username": "lin.mei", "departments": ["rd", "hq"]]],
                        ]
                    ]
                ]))
            let first = try await installation.administration.apply(document, relativeTo: "/", now: Self.now)
            #expect(first.lines.map(\.outcome) == [.unchanged, .created, .created, .changed])
            #expect(try await codes(installation) == ["hq - off 1", "rd hq on 1"])
            let second = try await installation.administration.apply(document, relativeTo: "/", now: Self.now)
            #expect(second.isUnchanged)
        }
    }
}

extension Array {
    fileprivate func asyncMap<T>(_ body: (Element) async throws -> T) async throws -> [T] {
        var all: [T] = []
        for element in self { all.append(try await body(element)) }
        return all
    }
}
