package import FoundationEssentials
package import Identity

/// Counts of wrong attempts, by key.
package struct Throttles {
    let db: any Connection

    /// The row under a key, locked until the transaction ends, so that a count read here and stored with ``put(_:expiresAt:)``
    /// misses no other attempt on either engine.
    ///
    /// A key without a row gets an empty one, which `nil` is returned for.
    package func locked(_ key: String, now: Date) throws -> Throttle? {
        let row = try db.row(
            """
            INSERT INTO throttles (key, failures, window_started_at, expires_at) VALUES (\(key), 0, \(now), \(now))
            ON CONFLICT (key) DO UPDATE SET key = excluded.key
            RETURNING failures, window_started_at, frozen_until
            """
        ) { row in
            Throttle(
                key: key, failures: try row.next(), windowStartedAt: try row.next(), frozenUntil: try row.next())
        }
        return row.flatMap { $0.failures == 0 ? nil : $0 }
    }

    /// The row under a key as it stands, without a lock; nil when there is none.
    package func peek(_ key: String) throws -> Throttle? {
        try db.row("SELECT failures, window_started_at, frozen_until FROM throttles WHERE key = \(key)") { row in
            Throttle(
                key: key, failures: try row.next(), windowStartedAt: try row.next(), frozenUntil: try row.next())
        }
    }

    /// Stores a row.
    /// - Parameter expiresAt: When the row may be swept; nil for never.
    package func put(_ throttle: Throttle, expiresAt: Date?) throws {
        try db.execute(
            """
            UPDATE throttles SET failures = \(throttle.failures), window_started_at = \(throttle.windowStartedAt),
                frozen_until = \(throttle.frozenUntil), expires_at = \(expiresAt)
            WHERE key = \(throttle.key)
            """)
    }

    /// Forgets the failures under a key.
    package func clear(_ key: String) throws {
        try db.execute("DELETE FROM throttles WHERE key = \(key)")
    }
}

extension Connection {
    /// The counts of wrong attempts.
    package var throttles: Throttles { Throttles(db: self) }
}
