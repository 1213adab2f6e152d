package import Directory

/// The groups of tenants.
package struct Groups {
    let db: any Connection

    /// The groups of a tenant by name.
    package func all(in tenantID: String) throws -> [Group] {
        try db.rows("SELECT id, tenant_id, name FROM user_groups WHERE tenant_id = \(tenantID) ORDER BY name", as: read)
    }

    /// The groups that a user is a member of, by name.
    package func ofUser(_ userID: String) throws -> [Group] {
        try db.rows(
            """
            SELECT user_groups.id, user_groups.tenant_id, user_groups.name FROM user_groups
            JOIN group_members ON group_members.group_id = user_groups.id
            WHERE group_members.user_id = \(userID) ORDER BY user_groups.name
            """, as: read)
    }

    /// The group with this name, or nil.
    package func named(_ name: String, in tenantID: String) throws -> Group? {
        try db.row(
            "SELECT id, tenant_id, name FROM user_groups WHERE tenant_id = \(tenantID) AND name = \(name)", as: read)
    }

    /// Stores a new group.
    package func insert(_ group: Group) throws {
        try db.execute(
            "INSERT INTO user_groups (id, tenant_id, name) VALUES (\(group.id), \(group.tenantID), \(group.name))")
    }

    private func read(_ row: inout SQLRow) throws -> Group {
        Group(id: try row.next(), tenantID: try row.next(), name: try row.next())
    }
}

extension Connection {
    /// The groups of all tenants.
    package var groups: Groups { Groups(db: self) }
}
