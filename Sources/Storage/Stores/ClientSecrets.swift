package import FoundationEssentials
package import OAuth2

/// The secrets of clients: hashes, never the secrets.
package struct ClientSecrets {
    let db: any Connection

    /// All secrets of a client, dead ones too, oldest first.
    package func ofClient(_ clientID: String, in tenantID: String) throws -> [ClientSecret] {
        try db.rows(
            """
            SELECT id, client_id, hash, label, created_at, expires_at, revoked_at, last_used_at FROM client_secrets
            WHERE tenant_id = \(tenantID) AND client_id = \(clientID) ORDER BY created_at, id
            """
        ) { row in
            var secret = ClientSecret(
                id: try row.next(), clientID: try row.next(), hash: ClientSecretHash(stored: try row.next()),
                label: try row.next(), createdAt: try row.next())
            secret.expiresAt = try row.next()
            secret.revokedAt = try row.next()
            secret.lastUsedAt = try row.next()
            return secret
        }
    }

    /// Stores a new secret.
    package func insert(_ secret: ClientSecret, in tenantID: String) throws {
        try db.execute(
            """
            INSERT INTO client_secrets (id, tenant_id, client_id, hash, label, created_at, expires_at)
            VALUES (\(secret.id), \(tenantID), \(secret.clientID), \(secret.hash.text), \(secret.label),
                \(secret.createdAt), \(secret.expiresAt))
            """)
    }

    /// Ends a secret now or at a later time.
    /// - Returns: Whether a secret that was not revoked before has this id.
    package func end(_ id: String, of clientID: String, in tenantID: String, at end: Date?, now: Date) throws -> Bool {
        let ended: [String] =
            if let end {
                try db.rows(
                    """
                    UPDATE client_secrets SET expires_at = \(end) WHERE tenant_id = \(tenantID)
                    AND client_id = \(clientID) AND id = \(id) AND revoked_at IS NULL RETURNING id
                    """
                ) { try $0.next() }
            } else {
                try db.rows(
                    """
                    UPDATE client_secrets SET revoked_at = \(now) WHERE tenant_id = \(tenantID)
                    AND client_id = \(clientID) AND id = \(id) AND revoked_at IS NULL RETURNING id
                    """
                ) { try $0.next() }
            }
        return !ended.isEmpty
    }

    /// Remembers that a secret was used; at most once a minute, since it is read by people.
    package func noteUse(of id: String, now: Date) throws {
        try db.execute(
            """
            UPDATE client_secrets SET last_used_at = \(now)
            WHERE id = \(id) AND (last_used_at IS NULL OR last_used_at <= \(now - 60))
            """)
    }
}

extension Connection {
    /// The secrets of all clients.
    package var clientSecrets: ClientSecrets { ClientSecrets(db: self) }
}
