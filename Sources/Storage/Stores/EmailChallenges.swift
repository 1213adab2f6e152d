package import Cryptography
import Directory
import FoundationEssentials
package import Identity

/// Codes that were sent by e-mail: one for each account. Addresses are sealed.
package struct EmailChallenges {
    let db: any Connection
    let key: SealingKey

    /// The challenge of an account, or nil. Whoever tries a code has locked the account before, so that tries are
    /// counted exactly.
    package func ofUser(_ userID: String) throws -> EmailChallenge? {
        try db.row(
            """
            SELECT user_id, tenant_id, session_id, sealed_email, code_hash, tries_used, proved_at, expires_at, is_decoy
            FROM email_challenges WHERE user_id = \(userID)
            """, as: read)
    }

    /// Stores a challenge in place of the one that the account had.
    package func put(_ challenge: EmailChallenge) throws {
        let target = challenge.target
        let email = key.seal(Array(target.email.text.utf8), context: Self.context(target.userID))
        try db.execute(
            """
            INSERT INTO email_challenges (user_id, tenant_id, session_id, sealed_email, code_hash, tries_used, proved_at,
                expires_at, is_decoy)
            VALUES (\(target.userID), \(target.tenantID), \(target.sessionID), \(email), \(challenge.codeHash),
                \(challenge.triesUsed), \(challenge.provedAt), \(challenge.expiresAt), \(challenge.isDecoy))
            ON CONFLICT (user_id) DO UPDATE SET session_id = excluded.session_id,
                sealed_email = excluded.sealed_email, code_hash = excluded.code_hash,
                tries_used = excluded.tries_used, proved_at = excluded.proved_at, expires_at = excluded.expires_at,
                is_decoy = excluded.is_decoy
            """)
    }

    /// Takes an account's challenge away: it was used, or is wanted no more.
    package func remove(ofUser userID: String) throws {
        try db.execute("DELETE FROM email_challenges WHERE user_id = \(userID)")
    }

    private func read(_ row: inout SQLRow) throws -> EmailChallenge {
        let userID: String = try row.next()
        let tenantID: String = try row.next()
        let sessionID: String = try row.next()
        guard let bytes = try? key.open(try row.next(), context: Self.context(userID)) else {
            throw DatabaseError.unexpectedValue(column: "sealed_email")
        }
        let email = EmailAddress(stored: String(decoding: bytes, as: UTF8.self))
        let target = EmailChallenge.Target(tenantID: tenantID, userID: userID, sessionID: sessionID, email: email)
        return EmailChallenge(
            target: target, codeHash: try row.next(), triesUsed: try row.next(), provedAt: try row.next(),
            expiresAt: try row.next(), isDecoy: try row.next())
    }

    private static func context(_ userID: String) -> String { "email-challenge/\(userID)" }
}

extension Connection {
    /// The codes sent by e-mail, of all tenants.
    package func emailChallenges(_ key: SealingKey) -> EmailChallenges { EmailChallenges(db: self, key: key) }
}
