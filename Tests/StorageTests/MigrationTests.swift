import FoundationEssentials
import Storage
import TestSupport
import Testing

@Suite("Contract: migrations", .timeLimit(.minutes(10)))
struct MigrationTests {
    static let list = [
        Migration(1, "people", ["CREATE TABLE people (id TEXT PRIMARY KEY, name TEXT NOT NULL)"]),
        Migration(
            2, "when people came",
            ["ALTER TABLE people ADD COLUMN created_at BIGINT", "UPDATE people SET created_at = 0"]),
        Migration(3, "people by name", ["CREATE UNIQUE INDEX people_by_name ON people (name)"]),
    ]

    @Test("from every earlier version to the last", arguments: Backend.available, 0...3)
    func fromEarlier(backend: Backend, version: Int) async throws {
        try await backend.withDatabase { database in
            let first = try await database.migrate(with: Array(Self.list.prefix(version)), now: now)
            #expect(first == Array(1..<version + 1))
            if version > 0 {
                try await database.write { db in try db.execute("INSERT INTO people (id, name) VALUES ('1', 'a')") }
            }
            #expect(try await database.migrate(with: Self.list, now: now) == Array(version + 1..<4))
            #expect(try await database.migrate(with: Self.list, now: now) == [])
            let people = try await database.read { db in
                try db.rows("SELECT id, name FROM people ORDER BY id") { row in
                    [try row.next(String.self), try row.next(String.self)]
                }
            }
            #expect(people == (version > 0 ? [["1", "a"]] : []))
        }
    }

    @Test("every step is kept with its checksum and its time", arguments: Backend.available)
    func history(backend: Backend) async throws {
        struct Step: Equatable { var number: Int, name: String, checksumLength: Int, appliedAt: Date }
        try await backend.withDatabase { database in
            try await database.migrate(with: Self.list, now: now)
            let steps = try await database.read { db in
                try db.rows("SELECT number, name, checksum, applied_at FROM schema_migrations ORDER BY number") { row in
                    Step(
                        number: try row.next(), name: try row.next(), checksumLength: try row.next(String.self).count,
                        appliedAt: try row.next())
                }
            }
            #expect(
                steps == [
                    Step(number: 1, name: "people", checksumLength: 43, appliedAt: now),
                    Step(number: 2, name: "when people came", checksumLength: 43, appliedAt: now),
                    Step(number: 3, name: "people by name", checksumLength: 43, appliedAt: now),
                ])
        }
    }

    @Test(
        "a changed step, a newer database and a gap refuse the start", .tags(.security),
        arguments: Backend.available)
    func refusals(backend: Backend) async throws {
        try await backend.withDatabase { database in
            try await database.migrate(with: Self.list, now: now)
            var changed = Self.list
            changed[1] = Migration(2, "when people came", ["ALTER TABLE people ADD COLUMN created_at BIGINT"])
            await #expect(throws: MigrationError.changed(number: 2, name: "when people came")) {
                try await database.migrate(with: changed, now: now)
            }
            await #expect(throws: MigrationError.newer(number: 3, name: "people by name")) {
                try await database.migrate(with: Array(Self.list.prefix(2)), now: now)
            }
            var reworded = Self.list
            reworded[0] = Migration(1, "persons", Self.list[0].statements)
            #expect(try await database.migrate(with: reworded, now: now) == [])
            try await database.write { db in try db.execute("DELETE FROM schema_migrations WHERE number = 2") }
            await #expect(throws: MigrationError.missing(number: 2)) {
                try await database.migrate(with: Self.list, now: now)
            }
        }
    }

    @Test("a step that fails leaves the version before", arguments: Backend.available)
    func failing(backend: Backend) async throws {
        let broken =
            Self.list.prefix(2) + [
                Migration(3, "broken", ["CREATE TABLE pets (id TEXT)", "CREATE NONSENSE"])
            ]
        try await backend.withDatabase { database in
            try await database.migrate(with: Array(Self.list.prefix(1)), now: now)
            await #expect(throws: DatabaseError.self) { try await database.migrate(with: Array(broken), now: now) }
            #expect(try await database.migrate(with: Self.list, now: now) == [2, 3])
        }
    }

    @Test("of several nodes that start at once, each step runs once", arguments: Backend.available)
    func atOnce(backend: Backend) async throws {
        try await backend.withDatabases(4) { databases in
            let applied = try await withThrowingTaskGroup(of: [Int].self) { group in
                for number in 0..<8 {
                    group.addTask { try await databases[number % 4].migrate(with: Self.list, now: now) }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(applied == [1, 2, 3])
        }
    }

    @Test(
        "the released list is numbered, and a new database takes it whole", arguments: Backend.available
    )
    func released(backend: Backend) async throws {
        try await backend.withDatabase { database in
            let applied = try await database.migrate(now: now)
            #expect(applied == Schema.migrations.map(\.number))
        }
    }

    @Test("refusals are sentences")
    func sentences() {
        let sentence = MigrationError.newer(number: 3, name: "people by name").description
        #expect(sentence.hasPrefix("This database was migrated by a newer build: this one does not know migration 3"))
    }
}
