package import FoundationEssentials
package import Identity

extension Connection {
    /// What a user can show besides a password or a code; one statement.
    package func secondFactors(ofUser userID: String) throws -> SecondFactors {
        try row(
            """
            SELECT (SELECT COUNT(*) FROM totp_factors WHERE user_id = \(userID)),
                (SELECT COUNT(*) FROM sms_factors WHERE user_id = \(userID)),
                (SELECT COUNT(*) FROM passkeys WHERE user_id = \(userID)),
                (SELECT COUNT(*) FROM recovery_codes WHERE user_id = \(userID) AND used_at IS NULL)
            """
        ) { row in
            SecondFactors(
                hasApp: try row.next(Int.self) > 0, hasSMS: try row.next(Int.self) > 0, passkeys: try row.next(),
                recoveryCodes: try row.next())
        } ?? SecondFactors()
    }

    /// Takes every second factor, the recovery codes and the passkeys from a user.
    /// - Returns: What there was.
    package func removeSecondFactors(ofUser userID: String, now: Date) throws -> SecondFactors {
        let removed = try secondFactors(ofUser: userID)
        try execute("DELETE FROM totp_factors WHERE user_id = \(userID)")
        _ = try smsFactors.set(false, ofUser: userID, now: now)
        try passkeys.removeAll(ofUser: userID)
        try recoveryCodes.remove(ofUser: userID)
        return removed
    }
}
