import Storage
import Synchronization

/// Holds one connection and lets one caller at a time use it.
final class SQLiteSlot: Sendable {
    private let connection: Mutex<SQLiteConnection?>

    init(opening open: @Sendable () throws(DatabaseError) -> SQLiteConnection) throws(DatabaseError) {
        connection = Mutex(try open())
    }

    /// Runs `body` on the caller's thread.
    ///
    /// - Throws: What `body` throws; `unavailable` after ``close()``.
    func use<T: Sendable>(_ body: @Sendable (SQLiteConnection) throws -> T) throws -> T {
        try connection.withLock { connection in
            guard let connection else { throw SQLiteDatabase.closed }
            return try body(connection)
        }
    }

    /// Gives the file back; the last connection of the last process moves the log into the file and removes it.
    func close() {
        connection.withLock { $0 = nil }
    }
}
