package import FoundationEssentials
package import OAuth2

/// Authorization codes by hash.
package struct AuthorizationCodes {
    let db: any Connection

    /// Stores a new code.
    package func insert(_ code: AuthorizationCode) throws {
        try db.execute(
            """
            INSERT INTO authorization_codes (hash, grant_id, client_id, redirect_uri, code_challenge, expires_at)
            VALUES (\(code.hash), \(code.grantID), \(code.clientID), \(code.redirectURI), \(code.codeChallenge?.text),
                \(code.expiresAt))
            """)
    }

    /// Marks a code as redeemed and returns it as it was before: of any number of takers one sees it unredeemed.
    ///
    /// A taker that then throws rolls the mark back, so that a wrong client or verifier does not spend the code.
    /// - Returns: nil for a code that does not exist.
    package func take(_ hash: String, now: Date) throws -> AuthorizationCode? {
        let won = try db.row(
            """
            UPDATE authorization_codes SET redeemed_at = \(now) WHERE hash = \(hash) AND redeemed_at IS NULL
            RETURNING \(sql: Self.columns)
            """
        ) { row in try Self.read(&row, isRedeemed: false) }
        if let won { return won }
        return try db.row("SELECT \(sql: Self.columns) FROM authorization_codes WHERE hash = \(hash)") { row in
            try Self.read(&row, isRedeemed: true)
        }
    }

    /// Undoes a `take` of the same transaction: the code is good again.
    package func giveBack(_ hash: String) throws {
        try db.execute("UPDATE authorization_codes SET redeemed_at = NULL WHERE hash = \(hash)")
    }

    private static let columns: SQL = "hash, grant_id, client_id, redirect_uri, code_challenge, expires_at"

    private static func read(_ row: inout SQLRow, isRedeemed: Bool) throws -> AuthorizationCode {
        AuthorizationCode(
            hash: try row.next(), grantID: try row.next(), clientID: try row.next(), redirectURI: try row.next(),
            codeChallenge: try challenge(try row.next()), expiresAt: try row.next(), isRedeemed: isRedeemed)
    }

    /// A stored challenge that does not read must not turn into none: that would switch PKCE off.
    private static func challenge(_ text: String?) throws -> PKCE.Challenge? {
        guard let text else { return nil }
        guard let challenge = PKCE.Challenge(stored: text) else {
            throw DatabaseError.unexpectedValue(column: "code_challenge")
        }
        return challenge
    }
}

extension Connection {
    /// The authorization codes of all tenants.
    package var authorizationCodes: AuthorizationCodes { AuthorizationCodes(db: self) }
}
