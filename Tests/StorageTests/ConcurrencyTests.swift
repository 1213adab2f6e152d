import Storage
import TestSupport
import Testing

@Suite("Contract: many at once", .timeLimit(.minutes(10)))
struct ConcurrencyTests {
    @Test(
        "of sixty takers on six handles one gets the code", .tags(.security),
        arguments: Backend.available)
    func singleUse(backend: Backend) async throws {
        try await backend.withDatabases(6) { databases in
            try await databases[0].write { db in
                try db.define("CREATE TABLE codes (hash TEXT PRIMARY KEY, grant_id TEXT NOT NULL, used_at BIGINT)")
                try db.execute("INSERT INTO codes (hash, grant_id) VALUES (\("h"), \("g-7"))")
            }
            let taken = try await withThrowingTaskGroup(of: String?.self) { group in
                for number in 0..<60 {
                    group.addTask {
                        try await databases[number % 6].write { db in
                            try db.row(
                                """
                                UPDATE codes SET used_at = \(now) WHERE hash = \("h") AND used_at IS NULL
                                RETURNING grant_id
                                """
                            ) { row in try row.next(String.self) }
                        }
                    }
                }
                return try await group.compactMap { $0 }.reduce(into: []) { $0.append($1) }
            }
            #expect(taken == ["g-7"])
        }
    }

    @Test(
        "a counter that is locked by its upsert is exact", .tags(.security),
        arguments: Backend.available)
    func counters(backend: Backend) async throws {
        try await backend.withDatabases(3) { databases in
            try await databases[0].write { db in
                try db.define("CREATE TABLE counters (key TEXT PRIMARY KEY, failures BIGINT NOT NULL)")
            }
            let seen = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<50 {
                    group.addTask { try await databases[number % 3].write { db in try Self.count(db, "alice") } }
                }
                return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
            }
            #expect(seen == Set(1...50))
        }
    }

    /// Reads, decides in Swift and writes; the upsert before them holds the row for this transaction.
    private static func count(_ db: any Connection, _ key: String) throws -> Int {
        let failures = try db.row(
            """
            INSERT INTO counters (key, failures) VALUES (\(key), 0)
            ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING failures
            """
        ) { row in try row.next(Int.self) }
        let next = (failures ?? 0) + 1
        try db.execute("UPDATE counters SET failures = \(next) WHERE key = \(key)")
        return next
    }

    @Test("reads go on beside writes", arguments: Backend.available)
    func readsBesideWrites(backend: Backend) async throws {
        try await backend.withDatabase { database in
            try await database.write { db in try db.notes.create() }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<100 {
                    group.addTask { try await database.write { db in try db.notes.insert(Note("\(number)")) } }
                    group.addTask { _ = try await database.read { db in try db.notes.all() } }
                }
                try await group.waitForAll()
            }
            #expect(try await database.read { db in try db.notes.all().count } == 100)
        }
    }
}
