package import Directory
package import FoundationEssentials
import Wire

/// The sign-in log and the audit log. An event is written in the transaction of the act it tells of, so neither
/// exists without the other, and no act pays for a second commit.
package struct Events {
    let db: any Connection

    /// Writes one event.
    package func insert(_ record: EventRecord) throws {
        try db.execute(
            """
            INSERT INTO events (id, tenant_id, at, log, name, actor_kind, actor_name, user_id, application_id, address,
                request_id, detail)
            VALUES (\(record.id), \(record.tenantID), \(record.at), \(record.event.log), \(record.event.name),
                \(record.actor.kind), \(record.actor.name), \(record.event.userID), \(record.event.applicationID),
                \(record.address), \(record.requestID), \(record.event.detail.text))
            """)
    }

    /// One event as it is shown.
    package struct Line: Equatable, Sendable {
        /// Whole seconds.
        package let at: Date
        /// Stable name, such as `sign_in.succeeded`.
        package let name: String
        /// Kind and name of who did it.
        package let actorKind: String
        package let actorName: String?
        package let userID: String?
        package let applicationID: String?
        /// The client's IP address.
        package let address: String?
        /// What else there is to tell, as JSON.
        package let detail: String
    }

    /// The latest events of a tenant, newest first.
    /// - Parameters:
    ///   - log: nil for both logs.
    ///   - userID: nil for everybody.
    ///   - limit: Rows at most.
    package func latest(in tenantID: String, log: Event.Log? = nil, userID: String? = nil, limit: Int) throws -> [Line]
    {
        var sql: SQL = """
            SELECT at, name, actor_kind, actor_name, user_id, application_id, address, detail FROM events
            WHERE tenant_id = \(tenantID)
            """
        if let log { sql.append(" AND log = \(log)") }
        if let userID { sql.append(" AND user_id = \(userID)") }
        sql.append(" ORDER BY at DESC, id DESC LIMIT \(limit)")
        return try db.rows(sql) { row in
            Line(
                at: try row.next(), name: try row.next(), actorKind: try row.next(), actorName: try row.next(),
                userID: try row.next(), applicationID: try row.next(), address: try row.next(),
                detail: try row.next())
        }
    }
}

extension Event.Log: SQLConvertible {}

extension Connection {
    /// The logs of all tenants.
    package var events: Events { Events(db: self) }
}
