import Dispatch
import Logging
import Storage
import StoragePostgreSQL
import Synchronization
import TestSupport
import Testing

@Suite("PostgreSQL: a server that fails", .timeLimit(.minutes(10)))
struct PostgreSQLFaultTests {
    /// Runs `body` on one connection to a server that answers as `answering` says from then on.
    private func withImpostor(
        _ answering: @escaping @Sendable (Int, String) -> PostgreSQLImpostor.Answer,
        _ body: (PostgreSQLDatabase, PostgreSQLImpostor) async throws -> Void
    ) async throws {
        let isArmed = Mutex(false)
        let impostor = try PostgreSQLImpostor { connection, statement in
            isArmed.withLock(\.self) ? answering(connection, statement) : .success
        }
        defer { impostor.stop() }
        let database = try await PostgreSQLDatabase.open(
            url: impostor.url, connections: 1, statementTimeout: .milliseconds(100),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        isArmed.withLock { $0 = true }
        try await body(database, impostor)
        await database.close()
    }

    /// What an answer to the first connection's `statement` makes of a transaction, and how often that was begun.
    private func outcome(
        of answer: PostgreSQLImpostor.Answer, to statement: String
    ) async throws -> (error: DatabaseError?, runs: Int) {
        let runs = Mutex(0)
        var error: DatabaseError?
        try await withImpostor(
            { connection, text in connection == 0 && text.hasPrefix(statement) ? answer : .success }
        ) { database, impostor in
            do {
                try await Self.insert(in: database) { runs.withLock { $0 += 1 } }
            } catch let failure as DatabaseError {
                error = failure
            }
            // Nothing of the first connection is used again.
            try await Self.insert(in: database) {}
            #expect(impostor.connectionCount == 2)
        }
        return (error, runs.withLock { $0 })
    }

    private static func insert(
        in database: PostgreSQLDatabase, _ begun: @escaping @Sendable () -> Void
    ) async throws {
        try await database.write { db in
            begun()
            try db.execute("INSERT INTO notes (id) VALUES (\("a"))")
        }
    }

    @Test("whatever ends a connection is unavailable", arguments: ["INSERT", "COMMIT"], [0, 1, 2, 3])
    func lost(statement: String, number: Int) async throws {
        let answers: [PostgreSQLImpostor.Answer] = [.silence, .fatal("25P03"), .nonsense, .hangUp]
        let outcome = try await outcome(of: answers[number], to: statement)
        #expect(outcome.error?.isUnavailable == true, "\(answers[number]): \(String(describing: outcome.error))")
        #expect(outcome.runs == 1)
    }

    @Test("a connection that is lost at BEGIN, where nothing was done yet, is replaced", arguments: [0, 1, 2, 3])
    func lostAtBegin(number: Int) async throws {
        let answers: [PostgreSQLImpostor.Answer] = [.silence, .fatal("57P01"), .nonsense, .hangUp]
        let outcome = try await outcome(of: answers[number], to: "BEGIN ISOLATION LEVEL READ COMMITTED")
        #expect(outcome.error == nil, "\(answers[number])")
        #expect(outcome.runs == 1)
    }

    @Test("a server that answers no more holds up neither its callers nor the end for long", .tags(.security))
    func stalled() async throws {
        try await withImpostor({ _, text in text.hasPrefix("INSERT") ? .silence : .success }) { database, _ in
            let begun = DispatchSemaphore(value: 0)
            let writing = Task { try await Self.insert(in: database) { begun.signal() } }
            await wait(for: begun)
            await database.close()
            let error = await #expect(throws: DatabaseError.self) { try await writing.value }
            #expect(error == .unavailable("PostgreSQL did not answer in time."))
        }
    }

    @Test("closing does not wait for a transaction that does not end")
    func endless() async throws {
        try await withImpostor({ _, _ in .success }) { database, _ in
            let begun = DispatchSemaphore(value: 0)
            let isOver = DispatchSemaphore(value: 0)
            let hasEnded = Mutex(false)
            let writing = Task {
                try await database.write { _ in
                    begun.signal()
                    isOver.wait()
                    hasEnded.withLock { $0 = true }
                }
            }
            await wait(for: begun)
            await database.close()
            let didEnd = hasEnded.withLock(\.self)
            #expect(!didEnd)
            isOver.signal()
            try await writing.value
        }
    }
}
