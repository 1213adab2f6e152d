import Directory
package import FoundationEssentials
package import Identity

/// The passwords of users, as hashes.
package struct Credentials {
    let db: any Connection

    /// The credential of a user; nil for one who never had a password.
    package func ofUser(_ userID: String) throws -> Credential? {
        try db.row(
            """
            SELECT password_hash, version, changed_at, must_change_since, usable_until, history FROM credentials
            WHERE user_id = \(userID)
            """
        ) { row in
            Credential(
                hash: try row.next(), version: try row.next(), changedAt: try row.next(),
                mustChangeSince: try row.next(), usableUntil: try row.next(), history: try row.next(TextList.self).texts
            )
        }
    }

    /// Stores a user's credential, the first one or the next.
    /// - Returns: Whether it was stored: not when another one came between reading and writing, which its version tells.
    package func put(_ credential: Credential, ofUser userID: String) throws -> Bool {
        let stored: [String] = try db.rows(
            """
            INSERT INTO credentials (user_id, password_hash, version, changed_at, must_change_since, usable_until,
                history)
            VALUES (\(userID), \(credential.hash), \(credential.version), \(credential.changedAt),
                \(credential.mustChangeSince), \(credential.usableUntil), \(TextList(credential.history)))
            ON CONFLICT (user_id) DO UPDATE SET password_hash = excluded.password_hash, version = excluded.version,
                changed_at = excluded.changed_at, must_change_since = excluded.must_change_since,
                usable_until = excluded.usable_until, history = excluded.history
            WHERE credentials.version = excluded.version - 1
            RETURNING user_id
            """
        ) { try $0.next() }
        return !stored.isEmpty
    }

    /// A user's hash.
    package struct StoredHash: Equatable, Sendable, Concealed {
        package let userID: String
        package let hash: String
    }

    /// Hashes that do not begin like new ones: from elsewhere, or with other parameters. In the order of the users' ids.
    /// - Parameters:
    ///   - prefix: Of new hashes.
    ///   - start: Only those set at this time or later; an upgrade does not count as one.
    ///   - after: The user's id after which to go on; empty for the first page.
    ///   - limit: Rows at most.
    package func hashes(
        unlike prefix: String, setSince start: Date, after: String, limit: Int
    ) throws -> [StoredHash] {
        try db.rows(
            """
            SELECT user_id, password_hash FROM credentials
            WHERE user_id > \(after) AND changed_at >= \(start) AND password_hash NOT LIKE \(prefix + "%")
            ORDER BY user_id LIMIT \(limit)
            """
        ) { StoredHash(userID: try $0.next(), hash: try $0.next()) }
    }

    /// Replaces a verified hash by one with newer parameters, unless the password has changed meanwhile.
    package func upgrade(_ hash: String, from old: String, ofUser userID: String) throws {
        try db.execute(
            """
            UPDATE credentials SET password_hash = \(hash) WHERE user_id = \(userID) AND password_hash = \(old)
            """)
    }
}

extension Connection {
    /// The passwords of all users.
    package var credentials: Credentials { Credentials(db: self) }
}
