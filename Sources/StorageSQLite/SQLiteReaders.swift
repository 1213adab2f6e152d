import Storage
import Synchronization

/// The connections that read, each used on the caller's thread.
///
/// A read never waits for another: there are as many connections as there have ever been readers at one time, and
/// readers are as many as the threads of the process, because a read does not suspend.
final class SQLiteReaders: Sendable {
    private struct State {
        var idle: [SQLiteSlot] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    private let path: String

    init(path: String) {
        self.path = path
    }

    /// Runs `body` on a snapshot of what is committed.
    func read<T: Sendable>(_ body: @Sendable (any Connection) throws -> T) throws -> T {
        let slot = try take()
        defer { giveBack(slot) }
        return try slot.use { connection in try connection.snapshot(body) }
    }

    private func take() throws -> SQLiteSlot {
        let idle = try state.withLock { state in
            if state.isClosed { throw SQLiteDatabase.closed }
            return state.idle.popLast()
        }
        return try idle ?? SQLiteSlot { [path] () throws(DatabaseError) in try Self.open(path) }
    }

    private func giveBack(_ slot: SQLiteSlot) {
        let isClosed = state.withLock { state in
            if !state.isClosed { state.idle.append(slot) }
            return state.isClosed
        }
        if isClosed { slot.close() }
    }

    private static func open(_ path: String) throws(DatabaseError) -> SQLiteConnection {
        let connection = try SQLiteConnection(path: path)
        try SQLiteSettings.apply(to: connection)
        try connection.run("PRAGMA query_only=ON")
        return connection
    }

    func close() {
        let idle = state.withLock { state in
            state.isClosed = true
            defer { state.idle = [] }
            return state.idle
        }
        for slot in idle { slot.close() }
    }
}
