/// One row of a result, read from its first column to its last.
///
/// ```swift
/// extension Group {
///     init(from row: inout SQLRow) throws {
///         self.init(id: try row.next(), tenantID: try row.next(), name: try row.next())
///     }
/// }
/// ```
///
/// The order of the reads is the order of the columns in the statement: keep the two next to each other. Positions
/// cost nothing to look up, where names would cost a search for each column.
package struct SQLRow: Sendable {
    /// The names of the columns, shared by all rows of a statement; only errors need them.
    private let columns: [String]
    private let values: [SQLValue]
    private var position = 0

    /// Made by an adapter; `columns` and `values` are of the same length.
    package init(columns: [String], values: [SQLValue]) {
        self.columns = columns
        self.values = values
    }

    /// Takes the next column.
    ///
    /// - Throws: ``DatabaseError/unexpectedValue(column:)`` when it holds something else, a null for a type that is
    ///   not optional, or when there is no further column.
    package mutating func next<V: SQLConvertible>(_ type: V.Type = V.self) throws(DatabaseError) -> V {
        guard position < values.count else { throw .unexpectedValue(column: "\(position + 1)") }
        guard let value = V(sqlValue: values[position]) else {
            throw .unexpectedValue(column: columns[position])
        }
        position += 1
        return value
    }

    /// Reads a copy of the row from its first column.
    ///
    /// - Throws: What `decode` throws; ``DatabaseError/unexpectedValue(column:)`` for a column that it left unread,
    ///   because then the statement and its reader have come apart.
    func decoded<T>(by decode: (inout SQLRow) throws -> T) throws -> T {
        var row = self
        let value = try decode(&row)
        guard row.position == values.count else {
            throw DatabaseError.unexpectedValue(column: columns[row.position])
        }
        return value
    }
}
