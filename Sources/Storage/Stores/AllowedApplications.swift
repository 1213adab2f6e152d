package import FoundationEssentials
package import OAuth2

/// What a person let applications have, and when they were used: read for the personal centre.
package struct AllowedApplications {
    let db: any Connection

    /// When a person went on into an application, as far as the sign-in log is kept.
    package struct Visits: Equatable, Sendable {
        package let applicationID: String
        package let first: Date
        package let last: Date
    }

    /// The grants of a user that were not revoked, the newest first. Some may have lapsed for another reason.
    package func grants(ofUser userID: String, in tenantID: String) throws -> [Grant] {
        let ids: [String] = try db.rows(
            """
            SELECT id FROM grants WHERE user_id = \(userID) AND tenant_id = \(tenantID) AND revoked_at IS NULL
            ORDER BY created_at DESC, id LIMIT \(Self.most)
            """
        ) { try $0.next() }
        return try ids.compactMap { try db.grants.identified($0) }
    }

    /// When each grant of a user last gave a token, by the grant's id.
    package func lastTokens(ofUser userID: String) throws -> [String: Date] {
        var last: [String: Date] = [:]
        for table in ["access_tokens", "refresh_tokens"] as [SQL] {
            let rows: [(String, Date)] = try db.rows(
                """
                SELECT grants.id, MAX(tokens.created_at) FROM grants
                JOIN \(sql: table) AS tokens ON tokens.grant_id = grants.id
                WHERE grants.user_id = \(userID) AND grants.revoked_at IS NULL GROUP BY grants.id
                """
            ) { row in (try row.next(), try row.next()) }
            for (id, time) in rows { last[id] = last[id].map { max($0, time) } ?? time }
        }
        return last
    }

    /// The applications that a person went on into, the latest first.
    package func visits(ofUser userID: String, in tenantID: String) throws -> [Visits] {
        try db.rows(
            """
            SELECT application_id, MIN(at), MAX(at) AS latest FROM events
            WHERE user_id = \(userID) AND tenant_id = \(tenantID) AND name = 'application.entered'
                AND application_id IS NOT NULL
            GROUP BY application_id ORDER BY latest DESC, application_id
            """
        ) { row in Visits(applicationID: try row.next(), first: try row.next(), last: try row.next()) }
    }

    /// Ends every grant that a user gave a client, and with them each code and token.
    /// - Returns: How many had not ended before.
    package func withdraw(_ clientID: String, ofUser userID: String, in tenantID: String, now: Date) throws -> Int {
        let ended: [String] = try db.rows(
            """
            UPDATE grants SET revoked_at = \(now)
            WHERE tenant_id = \(tenantID) AND client_id = \(clientID) AND user_id = \(userID) AND revoked_at IS NULL
            RETURNING id
            """
        ) { try $0.next() }
        return ended.count
    }

    /// Nobody signs in so often within the life of a session; bounds what one page costs.
    private static let most = 500
}

extension Connection {
    /// What people let applications have, in all tenants.
    package var allowedApplications: AllowedApplications { AllowedApplications(db: self) }
}
