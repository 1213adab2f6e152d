import Directory
package import FoundationEssentials

/// A user's password as it is stored. A user who never had one has no credential. Prints as `•••`.
package struct Credential: Equatable, Sendable, Concealed {
    /// PHC string; nil after an administrator cleared the password.
    package var hash: String?
    /// Counts the passwords this user was given, from 1. A step that began with one version and ends with another is
    /// stale.
    package var version: Int
    /// When the hash was set or cleared; whole seconds.
    package var changedAt: Date
    /// Set while the password must be changed at the next sign-in (an initial or reset password): since when.
    package var mustChangeSince: Date?
    /// The first instant at which a one-time password is worth nothing any more; nil for a password that lasts.
    package var usableUntil: Date?
    /// Hashes of earlier passwords, newest first, without the current one.
    package var history: [String]

    package init(
        hash: String?, version: Int = 1, changedAt: Date, mustChangeSince: Date? = nil, usableUntil: Date? = nil,
        history: [String] = []
    ) {
        self.hash = hash
        self.version = version
        self.changedAt = changedAt
        self.mustChangeSince = mustChangeSince
        self.usableUntil = usableUntil
        self.history = history
    }

    /// The credential after a new password.
    /// - Parameters:
    ///   - old: What the user has now; nil for a first password.
    ///   - mustChange: Whether the password is known to someone else, so that it has to be changed on first use.
    ///   - usableUntil: For a one-time password.
    ///   - policy: Says how many hashes are kept.
    package static func setting(
        _ hash: String, replacing old: Credential?, mustChange: Bool = false, usableUntil: Date? = nil,
        policy: PasswordPolicy, now: Date
    ) -> Credential {
        var next = old?.shifted(policy) ?? Credential(hash: nil, version: 0, changedAt: now)
        next.hash = hash
        next.version += 1
        next.changedAt = now
        next.mustChangeSince = mustChange ? now : nil
        next.usableUntil = usableUntil
        return next
    }

    /// The credential after an administrator cleared the password; its hash still counts as used.
    package func cleared(policy: PasswordPolicy, now: Date) -> Credential {
        var next = shifted(policy)
        next.hash = nil
        next.version += 1
        next.changedAt = now
        next.mustChangeSince = nil
        next.usableUntil = nil
        return next
    }

    /// The current hash moved into the history, and that cut to its length.
    private func shifted(_ policy: PasswordPolicy) -> Credential {
        var next = self
        next.history = Array(([hash].compactMap { $0 } + history).prefix(policy.historyLength ?? 0))
        return next
    }

    /// Whether the password may still be used: a one-time password dies by itself.
    package func isUsable(now: Date) -> Bool { usableUntil.map { now < $0 } ?? true }

    /// Seconds until the password has to be changed, once the warning has begun; nil before, and for one that does not
    /// age.
    package func warning(_ policy: PasswordPolicy, now: Date) -> TimeInterval? {
        guard hash != nil, let maximumAge = policy.maximumAge, let warning = policy.warning else { return nil }
        let left = (changedAt + maximumAge).timeIntervalSince(now)
        return left > 0 && left <= warning ? left : nil
    }

    /// Whether the password is older than the policy allows.
    func isExpired(_ policy: PasswordPolicy, now: Date) -> Bool {
        guard hash != nil, let maximumAge = policy.maximumAge else { return false }
        return now.timeIntervalSince(changedAt) >= maximumAge
    }
}
