package import FoundationEssentials
package import OAuth2

/// Refresh tokens by hash.
package struct RefreshTokens {
    let db: any Connection

    /// Stores a new token.
    package func insert(_ token: RefreshToken) throws {
        try db.execute(
            """
            INSERT INTO refresh_tokens (hash, grant_id, client_id, created_at, expires_at)
            VALUES (\(token.hash), \(token.grantID), \(token.clientID), \(token.createdAt), \(token.expiresAt))
            """)
    }

    /// Marks a token as redeemed and returns it as it was before: of any number of takers one sees it unredeemed.
    ///
    /// A taker that then throws rolls the mark back.
    /// - Returns: nil for a token that does not exist.
    package func take(_ hash: String, now: Date) throws -> RefreshToken? {
        let won = try db.row(
            """
            UPDATE refresh_tokens SET redeemed_at = \(now) WHERE hash = \(hash) AND redeemed_at IS NULL
            RETURNING \(sql: Self.columns)
            """
        ) { row in try Self.read(&row, isRedeemed: false) }
        if let won { return won }
        return try db.row("SELECT \(sql: Self.columns) FROM refresh_tokens WHERE hash = \(hash)") { row in
            try Self.read(&row, isRedeemed: true)
        }
    }

    private static let columns: SQL = "hash, grant_id, client_id, created_at, expires_at"

    private static func read(_ row: inout SQLRow, isRedeemed: Bool) throws -> RefreshToken {
        RefreshToken(
            hash: try row.next(), grantID: try row.next(), clientID: try row.next(), createdAt: try row.next(),
            expiresAt: try row.next(), isRedeemed: isRedeemed)
    }
}

extension Connection {
    /// The refresh tokens of all tenants.
    package var refreshTokens: RefreshTokens { RefreshTokens(db: self) }
}
