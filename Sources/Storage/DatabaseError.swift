/// What can go wrong between a store and its engine.
///
/// The adapters translate result codes and SQLSTATEs into these cases; nothing above an adapter sees either.
/// The texts are for the log of an operator, never for a client, and hold names of tables and columns but no values.
package enum DatabaseError: Error, Equatable, Sendable {
    /// A row with this key is there already.
    ///
    /// Both engines report a constraint as `table(column, column)`, the columns in the order of the constraint
    /// (`users(tenant_id, username)`). An index over an expression has no such form and is reported by its name.
    /// Of several constraints that a row violates at once, the engines may name different ones.
    case uniqueViolation(constraint: String)
    /// Somebody else held a lock for too long, or too many transactions are waiting. Trying again may succeed.
    case busy
    /// The engine cannot be reached or cannot work (server down, disk full). The text says what happened.
    ///
    /// When the connection was lost while committing, the transaction may or may not have taken effect.
    case unavailable(String)
    /// A column held nothing, or something of another kind than the store reads from it.
    case unexpectedValue(column: String)
    /// Everything else: a mistake in a statement, a violated check or reference, a damaged file.
    case failed(String)
}

extension DatabaseError: CustomStringConvertible {
    /// One sentence for the log.
    package var description: String {
        switch self {
        case .uniqueViolation(let constraint): "A row with this key exists already: \(constraint)."
        case .busy: "The database is busy."
        case .unavailable(let reason): "The database is not available: \(reason)"
        case .unexpectedValue(let column): "The column \(column) does not hold what was expected."
        case .failed(let reason): "The database refused: \(reason)"
        }
    }
}
