package import FoundationEssentials
package import Identity

/// SSO sessions.
package struct Sessions {
    let db: any Connection

    /// The session whose cookie hashes to this, ended or not; nil when there is none in this tenant.
    package func withToken(_ tokenHash: String, in tenantID: String) throws -> Session? {
        try db.row(
            "SELECT \(sql: Self.columns) FROM sessions WHERE token_hash = \(tokenHash) AND tenant_id = \(tenantID)",
            as: Self.read)
    }

    /// The session with this id, ended or not, or nil.
    package func identified(_ id: String, in tenantID: String) throws -> Session? {
        try db.row(
            "SELECT \(sql: Self.columns) FROM sessions WHERE id = \(id) AND tenant_id = \(tenantID)", as: Self.read)
    }

    /// The sessions of a user that were not ended, the latest used first; some may have run out.
    package func open(ofUser userID: String) throws -> [Session] {
        try db.rows(
            """
            SELECT \(sql: Self.columns) FROM sessions WHERE user_id = \(userID) AND ended_at IS NULL
            ORDER BY last_used_at DESC, id
            """, as: Self.read)
    }

    /// Stores a new session.
    package func insert(_ session: Session) throws {
        let methods = session.authentication.amr.map(\.rawValue).joined(separator: " ")
        try db.execute(
            """
            INSERT INTO sessions (id, tenant_id, token_hash, user_id, authenticated_at, amr, interaction_id,
                is_remembered, address, user_agent, created_at, last_used_at)
            VALUES (\(session.id), \(session.tenantID), \(session.tokenHash), \(session.userID),
                \(session.authentication.at), \(methods), \(session.authentication.interactionID),
                \(session.isRemembered), \(session.origin.address), \(session.origin.userAgent),
                \(session.createdAt), \(session.lastUsedAt))
            """)
    }

    /// Stores that the person of a session signed in again: under a new token, from now on, the id as it was.
    package func renew(_ session: Session) throws {
        let methods = session.authentication.amr.map(\.rawValue).joined(separator: " ")
        try db.execute(
            """
            UPDATE sessions SET token_hash = \(session.tokenHash), authenticated_at = \(session.authentication.at),
                amr = \(methods), interaction_id = \(session.authentication.interactionID),
                is_remembered = \(session.isRemembered), address = \(session.origin.address),
                user_agent = \(session.origin.userAgent), created_at = \(session.createdAt),
                last_used_at = \(session.lastUsedAt)
            WHERE id = \(session.id) AND ended_at IS NULL
            """)
    }

    /// Uses a session for something that will depend on it: asked in the transaction that stores that.
    ///
    /// The row stays locked until the transaction ends, so an end of the session that comes at the same time waits and
    /// then finds, and ends, what was stored.
    /// - Returns: Whether it was not ended.
    package func use(_ id: String, now: Date) throws -> Bool {
        let found: [String] = try db.rows(
            "UPDATE sessions SET last_used_at = \(now) WHERE id = \(id) AND ended_at IS NULL RETURNING id"
        ) { try $0.next() }
        return !found.isEmpty
    }

    /// Remembers that a session was used.
    package func touch(_ id: String, now: Date) throws {
        try db.execute("UPDATE sessions SET last_used_at = \(now) WHERE id = \(id) AND ended_at IS NULL")
    }

    /// Ends a session with all that depends on it: the grants that do not survive it, and its unused tickets.
    /// - Returns: Whether it was there and had not ended before.
    @discardableResult
    package func end(_ id: String, now: Date) throws -> Bool {
        let ended: [String] = try db.rows(
            "UPDATE sessions SET ended_at = \(now) WHERE id = \(id) AND ended_at IS NULL RETURNING id"
        ) { try $0.next() }
        guard !ended.isEmpty else { return false }
        try db.grants.revoke(ofSession: id, now: now)
        return true
    }

    private static let columns: SQL = """
        id, tenant_id, token_hash, user_id, authenticated_at, amr, interaction_id, is_remembered, address, user_agent,
        created_at, last_used_at, ended_at
        """

    private static func read(_ row: inout SQLRow) throws -> Session {
        let id: String = try row.next()
        let tenantID: String = try row.next()
        let tokenHash: String = try row.next()
        let userID: String = try row.next()
        let at: Date = try row.next()
        let methods: String = try row.next()
        let authentication = Authentication(
            userID: userID, at: at,
            amr: try methods.split(separator: " ").map { word in
                guard let method = AuthenticationMethod(rawValue: String(word)) else {
                    throw DatabaseError.unexpectedValue(column: "amr")
                }
                return method
            }, interactionID: try row.next())
        let isRemembered: Bool = try row.next()
        let origin = Session.Origin(address: try row.next(), userAgent: try row.next())
        let start = SessionStart(authentication: authentication, isRemembered: isRemembered, replacedSessionID: nil)
        let createdAt: Date = try row.next()
        var session = Session(
            id: id, tenantID: tenantID, tokenHash: tokenHash, start: start, origin: origin, now: createdAt)
        session.lastUsedAt = try row.next()
        session.endedAt = try row.next()
        return session
    }
}

extension Connection {
    /// The sessions of all tenants.
    package var sessions: Sessions { Sessions(db: self) }
}
