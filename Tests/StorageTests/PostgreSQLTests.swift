import Dispatch
import Glibc
import Logging
import Storage
import StoragePostgreSQL
import Synchronization
import TestSupport
import Testing

@Suite(
    "PostgreSQL: connections",
    .enabled(if: Backend.postgreSQLURL != nil, "TEST_POSTGRESQL is not set"),
    .timeLimit(.minutes(10)))
struct PostgreSQLTests {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// One connection to a schema of its own.
    private func withOneConnection(_ body: (PostgreSQLDatabase) async throws -> Void) async throws {
        try await Backend.postgreSQL.withPlace { place in
            let database = try await PostgreSQLDatabase.open(url: place.url, connections: 1, logger: logger)
            try await database.write { db in try db.notes.create() }
            try await body(database)
            await database.close()
        }
    }

    private func end(_ pid: Int, through database: any Database) async throws {
        try await database.write { db in _ = try db.execute("SELECT pg_terminate_backend(CAST(\(pid) AS INT))") }
        try await Task.sleep(for: .milliseconds(100))
    }

    private static func pid(_ db: any Connection) throws -> Int {
        try db.row("SELECT pg_backend_pid()") { row in try row.next(Int.self) } ?? 0
    }

    @Test("a connection that died while idle is replaced, and nobody notices")
    func deadIdleConnection() async throws {
        try await Backend.postgreSQL.withDatabase { other in
            try await withOneConnection { database in
                for number in 0..<2 {
                    let pid = try await database.read { db in try Self.pid(db) }
                    try await end(pid, through: other)
                    let runs = Counter()
                    try await database.write { db in
                        runs.increase()
                        try db.notes.insert(Note("\(number)"))
                    }
                    #expect(runs.count == 1)
                }
                #expect(try await database.read { db in try db.notes.all() } == [Note("0"), Note("1")])
            }
        }
    }

