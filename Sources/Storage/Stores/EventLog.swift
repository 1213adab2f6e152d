package import Cryptography
package import Directory
package import FoundationEssentials
import Wire

/// The sign-in log and the audit log as they are read, and the sign-in log as it is written: with the person as they
/// were, sealed. A row opens under its own id only.
package struct EventLog {
    let db: any Connection
    let key: SealingKey

    /// Writes one event.
    /// - Parameter person: As they are now; nil when none was found.
    package func insert(_ record: EventRecord, of person: LoggedPerson?) throws {
        let sealed = person.map { key.seal($0.bytes, context: Self.context(record.id)) }
        try db.events.insert(record, sealedPerson: sealed)
    }

    /// Which events a reader asks for; what is nil or empty asks for all.
    package struct Filter: Equatable, Sendable {
        package var tenantID: String
        package var log: Event.Log
        /// Whom it is about.
        package var userID: String?
        /// The first instant.
        package var from: Date?
        /// The first instant that no longer counts.
        package var until: Date?
        package var names: [String] = []
        package var method: Factor?
        package var applicationID: String?
        /// The whole address, as it is stored.
        package var address: String?
        /// A part of the device's text, whatever its ASCII case.
        package var device: String?

        package init(tenantID: String, log: Event.Log) {
            self.tenantID = tenantID
            self.log = log
        }
    }

    /// Events, newest first; those of one second by their ids, which sort as they were written.
    /// - Parameters:
    ///   - after: The event after which to go on; nil for the newest.
    ///   - limit: Rows at most.
    package func page(_ filter: Filter, after: EventCursor? = nil, limit: Int) throws -> [LoggedEvent] {
        try db.rows(Self.statement(filter, after: after, limit: limit), as: read)
    }

    /// The statement of ``page(_:after:limit:)``.
    package static func statement(_ filter: Filter, after: EventCursor?, limit: Int) -> SQL {
        var sql: SQL = "SELECT \(sql: columns) FROM events WHERE "
        if let userID = filter.userID {
            // A user has few events and a tenant many. Written so, the conditions that all events of a user meet cannot
            // lead SQLite, which knows no figures, to the index of the tenant's.
            sql.append(
                """
                user_id = \(userID) AND COALESCE(tenant_id, '') = \(filter.tenantID)
                AND COALESCE(log, '') = \(filter.log)
                """)
        } else {
            sql.append("tenant_id = \(filter.tenantID) AND log = \(filter.log)")
        }
        if let from = filter.from { sql.append(" AND at >= \(from)") }
        if let until = filter.until { sql.append(" AND at < \(until)") }
        if let after { sql.append(" AND (at, id) < (\(after.at), \(after.id))") }
        appendDetails(of: filter, to: &sql)
        sql.append(" ORDER BY at DESC, id DESC LIMIT \(limit)")
        return sql
    }

    private static func appendDetails(of filter: Filter, to sql: inout SQL) {
        if !filter.names.isEmpty { sql.append(" AND name IN (\(filter.names))") }
        if let method = filter.method {
            let member = LikePattern.containing("\"method\":\"\(method.rawValue)\"")
            sql.append(" AND detail LIKE \(member) ESCAPE '\\'")
        }
        if let id = filter.applicationID { sql.append(" AND application_id = \(id)") }
        if let address = filter.address { sql.append(" AND address = \(address)") }
        if let device = filter.device {
            sql.append(
                " AND LOWER(device) LIKE \(LikePattern.containing(TypedText.lowercasedASCII(device))) ESCAPE '\\'")
        }
    }

    // MARK: - Rows

    private static let columns: SQL = """
        id, at, name, actor_kind, actor_name, user_id, application_id, address, request_id, interaction_id, device,
        sealed_person, detail
        """

    private func read(_ row: inout SQLRow) throws -> LoggedEvent {
        let id: String = try row.next()
        let at: Date = try row.next()
        let name: String = try row.next()
        let actor = (kind: try row.next(String.self), name: try row.next(String?.self))
        let userID: String? = try row.next()
        let applicationID: String? = try row.next()
        let origin = (address: try row.next(String?.self), requestID: try row.next(String?.self))
        let interactionID: String? = try row.next()
        let device: String? = try row.next()
        let person = try row.next(String?.self).map { try opened($0, of: id) }
        guard let detail = try? JSON.parse(Array(try row.next(String.self).utf8)) else {
            throw DatabaseError.unexpectedValue(column: "detail")
        }
        return LoggedEvent(
            id: id, at: at, name: name, actorKind: actor.kind, actorName: actor.name, userID: userID,
            applicationID: applicationID, address: origin.address, requestID: origin.requestID,
            interactionID: interactionID, device: device, person: person, detail: detail)
    }

    private func opened(_ sealed: String, of id: String) throws -> LoggedPerson {
        guard let bytes = try? key.open(sealed, context: Self.context(id)), let person = LoggedPerson(bytes) else {
            throw DatabaseError.unexpectedValue(column: "sealed_person")
        }
        return person
    }

    private static func context(_ id: String) -> String { "event/\(id)" }
}

extension LoggedPerson {
    /// The stored form before it is sealed.
    fileprivate var bytes: [UInt8] {
        var writer = JSONWriter(reserving: 128)
        writer.beginObject()
        writer.member("account", account)
        writer.member("name", name)
        writer.member("phone", ifPresent: phone)
        writer.endObject()
        return writer.bytes
    }

    fileprivate init?(_ bytes: [UInt8]) {
        guard let json = try? JSON.parse(bytes), let account = json["account"]?.string,
            let name = json["name"]?.string
        else { return nil }
        self.init(account: account, name: name, phone: json["phone"]?.string)
    }
}

extension Connection {
    /// The logs of all tenants.
    /// - Parameter key: The installation's sealing key.
    package func eventLog(_ key: SealingKey) -> EventLog { EventLog(db: self, key: key) }
}
