import Storage

/// One connection to the server: its prepared statements, its transaction.
///
/// Not safe to share: whoever uses it holds the lock of the ``PostgreSQLWorker`` it lives in.
final class PostgreSQLSession: Connection {
    private let link: PostgreSQLLink
    /// How long the answer to one statement may take.
    private let patience: Duration
    /// Every statement that the server keeps for this connection, by the name it has there.
    private var statements: [PreparedStatement: String] = [:]
    private var statementsMade = 0
    private var hasStaleStatement = false
    /// The first statement that failed in this transaction; the server refuses everything after it.
    private var failure: DatabaseError?
    /// Whether this transaction failed because of another one, so that running it again makes sense.
    private(set) var hasCollided = false

    private struct PreparedStatement: Hashable {
        let text: String
        let types: [SQLType]
    }

    /// Lists of different lengths make texts of their own; past this many the cache starts anew.
    private static let statementLimit = 512
    /// The protocol counts the values of a statement in 16 bits.
    private static let valueLimit = 65_535

    /// - Parameter patience: More than the server's own timeout for a statement, which should come first.
    init(_ link: PostgreSQLLink, patience: Duration) {
        self.link = link
        self.patience = patience
    }

    /// True once the connection cannot be used any more.
    var isLost: Bool { link.isLost }

    /// A setting that the server reports at the start of a connection.
    func parameter(_ name: String) -> String { link.parameter(name) }

    // MARK: Statements

    func execute(_ sql: SQL) throws -> [SQLRow] {
        try guarded { () throws(DatabaseError) in
            try sql.requireStorableText()
            return try run(sql)
        }
    }

    /// One node after the other changes a schema: the lock is held until the transaction ends. How long a change takes
    /// depends on the size of the tables, so neither the server nor we end it.
    func define(_ statement: StaticString) throws {
        _ = try guarded { () throws(DatabaseError) in
            try command("SET LOCAL statement_timeout = 0")
            try command("SET LOCAL lock_timeout = 0")
            try check(link.query("SELECT pg_advisory_xact_lock(71207, hashtext(current_schema()))", within: nil))
            try check(link.query(statement.description, within: nil))
            return []
        }
    }

    private func guarded(_ body: () throws(DatabaseError) -> [SQLRow]) throws(DatabaseError) -> [SQLRow] {
        if let failure { throw failure }
        do {
            return try body()
        } catch {
            failure = error
            throw error
        }
    }

    private func run(_ sql: SQL) throws(DatabaseError) -> [SQLRow] {
        guard sql.bindings.count <= Self.valueLimit else { throw .failed("more than 65,535 values in one statement") }
        let name = try prepared(sql.text, sql.bindings.map(\.type))
        let values = CStrings(sql.bindings.map(\.value.postgreSQLText))
        return try check(link.run(name, values, within: patience)).rows()
    }

    /// The types are named: the server cannot guess that of a null, and would refuse `$1 IS NULL`.
    ///
    /// A prepared statement outlives a rollback and a failure, on the server as in the list here.
    private func prepared(_ text: String, _ types: [SQLType]) throws(DatabaseError) -> String {
        let statement = PreparedStatement(text: text, types: types)
        if let known = statements[statement] { return known }
        if statements.count >= Self.statementLimit { try forgetStatements() }
        statementsMade += 1
        let name = "s\(statementsMade)"
        try check(link.prepare(name, text, types: types, within: patience))
        statements[statement] = name
        return name
    }

    private func forgetStatements() throws(DatabaseError) {
        try command("DEALLOCATE ALL")
        statements = [:]
        hasStaleStatement = false
    }

    /// Runs a statement of the adapter's own, without values.
    @discardableResult
    func command(_ text: String) throws(DatabaseError) -> PostgreSQLResult {
        try check(link.query(text, within: patience))
    }

    @discardableResult
    private func check(_ result: PostgreSQLResult) throws(DatabaseError) -> PostgreSQLResult {
        guard let failure = result.failure else { return result }
        hasCollided = failure.isCollision
        if failure.isOfStaleStatement { hasStaleStatement = true }
        throw failure.error
    }

    // MARK: Transactions

    func begin(_ kind: TransactionKind) throws(DatabaseError) {
        failure = nil
        hasCollided = false
        try command(kind.begin)
    }

    /// Runs `body` in the transaction that was begun, and commits.
    func complete<T>(_ body: (any Connection) throws -> T) throws -> T {
        let value = try body(self)
        if let failure { throw failure }
        try commit()
        return value
    }

    private func commit() throws(DatabaseError) {
        do throws(DatabaseError) {
            let result = try command("COMMIT")
            // The server answers ROLLBACK, without an error, when it had given the transaction up.
            guard result.command == "COMMIT" else { throw DatabaseError.failed("PostgreSQL rolled back at COMMIT") }
        } catch {
            guard isLost else { throw error }
            throw .unavailable("the connection was lost at COMMIT: the transaction may or may not have taken effect.")
        }
    }

    /// - Returns: Whether the connection is usable again.
    func rollBack() -> Bool {
        // An error means that the connection is given up, which rolls back as well.
        guard !isLost, (try? command("ROLLBACK")) != nil else { return false }
        return !hasStaleStatement || (try? forgetStatements()) != nil
    }
}

/// The two kinds of transaction of the port.
enum TransactionKind {
    case write, read

    /// A write sees what others commit until it holds a row's lock; a read sees one snapshot.
    fileprivate var begin: String {
        switch self {
        case .write: "BEGIN ISOLATION LEVEL READ COMMITTED"
        case .read: "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
        }
    }
}

extension SQLValue {
    /// The value in PostgreSQL's text format.
    fileprivate var postgreSQLText: String? {
        switch self {
        case .null: nil
        case .integer(let number): String(number)
        case .text(let text): text
        }
    }
}