    @Test("a connection that dies in a transaction is an error, and the body is not run again")
    func deadInTransaction() async throws {
        try await withOneConnection { database in
            let runs = Counter()
            let error = await #expect(throws: DatabaseError.self) {
                try await database.write { db in
                    runs.increase()
                    try db.notes.insert(Note("a"))
                    try db.execute("SELECT pg_terminate_backend(pg_backend_pid())")
                }
            }
            let kept = try await database.read { db in try db.notes.all() }
            #expect(error?.isUnavailable == true)
            #expect(runs.count == 1)
            #expect(kept == [])
        }
    }

    @Test(
        "a connection that dies at COMMIT is an error, and the body is not run again", .tags(.security))
    func deadAtCommit() async throws {
        try await withOneConnection { database in
            try await database.write { db in
                try db.define(
                    """
                    CREATE FUNCTION fall() RETURNS trigger LANGUAGE plpgsql AS
                    'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'
                    """)
                try db.define(
                    """
                    CREATE CONSTRAINT TRIGGER fall AFTER INSERT ON notes DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION fall()
                    """)
            }
            let runs = Counter()
            let error = await #expect(throws: DatabaseError.self) {
                try await database.write { db in
                    runs.increase()
                    try db.notes.insert(Note("a"))
                }
            }
            #expect("\(String(describing: error))".contains("may or may not have taken effect"))
            #expect(runs.count == 1)
            #expect(try await database.read { db in try db.notes.all() } == [])
        }
    }

    @Test("two transactions that lock each other out both succeed: one is run again")
    func deadlock() async throws {
        try await Backend.postgreSQL.withDatabase { database in
            try await database.write { db in
                try db.notes.create()
                for id in ["a", "b"] { try db.notes.insert(Note(id)) }
            }
            let runs = Counter()
            let bothHold = DispatchSemaphore(value: 0)
            let update: @Sendable ([String]) async throws -> Void = { ids in
                try await database.write { db in
                    try db.execute("UPDATE notes SET rank = rank + 1 WHERE id = \(ids[0])")
                    let run = runs.increase()
                    if run == 1 { _ = bothHold.wait(timeout: .now() + 20) }
                    if run == 2 { bothHold.signal() }
                    try db.execute("UPDATE notes SET rank = rank + 1 WHERE id = \(ids[1])")
                }
            }
            async let first: Void = update(["a", "b"])
            async let second: Void = update(["b", "a"])
            _ = try await (first, second)
            #expect(
                try await database.read { db in try db.notes.all() } == [
                    Note("a", rank: 2), Note("b", rank: 2),
                ])
            #expect(runs.count > 2)
        }
    }

    @Test("a statement is prepared once for each connection")
    func prepared() async throws {
        try await withOneConnection { database in
            let made = try await database.write { db in
                for number in 0..<5 { try db.notes.insert(Note("\(number)", number > 2 ? nil : "b")) }
                return try db.row(
                    """
                    SELECT COUNT(*) FROM pg_prepared_statements
                    WHERE statement LIKE \(LikePattern.beginning(with: "INSERT INTO notes"))
                    """
                ) { row in try row.next(Int.self) }
            }
            #expect(made == 1)
        }
    }

    @Test("failures, rollbacks and other types leave no prepared statement behind that is not used again")
    func preparedAfterFailure() async throws {
        try await withOneConnection { database in
            try await database.write { db in try db.notes.insert(Note("a")) }
            for number in 0..<20 {
                _ = try? await database.write { db in try db.notes.insert(Note("a")) }
                _ = try? await database.write { db in
                    try db.notes.insert(Note("b"))
                    throw Refusal()
                }
                try await database.read { db in
                    try db.execute("SELECT 1 WHERE \(number) IS NULL")
                    try db.execute("SELECT 1 WHERE \("\(number)") IS NULL")
                }
            }
            let made = try await database.read { db in
                try db.rows("SELECT statement FROM pg_prepared_statements ORDER BY statement") { row in
                    String(try row.next(String.self).prefix(17))
                }
            }
            #expect(made == ["INSERT INTO notes", "SELECT 1 WHERE $1", "SELECT 1 WHERE $1", "SELECT statement "])
        }
    }

    @Test("the server keeps no more statements of a connection than the limit, whether they fail or not")
    func preparedAtMost() async throws {
        try await withOneConnection { database in
            for count in 1...600 {
                _ = try? await database.write { db in
                    try db.execute("SELECT 1 / n FROM (SELECT 0 AS n) AS t WHERE n IN (\(Array(0..<count)))")
                }
            }
            let kept = try await database.read { db in
                try db.row("SELECT COUNT(*) FROM pg_prepared_statements") { row in try row.next(Int.self) }
            }
            #expect(kept.map { $0 <= 512 } == true)
        }
    }

    @Test("a statement that a change of the schema made stale works again after one failure")
    func staleStatement() async throws {
        try await withOneConnection { database in
            try await database.write { db in
                try db.notes.insert(Note("a", rank: 7))
                try db.execute("SELECT rank FROM notes")
                try db.define("ALTER TABLE notes ALTER COLUMN rank TYPE TEXT")
            }
            let error = await #expect(throws: DatabaseError.self) {
                try await database.read { db in try db.execute("SELECT rank FROM notes").count }
            }
            let ranks = try await database.read { db in
                try db.rows("SELECT rank FROM notes") { row in try row.next(String.self) }
            }
            #expect(error?.failure?.hasPrefix("PostgreSQL 0A000") == true)
            #expect(ranks == ["7"])
        }
    }

    @Test("a statement that libpq cannot send fails, and the connection lives on")
    func tooManyValues() async throws {
        try await withOneConnection { database in
            let before = try await database.read { db in try Self.pid(db) }
            let error = await #expect(throws: DatabaseError.self) {
                try await database.read { db in
                    try db.execute("SELECT id FROM notes WHERE rank IN (\(Array(0..<70_000)))")
                }
            }
            let after = try await database.read { db in try Self.pid(db) }
            #expect(error?.failure != nil)
            #expect(before == after)
        }
    }

    @Test("waiting for a connection ends in busy while the connection is still in use")
    func waiting() async throws {
        try await Backend.postgreSQL.withPlace { place in
            let database = try await PostgreSQLDatabase.open(
                url: place.url, connections: 1, waitingTime: .seconds(1), logger: logger)
            let entered = Counter()
            let gate = DispatchSemaphore(value: 0)
            async let slow: Void = database.write { _ in
                entered.increase()
                gate.wait()
            }
            while entered.count == 0 { await Task.yield() }
            await #expect(throws: DatabaseError.busy) { try await database.read { _ in } }
            gate.signal()
            try await slow
            await database.close()
        }
    }

    @Test(
        "a server that cannot be reached is unavailable, soon",
        arguments: ["postgresql://u:hunter2@127.0.0.1:1/db", "postgresql://u:hunter2@%2Fnowhere/db"])
    func unreachable(url: String) async throws {
        let error = await #expect(throws: DatabaseError.self) {
            try await PostgreSQLDatabase.open(url: url, logger: logger)
        }
        #expect(error?.isUnavailable == true)
        #expect(!"\(String(describing: error))".contains("hunter2"))
    }

    @Test("a server that accepts and says nothing is unavailable after the connect timeout")
    func silent() async throws {
        let (socket, port) = try Sockets.listener()
        defer { close(socket) }
        let error = await #expect(throws: DatabaseError.self) {
            try await PostgreSQLDatabase.open(url: "postgresql://u@127.0.0.1:\(port)/db", logger: logger)
        }
        #expect(error?.isUnavailable == true)
    }

    @Test(
        "a URL that cannot be read is refused without repeating it", .tags(.security),
        arguments: [
            "postgresql://u:hunter2@x@host/db", "postgresql://u:hun/ter2@host/db",
            "postgresql://u:hunter2@host/db?no=1",
            "postgresql://u:hunter2%@host/db", "host=a password='hunter2",
        ])
    func unreadable(url: String) async throws {
        let error = await #expect(throws: DatabaseError.self) {
            try await PostgreSQLDatabase.open(url: url, logger: logger)
        }
        #expect(error?.failure?.contains("hun") == false)
    }
}

/// Counts how often a body is run.
private final class Counter: Sendable {
    private let value = Mutex(0)

    var count: Int { value.withLock { $0 } }

    @discardableResult
    func increase() -> Int {
        value.withLock { value in
            value += 1
            return value
        }
    }
}
