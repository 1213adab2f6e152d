import CSQLite
import Storage

/// One prepared statement of one connection, used again and again.
@safe
final class SQLiteStatement {
    private let handle: OpaquePointer
    private let parameterCount: Int
    /// The names of the result's columns; asked again when a changed schema has changed their number.
    private var columns: [String] = []

    /// - Parameters:
    ///   - text: One statement; a second one behind it is refused, as PostgreSQL does.
    ///   - database: The connection's handle, which outlives the statement.
    init(_ text: String, on database: OpaquePointer) throws(DatabaseError) {
        var handle: OpaquePointer?
        var rest: Substring = ""
        let code = unsafe Self.prepare(text, on: database, into: &handle, rest: &rest)
        guard code == SQLITE_OK else { throw unsafe SQLiteConnection.error(on: database) }
        guard let handle = unsafe handle else { throw .failed("an empty statement") }
        guard rest.allSatisfy(\.isWhitespace) else {
            unsafe sqlite3_finalize(handle)
            throw .failed("several statements in one text")
        }
        unsafe self.handle = handle
        parameterCount = unsafe Int(sqlite3_bind_parameter_count(handle))
    }

    deinit {
        unsafe sqlite3_finalize(handle)
    }

    private static func prepare(
        _ text: String, on database: OpaquePointer, into handle: inout OpaquePointer?, rest: inout Substring
    ) -> Int32 {
        var text = text
        return text.withUTF8 { bytes in
            guard let start = bytes.baseAddress else { return SQLITE_OK }
            return unsafe start.withMemoryRebound(to: CChar.self, capacity: bytes.count) { start in
                var tail: UnsafePointer<CChar>?
                let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
                let code = unsafe sqlite3_prepare_v3(database, start, Int32(bytes.count), flags, &handle, &tail)
                let used = unsafe tail.map { unsafe $0 - start } ?? bytes.count
                rest = unsafe Substring(decoding: bytes[used...], as: UTF8.self)
                return code
            }
        }
    }

    /// Runs the statement to its end and leaves it ready for the next time, its values forgotten.
    func run(_ bindings: [SQL.Binding], on database: OpaquePointer) throws(DatabaseError) -> [SQLRow] {
        defer {
            unsafe sqlite3_reset(handle)
            if parameterCount > 0 { unsafe sqlite3_clear_bindings(handle) }
        }
        try bind(bindings)
        var rows: [SQLRow] = []
        while true {
            switch unsafe sqlite3_step(handle) {
            case SQLITE_ROW: rows.append(try row())
            case SQLITE_DONE: return rows
            default: throw unsafe SQLiteConnection.error(on: database)
            }
        }
    }

    private func bind(_ bindings: [SQL.Binding]) throws(DatabaseError) {
        guard bindings.count == parameterCount else { throw .failed("a placeholder without its value") }
        for (index, binding) in bindings.enumerated() {
            let position = Int32(index + 1)
            let code =
                switch binding.value {
                case .null: unsafe sqlite3_bind_null(handle, position)
                case .integer(let number): unsafe sqlite3_bind_int64(handle, position, number)
                case .text(let text):
                    unsafe csqlite_bind_text(handle, position, text, UInt64(text.utf8.count))
                }
            guard code == SQLITE_OK else { throw .failed("SQLite \(code): cannot bind value \(position)") }
        }
    }

    private func row() throws(DatabaseError) -> SQLRow {
        let count = unsafe Int(sqlite3_column_count(handle))
        if columns.count != count { nameColumns(count) }
        var values: [SQLValue] = []
        values.reserveCapacity(count)
        for index in 0..<count { values.append(try value(at: index)) }
        return SQLRow(columns: columns, values: values)
    }

    private func nameColumns(_ count: Int) {
        columns = (0..<count).map { index in
            unsafe sqlite3_column_name(handle, Int32(index)).map { unsafe String(cString: $0) } ?? "\(index + 1)"
        }
    }

    /// Numbers and text only: REAL and BLOB are not in the common subset.
    private func value(at index: Int) throws(DatabaseError) -> SQLValue {
        let position = Int32(index)
        switch unsafe sqlite3_column_type(handle, position) {
        case SQLITE_NULL: return .null
        case SQLITE_INTEGER: return unsafe .integer(sqlite3_column_int64(handle, position))
        case SQLITE_TEXT:
            // The text must be asked for before its length (https://www.sqlite.org/c3ref/column_blob.html).
            let start = unsafe sqlite3_column_text(handle, position)
            let count = unsafe Int(sqlite3_column_bytes(handle, position))
            return unsafe .text(String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self))
        default: throw .unexpectedValue(column: columns[index])
        }
    }
}
