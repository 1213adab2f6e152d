import FoundationEssentials
package import OAuth2

/// Opaque access tokens by hash.
package struct AccessTokens {
    let db: any Connection

    /// The token with this hash, or nil.
    package func hashed(_ hash: String) throws -> AccessToken? {
        try db.row(
            "SELECT hash, grant_id, scope, created_at, expires_at FROM access_tokens WHERE hash = \(hash)"
        ) { row in
            AccessToken(
                hash: try row.next(), grantID: try row.next(), scope: try storedScope(try row.next()),
                createdAt: try row.next(), expiresAt: try row.next())
        }
    }

    /// Stores a new token.
    package func insert(_ token: AccessToken) throws {
        try db.execute(
            """
            INSERT INTO access_tokens (hash, grant_id, scope, created_at, expires_at)
            VALUES (\(token.hash), \(token.grantID), \(token.scope.text), \(token.createdAt), \(token.expiresAt))
            """)
    }
}

extension Connection {
    /// The access tokens of all tenants.
    package var accessTokens: AccessTokens { AccessTokens(db: self) }
}
