package import Logging
package import Storage

/// The storage port over one SQLite file, for an installation of one node.
///
/// Writes go through one thread that commits them in groups; reads run on the caller's thread, on connections of their
/// own. The command line may open the same file while the server runs.
package final class SQLiteDatabase: Database {
    /// Where reads are done: beside the writer, or in a database in memory between its writes.
    private enum Reading {
        case readers(SQLiteReaders)
        case shared(SQLiteSlot)
    }

    private let writer: SQLiteWriter
    private let reading: Reading

    /// The answer to every call after ``close()``.
    static let closed = DatabaseError.unavailable("it was closed.")

    /// Opens a file, or makes it with mode 0600 in a directory of mode 0700.
    ///
    /// - Parameters:
    ///   - path: The file; SQLite keeps `-wal` and `-shm` beside it. Not on a network file system.
    ///   - logger: Hears of a file that others can read, and of transactions that could not be committed.
    /// - Throws: `unavailable` when the file cannot be made or opened, `failed` when it is no database or when SQLite
    ///   does not take a setting.
    package init(path: String, logger: Logger) throws(DatabaseError) {
        if try SQLiteFile.prepare(path) {
            logger.warning(
                "the database file can be read by others; set its mode to 0600", metadata: ["path": "\(path)"])
        }
        let slot = try SQLiteSlot { () throws(DatabaseError) in
            let connection = try SQLiteConnection(path: path)
            try SQLiteSettings.apply(to: connection)
            return connection
        }
        writer = SQLiteWriter(slot: slot, logger: logger)
        reading = .readers(SQLiteReaders(path: path))
    }

    /// Makes an empty database in memory, for tests: one connection, so reads and writes take turns.
    package init(inMemory logger: Logger) throws(DatabaseError) {
        let slot = try SQLiteSlot { () throws(DatabaseError) in
            let connection = try SQLiteConnection(path: ":memory:")
            try SQLiteSettings.applyInMemory(to: connection)
            return connection
        }
        writer = SQLiteWriter(slot: slot, logger: logger)
        reading = .shared(slot)
    }

    /// Runs on the writer's thread, together with other writes that wait; see ``Database/write(_:)``.
    @discardableResult
    package func write<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T {
        try await writer.write(body)
    }

    /// Runs on the caller's thread without suspending; see ``Database/read(_:)``.
    package func read<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T {
        switch reading {
        case .readers(let readers): try readers.read(body)
        case .shared(let slot):
            try slot.use { connection in
                try connection.run("PRAGMA query_only=ON")
                defer { _ = try? connection.run("PRAGMA query_only=OFF") }
                return try connection.snapshot(body)
            }
        }
    }

    /// Readers first: the writer's connection, closed last, moves the log into the file.
    package func close() async {
        if case .readers(let readers) = reading { readers.close() }
        await writer.close()
    }
}
