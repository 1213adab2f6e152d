import CSQLite
import Storage

/// One connection to a database file: its handle, its statements, its transaction.
///
/// Not safe to share: whoever uses it holds the lock of the ``SQLiteSlot`` it lives in.
@safe
final class SQLiteConnection: Connection {
    private let handle: OpaquePointer
    /// Every statement that was run, by its text, which is static: so there are no more than the source has.
    private var statements: [String: SQLiteStatement] = [:]
    /// The first statement that failed in this transaction; nothing more is run after it.
    private(set) var failure: DatabaseError?

    /// Lists of different lengths make texts of their own; past this many the cache starts anew.
    private static let statementLimit = 512

    /// Opens a file that exists already, or a private database in memory for the name `:memory:`.
    init(path: String) throws(DatabaseError) {
        var handle: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let code = unsafe sqlite3_open_v2(path, &handle, flags, nil)
        guard code == SQLITE_OK, let opened = unsafe handle else {
            let message = unsafe handle.map { unsafe String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            unsafe sqlite3_close(handle)
            throw SQLiteFailure.error(code: code, message: message)
        }
        unsafe self.handle = opened
    }

    deinit {
        statements = [:]
        unsafe sqlite3_close(handle)
    }

    static func error(on database: OpaquePointer) -> DatabaseError {
        unsafe SQLiteFailure.error(
            code: sqlite3_extended_errcode(database), message: String(cString: sqlite3_errmsg(database)))
    }

    // MARK: Statements

    func execute(_ sql: SQL) throws -> [SQLRow] {
        try guarded { () throws(DatabaseError) in
            try sql.requireStorableText()
            return try run(sql.text, sql.bindings)
        }
    }

    func define(_ statement: StaticString) throws {
        _ = try guarded { () throws(DatabaseError) in try run(SQLiteSchema.strict(statement.description)) }
    }

    /// A transaction that met an error is lost, as it is on PostgreSQL, even where SQLite could go on.
    private func guarded(_ body: () throws(DatabaseError) -> [SQLRow]) throws(DatabaseError) -> [SQLRow] {
        if let failure { throw failure }
        do {
            return try body()
        } catch {
            failure = error
            throw error
        }
    }

    @discardableResult
    func run(_ text: String, _ bindings: [SQL.Binding] = []) throws(DatabaseError) -> [SQLRow] {
        try unsafe statement(text).run(bindings, on: handle)
    }

    private func statement(_ text: String) throws(DatabaseError) -> SQLiteStatement {
        if let known = statements[text] { return known }
        let statement = try unsafe SQLiteStatement(text, on: handle)
        if statements.count >= Self.statementLimit { statements = [:] }
        statements[text] = statement
        return statement
    }

    // MARK: Transactions

    /// False once SQLite has rolled back by itself, as it does for a full disk.
    var isInTransaction: Bool { unsafe sqlite3_get_autocommit(handle) == 0 }

    /// Runs `body` on one snapshot, which the first statement takes.
    func snapshot<T>(_ body: (any Connection) throws -> T) throws -> T {
        failure = nil
        try run("BEGIN")
        defer { rollBack() }
        let value = try body(self)
        if let failure { throw failure }
        return value
    }

    /// Runs `body` so that it alone is undone when it throws; inside a transaction.
    func savepoint<T>(_ body: (any Connection) throws -> T) throws -> T {
        failure = nil
        try run("SAVEPOINT caller")
        do {
            let value = try body(self)
            if let failure { throw failure }
            try run("RELEASE caller")
            return value
        } catch {
            // Fails only when SQLite has rolled the whole transaction back, which the writer looks at next.
            if isInTransaction { try run("ROLLBACK TO caller") }
            if isInTransaction { try run("RELEASE caller") }
            throw error
        }
    }

    /// Ends whatever transaction there is. There is nothing to be done about an error: the file keeps its last commit.
    func rollBack() {
        if isInTransaction { _ = try? run("ROLLBACK") }
    }
}
