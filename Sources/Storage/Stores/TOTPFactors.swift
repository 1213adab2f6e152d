package import Cryptography
import FoundationEssentials
package import Identity

/// Authenticator apps, one a user; their secrets are sealed, each for its user.
package struct TOTPFactors {
    let db: any Connection
    let key: SealingKey

    /// The app of a user, or nil.
    package func ofUser(_ userID: String) throws -> TOTPFactor? {
        try db.row("SELECT sealed_secret, confirmed_at, last_step FROM totp_factors WHERE user_id = \(userID)") { row in
            TOTPFactor(
                totp: TOTP(secret: try key.open(try row.next(), context: Self.context(userID))),
                confirmedAt: try row.next(), lastStep: try row.next())
        }
    }

    /// Stores the app of a user in place of the one before.
    package func put(_ factor: TOTPFactor, ofUser userID: String) throws {
        let secret = key.seal(factor.totp.secret, context: Self.context(userID))
        try db.execute(
            """
            INSERT INTO totp_factors (user_id, sealed_secret, confirmed_at, last_step)
            VALUES (\(userID), \(secret), \(factor.confirmedAt), \(factor.lastStep))
            ON CONFLICT (user_id) DO UPDATE SET sealed_secret = excluded.sealed_secret,
                confirmed_at = excluded.confirmed_at, last_step = excluded.last_step
            """)
    }

    /// Uses up a step and all before it.
    /// - Returns: Whether it was still to be had: of any number of requests with one code, one gets true.
    package func use(step: Int64, ofUser userID: String) throws -> Bool {
        let used: [String] = try db.rows(
            """
            UPDATE totp_factors SET last_step = \(step)
            WHERE user_id = \(userID) AND (last_step IS NULL OR last_step < \(step)) RETURNING user_id
            """
        ) { try $0.next() }
        return !used.isEmpty
    }

    /// Takes the app from a user.
    /// - Returns: Whether there was one.
    package func remove(ofUser userID: String) throws -> Bool {
        let removed: [String] = try db.rows("DELETE FROM totp_factors WHERE user_id = \(userID) RETURNING user_id") {
            try $0.next()
        }
        return !removed.isEmpty
    }

    private static func context(_ userID: String) -> String { "totp/\(userID)" }
}

extension Connection {
    /// The authenticator apps of all users.
    /// - Parameter key: The installation's.
    package func totpFactors(_ key: SealingKey) -> TOTPFactors { TOTPFactors(db: self, key: key) }
}
