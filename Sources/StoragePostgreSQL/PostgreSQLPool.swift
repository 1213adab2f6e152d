import Dispatch
import Logging
import Storage
import Synchronization

/// A bounded number of connections, and a bounded queue before them.
final class PostgreSQLPool: Sendable {
    private struct State {
        /// The connection used last is used next, so that as few are opened as the load needs.
        var idle: [PostgreSQLWorker]
        var waiting: ArraySlice<PendingTransaction> = []
        /// While the server cannot be reached, callers hear so at once instead of each waiting for the timeout.
        var outageEndsAt: ContinuousClock.Instant?
        var isSweeping = false
        var isClosed = false
    }

    private let workers: [PostgreSQLWorker]
    private let state: Mutex<State>
    private let sweeping = DispatchQueue(label: "gatehouse.postgresql.queue")
    private let closingTime: Duration
    private let logger: Logger

    /// How many transactions wait at most; the next caller hears `busy`.
    private static let waitingLimit = 1024
    /// How long nobody tries to connect after an attempt failed.
    private static let outageTime = Duration.seconds(1)

    static let closed = DatabaseError.unavailable("it was closed.")
    private static let outage = DatabaseError.unavailable("PostgreSQL could not be reached a moment ago.")

    init(server: PostgreSQLServer, connections: Int, logger: Logger) {
        workers = (0..<connections).map { _ in PostgreSQLWorker(server: server) }
        state = Mutex(State(idle: workers))
        closingTime = server.patience + .seconds(1)
        self.logger = logger
    }

    /// Runs a transaction on the next free connection, or answers it with an error.
    func submit(_ transaction: PendingTransaction) {
        enum Next {
            case run(PostgreSQLWorker)
            case wait(startSweeping: Bool)
            case refuse(DatabaseError)
        }
        let next = state.withLock { state -> Next in
            if state.isClosed { return .refuse(Self.closed) }
            if let end = state.outageEndsAt, ContinuousClock.now < end { return .refuse(Self.outage) }
            if let worker = state.idle.popLast() { return .run(worker) }
            guard state.waiting.count < Self.waitingLimit else { return .refuse(.busy) }
            state.waiting.append(transaction)
            defer { state.isSweeping = true }
            return .wait(startSweeping: !state.isSweeping)
        }
        switch next {
        case .run(let worker): worker.queue.async { self.work(worker, beginningWith: transaction) }
        case .wait(let startSweeping): if startSweeping { sweepLater() }
        case .refuse(let error): transaction.refuse(error)
        }
    }

    private func work(_ worker: PostgreSQLWorker, beginningWith first: PendingTransaction) {
        var next: PendingTransaction? = first
        while let transaction = next {
            transaction.run(worker)
            if worker.currentCondition == .unreachable { beginOutage() }
            next = state.withLock { state in
                if let waiting = state.waiting.popFirst() { return waiting }
                state.idle.append(worker)
                return nil
            }
        }
    }

    /// Only when no connection is left: one refused beside others that work is no outage.
    private func beginOutage() {
        guard !workers.contains(where: { $0.currentCondition == .connected }) else { return }
        let waiting = state.withLock { state in
            state.outageEndsAt = .now + Self.outageTime
            defer { state.waiting = [] }
            return state.waiting
        }
        logger.error("PostgreSQL cannot be reached", metadata: ["refused": "\(waiting.count + 1)"])
        for transaction in waiting { transaction.refuse(Self.outage) }
    }

    // MARK: Waiting

    private func sweepLater() {
        sweeping.asyncAfter(deadline: .now() + .seconds(1)) { self.sweep() }
    }

    private func sweep() {
        let now = ContinuousClock.now
        let (expired, goesOn) = state.withLock { state in
            let expired = state.waiting.prefix { $0.deadline < now }
            state.waiting.removeFirst(expired.count)
            state.isSweeping = !state.waiting.isEmpty
            return (expired, state.isSweeping)
        }
        for transaction in expired { transaction.refuse(.busy) }
        if goesOn { sweepLater() }
    }

    /// Refuses what waits, finishes what runs, but waits no longer for that than for the answer to one statement.
    func close() async {
        let waiting = state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for transaction in waiting { transaction.refuse(Self.closed) }
        let closing = DispatchGroup()
        for worker in workers { worker.close(in: closing) }
        await withCheckedContinuation { continuation in
            // Blocks, so it has a thread of its own.
            DispatchQueue(label: "gatehouse.postgresql.end").async { [closingTime, logger] in
                if closing.wait(timeout: .now() + closingTime / .seconds(1)) == .timedOut {
                    logger.error("PostgreSQL was left with a transaction under way")
                }
                continuation.resume()
            }
        }
    }
}

/// One caller's transaction: what to run, until when it may wait, and whom to answer.
struct PendingTransaction: Sendable {
    /// When waiting for a connection ends with `busy`.
    let deadline: ContinuousClock.Instant
    /// Runs the transaction and answers the caller.
    let run: @Sendable (PostgreSQLWorker) -> Void
    /// Answers with an error instead of running.
    let refuse: @Sendable (DatabaseError) -> Void

    init<T: Sendable>(
        _ kind: TransactionKind, deadline: ContinuousClock.Instant,
        _ body: @escaping @Sendable (any Connection) throws -> T,
        answering continuation: CheckedContinuation<T, any Error>
    ) {
        self.deadline = deadline
        run = { worker in continuation.resume(with: Result { try worker.transact(kind, body) }) }
        refuse = { continuation.resume(throwing: $0) }
    }
}
