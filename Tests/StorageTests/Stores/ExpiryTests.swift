import Directory
import Dispatch
import FoundationEssentials
import Identity
import OAuth2
import Storage
import Synchronization
import TestSupport
import Testing

@Suite("What is swept, and in what portions", .timeLimit(.minutes(10)))
struct ExpiryTests {
    static let retention = Expiry.Retention(signInLogs: [Samples.acme.id: 1], sessionLifetime: 1)

    private static func fill(_ count: Int, in database: any Database) async throws {
        try await database.write { db in
            for number in 0..<count {
                _ = try db.throttles.locked("\(number)", now: now - 10)
                let request = Interaction.Request(resume: "/", requirement: .any)
                try db.interactions.insert(
                    Interaction(
                        id: "\(number)", tenantID: Samples.acme.id, browserHash: "b", request: request, lifetime: 1,
                        now: now - 10))
            }
        }
    }

    /// Rows left of throttles and interactions.
    private static func left(in database: any Database) async throws -> [Int?] {
        try await database.read { db in
            try ["SELECT COUNT(*) FROM throttles", "SELECT COUNT(*) FROM interactions"].map { sql in
                try db.row(sql) { row in try row.next(Int.self) }
            }
        }
    }

    @Test("a sweep goes on until nothing is left, a few rows at a time", arguments: Backend.available)
    func portions(backend: Backend) async throws {
        try await backend.withSamples { database in
            try await Self.fill(7, in: database)
            let log = PortionLog()
            try await database.sweep(keeping: Self.retention, rows: 3, now: now) { db in
                log.note(try db.row("SELECT COUNT(*) FROM throttles") { row in try row.next(Int.self) })
                return true
            }
            #expect(try await Self.left(in: database) == [0, 0])
            #expect(log.counts.prefix(4) == [7, 4, 1, 0])
        }
    }

    @Test(
        "a kind of which there is too much is left for the next time, and the others have their turn",
        arguments: Backend.available)
    func bound(backend: Backend) async throws {
        try await backend.withSamples { database in
            try await Self.fill(7, in: database)
            try await database.sweep(keeping: Self.retention, rows: 2, batches: 3, now: now)
            #expect(try await Self.left(in: database) == [1, 1])
        }
    }

    @Test("a node that loses its lease stops, and so does one that is shut down", arguments: Backend.available)
    func stops(backend: Backend) async throws {
        try await backend.withSamples { database in
            try await Self.fill(7, in: database)
            let log = PortionLog()
            try await database.sweep(keeping: Self.retention, rows: 2, now: now) { _ in log.note(nil) < 2 }
            #expect(try await Self.left(in: database) == [3, 7])
            let sweeping = Task {
                while !Task.isCancelled { await Task.yield() }
                try await database.sweep(keeping: Self.retention, now: now)
            }
            sweeping.cancel()
            try await sweeping.value
            #expect(try await Self.left(in: database) == [3, 7])
        }
    }

    @Test("a row that is prolonged while the sweep waits for it stays", .tags(.security), arguments: Backend.available)
    func prolonged(backend: Backend) async throws {
        try await backend.withDatabases(2) { databases in
            try await databases[0].migrate(now: now)
            try await databases[0].write { db in _ = try db.throttles.locked("0", now: now - 10) }
            let isHeld = DispatchSemaphore(value: 0)
            async let prolonging: Void = databases[0].write { db in
                _ = try db.throttles.locked("0", now: now)
                let frozen = Throttle(key: "0", failures: 5, windowStartedAt: now, frozenUntil: now + 900)
                try db.throttles.put(frozen, expiresAt: now + 900)
                isHeld.signal()
                usleepMilliseconds(500)
            }
            await wait(for: isHeld)
            try await databases[1].sweep(keeping: Self.retention, now: now)
            try await prolonging
            #expect(try await databases[0].read { db in try db.throttles.peek("0")?.frozenUntil } == now + 900)
        }
    }

    @Test("a grant goes with the last that points to it, not before", .tags(.security), arguments: Backend.available)
    func grants(backend: Backend) async throws {
        try await backend.withSamples { database in
            let day: TimeInterval = 86_400
            try await database.write { db in
                for (id, end) in [("over", now - day), ("refreshable", now + 1), ("endless", nil)] as [(String, Date?)]
                {
                    try db.grants.insert(OAuthStoreTests.grant(id))
                    try db.authorizationCodes.insert(
                        .init(
                            hash: id, grantID: id, clientID: "notes", redirectURI: "x", codeChallenge: nil,
                            expiresAt: now - day))
                    try db.refreshTokens.insert(
                        .init(hash: id, grantID: id, clientID: "notes", createdAt: now - 2 * day, expiresAt: end))
                }
            }
            try await database.sweep(keeping: Self.retention, rows: 1, now: now)
            let left = try await database.read { db in
                try db.rows("SELECT id FROM grants ORDER BY id") { row in try row.next(String.self) }
            }
            #expect(left == ["endless", "refreshable"])
        }
    }

