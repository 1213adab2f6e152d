import Dispatch
import Glibc
import Storage
import Synchronization

/// One connection and the thread that waits for its answers.
final class PostgreSQLWorker: Sendable {
    /// What the pool wants to know of a connection.
    enum Condition { case unused, connected, lost, unreachable }

    /// libpq blocks, so this is never a thread of the cooperative pool.
    let queue = DispatchQueue(label: "gatehouse.postgresql")
    private let server: PostgreSQLServer
    private let session = Mutex<PostgreSQLSession?>(nil)
    private let condition = Mutex(Condition.unused)

    /// How often a transaction that collides with others is run before its caller hears `busy`.
    private static let attemptLimit = 10

    init(server: PostgreSQLServer) {
        self.server = server
    }

    /// How the last attempt to use the connection went.
    var currentCondition: Condition { condition.withLock { $0 } }

    /// Runs a transaction on the caller's thread, which is that of ``queue``.
    ///
    /// It is run again when it collided with another. A connection that turns out dead at `BEGIN`, where nothing was
    /// done yet, is replaced; one that dies later surfaces as an error, because the body may have seen results.
    func transact<T: Sendable>(_ kind: TransactionKind, _ body: @Sendable (any Connection) throws -> T) throws -> T {
        try session.withLock { session in
            var attempt = 1
            while true {
                let current = try begin(kind, on: &session)
                do {
                    return try current.complete(body)
                } catch {
                    if !current.rollBack() { drop(&session) }
                    guard current.hasCollided, session != nil, attempt < Self.attemptLimit else { throw error }
                }
                Self.pause(after: attempt)
                attempt += 1
            }
        }
    }

    private func begin(
        _ kind: TransactionKind, on session: inout PostgreSQLSession?
    ) throws(DatabaseError) -> PostgreSQLSession {
        if let kept = session {
            do {
                try kept.begin(kind)
                return kept
            } catch {
                guard kept.isLost else { throw error }
                drop(&session)
            }
        }
        let fresh = try connect()
        do {
            try fresh.begin(kind)
        } catch {
            drop(&session)
            throw error
        }
        session = fresh
        return fresh
    }

    private func connect() throws(DatabaseError) -> PostgreSQLSession {
        do {
            let fresh = try server.connect()
            condition.withLock { $0 = .connected }
            return fresh
        } catch {
            condition.withLock { $0 = .unreachable }
            throw error
        }
    }

    private func drop(_ session: inout PostgreSQLSession?) {
        session = nil
        condition.withLock { $0 = .lost }
    }

    /// Up to 2, 4, … 64 ms, by chance, so that two that collided do not collide again.
    private static func pause(after attempt: Int) { usleep(UInt32.random(in: 500...(1000 << UInt32(min(attempt, 6))))) }

    /// Ends the connection after the transaction that is under way; `group` is left when that is done.
    func close(in group: DispatchGroup) {
        queue.async(group: group) { self.session.withLock { $0 = nil } }
    }
}
