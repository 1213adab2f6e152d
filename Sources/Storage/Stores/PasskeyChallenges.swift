package import FoundationEssentials
package import Identity

/// Challenges that wait for an authenticator's answer.
package struct PasskeyChallenges {
    let db: any Connection

    /// Stores a new challenge.
    package func insert(_ challenge: PasskeyChallenge) throws {
        try db.execute(
            """
            INSERT INTO passkey_challenges (hash, owner, purpose, user_id, expires_at)
            VALUES (\(challenge.hash), \(challenge.owner), \(challenge.purpose), \(challenge.userID),
                \(challenge.expiresAt))
            """)
    }

    /// Takes the challenge that an answer names; it serves once, whatever becomes of the answer.
    /// - Parameter owner: Who answers. A challenge of somebody else's stays where it is.
    /// - Returns: nil for one that is unknown, used, expired, of another purpose or somebody else's.
    package func take(
        _ hash: String, owner: String, purpose: PasskeyChallenge.Purpose, now: Date
    ) throws -> PasskeyChallenge? {
        try db.row(
            """
            DELETE FROM passkey_challenges
            WHERE hash = \(hash) AND owner = \(owner) AND purpose = \(purpose) AND expires_at > \(now)
            RETURNING hash, owner, purpose, user_id, expires_at
            """
        ) { row in
            PasskeyChallenge(
                hash: try row.next(), owner: try row.next(), purpose: try row.next(), userID: try row.next(),
                expiresAt: try row.next())
        }
    }
}

extension PasskeyChallenge.Purpose: SQLConvertible {}

extension Connection {
    /// The open challenges of all tenants.
    package var passkeyChallenges: PasskeyChallenges { PasskeyChallenges(db: self) }
}
