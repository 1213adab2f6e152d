import FoundationEssentials
package import Identity

/// One-time codes: one row for each phone and purpose, so that a new code ends the old one.
package struct SMSChallenges {
    let db: any Connection

    /// The challenge of a phone for a purpose, locked until the transaction ends so that tries are counted exactly;
    /// nil when no code was sent.
    package func locked(_ purpose: SMSPurpose, phoneIndex: String, in tenantID: String) throws -> SMSChallenge? {
        try one(
            """
            UPDATE sms_challenges SET tries_used = tries_used
            WHERE tenant_id = \(tenantID) AND phone_index = \(phoneIndex) AND purpose = \(purpose)
            RETURNING interaction_id, user_id, code_hash, tries_used, created_at, expires_at, used_at
            """, purpose, phoneIndex, tenantID)
    }

    /// The challenge as it stands, without a lock.
    package func stored(_ purpose: SMSPurpose, phoneIndex: String, in tenantID: String) throws -> SMSChallenge? {
        try one(
            """
            SELECT interaction_id, user_id, code_hash, tries_used, created_at, expires_at, used_at FROM sms_challenges
            WHERE tenant_id = \(tenantID) AND phone_index = \(phoneIndex) AND purpose = \(purpose)
            """, purpose, phoneIndex, tenantID)
    }

    private func one(
        _ sql: SQL, _ purpose: SMSPurpose, _ phoneIndex: String, _ tenantID: String
    ) throws -> SMSChallenge? {
        try db.row(sql) { row in
            let target = SMSChallenge.Target(
                tenantID: tenantID, purpose: purpose, phoneIndex: phoneIndex, interactionID: try row.next())
            return SMSChallenge(
                target: target, userID: try row.next(), codeHash: try row.next(), triesUsed: try row.next(),
                createdAt: try row.next(), expiresAt: try row.next(), usedAt: try row.next())
        }
    }

    /// Deletes every code of a user: what hung on the old phone is lost with it.
    package func void(ofUser userID: String) throws {
        try db.execute("DELETE FROM sms_challenges WHERE user_id = \(userID)")
    }

    /// Stores a challenge in place of the one that the phone had for this purpose.
    package func put(_ challenge: SMSChallenge) throws {
        try db.execute(
            """
            INSERT INTO sms_challenges (tenant_id, phone_index, purpose, interaction_id, user_id, code_hash, tries_used,
                created_at, expires_at, used_at)
            VALUES (\(challenge.target.tenantID), \(challenge.target.phoneIndex), \(challenge.target.purpose),
                \(challenge.target.interactionID), \(challenge.userID), \(challenge.codeHash), \(challenge.triesUsed),
                \(challenge.createdAt), \(challenge.expiresAt), \(challenge.usedAt))
            ON CONFLICT (tenant_id, phone_index, purpose) DO UPDATE SET interaction_id = excluded.interaction_id,
                user_id = excluded.user_id, code_hash = excluded.code_hash, tries_used = excluded.tries_used,
                created_at = excluded.created_at, expires_at = excluded.expires_at, used_at = excluded.used_at
            """)
    }
}

extension SMSPurpose: SQLConvertible {}

extension Connection {
    /// The one-time codes of all tenants.
    package var smsChallenges: SMSChallenges { SMSChallenges(db: self) }
}
