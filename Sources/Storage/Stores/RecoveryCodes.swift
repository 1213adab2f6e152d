package import FoundationEssentials

/// Recovery codes, as keyed hashes.
package struct RecoveryCodes {
    let db: any Connection

    /// Gives a user these codes; those from before are worth nothing any more.
    package func replace(ofUser userID: String, with hashes: [String]) throws {
        try remove(ofUser: userID)
        for hash in hashes {
            try db.execute("INSERT INTO recovery_codes (user_id, hash) VALUES (\(userID), \(hash))")
        }
    }

    /// How many a user has left.
    package func count(ofUser userID: String) throws -> Int {
        try db.row("SELECT COUNT(*) FROM recovery_codes WHERE user_id = \(userID) AND used_at IS NULL") {
            try $0.next()
        } ?? 0
    }

    /// Uses a code up.
    /// - Returns: Whether it was still to be had: of any number of requests at once, one gets true.
    package func take(_ hash: String, ofUser userID: String, now: Date) throws -> Bool {
        let taken: [String] = try db.rows(
            """
            UPDATE recovery_codes SET used_at = \(now)
            WHERE user_id = \(userID) AND hash = \(hash) AND used_at IS NULL RETURNING hash
            """
        ) { try $0.next() }
        return !taken.isEmpty
    }

    /// Takes all codes from a user.
    package func remove(ofUser userID: String) throws {
        try db.execute("DELETE FROM recovery_codes WHERE user_id = \(userID)")
    }
}

/// Who wants codes by SMS as the second factor.
package struct SMSFactors {
    let db: any Connection

    /// Whether a user does.
    package func isOn(_ userID: String) throws -> Bool {
        try db.row("SELECT user_id FROM sms_factors WHERE user_id = \(userID)") { try $0.next(String.self) } != nil
    }

    /// Turns it on or off.
    /// - Returns: Whether that changed anything.
    package func set(_ isOn: Bool, ofUser userID: String, now: Date) throws -> Bool {
        let sql: SQL =
            isOn
            ? """
            INSERT INTO sms_factors (user_id, created_at) VALUES (\(userID), \(now))
            ON CONFLICT (user_id) DO NOTHING RETURNING user_id
            """ : "DELETE FROM sms_factors WHERE user_id = \(userID) RETURNING user_id"
        let changed: [String] = try db.rows(sql) { try $0.next() }
        return !changed.isEmpty
    }
}

extension Connection {
    /// The recovery codes of all users.
    package var recoveryCodes: RecoveryCodes { RecoveryCodes(db: self) }
    /// Codes by SMS as a second factor, of all users.
    package var smsFactors: SMSFactors { SMSFactors(db: self) }
}
