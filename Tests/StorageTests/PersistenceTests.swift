import FoundationEssentials
import Storage
import TestSupport
import Testing

@Suite("Contract: what was committed stays")
struct PersistenceTests {
    @Test("through close and reopen", arguments: Backend.persistent)
    func reopen(backend: Backend) async throws {
        try await backend.withPlace { place in
            let first = try await place.open()
            try await first.write { db in
                try db.notes.create()
                try db.notes.insert(Note("a", "kept"))
            }
            await first.close()
            let second = try await place.open()
            #expect(try await second.read { db in try db.notes.all() } == [Note("a", "kept")])
            try await second.write { db in try db.notes.insert(Note("b")) }
            await second.close()
        }
    }

    @Test("writes that wait when close is called are finished", arguments: Backend.available)
    func closeFinishes(backend: Backend) async throws {
        try await backend.withDatabase { database in
            try await database.write { db in try db.notes.create() }
            async let written: Void = database.write { db in
                for number in 0..<500 { try db.notes.insert(Note("\(number)")) }
            }
            try await written
            await database.close()
        }
    }
}
