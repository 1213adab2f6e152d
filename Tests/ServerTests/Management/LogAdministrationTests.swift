import Cryptography
import Directory
import Foundation
import Server
import Storage
import TestSupport
import Testing
import Wire

@Suite("Management: the logs")
struct LogAdministrationTests {
    let now = TestInstallation.now

    /// A failed and a successful sign-in of Lin Mei, and one of somebody unknown, in each tenant.
    private static func withLog(
        _ tenants: [String] = ["acme"], on backend: Backend = .sqliteMemory,
        _ body: (TestInstallation) async throws -> Void
    ) async throws {
        try await TestInstallation.peopled(tenants, on: backend) { installation in
            for code in tenants {
                let user = try await installation.user(in: code)
                let wiki = try await installation.administration.application("wiki", of: code).application
                try await installation.log(
                    .failed(userID: user.id, method: .password, reason: .wrongPassword), of: user, "1-\(code)", at: 1)
                try await installation.log(
                    .succeeded(userID: user.id, method: .sms, isFirst: false), of: user, "2-\(code)", at: 2)
                try await installation.log(
                    .failed(userID: nil, method: .password, reason: .unknownUser), of: nil, in: user.tenantID,
                    "3-\(code)", at: 3)
                try await installation.log(
                    .entered(userID: user.id, applicationID: wiki.id), of: user, "4-\(code)", at: 4)
            }
            try await body(installation)
        }
    }

    private static func query(_ change: (inout LogQuery) -> Void) -> LogQuery {
        var query = LogQuery()
        change(&query)
        return query
    }

    @Test("the sign-in log names people and applications, in its tenant only", arguments: Backend.available)
    func signIns(backend: Backend) async throws {
        try await Self.withLog(["acme", "globex"], on: backend) { installation in
            let page = try await installation.administration.signInLog(of: "acme", matching: LogQuery())
            #expect(page.entries.map(\.event.id) == ["4-acme", "3-acme", "2-acme", "1-acme"])
            #expect(page.entries.map(\.account) == ["lin.mei", nil, "lin.mei", "lin.mei"])
            #expect(page.entries.map(\.application) == ["wiki", nil, nil, nil])
            #expect(page.entries.map(\.actor) == ["lin.mei", nil, "lin.mei", "lin.mei"])
            let person = LoggedPerson(account: "lin.mei", name: "林梅", phone: "138****8000")
            #expect(page.entries.map(\.event.person) == [person, nil, person, person])
            #expect(page.next == nil)
        }
    }

    struct Question: Sendable, CustomTestStringConvertible {
        var query: LogQuery
        var finds: [String]
        var testDescription: String

        init(_ name: String, _ finds: [String], _ change: (inout LogQuery) -> Void) {
            testDescription = name
            self.finds = finds
            query = LogAdministrationTests.query(change)
        }
    }

    static let questions = [
        Question("username", ["4", "2", "1"]) { $0.user = "Lin.Mei" },
        Question("phone", ["4", "2", "1"]) { $0.user = "+86 138 0013 8000" },
        Question("e-mail", ["4", "2", "1"]) { $0.user = "lin.mei@acme.example" },
        Question("result", ["3", "1"]) { $0.events = ["sign_in.failed"] },
        Question("method", ["2"]) { $0.method = .sms },
        Question("application", ["4"]) { $0.application = "wiki" },
        Question("address, written otherwise", ["4", "3", "2", "1"]) { $0.address = "2001:DB8::1" },
        Question("device", []) { $0.device = "Chrome" },
        Question("time", ["3", "2"]) {
            $0.from = TestInstallation.now + 2
            $0.until = TestInstallation.now + 4
        },
    ]

    @Test("a reader asks by", arguments: questions)
    func asks(_ question: Question) async throws {
        try await Self.withLog { installation in
            let page = try await installation.administration.signInLog(of: "acme", matching: question.query)
            #expect(page.entries.map(\.event.id) == question.finds.map { "\($0)-acme" })
        }
    }

