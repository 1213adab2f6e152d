/// How far the schema of a database is, for who only wants to look.
package enum SchemaState: Equatable, Sendable {
    /// Nobody has started on this database yet.
    case none
    /// Migrations that were applied, of those that this build knows.
    case applied(Int, of: Int)
}

extension Database {
    /// Reads how far the schema is and changes nothing.
    /// - Throws: ``DatabaseError``; a database without a schema is no error.
    package func schemaState() async throws -> SchemaState {
        do {
            let applied: [Int] = try await read { db in
                try db.rows("SELECT number FROM schema_migrations ORDER BY number") { try $0.next() }
            }
            return .applied(applied.count, of: Schema.migrations.count)
        } catch DatabaseError.failed {
            // The table is not there. A database that is damaged fails in the same way, and the next start says how.
            return .none
        }
    }
}
