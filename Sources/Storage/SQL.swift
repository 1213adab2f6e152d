// One SQL text for both engines: SQLite from 3.35 and PostgreSQL. What is not here is not used.
//
//   use                                              not                             because
//   -----------------------------------------------  ------------------------------  --------------------------------
//   TEXT, BIGINT                                     BOOLEAN, BLOB, TIMESTAMP,       type names and what is read back
//                                                    JSONB, REAL, serial ids         differ; ids are random text
//   INSERT … ON CONFLICT (…) DO UPDATE … RETURNING   REPLACE, MERGE, last insert id  same text and meaning
//   UPDATE … WHERE used_at IS NULL RETURNING …       SELECT … FOR UPDATE             the single-use gate: one taker
//                                                                                    sees the row, on either engine
//   to read, decide and write one row: first         SELECT, then UPDATE             the upsert locks the row; a
//   INSERT … ON CONFLICT (key) DO UPDATE SET                                         SELECT does not, on PostgreSQL
//   key = excluded.key RETURNING …, then UPDATE
//   the caller's now, as BIGINT seconds              now(), date arithmetic          one clock
//   ORDER BY a column that is never null,            ORDER BY a nullable column      SQLite puts nulls first,
//   or … NULLS LAST                                                                  PostgreSQL last
//   a lower-cased column LIKE a lower-cased          LIKE on mixed case, ILIKE,      SQLite's LIKE ignores ASCII case,
//   pattern ESCAPE '\' (see LikePattern)             lower() and upper() in SQL      PostgreSQL's does not
//   (k, id) > (…, …) ORDER BY k, id LIMIT …          OFFSET                          pages stay stable
//   the columns by name                              SELECT *                        rows are read by position
//   SUM(…) only over what fits 64 bits               AVG, division                   numeric types differ
//   constraints that hold at once                    DEFERRABLE                      one late failure would refuse a
//                                                                                    whole batch of SQLite's writes
//   one statement at a time, no trailing `;`         several in one text             a prepared statement is one

/// One statement with its values apart from its text.
///
/// ```swift
/// let sql: SQL = "SELECT id FROM users WHERE username = \(name) AND status = \(status)"
/// // sql.text == "SELECT id FROM users WHERE username = $1 AND status = $2"
/// ```
///
/// The literal parts are `StaticString`, and every interpolation becomes a bound value: text that arrives at run time
/// cannot get into a statement, because there is nothing to call.
package struct SQL: ExpressibleByStringInterpolation, Equatable, Sendable {
    /// The statement with `$1`, `$2`, … in the order of the values; the key of every statement cache.
    package private(set) var text: String
    /// The values, the first one for `$1`.
    package private(set) var bindings: [Binding]

    /// One value on its way into a statement.
    package struct Binding: Equatable, Sendable {
        /// The type of the parameter, known even when the value is null.
        package let type: SQLType
        /// The value.
        package let value: SQLValue

        /// Made by interpolation; tests compare with it.
        package init(type: SQLType, value: SQLValue) {
            self.type = type
            self.value = value
        }
    }

    /// A statement or fragment without values.
    package init(stringLiteral value: StaticString) {
        text = value.description
        bindings = []
    }

    /// A statement or fragment with values.
    package init(stringInterpolation: StringInterpolation) {
        self = stringInterpolation.sql
    }

    fileprivate init(capacity: Int, values: Int) {
        text = ""
        text.reserveCapacity(capacity)
        bindings = []
        bindings.reserveCapacity(values)
    }

    /// Adds a fragment at the end, its values numbered on; for conditions that a search form may or may not ask for.
    package mutating func append(_ fragment: SQL) {
        if fragment.bindings.isEmpty {
            text += fragment.text
        } else {
            appendRenumbered(fragment)
        }
    }

    /// A literal never holds `$` (see `appendLiteral`), so each one begins a placeholder, in ascending order.
    private mutating func appendRenumbered(_ fragment: SQL) {
        let pieces = fragment.text.split(separator: "$", omittingEmptySubsequences: false)
        text += pieces[0]
        for (piece, binding) in zip(pieces.dropFirst(), fragment.bindings) {
            append(binding)
            text += piece.drop { $0.isASCII && $0.isNumber }
        }
    }

    fileprivate mutating func append(_ binding: Binding) {
        bindings.append(binding)
        text += "$"
        text += String(bindings.count)
    }

    fileprivate mutating func appendText(_ literal: StaticString) {
        let literal = literal.description
        assert(!literal.utf8.contains(UInt8(ascii: "$")), "placeholders are numbered by interpolation")
        text += literal
    }
}

extension SQL {
    /// Collects the literal parts and the values of one statement.
    package struct StringInterpolation: StringInterpolationProtocol {
        /// Only text that stands in the source can be a literal part.
        package typealias StringLiteralType = StaticString

        fileprivate var sql: SQL

        /// Called by the compiler.
        package init(literalCapacity: Int, interpolationCount: Int) {
            sql = SQL(capacity: literalCapacity + 3 * interpolationCount, values: interpolationCount)
        }

        /// A part of the statement as it stands in the source.
        package mutating func appendLiteral(_ literal: StaticString) {
            sql.appendText(literal)
        }

        /// A value.
        package mutating func appendInterpolation<V: SQLConvertible>(_ value: V) {
            sql.append(Binding(type: V.sqlType, value: value.sqlValue))
        }

        /// A value or NULL. The compiler warns of an optional that reaches an interpolation which does not ask for one.
        package mutating func appendInterpolation<V: SQLConvertible>(_ value: V?) {
            sql.append(Binding(type: V.sqlType, value: value.sqlValue))
        }

        /// The values of `IN (\(list))`.
        ///
        /// An empty list becomes NULL: `x IN (NULL)` is never true. `NOT IN` of an empty list is not either, so ask
        /// before. Every length is a statement of its own, and preparing one takes SQLite a time that grows with the
        /// square of it: ask for a thousand at most.
        package mutating func appendInterpolation<V: SQLConvertible>(_ list: [V]) {
            guard !list.isEmpty else { return sql.appendText("NULL") }
            for (index, value) in list.enumerated() {
                if index > 0 { sql.appendText(", ") }
                sql.append(Binding(type: V.sqlType, value: value.sqlValue))
            }
        }

        /// A fragment that is SQL itself, such as a list of columns kept in one place.
        package mutating func appendInterpolation(sql fragment: SQL) {
            sql.append(fragment)
        }
    }

    /// Refuses text with U+0000, which PostgreSQL cannot store and its protocol would silently cut short.
    ///
    /// Every adapter calls this before it binds, so that both refuse alike.
    package func requireStorableText() throws(DatabaseError) {
        for case .text(let text) in bindings.lazy.map(\.value) where text.utf8.contains(0) {
            throw .failed("text to be stored holds U+0000")
        }
    }
}

/// Patterns for `LIKE \(pattern) ESCAPE '\'`, in which the searched text stands for itself.
package enum LikePattern {
    /// Matches every text that contains `text`.
    package static func containing(_ text: String) -> String { "%\(escaped(text))%" }

    /// Matches every text that begins with `text`.
    package static func beginning(with text: String) -> String { "\(escaped(text))%" }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            if scalar == "%" || scalar == "_" || scalar == "\\" { escaped.unicodeScalars.append("\\") }
            escaped.unicodeScalars.append(scalar)
        }
        return escaped
    }
}
