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
    /// False for a failure inside libpq: a lost connection, or a call that it could not send.
    let isFromServer: Bool
    /// Whether the transaction collided with another and would succeed when run again.
    let isCollision: Bool

    private static let classesWithoutValues: Set<Substring> = [
        "08", "0A", "23", "25", "26", "42", "53", "57",
    ]

    /// - Parameters:
    ///   - state: The SQLSTATE; empty when the server said nothing.
    ///   - message: The primary message.
    ///   - constraint: The violated constraint in the common form, for `unique_violation`.
    init(state: String, message: String, constraint: String) {
        isFromServer = !state.isEmpty
        isCollision = state == "40001" || state == "40P01"
        let text = Self.classesWithoutValues.contains(state.prefix(2)) ? "\(state): \(message)" : state
        switch state {
        case "23505": error = .uniqueViolation(constraint: constraint)
        case "40001", "40P01", "55P03", "57014": error = .busy
        default:
            switch state.prefix(2) {
            case "": error = .failed("libpq could not send the statement")
            case "08", "53", "57": error = .unavailable("PostgreSQL \(text).")
            default: error = .failed("PostgreSQL \(text)")
            }
        }
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
