import FoundationEssentials
package import Identity
import Wire

/// The passkeys of users.
package struct Passkeys {
    let db: any Connection

    /// The passkey with this credential id; nil for one that nobody of the tenant has.
    package func identified(_ credentialID: String, in tenantID: String) throws -> Passkey? {
        try db.row(
            """
            SELECT \(sql: Self.columns) FROM passkeys
            WHERE tenant_id = \(tenantID) AND credential_id = \(credentialID)
            """, as: Self.read)
    }

    /// The passkeys of a user, the oldest first.
    package func ofUser(_ userID: String) throws -> [Passkey] {
        try db.rows(
            """
            SELECT \(sql: Self.columns) FROM passkeys WHERE user_id = \(userID) ORDER BY created_at, credential_id
            """, as: Self.read)
    }

    /// Stores a new passkey.
    /// - Throws: `uniqueViolation` of `passkeys(tenant_id, credential_id)` when somebody of the tenant has it.
    package func insert(_ passkey: Passkey) throws {
        try db.execute(
            """
            INSERT INTO passkeys (\(sql: Self.columns))
            VALUES (\(passkey.tenantID), \(passkey.credentialID), \(passkey.userID),
                \(Base64URL.encode(passkey.publicKey.bytes)), \(passkey.signatureCounter), \(passkey.label.text),
                \(TextList(passkey.transports)), \(passkey.aaguid), \(passkey.isBackupEligible),
                \(passkey.isBackedUp), \(passkey.createdAt), \(passkey.lastUsedAt))
            """)
    }

    /// Writes down a use, as ``PasskeyAssertion/proof(of:answering:_:now:)`` gave it back.
    /// - Returns: Whether the passkey is still there and its counter still lies behind this use: of two uses with one
    ///   counter, one gets true.
    package func use(_ used: Passkey) throws -> Bool {
        let counter = used.signatureCounter
        let written: [String] = try db.rows(
            """
            UPDATE passkeys SET signature_counter = \(counter), is_backed_up = \(used.isBackedUp),
                last_used_at = \(used.lastUsedAt)
            WHERE tenant_id = \(used.tenantID) AND credential_id = \(used.credentialID) AND user_id = \(used.userID)
                AND (signature_counter < \(counter) OR (signature_counter = 0 AND \(counter) = 0))
            RETURNING credential_id
            """
        ) { try $0.next() }
        return !written.isEmpty
    }

    /// Calls a passkey of a user something else.
    /// - Returns: Whether the user has it.
    package func rename(_ credentialID: String, to label: PasskeyLabel, ofUser userID: String) throws -> Bool {
        let renamed: [String] = try db.rows(
            """
            UPDATE passkeys SET label = \(label.text) WHERE user_id = \(userID) AND credential_id = \(credentialID)
            RETURNING credential_id
            """
        ) { try $0.next() }
        return !renamed.isEmpty
    }

    /// Takes a passkey from a user.
    /// - Returns: Whether the user had it.
    package func remove(_ credentialID: String, ofUser userID: String) throws -> Bool {
        let removed: [String] = try db.rows(
            """
            DELETE FROM passkeys WHERE user_id = \(userID) AND credential_id = \(credentialID) RETURNING credential_id
            """
        ) { try $0.next() }
        return !removed.isEmpty
    }

    /// Takes all passkeys from a user.
    package func removeAll(ofUser userID: String) throws {
        try db.execute("DELETE FROM passkeys WHERE user_id = \(userID)")
    }

    private static let columns: SQL = """
        tenant_id, credential_id, user_id, public_key, signature_counter, label, transports, aaguid,
        is_backup_eligible, is_backed_up, created_at, last_used_at
        """

    private static func read(_ row: inout SQLRow) throws -> Passkey {
        let tenantID: String = try row.next()
        return Passkey(
            credentialID: try row.next(), tenantID: tenantID, userID: try row.next(),
            publicKey: try COSEKey(Base64URL.decode(try row.next(String.self))), signatureCounter: try row.next(),
            label: PasskeyLabel(stored: try row.next()), transports: try row.next(TextList.self).texts,
            aaguid: try row.next(), isBackupEligible: try row.next(), isBackedUp: try row.next(),
            createdAt: try row.next(), lastUsedAt: try row.next())
    }
}

extension Connection {
    /// The passkeys of all tenants.
    package var passkeys: Passkeys { Passkeys(db: self) }
}
