import CLibPQ
import Glibc
import Storage

/// One connection of libpq, on which every wait has an end.
///
/// `PQexec` waits for as long as the connection stands, and it stands while the server's process is stopped or its
/// disk is stuck: no timeout of the server or of TCP ends that. So a statement is sent and its answer is polled for
/// (https://www.postgresql.org/docs/current/libpq-async.html).
@safe
final class PostgreSQLLink {
    private let handle: OpaquePointer
    /// Set once nobody knows any more what the server would answer next.
    private var isBroken = false

    /// Takes over an open connection.
    init(_ handle: OpaquePointer) {
        unsafe self.handle = handle
        // Notices ("relation exists, skipping") would go to the standard error stream.
        unsafe PQsetNoticeProcessor(handle, { _, _ in }, nil)
        // Sending must not block either, nor must the farewell of PQfinish.
        isBroken = unsafe PQsetnonblocking(handle, 1) != 0
    }

    deinit {
        unsafe PQfinish(handle)
    }

    /// True once the connection cannot be used any more.
    var isLost: Bool { unsafe isBroken || PQstatus(handle) == CONNECTION_BAD }

    /// A setting that the server reports at the start of a connection.
    func parameter(_ name: String) -> String {
        unsafe PQparameterStatus(handle, name).map { unsafe String(cString: $0) } ?? ""
    }

    // MARK: Statements

    /// Runs statements without values; of several results the first failure counts, else the last.
    ///
    /// - Parameter patience: How long the answer may take; nil for ever.
    /// - Throws: `unavailable` when there is no answer; a refusal of the server is a result.
    func query(_ text: String, within patience: Duration?) throws(DatabaseError) -> PostgreSQLResult {
        try exchange(within: patience) { unsafe PQsendQuery(handle, text) }
    }

    /// Prepares a statement under a name; see ``query(_:within:)``.
    func prepare(
        _ name: String, _ text: String, types: [SQLType], within patience: Duration?
    ) throws(DatabaseError) -> PostgreSQLResult {
        let oids = types.map { type in type == .integer ? Oid(20) : Oid(25) }
        return try exchange(within: patience) { unsafe PQsendPrepare(handle, name, text, Int32(oids.count), oids) }
    }

    /// Runs a prepared statement, its values and its rows in the text format; see ``query(_:within:)``.
    func run(_ name: String, _ values: CStrings, within patience: Duration?) throws(DatabaseError) -> PostgreSQLResult {
        try exchange(within: patience) {
            unsafe values.withPointers { values in
                unsafe PQsendQueryPrepared(handle, name, Int32(values.count), values, nil, nil, 0)
            }
        }
    }

    // MARK: Sending and waiting

    private func exchange(
        within patience: Duration?, _ send: () -> Int32
    ) throws(DatabaseError) -> PostgreSQLResult {
        guard !isLost, send() == 1 else { throw broken(Self.lost) }
        let deadline = patience.map { ContinuousClock.now + $0 }
        var answer: PostgreSQLResult?
        while true {
            try awaitResult(until: deadline)
            guard let next = unsafe PQgetResult(handle) else { break }
            let result = unsafe PostgreSQLResult(next)
            if let failure = result.failure, failure.endsConnection {
                isBroken = true
                return result
            }
            if answer?.failure == nil { answer = result }
        }
        guard let answer else { throw broken(Self.lost) }
        return answer
    }

    /// Returns when `PQgetResult` can be called without waiting in there.
    private func awaitResult(until deadline: ContinuousClock.Instant?) throws(DatabaseError) {
        while true {
            let unsent = unsafe PQflush(handle)
            guard unsent >= 0 else { throw broken(Self.lost) }
            if unsafe PQisBusy(handle) == 0 { return }
            try awaitSocket(orRoomToSend: unsent == 1, until: deadline)
            guard unsafe PQconsumeInput(handle) == 1 else { throw broken(Self.lost) }
        }
    }

    private func awaitSocket(
        orRoomToSend isSending: Bool, until deadline: ContinuousClock.Instant?
    ) throws(DatabaseError) {
        let events = Int16(POLLIN) | (isSending ? Int16(POLLOUT) : 0)
        var socket = unsafe pollfd(fd: PQsocket(handle), events: events, revents: 0)
        while true {
            let ready = unsafe poll(&socket, 1, Self.milliseconds(until: deadline))
            if ready > 0 { return }
            guard ready == 0 || errno == EINTR else { throw broken(Self.lost) }
            if let deadline, ContinuousClock.now >= deadline { throw broken(Self.silent) }
        }
    }

    /// What `poll` takes: rounded up so as not to spin at the end, a minute at most, -1 for ever.
    private static func milliseconds(until deadline: ContinuousClock.Instant?) -> Int32 {
        guard let deadline else { return -1 }
        let rest = deadline - ContinuousClock.now
        return Int32(max(0, min(rest / .milliseconds(1) + 1, 60_000)))
    }

    private func broken(_ error: DatabaseError) -> DatabaseError {
        isBroken = true
        return error
    }

    private static let lost = DatabaseError.unavailable("the connection to PostgreSQL was lost.")
    private static let silent = DatabaseError.unavailable("PostgreSQL did not answer in time.")
}
