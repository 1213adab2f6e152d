package import Directory
import FoundationEssentials
import Wire

/// Where events are written. An event is written in the transaction of the act it tells of, so neither exists without
/// the other, and no act pays for a second commit. ``EventLog`` reads.
package struct Events {
    let db: any Connection

    /// Writes one event.
    package func insert(_ record: EventRecord) throws {
        try insert(record, sealedPerson: nil)
    }

    func insert(_ record: EventRecord, sealedPerson: String?) throws {
        try db.execute(
            """
            INSERT INTO events (id, tenant_id, at, log, name, actor_kind, actor_name, user_id, application_id, address,
                request_id, detail, interaction_id, device, sealed_person)
            VALUES (\(record.id), \(record.tenantID), \(record.at), \(record.event.log), \(record.event.name),
                \(record.actor.kind), \(record.actor.name), \(record.event.userID),
                \(record.event.applicationID ?? record.awaitedApplicationID), \(record.address), \(record.requestID),
                \(record.event.detail.text), \(record.interactionID), \(record.device?.description), \(sealedPerson))
            """)
    }
}

extension Event.Log: SQLConvertible {}

extension Connection {
    /// The logs of all tenants, to be written.
    package var events: Events { Events(db: self) }
}
