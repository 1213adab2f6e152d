import CLibPQ
import Storage

/// One answer of the server, freed when the last reference to it goes.
@safe
final class PostgreSQLResult {
    private let handle: OpaquePointer?

    init(_ handle: OpaquePointer?) {
        unsafe self.handle = handle
    }

    deinit {
        unsafe PQclear(handle)
    }

    /// Nil when the statement succeeded.
    var failure: PostgreSQLFailure? {
        switch unsafe PQresultStatus(handle) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK: return nil
        case PGRES_EMPTY_QUERY: return PostgreSQLFailure(mistake: "an empty statement", endsConnection: false)
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            return PostgreSQLFailure(mistake: "COPY is not a statement of the port", endsConnection: true)
        default:
            // The codes of PQresultErrorField are characters (postgres_ext.h).
            let constraint = PostgreSQLFailure.constraint(name: field("n"), table: field("t"), detail: field("D"))
            return PostgreSQLFailure(
                state: field("C"), severity: field("V"), message: field("M"), constraint: constraint)
        }
    }

    /// What the server says it did, such as `COMMIT`, or `ROLLBACK` where a failed transaction was to be committed.
    var command: String { unsafe PQcmdStatus(handle).map { unsafe String(cString: $0) } ?? "" }

    private func field(_ code: Unicode.Scalar) -> String {
        unsafe PQresultErrorField(handle, Int32(code.value)).map { unsafe String(cString: $0) } ?? ""
    }

    /// The rows, in the text format that results have by default.
    func rows() throws(DatabaseError) -> [SQLRow] {
        let rowCount = unsafe PQntuples(handle)
        guard rowCount > 0 else { return [] }
        let columns = unsafe (0..<PQnfields(handle)).map { unsafe Column(of: handle, at: $0) }
        let names = columns.map(\.name)
        var rows: [SQLRow] = []
        rows.reserveCapacity(Int(rowCount))
        for row in 0..<rowCount {
            var values: [SQLValue] = []
            values.reserveCapacity(columns.count)
            for (index, column) in columns.enumerated() { values.append(try value(row, Int32(index), column)) }
            rows.append(SQLRow(columns: names, values: values))
        }
        return rows
    }

    private func value(_ row: Int32, _ index: Int32, _ column: Column) throws(DatabaseError) -> SQLValue {
        if unsafe PQgetisnull(handle, row, index) == 1 { return .null }
        let start = unsafe UnsafeRawPointer(PQgetvalue(handle, row, index))
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(handle, row, index)))
        let value: SQLValue? =
            switch column.kind {
            case .integer: unsafe Self.integer(bytes).map(SQLValue.integer)
            case .truth: unsafe .integer(bytes.first == UInt8(ascii: "t") ? 1 : 0)
            case .text: unsafe .text(String(decoding: bytes, as: UTF8.self))
            case .other: nil
            }
        guard let value else { throw .unexpectedValue(column: column.name) }
        return value
    }

    /// Reads decimal digits with an optional sign; nil for a fraction or what does not fit 64 bits.
    private static func integer(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        let isNegative = unsafe bytes.first == UInt8(ascii: "-")
        var number: Int64 = 0
        for index in (isNegative ? 1 : 0)..<bytes.count {
            let digit = unsafe bytes[index] &- UInt8(ascii: "0")
            let (shifted, isTooLarge) = number.multipliedReportingOverflow(by: 10)
            let (next, isTooFar) = shifted.subtractingReportingOverflow(Int64(digit))
            if digit > 9 || isTooLarge || isTooFar { return nil }
            number = next
        }
        return isNegative ? number : (number == .min ? nil : -number)
    }
}

/// A column of a result: its name, for errors, and how its text is to be read.
private struct Column {
    enum Kind { case integer, truth, text, other }

    let name: String
    let kind: Kind

    /// Types by their fixed object ids (pg_type.dat): what an expression of the common subset can yield.
    init(of handle: OpaquePointer?, at index: Int32) {
        name = unsafe PQfname(handle, index).map { unsafe String(cString: $0) } ?? "\(index + 1)"
        kind =
            switch unsafe PQftype(handle, index) {
            // int8, int2, int4, oid, and numeric, which SUM(BIGINT) yields
            case 20, 21, 23, 26, 1700: .integer
            // bool, as an expression yields it; SQLite yields 0 or 1
            case 16: .truth
            // name, text, unknown, bpchar, varchar, void
            case 19, 25, 705, 1042, 1043, 2278: .text
            default: .other
            }
    }
}
