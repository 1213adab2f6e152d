package import CAS
package import FoundationEssentials

/// Service tickets by hash.
package struct ServiceTickets {
    let db: any Connection

    /// Stores a new ticket.
    package func insert(_ ticket: ServiceTicket, hash: String, now: Date) throws {
        try db.execute(
            """
            INSERT INTO service_tickets (hash, tenant_id, application_id, service, user_id, session_id,
                authenticated_at, is_from_new_login, is_from_remembered_session, created_at, expires_at)
            VALUES (\(hash), \(ticket.tenantID), \(ticket.applicationID), \(ticket.service.text), \(ticket.userID),
                \(ticket.sessionID), \(ticket.authenticatedAt), \(ticket.isFromNewLogin),
                \(ticket.isFromRememberedSession), \(now), \(ticket.expiresAt))
            """)
    }

    /// Takes a ticket out of use and returns it as it was before: of any number of takers one sees it untaken.
    ///
    /// The caller commits the taking whatever the validation says (CAS 3.0 §3.1.1).
    /// - Returns: nil for a ticket that this tenant never issued.
    package func take(_ hash: String, in tenantID: String, now: Date) throws -> ServiceTicket? {
        let won = try db.row(
            """
            UPDATE service_tickets SET taken_at = \(now)
            WHERE hash = \(hash) AND tenant_id = \(tenantID) AND taken_at IS NULL RETURNING \(sql: Self.columns)
            """
        ) { row in try Self.read(&row, isTaken: false) }
        if let won { return won }
        return try db.row(
            "SELECT \(sql: Self.columns) FROM service_tickets WHERE hash = \(hash) AND tenant_id = \(tenantID)"
        ) { row in try Self.read(&row, isTaken: true) }
    }

    private static let columns: SQL = """
        tenant_id, application_id, service, user_id, session_id, authenticated_at, is_from_new_login,
        is_from_remembered_session, expires_at
        """

    private static func read(_ row: inout SQLRow, isTaken: Bool) throws -> ServiceTicket {
        ServiceTicket(
            tenantID: try row.next(), applicationID: try row.next(), service: ServiceURL(stored: try row.next()),
            userID: try row.next(),
            sessionID: try row.next(), authenticatedAt: try row.next(), isFromNewLogin: try row.next(),
            isFromRememberedSession: try row.next(), expiresAt: try row.next(), isTaken: isTaken)
    }
}

extension Connection {
    /// The service tickets of all tenants.
    package var serviceTickets: ServiceTickets { ServiceTickets(db: self) }
}
