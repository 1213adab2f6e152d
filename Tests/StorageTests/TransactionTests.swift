import Dispatch
import Storage
import TestSupport
import Testing

@Suite("Contract: transactions", .timeLimit(.minutes(10)))
struct TransactionTests {
    @Test("a body that throws leaves nothing", arguments: Backend.available)
    func rollback(backend: Backend) async throws {
        try await backend.withDatabase { database in
            try await database.write { db in try db.notes.create() }
            await #expect(throws: Refusal()) {
                try await database.write { db in
                    try db.notes.insert(Note("a"))
                    throw Refusal()
                }
            }
            #expect(try await database.read { db in try db.notes.all() } == [])
        }
    }

    @Test("schema changes roll back too", arguments: Backend.available)
    func rollbackOfSchema(backend: Backend) async throws {
        try await backend.withDatabase { database in
            await #expect(throws: Refusal()) {
                try await database.write { db in
                    try db.notes.create()
                    throw Refusal()
                }
            }
            try await database.write { db in try db.notes.create() }
        }
    }

    @Test("of writers that wait together, each fails alone", arguments: Backend.available)
    func savepoints(backend: Backend) async throws {
        try await backend.withDatabase { database in
            try await database.write { db in try db.notes.create() }
            let outcomes = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        let written: Void? = try? await database.write { db in
                            try db.notes.insert(Note("\(number + 100)", rank: number))
                            if number.isMultiple(of: 4) { throw Refusal() }
                            if number % 4 == 1 { try db.notes.insert(Note("\(number + 100)")) }
                        }
                        return written != nil
                    }
                }
                return await group.reduce(into: 0) { count, done in count += done ? 1 : 0 }
            }
            let kept = try await database.read { db in try db.notes.all() }
            #expect(outcomes == 20)
            #expect(kept == (0..<40).filter { $0 % 4 > 1 }.map { Note("\($0 + 100)", rank: $0) })
        }
    }

    @Test(
        "a failed statement loses its transaction, even when the body goes on",
        arguments: Backend.available)
    func poisoned(backend: Backend) async throws {
        let violation = DatabaseError.uniqueViolation(constraint: "notes(id)")
        try await backend.withDatabase { database in
            try await database.write { db in try db.notes.create() }
            await #expect(throws: violation) {
                try await database.write { db in
                    try db.notes.insert(Note("a"))
                    try? db.notes.insert(Note("a"))
                    #expect(throws: violation) { try db.notes.insert(Note("b")) }
                }
            }
            #expect(try await database.read { db in try db.notes.all() } == [])
            try await database.write { db in try db.notes.insert(Note("c")) }
        }
    }

    @Test("a read writes nothing", .tags(.security), arguments: Backend.available)
    func readOnly(backend: Backend) async throws {
        try await backend.withDatabase { database in
            try await database.write { db in try db.notes.create() }
            await #expect(throws: DatabaseError.self) {
                try await database.read { db in try db.notes.insert(Note("a")) }
            }
            #expect(try await database.read { db in try db.notes.all() } == [])
            try await database.write { db in try db.notes.insert(Note("b")) }
        }
    }

    @Test("a read sees one moment, whatever is committed meanwhile", arguments: Backend.persistent)
    func snapshot(backend: Backend) async throws {
        try await backend.withDatabase { database in
            try await database.write { db in
                try db.notes.create()
                try db.notes.insert(Note("a"))
            }
            let (before, after) = try await database.read { db in
                let before = try db.notes.all()
                let committed = DispatchSemaphore(value: 0)
                Task {
                    try await database.write { db in try db.notes.insert(Note("b")) }
                    committed.signal()
                }
                _ = committed.wait(timeout: .now() + 20)
                return (before, try db.notes.all())
            }
            #expect(before == [Note("a")])
            #expect(after == [Note("a")])
            #expect(try await database.read { db in try db.notes.all() } == [Note("a"), Note("b")])
        }
    }

    @Test("what a write returned is there for the next read", arguments: Backend.available)
    func readsOwnWrites(backend: Backend) async throws {
        try await backend.withDatabases(2) { databases in
            try await databases[0].write { db in try db.notes.create() }
            for number in 0..<50 {
                try await databases[number % 2].write { db in try db.notes.insert(Note("\(number)")) }
                let found = try await databases[(number + 1) % 2].read { db in try db.notes.identified(by: "\(number)")
                }
                #expect(found == Note("\(number)"))
            }
        }
    }

    @Test("nothing runs after close", arguments: Backend.available)
    func closed(backend: Backend) async throws {
        try await backend.withPlace { place in
            let database = try await place.open()
            try await database.write { db in try db.notes.create() }
            await database.close()
            await #expect(throws: DatabaseError.unavailable("it was closed.")) { try await database.read { _ in } }
            await #expect(throws: DatabaseError.unavailable("it was closed.")) { try await database.write { _ in } }
            await database.close()
        }
    }
}
