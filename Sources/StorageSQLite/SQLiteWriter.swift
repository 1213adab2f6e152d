import Dispatch
import Logging
import Storage
import Synchronization

/// The one thread that writes.
///
/// A commit costs a flush to the disk, whatever is in it. So all writes that wait are run in one transaction, each in a
/// savepoint of its own, are committed together, and only then answered.
final class SQLiteWriter: Sendable {
    private struct State {
        var waiting: [PendingWrite] = []
        var isDraining = false
        var isClosed = false
    }

    private let state = Mutex(State())
    private let slot: SQLiteSlot
    private let queue = DispatchQueue(label: "gatehouse.sqlite.writer")
    private let logger: Logger

    /// How many writes wait at most; the next caller hears `busy`.
    private static let waitingLimit = 4096
    /// How many writes one transaction holds at most, so that the first in it does not wait for long.
    private static let batchLimit = 256

    init(slot: SQLiteSlot, logger: Logger) {
        self.slot = slot
        self.logger = logger
    }

    /// Runs `body` in the next transaction and returns when that is on the disk.
    func write<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            submit(PendingWrite(body, answering: continuation))
        }
    }

    private func submit(_ write: PendingWrite) {
        enum Next { case start, wait, refuse(DatabaseError) }
        let next = state.withLock { state -> Next in
            if state.isClosed { return .refuse(SQLiteDatabase.closed) }
            guard state.waiting.count < Self.waitingLimit else { return .refuse(.busy) }
            state.waiting.append(write)
            defer { state.isDraining = true }
            return state.isDraining ? .wait : .start
        }
        switch next {
        case .start: queue.async { self.drain() }
        case .wait: break
        case .refuse(let error): write.refuse(error)
        }
    }

    private func drain() {
        while let batch = nextBatch() {
            do {
                try slot.use { [logger] connection in
                    var rest = batch
                    while !rest.isEmpty { rest = Self.commit(rest, on: connection, logger: logger) }
                }
            } catch {
                for write in batch { write.refuse(SQLiteDatabase.closed) }
            }
        }
    }

    private func nextBatch() -> ArraySlice<PendingWrite>? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isDraining = false
                return nil
            }
            let batch = state.waiting.prefix(Self.batchLimit)
            state.waiting.removeFirst(batch.count)
            return batch
        }
    }

    /// Runs writes in one transaction and answers them.
    ///
    /// - Returns: Those that were not begun because SQLite gave the transaction up (disk full, I/O error).
    private static func commit(
        _ writes: ArraySlice<PendingWrite>, on connection: SQLiteConnection, logger: Logger
    ) -> ArraySlice<PendingWrite> {
        var rest = writes
        var answers: [PendingWrite.Answer] = []
        var failure: DatabaseError?
        do throws(DatabaseError) {
            try connection.run("BEGIN IMMEDIATE")
            while connection.isInTransaction, let write = rest.popFirst() { answers.append(write.run(connection)) }
            guard connection.isInTransaction else { throw connection.failure ?? .unavailable("SQLite rolled back.") }
            try connection.run("COMMIT")
        } catch {
            connection.rollBack()
            logger.error("a transaction of the database was lost", metadata: ["error": "\(error)"])
            failure = error
            if answers.isEmpty {
                for write in rest { write.refuse(error) }
                rest = []
            }
        }
        for answer in answers { answer(failure) }
        return rest
    }

    /// Finishes the writes that wait, then closes the connection.
    func close() async {
        state.withLock { $0.isClosed = true }
        await withCheckedContinuation { continuation in
            queue.async {
                self.slot.close()
                continuation.resume()
            }
        }
    }
}

/// One caller's write: what to run, and whom to answer.
struct PendingWrite: Sendable {
    /// Called after the commit, with the error if it failed; answers the caller, in that case with the error.
    typealias Answer = @Sendable (_ failure: DatabaseError?) -> Void

    /// Runs the body in a savepoint.
    let run: @Sendable (SQLiteConnection) -> Answer
    /// Answers with an error instead of running.
    let refuse: @Sendable (DatabaseError) -> Void

    init<T: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> T,
        answering continuation: CheckedContinuation<T, any Error>
    ) {
        refuse = { continuation.resume(throwing: $0) }
        run = { connection in
            let outcome = Result { try connection.savepoint(body) }
            return { failure in
                // Also where the body threw: it may have refused because of what another wrote that is gone now.
                if let failure {
                    continuation.resume(throwing: failure)
                } else {
                    continuation.resume(with: outcome)
                }
            }
        }
    }
}
