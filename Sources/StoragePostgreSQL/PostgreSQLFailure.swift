import CLibPQ
import Storage

/// What a failed result means.
///
/// Messages of the server quote values (`invalid input syntax for type bigint: "…"`), details always do. So the text
/// that is passed on is the message of those SQLSTATE classes only that speak of names, and never the detail
/// (https://www.postgresql.org/docs/current/errcodes-appendix.html).
struct PostgreSQLFailure {
    /// The error for the store.
    let error: DatabaseError
    /// Whether the connection is of no use any more: the server ended it, or libpq made nothing of the answer.
    let endsConnection: Bool
    /// Whether the transaction collided with another and would succeed when run again.
    let isCollision: Bool
    /// Whether a prepared statement is no longer what the server would make of its text: after a change of the schema
    /// (`0A000`, cached plan must not change result type), or because it is not there (`26000`).
    let isOfStaleStatement: Bool

    private static let classesWithoutValues: Set<Substring> = [
        "08", "0A", "23", "25", "26", "42", "53", "57",
    ]

    /// - Parameters:
    ///   - state: The SQLSTATE; empty when the failure is libpq's own.
    ///   - severity: In English; the server ends the connection after `FATAL` and `PANIC`.
    ///   - message: The primary message.
    ///   - constraint: The violated constraint in the common form, for `unique_violation`.
    init(state: String, severity: String, message: String, constraint: String) {
        // 57P01 and its like tell of a shutdown, whatever their severity.
        endsConnection = state.isEmpty || severity == "FATAL" || severity == "PANIC" || state.hasPrefix("57P0")
        isCollision = !endsConnection && (state == "40001" || state == "40P01")
        isOfStaleStatement = state == "0A000" || state == "26000"
        let text = Self.classesWithoutValues.contains(state.prefix(2)) ? "\(state): \(message)" : state
        guard !state.isEmpty else {
            error = .unavailable("the connection to PostgreSQL was lost.")
            return
        }
        guard !endsConnection else {
            error = .unavailable("PostgreSQL \(text).")
            return
        }
        switch state {
        case "23505": error = .uniqueViolation(constraint: constraint)
        case "40001", "40P01", "55P03", "57014": error = .busy
        default:
            switch state.prefix(2) {
            case "08", "53", "57": error = .unavailable("PostgreSQL \(text).")
            default: error = .failed("PostgreSQL \(text)")
            }
        }
    }

    /// A statement that the adapter does not run.
    init(mistake: String, endsConnection: Bool) {
        self.endsConnection = endsConnection
        isCollision = false
        isOfStaleStatement = false
        error = .failed(mistake)
    }

    /// Brings a violated constraint into the common form `table(column, column)`.
    ///
    /// The server names the constraint, SQLite its columns. The columns stand in the detail,
    /// `Key (tenant_id, username)=(t1, alice) already exists.`, in every language between the first `(` and `)=(`.
    /// What follows are values, which are dropped here. An index over an expression is reported by its name.
    static func constraint(name: String, table: String, detail: String) -> String {
        guard let open = detail.firstIndex(of: "("), let end = detail.firstRange(of: ")=(") else { return name }
        let columns = detail[detail.index(after: open)..<end.lowerBound]
        return columns.contains("(") ? name : "\(table)(\(columns))"
    }
}
