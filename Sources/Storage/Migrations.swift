import Cryptography
package import FoundationEssentials
import Wire

/// One step of the schema, forward only, the same text for both engines.
package struct Migration: Sendable {
    /// Its place in the list, from 1.
    package let number: Int
    /// What it does, in a few words: stands in the database and in refusals.
    package let name: StaticString
    /// The statements, each without a trailing `;`, run in this order by ``Connection/define(_:)``.
    package let statements: [StaticString]

    /// A step of the list in ``Schema``.
    package init(_ number: Int, _ name: StaticString, _ statements: [StaticString]) {
        self.number = number
        self.name = name
        self.statements = statements
    }

    /// Base64url of the SHA-256 of the statements, each ended by a zero byte; the name may be reworded later.
    var checksum: String {
        let text = statements.map { statement in "\(statement)\0" }.joined()
        return Base64URL.encode(SHA256.hash(text))
    }
}

/// Why a start is refused: the database does not have the history that this build knows.
package enum MigrationError: Error, Equatable, Sendable {
    /// An applied migration reads differently in this build.
    case changed(number: Int, name: String)
    /// The database was migrated by a newer build.
    case newer(number: Int, name: String)
    /// A number below the highest applied one is not in the table: somebody edited it.
    case missing(number: Int)
}

extension MigrationError: CustomStringConvertible {
    /// A sentence for whoever starts the server.
    package var description: String {
        switch self {
        case .changed(let number, let name):
            """
            Migration \(number) (\(name)) in this database differs from the one in this build. \
            Start the build that made the database, or restore the database that belongs to this build.
            """
        case .newer(let number, let name):
            """
            This database was migrated by a newer build: this one does not know migration \(number) (\(name)). \
            Start the newer build, or restore a backup from before the upgrade.
            """
        case .missing(let number):
            "Migration \(number) is missing from the table schema_migrations, which nobody but Gatehouse may edit."
        }
    }
}

extension Database {
    /// Brings the schema up to date: all steps that are missing, in one transaction, or none.
    ///
    /// Several nodes may start at once: the first `define` makes the others wait, and they then find the work done.
    ///
    /// - Parameters:
    ///   - migrations: The whole list, numbered from 1 without a gap; tests pass lists of their own.
    ///   - now: Kept beside each step as the time it was applied.
    /// - Returns: The numbers of the steps that this call applied.
    /// - Throws: ``MigrationError`` when the history is not ours, ``DatabaseError`` when a statement fails.
    @discardableResult
    package func migrate(with migrations: [Migration] = Schema.migrations, now: Date) async throws
        -> [Int]
    {
        precondition(migrations.map(\.number) == migrations.indices.map { $0 + 1 }, "numbered from 1, no gap")
        return try await write { db in
            let applied = try db.appliedMigrations()
            try History(applied: applied, known: migrations).check()
            return try migrations.dropFirst(applied.count).map { migration in
                try db.apply(migration, now: now)
                return migration.number
            }
        }
    }
}

/// What the database remembers of a migration.
private struct AppliedMigration {
    var number: Int
    var name: String
    var checksum: String

    init(from row: inout SQLRow) throws {
        number = try row.next()
        name = try row.next()
        checksum = try row.next()
    }
}

/// The steps taken, ascending, beside the steps known.
private struct History {
    let applied: [AppliedMigration]
    let known: [Migration]

    func check() throws(MigrationError) {
        for (index, step) in applied.enumerated() {
            guard step.number == index + 1 else { throw .missing(number: index + 1) }
            guard index < known.count else { throw .newer(number: step.number, name: step.name) }
            guard step.checksum == known[index].checksum else { throw .changed(number: step.number, name: step.name) }
        }
    }
}

extension Connection {
    fileprivate func appliedMigrations() throws -> [AppliedMigration] {
        try define(
            """
            CREATE TABLE IF NOT EXISTS schema_migrations (
                number BIGINT PRIMARY KEY,
                name TEXT NOT NULL,
                checksum TEXT NOT NULL,
                applied_at BIGINT NOT NULL
            )
            """)
        return try rows(
            "SELECT number, name, checksum FROM schema_migrations ORDER BY number", as: AppliedMigration.init(from:))
    }

    fileprivate func apply(_ migration: Migration, now: Date) throws {
        for statement in migration.statements { try define(statement) }
        try execute(
            """
            INSERT INTO schema_migrations (number, name, checksum, applied_at)
            VALUES (\(migration.number), \(migration.name.description), \(migration.checksum), \(now))
            """)
    }
}
