import Cryptography

extension Connection {
    /// Makes other transactions that ask for one of the same locks wait until this one ends.
    ///
    /// SQLite has one writer anyway; on PostgreSQL two transactions could otherwise each decide by what they read and
    /// overwrite what the other wrote. There are 1,024 locks, chosen by a digest of the name: two names may share one,
    /// which costs a wait, but the table does not grow and says nothing about whom it was asked for.
    /// - Parameter names: Anything; all locks of a transaction at once, so that two cannot wait for each other.
    package func lock(_ names: [String]) throws {
        let numbers = Set(
            names.map { name in
                let digest = SHA256.hash(name)
                return (Int(digest[0]) << 8 | Int(digest[1])) % 1_024
            })
        for number in numbers.sorted() {
            let name = "lock \(number)"
            try execute(
                "INSERT INTO row_locks (name) VALUES (\(name)) ON CONFLICT (name) DO UPDATE SET name = excluded.name")
        }
    }
}
