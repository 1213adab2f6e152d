package import Directory
import FoundationEssentials

/// Tenants and the hosts at which they are found.
package struct Tenants {
    let db: any Connection

    /// All tenants by code.
    package func all() throws -> [Tenant] {
        try db.rows("SELECT \(sql: Self.columns) FROM tenants ORDER BY code", as: read)
    }

    /// The tenant with this code, or nil.
    package func coded(_ code: String) throws -> Tenant? {
        try db.row("SELECT \(sql: Self.columns) FROM tenants WHERE code = \(code)", as: read)
    }

    /// The tenant with this id, or nil.
    package func identified(_ id: String) throws -> Tenant? {
        try db.row("SELECT \(sql: Self.columns) FROM tenants WHERE id = \(id)", as: read)
    }

    /// The tenant that answers at a host, in the form of ``HostName``; nil for a host of nobody.
    package func atHost(_ host: String) throws -> Tenant? {
        let id: String? = try db.row("SELECT tenant_id FROM tenant_hosts WHERE host = \(host)") { try $0.next() }
        return try id.flatMap(identified)
    }

    /// Stores a new tenant with its hosts.
    /// - Throws: `uniqueViolation` for a code, issuer or host that is taken.
    package func insert(_ tenant: Tenant) throws {
        try db.execute(
            """
            INSERT INTO tenants (id, code, name, issuer, settings, created_at)
            VALUES (\(tenant.id), \(tenant.code), \(tenant.name), \(tenant.issuer), \(TextMap(tenant.settings)),
                \(tenant.createdAt))
            """)
        try insertHosts(of: tenant)
    }

    /// Stores name, issuer, hosts and settings of a tenant that is there.
    package func update(_ tenant: Tenant) throws {
        try db.execute(
            """
            UPDATE tenants SET name = \(tenant.name), issuer = \(tenant.issuer), settings = \(TextMap(tenant.settings))
            WHERE id = \(tenant.id)
            """)
        try db.execute("DELETE FROM tenant_hosts WHERE tenant_id = \(tenant.id)")
        try insertHosts(of: tenant)
    }

    private func insertHosts(of tenant: Tenant) throws {
        for host in tenant.hosts {
            try db.execute("INSERT INTO tenant_hosts (host, tenant_id) VALUES (\(host), \(tenant.id))")
        }
    }

    private static let columns: SQL = "id, code, name, issuer, settings, created_at"

    private func read(_ row: inout SQLRow) throws -> Tenant {
        let id: String = try row.next()
        let code: String = try row.next()
        let name: String = try row.next()
        let issuer: String = try row.next()
        let settings: TextMap = try row.next()
        let createdAt: Date = try row.next()
        let hosts: [String] = try db.rows(
            "SELECT host FROM tenant_hosts WHERE tenant_id = \(id) ORDER BY host"
        ) { try $0.next() }
        return Tenant(
            id: id, code: code, name: name, issuer: issuer, hosts: hosts, settings: settings.texts,
            createdAt: createdAt)
    }
}

extension Connection {
    /// The tenants of this installation.
    package var tenants: Tenants { Tenants(db: self) }
}
