package import Logging
package import Storage

/// The storage port over one PostgreSQL database, for an installation of several nodes.
package final class PostgreSQLDatabase: Database {
    private let pool: PostgreSQLPool
    private let waitingTime: Duration

    private init(pool: PostgreSQLPool, waitingTime: Duration) {
        self.pool = pool
        self.waitingTime = waitingTime
    }

    /// Connects once, to find out at start whether the database can be reached and can be used.
    ///
    /// - Parameters:
    ///   - url: As libpq reads it, `postgresql://user:password@host/database`; it is kept out of errors and logs.
    ///   - connections: How many connections this node opens at most. All nodes together stay below the server's
    ///     `max_connections`.
    ///   - waitingTime: How long a transaction waits for a free connection, to a second, before it fails as `busy`.
    ///   - statementTimeout: How long the server works on one statement. A few seconds later its connection is taken
    ///     for dead, and the transaction fails as `unavailable`.
    ///   - logger: Hears of a server that cannot be reached.
    /// - Throws: `unavailable` when the server cannot be reached within a few seconds or does not let us in; `failed`
    ///   for a URL that cannot be read or a database whose encoding or order of text is not ours.
    package static func open(
        url: String, connections: Int = 8, waitingTime: Duration = .seconds(5),
        statementTimeout: Duration = .seconds(30), logger: Logger
    ) async throws -> PostgreSQLDatabase {
        let server = try PostgreSQLServer(url: url, statementTimeout: statementTimeout)
        let pool = PostgreSQLPool(server: server, connections: connections, logger: logger)
        let database = PostgreSQLDatabase(pool: pool, waitingTime: waitingTime)
        do {
            try await database.read { _ in }
            return database
        } catch {
            await database.close()
            throw error
        }
    }

    /// A READ COMMITTED transaction on a connection's thread; see ``Database/write(_:)``.
    @discardableResult
    package func write<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T)
        async throws -> T
    {
        try await transact(.write, body)
    }

    /// A REPEATABLE READ, READ ONLY transaction on a connection's thread; see ``Database/read(_:)``.
    package func read<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T {
        try await transact(.read, body)
    }

    private func transact<T: Sendable>(
        _ kind: TransactionKind, _ body: @escaping @Sendable (any Connection) throws -> T
    ) async throws -> T {
        let deadline = ContinuousClock.now + waitingTime
        return try await withCheckedThrowingContinuation { continuation in
            pool.submit(PendingTransaction(kind, deadline: deadline, body, answering: continuation))
        }
    }

    /// Refuses what waits, finishes what runs, ends the connections; what takes longer than a statement may is left to
    /// itself.
    package func close() async {
        await pool.close()
    }
}