    /// Sign-ins of Acme, Globex and Local, each at these ages, and one old event of the audit log each.
    private static func log(_ ages: [TimeInterval], in database: any Database) async throws {
        try await database.write { db in
            for tenant in [Samples.acme, Samples.globex, Samples.local] {
                for age in ages {
                    try db.events.insert(
                        event("\(tenant.code) \(Int(age))", .signIn(.codeSent(userID: "u")), tenant, age))
                }
                let audit = Event.application(.disabled(applicationID: "a"))
                try db.events.insert(event("\(tenant.code) audit", audit, tenant, 1_000_000))
            }
        }
    }

    private static func event(_ id: String, _ event: Event, _ tenant: Tenant, _ age: TimeInterval) -> EventRecord {
        EventRecord(
            id: id, tenantID: tenant.id, actor: .system, address: nil, requestID: nil, event: event, now: now - age)
    }

    private static func events(in database: any Database) async throws -> [String] {
        try await database.read { db in try db.rows("SELECT id FROM events ORDER BY id") { try $0.next() } }
    }

    @Test(
        "each tenant's sign-in log is kept as long as the tenant says, or for ever; the audit log is not swept",
        .tags(.security), arguments: Backend.available)
    func logsByTenant(backend: Backend) async throws {
        try await backend.withSamples { database in
            try await Self.log([59, 60, 1_000], in: database)
            let retention = Expiry.Retention(
                signInLogs: [Samples.acme.id: 60, Samples.globex.id: 900], sessionLifetime: nil)
            try await database.sweep(keeping: retention, now: now)
            #expect(
                try await Self.events(in: database) == [
                    "acme 59", "acme audit", "globex 59", "globex 60", "globex audit", "local 1000", "local 59",
                    "local 60", "local audit",
                ])
        }
    }

    @Test("the logs of several spans share one portion", arguments: Backend.available)
    func logPortions(backend: Backend) async throws {
        try await backend.withSamples { database in
            try await Self.log([100, 101, 102], in: database)
            let retention = Expiry.Retention(
                signInLogs: [Samples.acme.id: 60, Samples.globex.id: 60, Samples.local.id: 61], sessionLifetime: nil)
            var left: [Int] = []
            for _ in 1...3 {
                try await database.sweep(keeping: retention, rows: 4, batches: 1, now: now)
                left.append(try await Self.events(in: database).count)
            }
            #expect(left == [8, 4, 3])
        }
    }

    private static func statements(_ kind: Expiry.Kind) throws -> [SQL] {
        if kind == .signInLog {
            return retention.signInLogs.map { Expiry.statement(forLogs: $0, rows: 9, now: now) }
        }
        return [try #require(Expiry.statement(for: kind, keeping: retention, rows: 9, now: now))]
    }

    @Test("no step of the sweep looks through a whole table", arguments: Expiry.Kind.allCases)
    func plans(kind: Expiry.Kind) async throws {
        let statements = try Self.statements(kind)
        try await Backend.sqliteMemory.withSamples { database in
            for statement in statements + [Expiry.statement(forGrant: "g")] {
                var sql: SQL = "EXPLAIN QUERY PLAN "
                sql.append(statement)
                let plan = try await database.read { [sql] db in
                    try db.rows(sql) { row in
                        for _ in 0..<3 { _ = try row.next(Int.self) }
                        return try row.next(String.self)
                    }
                }
                #expect(plan.allSatisfy { $0.hasPrefix("SEARCH") || $0.contains("SUBQUERY") }, "\(plan)")
            }
        }
    }
}

/// What was seen at the beginning of each portion.
private final class PortionLog: Sendable {
    private let seen = Mutex<[Int?]>([])

    var counts: [Int?] { seen.withLock { $0 } }

    /// - Returns: How many were noted before.
    @discardableResult
    func note(_ count: Int?) -> Int {
        seen.withLock { seen in
            seen.append(count)
            return seen.count - 1
        }
    }
}
