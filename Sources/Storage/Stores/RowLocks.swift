extension Connection {
    /// Makes other transactions that ask for the same lock wait until this one ends.
    ///
    /// SQLite has one writer anyway; on PostgreSQL two transactions could otherwise each decide by what they read and
    /// overwrite what the other wrote.
    /// - Parameter name: One of our own words; a row of this name stays behind.
    package func lock(_ name: String) throws {
        try execute(
            "INSERT INTO row_locks (name) VALUES (\(name)) ON CONFLICT (name) DO UPDATE SET name = excluded.name")
    }
}
