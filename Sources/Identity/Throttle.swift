import Cryptography
package import FoundationEssentials

/// How many wrong attempts freeze an account, and for how long.
package struct ThrottleLimits: Equatable, Sendable {
    /// Wrong passwords and codes together; off switches freezing off.
    package var failures: Int? = 10
    /// Seconds from the first of them; off never forgets one until a success.
    package var window: TimeInterval? = 900
    /// Seconds; off switches freezing off: an account that nothing thaws would be a weapon.
    package var freeze: TimeInterval? = 900

    package init() {}
}

/// The count of wrong attempts of one account, over all its identifiers and methods (peers' class 17).
///
/// An attempt is counted *before* it is evaluated and forgotten when it succeeds:
/// 1. one write transaction calls ``reserve(_:key:limits:now:)`` and stores the row,
/// 2. the password is verified outside,
/// 3. a success deletes the row; a failure has been counted already.
///
/// So however many attempts run at once and on however many nodes, and whenever a process dies, no more than
/// `failures` guesses are evaluated in a window.
package struct Throttle: Equatable, Sendable {
    package var key: String
    package var failures: Int
    /// When the first of the counted attempts was made; whole seconds.
    package var windowStartedAt: Date
    /// The first instant at which the account is no longer frozen; whole seconds.
    package var frozenUntil: Date?

    package init(key: String, failures: Int, windowStartedAt: Date, frozenUntil: Date? = nil) {
        self.key = key
        self.failures = failures
        self.windowStartedAt = windowStartedAt
        self.frozenUntil = frozenUntil
    }

    /// The key of a user's row.
    package static func key(ofUser userID: String) -> String { "user " + userID }

    /// The key of a client address's row in a tenant.
    package static func key(ofAddress address: String, in tenantID: String) -> String {
        "address \(tenantID) \(address)"
    }

    /// The key of a row that stands in for an unknown user's, so that an unknown name costs the same writes.
    ///
    /// There are 1,024 of them: an attacker who invents names cannot fill the table. What they count has no effect.
    package static func decoyKey(tenantID: String, typed canonical: String) -> String {
        let digest = SHA256.hash(MACMessage.joined("throttle", tenantID, canonical))
        return "decoy \((Int(digest[0]) << 8 | Int(digest[1])) % 1_024)"
    }

    /// Whether an attempt may be evaluated.
    package enum Reservation: Equatable, Sendable {
        /// It may, and counts as wrong until it succeeds.
        /// - row: What is to be written; nil when nothing is counted.
        /// - isLast: Whether the account is frozen if it fails.
        case allowed(row: Throttle?, isLast: Bool)
        /// It may not. It is not counted: trying on does not prolong a freeze.
        case frozen(until: Date)

        var isFrozen: Bool {
            guard case .frozen = self else { return false }
            return true
        }
    }

    /// Counts an attempt that is about to be evaluated.
    /// - Parameters:
    ///   - stored: The row under `key`; nil when there is none.
    ///   - now: The current time; whole seconds.
    /// - Returns: What to do; `row` must be committed before the attempt is evaluated.
    package static func reserve(
        _ stored: Throttle?, key: String, limits: ThrottleLimits, now: Date
    ) -> Reservation {
        guard let maximum = limits.failures, let freeze = limits.freeze else {
            return .allowed(row: nil, isLast: false)
        }
        var row = Throttle(key: key, failures: 0, windowStartedAt: now)
        if let stored {
            if let until = stored.frozenUntil, now < until { return .frozen(until: until) }
            if stored.counts(limits, now: now) { row = stored }
        }
        row.failures += 1
        let isLast = row.failures >= maximum
        row.frozenUntil = isLast ? now + freeze : nil
        return .allowed(row: row, isLast: isLast)
    }

    /// The row after an attempt that was counted turned out right; nil when nothing is left of it.
    package func released() -> Throttle? {
        var row = self
        row.failures -= 1
        row.frozenUntil = nil
        return row.failures > 0 ? row : nil
    }

    /// Whether its failures still count.
    package func isCounting(_ limits: ThrottleLimits, now: Date) -> Bool {
        if let frozenUntil { return now < frozenUntil }
        return counts(limits, now: now)
    }

    /// Whether attempts are refused.
    package func isFrozen(_ limits: ThrottleLimits, now: Date) -> Bool {
        guard limits.failures != nil, limits.freeze != nil, let frozenUntil else { return false }
        return now < frozenUntil
    }

    /// The first instant at which the row means nothing any more and may be swept; nil when there is none.
    package func expiresAt(_ limits: ThrottleLimits) -> Date? {
        if let frozenUntil { return frozenUntil }
        return limits.window.map { windowStartedAt + $0 }
    }

    /// Whether earlier failures still count: a freeze that is over has wiped them out.
    private func counts(_ limits: ThrottleLimits, now: Date) -> Bool {
        guard frozenUntil == nil else { return false }
        return limits.window.map { now < windowStartedAt + $0 } ?? true
    }
}
