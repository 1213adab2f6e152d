package import Directory
package import FoundationEssentials

/// How long sessions last; nil is "off": no end of that kind. Seconds.
package struct SessionLimits: Equatable, Sendable {
    /// From sign-in, however busy the session is.
    package var lifetime: TimeInterval? = 12 * 3_600
    /// From the last use.
    package var idleLifetime: TimeInterval? = 2 * 3_600
    /// From sign-in, when the person chose to stay signed in; such a session has no idle end, or the choice would
    /// mean nothing overnight.
    package var rememberedLifetime: TimeInterval? = 7 * 86_400
    /// Whether the sign-in page offers to stay signed in.
    package var offersToRemember = true

    package init() {}
}

/// The signed-in state of one browser at one tenant. Its cookie is CAS's ticket-granting cookie.
///
/// Each sign-in makes a new session with a newly minted token, so a token that an attacker planted before the sign-in
/// is worth nothing after it.
package struct Session: Equatable, Sendable {
    package var id: String
    package var tenantID: String
    /// `OpaqueToken.hash` of the cookie's value.
    package var tokenHash: String
    package var authentication: Authentication
    package var isRemembered: Bool
    /// Where it was made, for the person's list of sessions.
    package var origin: Origin
    /// Whole seconds, like every time here.
    package var createdAt: Date
    package var lastUsedAt: Date
    package var endedAt: Date?

    /// What a person recognises a session by.
    package struct Origin: Equatable, Sendable {
        package var address: String?
        /// At most 256 characters, without control characters.
        package var userAgent: String?

        /// - Parameter userAgent: The header as received.
        package init(address: String?, userAgent: String?) {
            self.address = address
            self.userAgent = userAgent.map { text in
                String(String.UnicodeScalarView(text.unicodeScalars.prefix(256).filter { $0.value >= 0x20 }))
            }
        }
    }

    /// Makes the session that a sign-in starts.
    package init(
        id: String, tenantID: String, tokenHash: String, start: SessionStart, origin: Origin, now: Date
    ) {
        self.id = id
        self.tenantID = tenantID
        self.tokenHash = tokenHash
        authentication = start.authentication
        isRemembered = start.isRemembered
        self.origin = origin
        createdAt = now
        lastUsedAt = now
    }

    package var userID: String { authentication.userID }

    /// The first instant at which it is over even if it is used all the time; nil when there is none.
    package func absoluteEnd(_ limits: SessionLimits) -> Date? {
        (isRemembered ? limits.rememberedLifetime : limits.lifetime).map { createdAt + $0 }
    }

    /// The first instant at which it is over unless it is used before.
    package func idleEnd(_ limits: SessionLimits) -> Date? {
        isRemembered ? nil : limits.idleLifetime.map { lastUsedAt + $0 }
    }

    /// Whether it lasts: not ended, and before both its ends. Limits are today's, so a shortened setting acts at once.
    package func isLive(_ limits: SessionLimits, now: Date) -> Bool {
        guard endedAt == nil else { return false }
        return [absoluteEnd(limits), idleEnd(limits)].allSatisfy { end in end.map { now < $0 } ?? true }
    }

    /// Whether it may be used, for its user as stored now.
    ///
    /// Disabling a user ends the sessions; asking again here makes "at once" independent of that write.
    package func admits(_ user: User, _ limits: SessionLimits, now: Date) -> Bool {
        user.id == userID && user.tenantID == tenantID && user.isEnabled && isLive(limits, now: now)
    }

    /// Whether this use is to be written down: once a minute is enough for an idle end of hours, and saves a write
    /// on nearly every request. A shorter idle end is written four times as often as it ends.
    package func needsTouch(_ limits: SessionLimits, now: Date) -> Bool {
        let interval = limits.idleLifetime.map { min(60, max(1, ($0 / 4).rounded(.down))) } ?? 60
        return now.timeIntervalSince(lastUsedAt) >= interval
    }
}

/// What the shell makes a session of; see ``SignIn/Effect/startSession(_:)``.
package struct SessionStart: Equatable, Sendable {
    package var authentication: Authentication
    package var isRemembered: Bool
    /// The session this browser presented, whoever's it was: it ends in the same transaction.
    package var replacedSessionID: String?
    /// Whether that session is raised by another factor, not begun anew: it lasts no longer for it.
    package var isRaise: Bool

    package init(
        authentication: Authentication, isRemembered: Bool, replacedSessionID: String?, isRaise: Bool = false
    ) {
        self.authentication = authentication
        self.isRemembered = isRemembered
        self.replacedSessionID = replacedSessionID
        self.isRaise = isRaise
    }
}
