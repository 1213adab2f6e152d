extension Schema {
    /// Departments, who is in them, invitations, and who wants to come in by one.
    static let invitations: [StaticString] = [
        """
        CREATE TABLE departments (
            id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
            parent_id TEXT REFERENCES departments (id), code TEXT NOT NULL, name TEXT NOT NULL,
            invites BIGINT NOT NULL, created_at BIGINT NOT NULL, UNIQUE (tenant_id, code))
        """,
        "CREATE INDEX departments_by_parent ON departments (parent_id)",
        // Whether a tenant lets anybody in by invitation is asked often.
        "CREATE INDEX departments_that_invite ON departments (tenant_id) WHERE invites = 1",
        """
        CREATE TABLE department_members (
            department_id TEXT NOT NULL REFERENCES departments (id) ON DELETE CASCADE,
            user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, position BIGINT NOT NULL,
            PRIMARY KEY (user_id, department_id))
        """,
        "CREATE INDEX department_members_by_department ON department_members (department_id)",
        """
        CREATE TABLE invitations (
            id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
            department_id TEXT NOT NULL REFERENCES departments (id) ON DELETE CASCADE,
            code_index TEXT NOT NULL UNIQUE, label TEXT NOT NULL, needs_approval BIGINT NOT NULL, use_limit BIGINT,
            uses BIGINT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, revoked_at BIGINT)
        """,
        "CREATE INDEX invitations_by_tenant ON invitations (tenant_id, created_at)",
        "CREATE INDEX invitations_by_department ON invitations (department_id)",
        """
        CREATE TABLE join_requests (
            id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
            invitation_id TEXT NOT NULL,
            department_id TEXT NOT NULL REFERENCES departments (id) ON DELETE CASCADE, phone_index TEXT NOT NULL,
            sealed_person TEXT NOT NULL, created_at BIGINT NOT NULL, UNIQUE (tenant_id, phone_index))
        """,
        "CREATE INDEX join_requests_by_department ON join_requests (department_id)",
        "CREATE INDEX join_requests_by_creation ON join_requests (created_at)",
    ]
}
