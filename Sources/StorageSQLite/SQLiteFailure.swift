import CSQLite
import Storage

/// Translates SQLite's result codes (https://www.sqlite.org/rescode.html).
enum SQLiteFailure {
    /// - Parameters:
    ///   - code: The extended result code.
    ///   - message: `sqlite3_errmsg`: names of tables and columns, never a bound value.
    static func error(code: Int32, message: String) -> DatabaseError {
        switch code {
        case SQLITE_CONSTRAINT | (6 << 8), SQLITE_CONSTRAINT | (8 << 8), SQLITE_CONSTRAINT | (10 << 8):
            return .uniqueViolation(constraint: constraint(in: message))
        default:
            break
        }
        switch code & 0xff {
        case SQLITE_BUSY, SQLITE_LOCKED: return .busy
        case SQLITE_CANTOPEN, SQLITE_FULL, SQLITE_IOERR, SQLITE_NOMEM: return .unavailable("SQLite: \(message).")
        default: return .failed("SQLite \(code): \(message)")
        }
    }

    /// The common form of a constraint.
    ///
    /// SQLite says `UNIQUE constraint failed: users.tenant_id, users.username` for columns
    /// and `UNIQUE constraint failed: index 'users_by_lower_name'` for an index over an expression.
    private static func constraint(in message: String) -> String {
        guard let colon = message.firstIndex(of: ":") else { return message }
        let subject = message[colon...].dropFirst(2)
        if subject.hasPrefix("index '") { return String(subject.dropFirst(7).dropLast()) }
        let parts = subject.split(separator: " ").map { $0.split(separator: ".") }
        let table = parts.first?.first ?? ""
        let columns = parts.map { $0.last ?? "" }.joined(separator: " ")
        return "\(table)(\(columns))"
    }
}
