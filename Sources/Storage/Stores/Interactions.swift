import FoundationEssentials
package import Identity

/// Sign-in transactions of browsers.
package struct Interactions {
    let db: any Connection

    /// The interaction with this id, or nil. Whether the caller may use it, its `admission` decides.
    package func identified(_ id: String) throws -> Interaction? {
        try db.row("SELECT \(sql: Self.columns) FROM interactions WHERE id = \(id)", as: Self.read)
    }

    /// The interaction with this id, locked until the transaction ends, so that of two forms sent at once the second
    /// sees what the first one made of it.
    package func locked(_ id: String) throws -> Interaction? {
        try db.row(
            "UPDATE interactions SET state = state WHERE id = \(id) RETURNING \(sql: Self.columns)", as: Self.read)
    }

    /// Stores a new interaction.
    package func insert(_ interaction: Interaction) throws {
        try db.execute(
            """
            INSERT INTO interactions (id, tenant_id, browser_hash, resume, requirement, state, application_id,
                destination_origin, created_at, expires_at)
            VALUES (\(interaction.id), \(interaction.tenantID), \(interaction.browserHash), \(interaction.resume),
                \(interaction.requirement.text), \(interaction.state.text), \(interaction.applicationID),
                \(interaction.destinationOrigin), \(interaction.createdAt), \(interaction.expiresAt))
            """)
    }

    /// Stores where an interaction stands.
    package func setState(_ state: SignIn.State, of id: String) throws {
        try db.execute("UPDATE interactions SET state = \(state.text) WHERE id = \(id)")
    }

    /// Removes an interaction that has led to its answer.
    /// - Returns: Whether it was still there: of two answers to one interaction only one is given.
    package func remove(_ id: String) throws -> Bool {
        let removed: [String] = try db.rows("DELETE FROM interactions WHERE id = \(id) RETURNING id") {
            try $0.next()
        }
        return !removed.isEmpty
    }

    private static let columns: SQL = """
        id, tenant_id, browser_hash, resume, requirement, state, application_id, destination_origin, created_at,
        expires_at
        """

    private static func read(_ row: inout SQLRow) throws -> Interaction {
        let id: String = try row.next()
        let tenantID: String = try row.next()
        let browserHash: String = try row.next()
        let resume: String = try row.next()
        guard let requirement = AuthenticationRequirement(text: try row.next()) else {
            throw DatabaseError.unexpectedValue(column: "requirement")
        }
        guard let state = SignIn.State(text: try row.next()) else {
            throw DatabaseError.unexpectedValue(column: "state")
        }
        let request = Interaction.Request(
            resume: resume, requirement: requirement, applicationID: try row.next(),
            destinationOrigin: try row.next())
        let createdAt: Date = try row.next()
        var interaction = Interaction(
            id: id, tenantID: tenantID, browserHash: browserHash, request: request, lifetime: 0, now: createdAt)
        interaction.expiresAt = try row.next()
        interaction.state = state
        return interaction
    }
}

extension Connection {
    /// The sign-in transactions of all tenants.
    package var interactions: Interactions { Interactions(db: self) }
}
