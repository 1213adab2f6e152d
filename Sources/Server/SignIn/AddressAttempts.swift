import Directory
import FoundationEssentials
import Identity
import Storage

/// Why an attempt is not even counted; the page is shown again.
enum SignInBarrier: Error, Equatable {
    /// A puzzle is to be solved first.
    case puzzle(PuzzleDemand)
    /// The client's address made too many wrong attempts.
    /// - retryAfter: Whole seconds.
    case pause(retryAfter: Int)
}

extension Connection {
    /// Counts an attempt for the client's address before it is evaluated, like the account's.
    /// - Parameter owner: The interaction that a puzzle is bound to.
    /// - Returns: Whether a puzzle was asked for, and solved.
    /// - Throws: ``SignInBarrier``; the transaction is undone then.
    @discardableResult
    func reserveAddress(
        _ solution: PuzzleSolution?, in owner: String, _ environment: ServerEnvironment, _ call: Call
    ) throws -> Bool {
        guard let address = environment.limitKey(of: call) else { return false }
        let policy = call.policy.identity
        let limits = policy.address.throttle
        guard limits.failures != nil || policy.puzzle.addressFailures != nil else { return false }
        let key = Throttle.key(ofAddress: address, in: call.tenant.id)
        let stored = try throttles.locked(key, now: call.now)
        switch Throttle.reserve(stored, key: key, limits: limits.counting, now: call.now) {
        case .frozen(let until):
            throw SignInBarrier.pause(retryAfter: max(1, Int(until.timeIntervalSince(call.now).rounded(.up))))
        case .allowed(let row, _):
            let pressure = Pressure.onAttempt(stored, policy.puzzle, policy.address, now: call.now)
            if let demand = try demand(pressure, solution, in: owner, environment, call) {
                throw SignInBarrier.puzzle(demand)
            }
            if let row { try throttles.put(row, expiresAt: row.expiresAt(limits)) }
            return pressure != nil
        }
    }

    /// Takes an attempt back that turned out right.
    func releaseAddress(_ environment: ServerEnvironment, _ call: Call) throws {
        guard let address = environment.limitKey(of: call) else { return }
        let key = Throttle.key(ofAddress: address, in: call.tenant.id)
        guard let row = try throttles.locked(key, now: call.now) else { return }
        guard let rest = row.released() else { return try throttles.clear(key) }
        try throttles.put(rest, expiresAt: rest.expiresAt(call.policy.identity.address.throttle))
    }
}

extension ServerEnvironment {
    /// The puzzle that the next attempt from this address will ask for; nil for none. It is handed out with the page, so
    /// that the browser has solved it when the person has finished typing.
    func puzzleAhead(in owner: String, _ call: Call) async throws -> PuzzleDemand? {
        let policy = call.policy.identity
        guard policy.puzzle.addressFailures != nil, let address = limitKey(of: call) else { return nil }
        let key = Throttle.key(ofAddress: address, in: call.tenant.id)
        let row = try await database.read { db in try db.throttles.peek(key) }
        let pressure = Pressure.onAttempt(row, policy.puzzle, policy.address, now: call.now)
        return pressure == nil ? nil : puzzle(for: owner, call)
    }
}

extension ThrottleLimits {
    /// Limits that count even where nothing is refused: puzzles go by the count alone.
    fileprivate var counting: ThrottleLimits {
        var limits = self
        limits.failures = freeze == nil ? .max : failures ?? .max
        limits.freeze = freeze ?? 1
        return limits
    }
}
