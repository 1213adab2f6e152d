import Directory
import Dispatch
import FoundationEssentials
import Identity
import OAuth2
import Storage
import Synchronization
import TestSupport
import Testing

@Suite("What is swept, and in what portions", .timeLimit(.minutes(2)))
struct ExpiryTests {
    static let retention = Expiry.Retention(signInLogKeptFor: 1, sessionLifetime: 1)

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

    @Test("no step of the sweep looks through a whole table", arguments: Expiry.Kind.allCases)
    func plans(kind: Expiry.Kind) async throws {
        let statement = try #require(Expiry.statement(for: kind, keeping: Self.retention, rows: 9, now: now))
        try await Backend.sqliteMemory.withSamples { database in
            for statement in [statement, Expiry.statement(forGrant: "g")] {
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
