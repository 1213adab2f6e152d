import FoundationEssentials
import Storage
import TestSupport
import Testing

@Suite("Puzzles that were used")
struct SpentPuzzlesTests {
    @Test("of forty that spend a puzzle on four handles one gets it", .tags(.security), arguments: Backend.available)
    func race(backend: Backend) async throws {
        try await backend.withDatabases(4) { databases in
            try await databases[0].migrate(now: now)
            let won = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        try await databases[number % 4].write { db in
                            try db.spentPuzzles.spend("puzzle x", expiresAt: now + 1_800)
                        }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(won == 1)
        }
    }

    @Test("each is spent by itself, and comes back when nothing is written", arguments: Backend.available)
    func single(backend: Backend) async throws {
        try await backend.withSamples { database in
            await #expect(throws: Refusal.self) {
                try await database.write { db in
                    _ = try db.spentPuzzles.spend("a", expiresAt: now)
                    throw Refusal()
                }
            }
            let won = try await database.write { db in
                try ["a", "a", "b"].map { try db.spentPuzzles.spend($0, expiresAt: now) }
            }
            #expect(won == [true, false, true])
        }
    }

    @Test(
        "it is remembered as long as the puzzle would be good, and no longer", .tags(.security),
        arguments: Backend.available)
    func swept(backend: Backend) async throws {
        try await backend.withSamples { database in
            try await database.write { db in
                _ = try db.spentPuzzles.spend("over", expiresAt: now)
                _ = try db.spentPuzzles.spend("good", expiresAt: now + 1)
            }
            try await database.sweep(keeping: .init(signInLogs: [:], sessionLifetime: nil), now: now)
            let won = try await database.write { db in
                try ["over", "good"].map { try db.spentPuzzles.spend($0, expiresAt: now) }
            }
            #expect(won == [true, false])
        }
    }
}
