/// The storage port: one database, whichever engine is behind it.
///
/// ```swift
/// let user = try await database.read { db in try db.users.named("alice", in: tenant) }
/// ```
///
/// A transaction body is synchronous, so nothing can be awaited inside a transaction (no network, no password
/// hashing). It is `@escaping` because a body may run on a thread of the adapter.
package protocol Database: Sendable {
    /// Runs `body` in a transaction that commits when it returns and rolls back when it throws.
    ///
    /// The answer comes after the commit: a returned value is durable. PostgreSQL may find that two transactions
    /// collided and run `body` again from the start, so a body must have no effect but through its connection.
    /// A write that has started is not abandoned when its task is cancelled.
    ///
    /// - Throws: What `body` throws, or a ``DatabaseError``; nothing is written then. The one exception is
    ///   ``DatabaseError/unavailable(_:)`` for a connection that was lost while committing: nobody knows.
    @discardableResult
    func write<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T

    /// Runs `body` on one consistent snapshot; a statement that writes is refused.
    func read<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T

    /// Finishes what is under way, gives back files and connections; every later call throws `unavailable`.
    func close() async
}

/// One transaction in progress, valid only inside the closure it was handed to.
///
/// Stores are extensions of this protocol: `db.users.named("alice", in: tenant)`.
package protocol Connection {
    /// Runs one statement and returns all its rows.
    ///
    /// After a failed statement the transaction is lost, on either engine: every later statement throws the same
    /// error and so does the commit. Catch a ``DatabaseError/uniqueViolation(constraint:)`` *outside* `write`.
    @discardableResult
    func execute(_ sql: SQL) throws -> [SQLRow]

    /// Runs one statement that changes the schema. Only migrations call this.
    ///
    /// Until the transaction ends, other nodes wait in their own `define`. On SQLite every table becomes `STRICT`.
    func define(_ statement: StaticString) throws
}

extension Connection {
    /// Runs a statement and reads every row with `decode`, which must take every column.
    package func rows<T>(_ sql: SQL, as decode: (inout SQLRow) throws -> T) throws -> [T] {
        try execute(sql).map { row in try row.decoded(by: decode) }
    }

    /// Runs a statement that yields one row or none and reads it with `decode`, which must take every column.
    ///
    /// - Throws: ``DatabaseError/failed(_:)`` when there are several rows: a look-up that is not one is a mistake.
    package func row<T>(_ sql: SQL, as decode: (inout SQLRow) throws -> T) throws -> T? {
        let found = try execute(sql)
        guard found.count <= 1 else { throw DatabaseError.failed("a look-up of one row found several") }
        return try found.first?.decoded(by: decode)
    }
}
