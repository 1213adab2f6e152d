package import Directory
import FoundationEssentials

/// The organisation trees of all tenants, and who belongs where.
package struct Departments {
    let db: any Connection

    /// The departments of a tenant by code.
    package func all(in tenantID: String) throws -> [Department] {
        try db.rows(
            "SELECT \(sql: Self.columns) FROM departments WHERE tenant_id = \(tenantID) ORDER BY code", as: Self.read)
    }

    /// The department with this code, or nil.
    package func coded(_ code: String, in tenantID: String) throws -> Department? {
        try db.row(
            "SELECT \(sql: Self.columns) FROM departments WHERE tenant_id = \(tenantID) AND code = \(code)",
            as: Self.read)
    }

    /// The department with this id, or nil.
    package func identified(_ id: String, in tenantID: String) throws -> Department? {
        try db.row(
            "SELECT \(sql: Self.columns) FROM departments WHERE tenant_id = \(tenantID) AND id = \(id)",
            as: Self.read)
    }

    /// Whether any department of a tenant lets people in by invitation.
    package func invite(in tenantID: String) throws -> Bool {
        let found: String? = try db.row(
            "SELECT id FROM departments WHERE tenant_id = \(tenantID) AND invites = 1 LIMIT 1"
        ) { try $0.next() }
        return found != nil
    }

    /// Stores a new department.
    /// - Throws: `uniqueViolation` of `departments(tenant_id, code)`.
    package func insert(_ department: Department) throws {
        try db.execute(
            """
            INSERT INTO departments (\(sql: Self.columns))
            VALUES (\(department.id), \(department.tenantID), \(department.parentID), \(department.code),
                \(department.name), \(department.invites), \(department.createdAt))
            """)
    }

    /// Stores place, name and switch of a department that is there.
    package func update(_ department: Department) throws {
        try db.execute(
            """
            UPDATE departments SET parent_id = \(department.parentID), name = \(department.name),
                invites = \(department.invites)
            WHERE id = \(department.id)
            """)
    }

    /// Removes a department with its invitations and requests; the caller has seen that nobody is in it or below it.
    package func remove(_ id: String) throws {
        try db.execute("DELETE FROM departments WHERE id = \(id)")
    }

    /// How many users belong to a department.
    package func memberCount(_ id: String) throws -> Int {
        try db.row("SELECT COUNT(*) FROM department_members WHERE department_id = \(id)") { try $0.next() } ?? 0
    }

    // MARK: Members

    /// The departments of a user, the primary one first.
    package func ofUser(_ userID: String) throws -> [Department] {
        try db.rows(
            """
            SELECT departments.id, departments.tenant_id, departments.parent_id, departments.code, departments.name,
                departments.invites, departments.created_at
            FROM department_members JOIN departments ON departments.id = department_members.department_id
            WHERE department_members.user_id = \(userID) ORDER BY department_members.position
            """, as: Self.read)
    }

    /// Puts a user into these departments and no others.
    /// - Parameter ids: The primary one first; each once.
    package func set(_ ids: [String], ofUser userID: String) throws {
        try db.execute("DELETE FROM department_members WHERE user_id = \(userID)")
        for (position, id) in ids.enumerated() {
            try db.execute(
                """
                INSERT INTO department_members (department_id, user_id, position)
                VALUES (\(id), \(userID), \(position))
                """)
        }
    }

    private static let columns: SQL = "id, tenant_id, parent_id, code, name, invites, created_at"

    private static func read(_ row: inout SQLRow) throws -> Department {
        Department(
            id: try row.next(), tenantID: try row.next(), parentID: try row.next(), code: try row.next(),
            name: try row.next(), invites: try row.next(), createdAt: try row.next())
    }
}

extension Connection {
    /// The departments of all tenants.
    package var departments: Departments { Departments(db: self) }
}
