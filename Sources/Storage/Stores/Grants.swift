package import FoundationEssentials
package import OAuth2

/// Grants: what every code and token points to.
package struct Grants {
    let db: any Connection

    /// The grant with this id, or nil.
    package func identified(_ id: String) throws -> Grant? {
        try db.row("SELECT \(sql: Self.columns) FROM grants WHERE id = \(id)", as: Self.read)
    }

    /// Stores a new grant.
    package func insert(_ grant: Grant) throws {
        let methods = grant.authentication.methods.joined(separator: " ")
        try db.execute(
            """
            INSERT INTO grants (id, tenant_id, client_id, user_id, session_id, scope, authenticated_at, amr, acr, nonce,
                created_at, survives_session)
            VALUES (\(grant.id), \(grant.tenantID), \(grant.clientID), \(grant.userID), \(grant.sessionID),
                \(grant.scope.text), \(grant.authentication.time), \(methods), \(grant.authentication.level),
                \(grant.nonce), \(grant.createdAt), \(grant.survivesSession))
            """)
    }

    /// Ends one grant and with it every token that points to it.
    package func revoke(_ id: String, now: Date) throws {
        try db.execute("UPDATE grants SET revoked_at = \(now) WHERE id = \(id) AND revoked_at IS NULL")
    }

    /// Ends the grants of a session that do not survive it.
    package func revoke(ofSession sessionID: String, now: Date) throws {
        try db.execute(
            """
            UPDATE grants SET revoked_at = \(now)
            WHERE session_id = \(sessionID) AND survives_session = \(false) AND revoked_at IS NULL
            """)
    }

    /// Ends every grant of a user: after a password reset or when the user is disabled.
    package func revoke(ofUser userID: String, now: Date) throws {
        try db.execute("UPDATE grants SET revoked_at = \(now) WHERE user_id = \(userID) AND revoked_at IS NULL")
    }

    /// Ends every grant of a client: when its application is disabled.
    package func revoke(ofClient clientID: String, in tenantID: String, now: Date) throws {
        try db.execute(
            """
            UPDATE grants SET revoked_at = \(now)
            WHERE tenant_id = \(tenantID) AND client_id = \(clientID) AND revoked_at IS NULL
            """)
    }

    private static let columns: SQL = """
        id, tenant_id, client_id, user_id, session_id, scope, authenticated_at, amr, acr, nonce, created_at, revoked_at
        """

    private static func read(_ row: inout SQLRow) throws -> Grant {
        let id: String = try row.next()
        let tenantID: String = try row.next()
        let clientID: String = try row.next()
        let userID: String = try row.next()
        let sessionID: String = try row.next()
        let scope = try storedScope(try row.next())
        let time: Date = try row.next()
        let methods: String = try row.next()
        let authentication = Grant.Authentication(
            time: time, methods: methods.split(separator: " ").map(String.init), level: try row.next())
        return Grant(
            id: id, tenantID: tenantID, clientID: clientID, userID: userID, sessionID: sessionID, scope: scope,
            authentication: authentication, nonce: try row.next(), createdAt: try row.next(),
            revokedAt: try row.next())
    }
}

extension Connection {
    /// The grants of all tenants.
    package var grants: Grants { Grants(db: self) }
}
