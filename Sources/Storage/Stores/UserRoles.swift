package import Directory

/// The roles of users. Read for every request that needs one, so that giving and taking acts at once.
package struct UserRoles {
    let db: any Connection

    /// The roles of a user. A text that is no role of ours, of a newer version perhaps, is none.
    package func ofUser(_ userID: String) throws -> Set<Role> {
        let texts: [String] = try db.rows("SELECT role FROM user_roles WHERE user_id = \(userID)") { try $0.next() }
        return Set(texts.compactMap(Role.init(rawValue:)))
    }

    /// Some of the users of a tenant who have a role, by id.
    package func users(with role: Role, in tenantID: String, limit: Int) throws -> [String] {
        try db.rows(
            """
            SELECT users.id FROM user_roles JOIN users ON users.id = user_roles.user_id
            WHERE user_roles.role = \(role.rawValue) AND users.tenant_id = \(tenantID)
            ORDER BY users.id LIMIT \(limit)
            """
        ) { try $0.next() }
    }

    /// Gives a user a role; one that the user has stays.
    package func put(_ role: Role, ofUser userID: String) throws {
        try db.execute(
            """
            INSERT INTO user_roles (user_id, role) VALUES (\(userID), \(role.rawValue))
            ON CONFLICT (user_id, role) DO NOTHING
            """)
    }

    /// Takes a role from a user.
    package func remove(_ role: Role, ofUser userID: String) throws {
        try db.execute("DELETE FROM user_roles WHERE user_id = \(userID) AND role = \(role.rawValue)")
    }
}

extension Connection {
    /// The roles of the users of all tenants.
    package var userRoles: UserRoles { UserRoles(db: self) }
}
