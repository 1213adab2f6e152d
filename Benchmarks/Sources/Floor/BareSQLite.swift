import CSQLite
import Dispatch
import Synchronization

/// What is bound to a statement.
enum BareValue: Sendable {
    case text(String)
    case integer(Int64)
    case null
}

/// One connection of the SQLite C library with every statement of ``FloorStatement`` prepared.
///
/// Invariant of `@unchecked Sendable`: one thread uses it at a time, whoever took it from the pool.
@safe
final class BareConnection: @unchecked Sendable {
    private let handle: OpaquePointer
    private var statements: [OpaquePointer] = unsafe []

    init(path: String) throws(Failure) {
        var handle: OpaquePointer?
        let status = unsafe sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil)
        guard status == SQLITE_OK, let handle = unsafe handle else { throw Failure("cannot open \(path)") }
        unsafe self.handle = unsafe handle
        for pragma in ["journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"] {
            unsafe sqlite3_exec(handle, "PRAGMA \(pragma)", nil, nil, nil)
        }
        for statement in FloorStatement.allCases {
            var prepared: OpaquePointer?
            unsafe sqlite3_prepare_v3(
                handle, statement.text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
            guard let prepared = unsafe prepared else {
                throw Failure("the floor's statement \(statement) does not fit the server's schema: \(message)")
            }
            unsafe statements.append(prepared)
        }
    }

    deinit {
        unsafe statements.forEach { unsafe sqlite3_finalize($0) }
        unsafe sqlite3_close(handle)
    }

    private var message: String { unsafe String(cString: sqlite3_errmsg(handle)) }

    /// Runs a statement to its end.
    /// - Parameters:
    ///   - column: Which column of the first row is wanted, as text.
    ///   - row: Told the same column of each row.
    @discardableResult
    func run(
        _ statement: FloorStatement, _ values: [BareValue] = [], column: Int32? = nil, row: ((String) -> Void)? = nil
    ) throws(Failure) -> String? {
        let prepared = unsafe statements[statement.rawValue]
        defer { unsafe sqlite3_reset(prepared) }
        for (index, value) in values.enumerated() {
            let position = Int32(index + 1)
            switch value {
            case .text(let text): unsafe csqlite_bind_text(prepared, position, text, UInt64(text.utf8.count))
            case .integer(let number): unsafe sqlite3_bind_int64(prepared, position, number)
            case .null: unsafe sqlite3_bind_null(prepared, position)
            }
        }
        var found: String?
        while true {
            switch unsafe sqlite3_step(prepared) {
            case SQLITE_ROW:
                if let column, found == nil || row != nil {
                    found = unsafe sqlite3_column_text(prepared, column).map { unsafe String(cString: $0) }
                    if let row, let found { row(found) }
                }
            case SQLITE_DONE: return found
            default: throw Failure("\(statement): \(message)")
            }
        }
    }
}

extension BareConnection {
    /// One column of every row.
    func texts(of statement: FloorStatement, column: Int32) throws(Failure) -> [String] {
        var texts: [String] = []
        _ = try run(statement, column: column) { texts.append($0) }
        return texts
    }
}

/// Reads on the caller's thread; writes on one thread that commits those that wait together.
final class BareDatabase: Sendable {
    private struct Pending: Sendable {
        let run: @Sendable (BareConnection) throws(Failure) -> Void
        let answer: CheckedContinuation<Void, any Error>
    }

    private let path: String
    private let idle: Mutex<[BareConnection]>
    private let writer: BareConnection
    private let waiting = Mutex<[Pending]>([])
    private let queue = DispatchQueue(label: "writer")

    init(path: String) throws(Failure) {
        self.path = path
        writer = try BareConnection(path: path)
        idle = Mutex([])
    }

    /// One snapshot, as the server's reads have.
    func read<T>(_ body: (BareConnection) throws(Failure) -> T) throws(Failure) -> T {
        let connection: BareConnection
        if let kept = idle.withLock({ $0.popLast() }) { connection = kept } else { connection = try .init(path: path) }
        defer { idle.withLock { $0.append(connection) } }
        try connection.run(.begin)
        let value = try body(connection)
        try connection.run(.rollback)
        return value
    }

    /// Returns when what `body` wrote is on the disk.
    func write(_ body: @escaping @Sendable (BareConnection) throws(Failure) -> Void) async throws {
        try await withCheckedThrowingContinuation { continuation in
            let isFirst = waiting.withLock { waiting in
                waiting.append(Pending(run: body, answer: continuation))
                return waiting.count == 1
            }
            if isFirst { queue.async { self.commit() } }
        }
    }

    private func commit() {
        let batch = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        do throws(Failure) {
            try writer.run(.beginImmediate)
            for write in batch { try write.run(writer) }
            try writer.run(.commit)
            for write in batch { write.answer.resume() }
        } catch {
            _ = try? writer.run(.rollback)
            for write in batch { write.answer.resume(throwing: error) }
        }
    }
}
