import Storage
import TestSupport
import Testing

@Suite("Contract: statements are prepared once and used again")
struct StatementTests {
    @Test("the same text with other values, nulls among them", arguments: Backend.available)
    func reuse(backend: Backend) async throws {
        try await backend.withDatabase { database in
            let notes = (0..<300).map { Note("\($0 + 1000)", $0.isMultiple(of: 3) ? nil : "b\($0)", rank: $0) }
            try await database.write { db in
                try db.notes.create()
                for note in notes { try db.notes.insert(note) }
            }
            #expect(try await database.read { db in try db.notes.all() } == notes)
            for note in notes.prefix(50) {
                #expect(try await database.read { db in try db.notes.identified(by: note.id) } == note)
            }
        }
    }

    @Test("after an error, in another transaction", arguments: Backend.available)
    func afterError(backend: Backend) async throws {
        try await backend.withDatabase { database in
            try await database.write { db in try db.notes.create() }
            for round in 0..<3 {
                try await database.write { db in try db.notes.insert(Note("\(round)")) }
                await #expect(throws: DatabaseError.uniqueViolation(constraint: "notes(id)")) {
                    try await database.write { db in try db.notes.insert(Note("\(round)")) }
                }
            }
            #expect(try await database.read { db in try db.notes.all().count } == 3)
        }
    }

    @Test("after the schema changed under them", arguments: Backend.available)
    func afterSchemaChange(backend: Backend) async throws {
        try await backend.withDatabases(2) { databases in
            try await databases[0].write { db in
                try db.notes.create()
                try db.notes.insert(Note("a"))
            }
            for database in databases { _ = try await database.read { db in try db.notes.all() } }
            try await databases[0].write { db in
                try db.define("ALTER TABLE notes ADD COLUMN seen_at BIGINT")
                try db.define("CREATE INDEX notes_by_rank ON notes (rank, id)")
            }
            for (index, database) in databases.enumerated() {
                try await database.write { db in try db.notes.insert(Note("b\(index)")) }
                #expect(try await database.read { db in try db.notes.all().count } == index + 2)
            }
        }
    }

    @Test("lists of every length, more than the cache holds", arguments: Backend.available)
    func lists(backend: Backend) async throws {
        try await backend.withDatabase { database in
            try await database.write { db in
                try db.notes.create()
                for number in 0..<600 { try db.notes.insert(Note("\(number)", rank: number)) }
            }
            let counts = try await database.read { db in
                try (0..<600).map { count in
                    try db.rows("SELECT id FROM notes WHERE rank IN (\(Array(0..<count)))") { row in
                        try row.next(String.self)
                    }.count
                }
            }
            #expect(counts == Array(0..<600))
        }
    }

    @Test("a look-up of one row that finds several is a mistake", arguments: Backend.available)
    func severalRows(backend: Backend) async throws {
        try await backend.withDatabase { database in
            try await database.write { db in
                try db.notes.create()
                for id in ["a", "b"] { try db.notes.insert(Note(id)) }
            }
            await #expect(throws: DatabaseError.self) {
                try await database.read { db in try db.row("SELECT id, body, rank FROM notes", as: Note.init(from:)) }
            }
            await #expect(throws: DatabaseError.unexpectedValue(column: "rank")) {
                try await database.read { db in
                    try db.rows("SELECT id, rank FROM notes") { row in try row.next(String.self) }
                }
            }
        }
    }
}
