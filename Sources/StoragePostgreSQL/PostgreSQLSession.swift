import CLibPQ
import Storage

/// One connection to the server: its prepared statements, its transaction.
///
/// Not safe to share: whoever uses it holds the lock of the ``PostgreSQLWorker`` it lives in.
@safe
final class PostgreSQLSession: Connection {
    private let handle: OpaquePointer
    private var statements: [String: PreparedStatement] = [:]
    private var statementsMade = 0
    /// The first statement that failed in this transaction; the server refuses everything after it.
    private var failure: DatabaseError?
    /// Whether this transaction failed because of another one, so that running it again makes sense.
    private(set) var hasCollided = false

    private struct PreparedStatement {
        let name: String
        let types: [SQLType]
    }

    /// Lists of different lengths make texts of their own; past this many the cache starts anew.
    private static let statementLimit = 512

    /// Takes over an open connection.
    init(_ handle: OpaquePointer) {
        unsafe self.handle = handle
        // Notices ("relation exists, skipping") would go to the standard error stream.
        unsafe PQsetNoticeProcessor(handle, { _, _ in }, nil)
    }

    deinit {
        unsafe PQfinish(handle)
    }

    /// True once the connection cannot be used any more.
    var isLost: Bool { unsafe PQstatus(handle) == CONNECTION_BAD }

    /// A setting that the server reports at the start of a connection.
    func parameter(_ name: String) -> String {
        unsafe PQparameterStatus(handle, name).map { unsafe String(cString: $0) } ?? ""
    }

    // MARK: Statements

    func execute(_ sql: SQL) throws -> [SQLRow] {
        try guarded { () throws(DatabaseError) in
            try sql.requireStorableText()
            return try run(sql)
        }
    }

    /// One node after the other changes a schema: the lock is held until the transaction ends.
    func define(_ statement: StaticString) throws {
        _ = try guarded { () throws(DatabaseError) in
            try command("SET LOCAL statement_timeout = 0")
            try command("SET LOCAL lock_timeout = 0")
            try command("SELECT pg_advisory_xact_lock(71207, hashtext(current_schema()))")
            try command(statement.description)
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
        let name = try prepared(sql.text, sql.bindings.map(\.type))
        let texts = CStrings(sql.bindings.map(\.value.postgreSQLText))
        let result = unsafe texts.withPointers { values in
            unsafe PostgreSQLResult(PQexecPrepared(handle, name, Int32(values.count), values, nil, nil, 0))
        }
        do {
            return try check(result).rows()
        } catch {
            statements[sql.text] = nil
            throw error
        }
    }

    /// The types are named: the server cannot guess that of a null, and would refuse `$1 IS NULL`.
    private func prepared(_ text: String, _ types: [SQLType]) throws(DatabaseError) -> String {
        if let known = statements[text], known.types == types { return known.name }
        if statements.count >= Self.statementLimit {
            try command("DEALLOCATE ALL")
            statements = [:]
        }
        statementsMade += 1
        let name = "s\(statementsMade)"
        let oids = types.map { type in type == .integer ? Oid(20) : Oid(25) }
        try check(unsafe PostgreSQLResult(PQprepare(handle, name, text, Int32(oids.count), oids)))
        statements[text] = PreparedStatement(name: name, types: types)
        return name
    }

    /// Runs a statement of the adapter's own, without values.
    @discardableResult
    func command(_ text: String) throws(DatabaseError) -> PostgreSQLResult {
        try check(unsafe PostgreSQLResult(PQexec(handle, text)))
    }

    @discardableResult
    private func check(_ result: PostgreSQLResult) throws(DatabaseError) -> PostgreSQLResult {
        guard let failure = result.failure else { return result }
        hasCollided = failure.isCollision
        if isLost, !failure.isFromServer { throw .unavailable("the connection to PostgreSQL was lost.") }
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
        !isLost && (try? command("ROLLBACK")) != nil
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
