package import Directory
package import FoundationEssentials

/// Invitations, found by the keyed index of their codes.
package struct Invitations {
    let db: any Connection

    /// Where an invitation leads.
    package struct Found: Equatable, Sendable {
        package let invitation: Invitation
        package let department: Department
    }

    /// The invitation of a tenant with this code, locked until the transaction ends, so that of two people who use it
    /// at once the second one sees the first; nil when there is none.
    package func locked(codeIndex: String, in tenantID: String) throws -> Found? {
        try found(
            try db.row(
                """
                UPDATE invitations SET uses = uses WHERE code_index = \(codeIndex) AND tenant_id = \(tenantID)
                RETURNING \(sql: Self.columns)
                """, as: Self.read))
    }

    /// The invitation with this code, whichever tenant's it is; nil when there is none.
    package func withCode(_ codeIndex: String) throws -> Found? {
        try found(
            try db.row(
                "SELECT \(sql: Self.columns) FROM invitations WHERE code_index = \(codeIndex)", as: Self.read))
    }

    /// A code that finds nothing costs the same statements.
    private func found(_ invitation: Invitation?) throws -> Found? {
        let department = try db.departments.identified(
            invitation?.departmentID ?? "", in: invitation?.tenantID ?? "")
        guard let invitation, let department else { return nil }
        return Found(invitation: invitation, department: department)
    }

    /// The newest invitations of a tenant.
    package func newest(_ limit: Int, in tenantID: String) throws -> [Invitation] {
        try db.rows(
            """
            SELECT \(sql: Self.columns) FROM invitations WHERE tenant_id = \(tenantID)
            ORDER BY created_at DESC, id LIMIT \(limit)
            """, as: Self.read)
    }

    /// How many invitations of a tenant are neither revoked nor expired.
    package func countOpen(in tenantID: String, now: Date) throws -> Int {
        try db.row(
            """
            SELECT COUNT(*) FROM invitations
            WHERE tenant_id = \(tenantID) AND revoked_at IS NULL AND expires_at > \(now)
            """
        ) { try $0.next() } ?? 0
    }

    /// Stores a new invitation.
    package func insert(_ invitation: Invitation) throws {
        try db.execute(
            """
            INSERT INTO invitations (\(sql: Self.columns))
            VALUES (\(invitation.id), \(invitation.tenantID), \(invitation.departmentID), \(invitation.codeIndex),
                \(invitation.label), \(invitation.needsApproval), \(invitation.useLimit), \(invitation.uses),
                \(invitation.createdAt), \(invitation.expiresAt), \(invitation.revokedAt))
            """)
    }

    /// Counts one use of an invitation that was read by ``locked(codeIndex:in:)`` in this transaction.
    package func use(_ id: String) throws {
        try db.execute("UPDATE invitations SET uses = uses + 1 WHERE id = \(id)")
    }

    /// Ends an invitation.
    /// - Returns: Whether the tenant had it and it was not revoked before.
    package func revoke(_ id: String, in tenantID: String, now: Date) throws -> Bool {
        let revoked: [String] = try db.rows(
            """
            UPDATE invitations SET revoked_at = \(now)
            WHERE id = \(id) AND tenant_id = \(tenantID) AND revoked_at IS NULL RETURNING id
            """
        ) { try $0.next() }
        return !revoked.isEmpty
    }

    /// Whether a tenant has or had an invitation with this id.
    package func contains(_ id: String, in tenantID: String) throws -> Bool {
        let found: String? = try db.row("SELECT id FROM invitations WHERE id = \(id) AND tenant_id = \(tenantID)") {
            try $0.next()
        }
        return found != nil
    }

    private static let columns: SQL = """
        id, tenant_id, department_id, code_index, label, needs_approval, use_limit, uses, created_at, expires_at,
        revoked_at
        """

    private static func read(_ row: inout SQLRow) throws -> Invitation {
        Invitation(
            id: try row.next(), tenantID: try row.next(), departmentID: try row.next(), codeIndex: try row.next(),
            label: try row.next(), needsApproval: try row.next(), useLimit: try row.next(), uses: try row.next(),
            createdAt: try row.next(), expiresAt: try row.next(), revokedAt: try row.next())
    }
}

extension Connection {
    /// The invitations of all tenants.
    package var invitations: Invitations { Invitations(db: self) }
}
