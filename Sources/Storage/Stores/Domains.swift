package import Directory
package import FoundationEssentials

/// The domains that tenants claim. Several may claim one; the index over verified names lets one of them have it.
package struct Domains {
    let db: any Connection

    // MARK: Signing in

    /// The tenant whose members sign in with a domain, by id; nil when none has proved it.
    /// - Parameter name: Anything, as it was typed after the `@`.
    package func verified(_ name: String) throws -> String? {
        let name = TypedText.lowercasedASCII(name)
        return try db.row("SELECT tenant_id FROM domains WHERE name = \(name) AND verified_at IS NOT NULL") {
            try $0.next()
        }
    }

    /// The domains with which the members of a tenant sign in, in order.
    package func verifiedNames(of tenantID: String) throws -> [String] {
        try db.rows(
            "SELECT name FROM domains WHERE tenant_id = \(tenantID) AND verified_at IS NOT NULL ORDER BY name"
        ) { try $0.next() }
    }

    // MARK: Claims

    /// The domains of a tenant by name.
    package func all(of tenantID: String) throws -> [ClaimedDomain] {
        try db.rows(
            "SELECT \(sql: Self.columns) FROM domains WHERE tenant_id = \(tenantID) ORDER BY name", as: Self.read)
    }

    /// The claim of a tenant to a domain, or nil.
    package func claim(_ name: DomainName, of tenantID: String) throws -> ClaimedDomain? {
        try db.row(
            "SELECT \(sql: Self.columns) FROM domains WHERE tenant_id = \(tenantID) AND name = \(name.text)",
            as: Self.read)
    }

    /// Stores a new claim.
    /// - Throws: `uniqueViolation` of `domains(tenant_id, name)` when the tenant has the domain already.
    package func insert(_ domain: ClaimedDomain) throws {
        try db.execute(
            """
            INSERT INTO domains (\(sql: Self.columns))
            VALUES (\(domain.tenantID), \(domain.name.text), \(domain.token), \(domain.addedAt), \(domain.verifiedAt),
                \(domain.checkedAt), \(domain.failure), \(domain.nextCheckAt))
            """)
    }

    /// Takes a domain from a tenant; at once nobody signs in with it any more.
    /// - Returns: Whether the tenant had it.
    package func remove(_ name: DomainName, from tenantID: String) throws -> Bool {
        let removed: [String] = try db.rows(
            "DELETE FROM domains WHERE tenant_id = \(tenantID) AND name = \(name.text) RETURNING name"
        ) { try $0.next() }
        return !removed.isEmpty
    }

    // MARK: Checks

    /// Domains that are to be checked, the one that waits longest first.
    /// - Parameter limit: How many at most.
    package func due(limit: Int, now: Date) throws -> [ClaimedDomain] {
        try db.rows(
            """
            SELECT \(sql: Self.columns) FROM domains WHERE next_check_at <= \(now)
            ORDER BY next_check_at, tenant_id, name LIMIT \(limit)
            """, as: Self.read)
    }

    /// Notes that a domain is looked for from now on.
    package func beginCheck(of domain: ClaimedDomain, now: Date) throws {
        try db.execute(
            """
            UPDATE domains SET checked_at = \(now) WHERE tenant_id = \(domain.tenantID) AND name = \(domain.name.text)
            """)
    }

    /// Writes down what a check came to, in one statement: of several tenants that prove a domain at once, the index
    /// lets one have it.
    /// - Returns: Whether the claim was still there. Its token is compared: a domain that was removed and added again
    ///   in the meantime has another, of which nothing was proved.
    /// - Throws: `uniqueViolation` of `domains(name)` when another tenant has verified the domain.
    package func record(_ domain: ClaimedDomain) throws -> Bool {
        let recorded: [String] = try db.rows(
            """
            UPDATE domains SET verified_at = \(domain.verifiedAt), checked_at = \(domain.checkedAt),
                failure = \(domain.failure), next_check_at = \(domain.nextCheckAt)
            WHERE tenant_id = \(domain.tenantID) AND name = \(domain.name.text) AND token = \(domain.token)
            RETURNING name
            """
        ) { try $0.next() }
        return !recorded.isEmpty
    }

    private static let columns: SQL =
        "tenant_id, name, token, added_at, verified_at, checked_at, failure, next_check_at"

    private static func read(_ row: inout SQLRow) throws -> ClaimedDomain {
        let tenantID: String = try row.next()
        let name = DomainName(stored: try row.next())
        let claim = ClaimedDomain(name, of: tenantID, token: try row.next(), now: try row.next())
        return ClaimedDomain(
            stored: claim, verifiedAt: try row.next(), checkedAt: try row.next(), failure: try row.next(),
            nextCheckAt: try row.next())
    }
}

extension DomainFailure: SQLConvertible {}

extension Connection {
    /// The domains of all tenants.
    package var domains: Domains { Domains(db: self) }
}
