package import Cryptography
package import FoundationEssentials

/// The signing keys of tenants, sealed.
package struct SigningKeys {
    let db: any Connection
    let key: SealingKey

    /// One stored key, opened.
    package struct Entry: Sendable {
        /// The `kid`: the key's RFC 7638 thumbprint.
        package let id: String
        package let key: SigningKey
        /// Whole seconds.
        package let createdAt: Date
    }

    /// The keys of a tenant, oldest first.
    /// - Throws: `unexpectedValue` for a key that this sealing key does not open.
    package func all(in tenantID: String) throws -> [Entry] {
        try db.rows(
            """
            SELECT id, algorithm, sealed_key, created_at FROM signing_keys
            WHERE tenant_id = \(tenantID) ORDER BY created_at, id
            """
        ) { row in
            let id: String = try row.next()
            let algorithm: SignatureAlgorithm = try row.next()
            let sealed: String = try row.next()
            guard let der = try? key.open(sealed, context: Self.context(id, tenantID)),
                let signing = try? SigningKey(pkcs8DER: der, algorithm: algorithm)
            else { throw DatabaseError.unexpectedValue(column: "sealed_key") }
            return Entry(id: id, key: signing, createdAt: try row.next())
        }
    }

    /// Stores a new key.
    package func insert(id: String, _ signing: SigningKey, in tenantID: String, now: Date) throws {
        let sealed = key.seal(try signing.pkcs8DER(), context: Self.context(id, tenantID))
        try db.execute(
            """
            INSERT INTO signing_keys (id, tenant_id, algorithm, sealed_key, created_at)
            VALUES (\(id), \(tenantID), \(signing.algorithm), \(sealed), \(now))
            """)
    }

    private static func context(_ id: String, _ tenantID: String) -> String { "signing-key/\(tenantID)/\(id)" }
}

extension SignatureAlgorithm: SQLConvertible {}

extension Connection {
    /// The signing keys of all tenants.
    /// - Parameter key: The installation's sealing key.
    package func signingKeys(_ key: SealingKey) -> SigningKeys { SigningKeys(db: self, key: key) }
}
