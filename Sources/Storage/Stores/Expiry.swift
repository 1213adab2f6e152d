package import FoundationEssentials

/// Removes what has run out. Nothing here decides whether something is still good: a row that is not swept yet is
/// refused by its own times all the same.
package struct Expiry {
    let db: any Connection

    /// Deletes what no request can need any more.
    /// - Parameters:
    ///   - signInLogKeptFor: Seconds; nil keeps the sign-in log for ever.
    ///   - sessionsBefore: Sessions made earlier are over by the longest lifetime of any tenant; nil when one never ends.
    ///   - now: The current time; whole seconds.
    package func sweep(signInLogKeptFor: TimeInterval?, sessionsBefore: Date?, now: Date) throws {
        let dayAgo = now - 86_400
        try db.execute("DELETE FROM throttles WHERE expires_at <= \(now)")
        try db.execute("DELETE FROM interactions WHERE expires_at <= \(now)")
        try db.execute("DELETE FROM sms_challenges WHERE expires_at <= \(dayAgo)")
        // The monthly quota counts back to the first of the month.
        try db.execute("DELETE FROM sms_sends WHERE sent_at <= \(now - 32 * 86_400)")
        try db.execute("DELETE FROM service_tickets WHERE created_at <= \(dayAgo) AND expires_at <= \(dayAgo)")
        try db.execute("DELETE FROM sessions WHERE ended_at <= \(dayAgo)")
        if let sessionsBefore { try db.execute("DELETE FROM sessions WHERE created_at <= \(sessionsBefore)") }
        try sweepGrants(dayAgo)
        if let signInLogKeptFor {
            try db.execute("DELETE FROM events WHERE log = 'sign_in' AND at <= \(now - signInLogKeptFor)")
        }
    }

    /// A redeemed code is kept for a day past its end, so that a late replay still revokes what it gave (RFC 6749
    /// §4.1.2); a redeemed refresh token as long as it would have lived, for the same reason.
    private func sweepGrants(_ dayAgo: Date) throws {
        try db.execute("DELETE FROM authorization_codes WHERE expires_at <= \(dayAgo)")
        try db.execute("DELETE FROM access_tokens WHERE expires_at <= \(dayAgo)")
        try db.execute("DELETE FROM refresh_tokens WHERE expires_at <= \(dayAgo)")
        try db.execute(
            """
            DELETE FROM grants WHERE created_at <= \(dayAgo)
            AND NOT EXISTS (SELECT 1 FROM authorization_codes WHERE authorization_codes.grant_id = grants.id)
            AND NOT EXISTS (SELECT 1 FROM access_tokens WHERE access_tokens.grant_id = grants.id)
            AND NOT EXISTS (SELECT 1 FROM refresh_tokens WHERE refresh_tokens.grant_id = grants.id)
            """)
    }
}

extension Connection {
    /// What has run out.
    package var expiry: Expiry { Expiry(db: self) }
}