    @Test("somebody who is gone is found by their id, and named as they were", arguments: Backend.available)
    func gone(backend: Backend) async throws {
        try await Self.withLog(on: backend) { installation in
            let user = try await installation.user()
            try await installation.database.write { db in try db.execute("DELETE FROM users WHERE id = \(user.id)") }
            let query = Self.query { $0.user = user.id }
            let page = try await installation.administration.signInLog(of: "acme", matching: query)
            #expect(page.entries.map(\.account) == ["lin.mei", "lin.mei", "lin.mei"])
            let audit = try await installation.administration.auditLog(of: "acme", matching: query)
            #expect(audit.entries.map(\.event.name) == ["user.created"])
            #expect(audit.entries.map(\.account) == [nil])
            let byName = Self.query { $0.user = "lin.mei" }
            await #expect(throws: AdministrationError.self) {
                try await installation.administration.signInLog(of: "acme", matching: byName)
            }
        }
    }

    @Test("pages follow each other")
    func pages() async throws {
        try await Self.withLog { installation in
            var query = Self.query { $0.limit = 3 }
            let first = try await installation.administration.signInLog(of: "acme", matching: query)
            #expect(first.entries.map(\.event.id) == ["4-acme", "3-acme", "2-acme"])
            #expect(first.next == "1700000002.2-acme")
            query.after = first.next
            let second = try await installation.administration.signInLog(of: "acme", matching: query)
            #expect(second.entries.map(\.event.id) == ["1-acme"])
            #expect(second.next == nil)
        }
    }

    @Test("the audit log says who did what to whom, and has nothing of the sign-in log")
    func audit() async throws {
        try await Self.withLog { installation in
            let query = Self.query { $0.user = "lin.mei" }
            let page = try await installation.administration.auditLog(of: "acme", matching: query)
            #expect(page.entries.map(\.event.name) == ["user.created"])
            #expect(page.entries.map(\.account) == ["lin.mei"])
            #expect(page.entries.map(\.actor) == ["root"])
            #expect(page.entries.map(\.event.person) == [nil])
        }
    }

    @Test("what an administrator ends is in the sign-in log with the person", .tags(.security))
    func ended() async throws {
        try await TestInstallation.peopled { installation in
            _ = try await installation.signIn()
            _ = try await installation.administration.disableUser("lin.mei", of: "acme", now: now)
            let page = try await installation.administration.signInLog(of: "acme", matching: LogQuery())
            #expect(page.entries.map(\.event.name) == ["session.ended"])
            #expect(page.entries.map(\.event.person?.account) == ["lin.mei"])
            #expect(page.entries.map(\.actor) == ["root"])
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var tenant = "acme"
        var query: LogQuery
        var field: String?

        init(_ name: String, field: String?, tenant: String = "acme", _ change: (inout LogQuery) -> Void = { _ in }) {
            testDescription = name
            self.tenant = tenant
            self.field = field
            query = LogAdministrationTests.query(change)
        }
    }

    @Test(
        "refuses", .tags(.security),
        arguments: [
            Refusal("a tenant that is not there", field: "tenant", tenant: "none"),
            Refusal("a user whom nobody knows", field: "user") { $0.user = "nobody" },
            Refusal("an application that is not there", field: "slug") { $0.application = "none" },
            Refusal("an address that is none", field: "address") { $0.address = "203.0.113." },
            Refusal("an event of the other log", field: "event") { $0.events = ["user.created"] },
            Refusal("a place that is none", field: "after") { $0.after = "x" },
            Refusal("no event at all", field: "limit") { $0.limit = 0 },
            Refusal("too many events", field: "limit") { $0.limit = 1_001 },
        ])
    func refuses(_ refusal: Refusal) async throws {
        try await Self.withLog { installation in
            let error = await #expect(throws: AdministrationError.self) {
                try await installation.administration.signInLog(of: refusal.tenant, matching: refusal.query)
            }
            #expect(error?.field == refusal.field)
        }
    }

    @Test("another tenant's user and application are as good as none", .tags(.security))
    func foreign() async throws {
        try await Self.withLog(["acme", "globex"]) { installation in
            let user = try await installation.user(in: "globex")
            for text in [user.id, "lin.mei@globex.example"] {
                await #expect(throws: AdministrationError.self) {
                    try await installation.administration.signInLog(
                        of: "acme", matching: Self.query { $0.user = text })
                }
            }
        }
    }
}

extension TestInstallation {
    /// An event of the sign-in log, some seconds after the beginning.
    fileprivate func log(
        _ event: SignInEvent, of user: User?, in tenantID: String? = nil, _ id: String, at seconds: TimeInterval
    ) async throws {
        let actor = user.map { Actor.user($0.id) } ?? .anonymous
        let record = EventRecord(
            id: id, tenantID: user?.tenantID ?? tenantID ?? "", actor: actor, address: "2001:db8:0:0:0:0:0:1",
            requestID: "r", event: .signIn(event), now: Self.now + seconds)
        let key = keys.sealing
        try await database.write { db in try db.eventLog(key).insert(record, of: user.map(LoggedPerson.init)) }
    }
}
