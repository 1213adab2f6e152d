import Dispatch
import FoundationEssentials
import Glibc
import Logging
import Storage
import StorageSQLite
import TestSupport
import Testing

@Suite("SQLite: the file and its settings", .timeLimit(.minutes(10)))
struct SQLiteTests {
    @Test("the file is the owner's alone, and so is its directory", .tags(.security))
    func modes() async throws {
        try await Backend.sqliteFile.withPlace { place in
            let database = try await place.open()
            try await database.write { db in try db.notes.create() }
            let directory = String(place.path.dropLast("/gatehouse.sqlite".count))
            #expect(mode(directory) == 0o700)
            for suffix in ["", "-wal", "-shm"] { #expect(mode(place.path + suffix) == 0o600, "\(suffix)") }
            await database.close()
        }
    }

    private func mode(_ path: String) -> mode_t {
        var facts = stat()
        return unsafe stat(path, &facts) == 0 ? facts.st_mode & 0o777 : 0
    }

    @Test("closing leaves one file")
    func checkpoint() async throws {
        try await Backend.sqliteFile.withPlace { place in
            let database = try await place.open()
            try await database.write { db in try db.notes.create() }
            _ = try await database.read { db in try db.notes.all() }
            #expect(FileManager.default.fileExists(atPath: place.path + "-wal"))
            await database.close()
            #expect(!FileManager.default.fileExists(atPath: place.path + "-wal"))
        }
    }

    @Test("the settings that durability and references rest on are in force", .tags(.security))
    func settings() async throws {
        try await Backend.sqliteFile.withDatabase { database in
            let written = try await database.write { db in try Self.settings(db) }
            let read = try await database.read { db in try Self.settings(db) }
            #expect(written == ["wal", "2", "1", "5000", "2", "0"])
            #expect(read == ["wal", "2", "1", "5000", "2", "1"])
        }
    }

    private static func settings(_ db: any Connection) throws -> [String] {
        let pragmas: [SQL] = [
            "PRAGMA synchronous", "PRAGMA foreign_keys", "PRAGMA busy_timeout", "PRAGMA secure_delete",
            "PRAGMA query_only",
        ]
        let journal = try db.rows("PRAGMA journal_mode") { row in try row.next(String.self) }
        return try journal + pragmas.flatMap { try db.rows($0) { row in String(try row.next(Int.self)) } }
    }

    @Test("when the shared commit fails, everybody in it hears so")
    func failedCommit() async throws {
        try await Backend.sqliteFile.withDatabase { database in
            try await database.write { db in
                try db.notes.create()
                try db.define(
                    """
                    CREATE TABLE pets (
                        id TEXT PRIMARY KEY, n TEXT REFERENCES notes (id) DEFERRABLE INITIALLY DEFERRED)
                    """)
            }
            let failures = await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    // Holds the writer until the others wait, so that they share a transaction.
                    (try? await database.write { _ in usleep(300_000) }) == nil
                }
                try? await Task.sleep(for: .milliseconds(100))
                for number in 0..<5 {
                    group.addTask {
                        let done: Void? = try? await database.write { db in
                            try db.notes.insert(Note("\(number)"))
                            if number == 3 { try db.execute("INSERT INTO pets (id, n) VALUES ('p', 'nobody')") }
                        }
                        return done == nil
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(failures == 5)
            #expect(try await database.read { db in try db.notes.all() } == [])
            try await database.write { db in try db.notes.insert(Note("after")) }
        }
    }

    @Test("who refuses because of what another wrote hears of the failed commit, not of its refusal", .tags(.security))
    func failedCommitOfReader() async throws {
        try await Backend.sqliteFile.withDatabase { database in
            try await database.write { db in
                try db.notes.create()
                try db.define(
                    """
                    CREATE TABLE pets (
                        id TEXT PRIMARY KEY, n TEXT REFERENCES notes (id) DEFERRABLE INITIALLY DEFERRED)
                    """)
            }
            let isHeld = DispatchSemaphore(value: 0)
            let isReleased = DispatchSemaphore(value: 0)
            let holding = Task { [database] in
                try await database.write { _ in
                    isHeld.signal()
                    _ = isReleased.wait(timeout: .now() + 20)
                }
            }
            await wait(for: isHeld)
            // Both have joined the queue when `immediate` returns, in this order, so they share a transaction.
            let doomed = Task.immediate { [database] in
                try await database.write { db in
                    try db.notes.insert(Note("taken"))
                    try db.execute("INSERT INTO pets (id, n) VALUES ('p', 'nobody')")
                }
            }
            let refusing = Task.immediate { [database] in
                try await database.write { db in
                    if try db.notes.identified(by: "taken") != nil { throw Refusal() }
                }
            }
            isReleased.signal()
            try await holding.value
            await #expect(throws: DatabaseError.self) { try await doomed.value }
            await #expect(throws: DatabaseError.self) { try await refusing.value }
        }
    }

    @Test("a file that is no database is refused, and a place that cannot be made is unavailable")
    func refusals() async throws {
        try await Backend.sqliteFile.withPlace { place in
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let first = try SQLiteDatabase(path: place.path, logger: logger)
            await first.close()
            try String(repeating: "not a database ", count: 100).write(toFile: place.path, atomically: false)
            let error = #expect(throws: DatabaseError.self) { try SQLiteDatabase(path: place.path, logger: logger) }
            #expect(error?.failure != nil)
            let unreachable = #expect(throws: DatabaseError.self) {
                try SQLiteDatabase(path: "/proc/nowhere/gatehouse.sqlite", logger: logger)
            }
            #expect(unreachable?.isUnavailable == true)
        }
    }
}

extension String {
    fileprivate func write(toFile path: String, atomically: Bool) throws {
        try Data(utf8).write(to: URL(filePath: path), options: atomically ? .atomic : [])
    }
}
