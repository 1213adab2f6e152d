import CSQLite
import Glibc
import Storage

/// What every connection is set to, and the proof that the setting took.
enum SQLiteSettings {
    /// How long a statement waits for another process's lock, in milliseconds.
    static let busyTimeout = 5000

    /// Prepares a connection to a database file.
    ///
    /// - `synchronous=FULL`: a commit is on the disk before anybody hears of it, also through a power cut. A redeemed
    ///   code or a rotated refresh token must not come back to life.
    /// - `secure_delete=FAST`: what is deleted is overwritten where that costs no extra write. Secrets are hashed or
    ///   sealed anyway; this shortens the life of personal data in the file.
    /// - `temp_store=MEMORY`: sorting never spills rows into a temporary file.
    /// - `cache_size` is 8 MB for each connection: what is not in there is in the system's cache, a `pread` away.
    /// - `wal_autocheckpoint=4000`, 16 MB: a page that many writes touch is moved into the file once for all of them.
    static func apply(to connection: SQLiteConnection) throws(DatabaseError) {
        try connection.run("PRAGMA busy_timeout=\(busyTimeout)")
        try switchToWAL(connection)
        for pragma in [
            "synchronous=FULL", "foreign_keys=ON", "secure_delete=FAST", "temp_store=MEMORY", "trusted_schema=OFF",
            "cache_size=-8000", "wal_autocheckpoint=4000", "journal_size_limit=67108864",
        ] {
            try connection.run("PRAGMA \(pragma)")
        }
        try require("journal_mode", "wal", on: connection)
        try require("synchronous", 2, on: connection)
        try require("foreign_keys", 1, on: connection)
    }

    /// Prepares the one connection of a database in memory, where there is no journal and nothing to lose.
    static func applyInMemory(to connection: SQLiteConnection) throws(DatabaseError) {
        try connection.run("PRAGMA foreign_keys=ON")
        try connection.run("PRAGMA trusted_schema=OFF")
        try require("foreign_keys", 1, on: connection)
    }

    /// The first switch needs the file for itself and does not wait for it, whatever `busy_timeout` says.
    private static func switchToWAL(_ connection: SQLiteConnection) throws(DatabaseError) {
        let pause = 10
        for _ in 0..<(busyTimeout / pause) {
            do {
                try connection.run("PRAGMA journal_mode=WAL")
                return
            } catch .busy {
                usleep(UInt32(pause * 1000))
            }
        }
        throw .busy
    }

    /// SQLite answers a pragma that it does not obey with silence, so it is asked.
    private static func require<V: SQLConvertible & Equatable>(
        _ pragma: String, _ expected: V, on connection: SQLiteConnection
    ) throws(DatabaseError) {
        let rows = try connection.run("PRAGMA \(pragma)")
        guard var row = rows.first, try row.next(V.self) == expected else {
            throw .failed("SQLite did not accept \(pragma)=\(expected); the file may be on a network file system")
        }
    }
}
