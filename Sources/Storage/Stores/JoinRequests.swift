package import Cryptography
package import Directory
package import FoundationEssentials
import Wire

/// People who want to come in by an invitation and wait for an administrator. Who they are is sealed.
package struct JoinRequests {
    let db: any Connection
    let key: SealingKey

    /// The open requests of a tenant, the oldest first.
    package func all(in tenantID: String, limit: Int, now: Date) throws -> [JoinRequest] {
        try db.rows(
            """
            SELECT \(sql: Self.columns) FROM join_requests
            WHERE tenant_id = \(tenantID) AND created_at > \(now - JoinRequest.lifetime)
            ORDER BY created_at, id LIMIT \(limit)
            """, as: read)
    }

    /// The open request with this id, or nil.
    package func identified(_ id: String, in tenantID: String, now: Date) throws -> JoinRequest? {
        try db.row(
            """
            SELECT \(sql: Self.columns) FROM join_requests WHERE id = \(id) AND tenant_id = \(tenantID)
                AND created_at > \(now - JoinRequest.lifetime)
            """, as: read)
    }

    /// Whether a phone waits at a tenant already.
    package func hasOpen(_ phone: PhoneNumber, in tenantID: String, now: Date) throws -> Bool {
        let index = Users.index(of: phone, in: tenantID, key: key)
        let found: String? = try db.row(
            """
            SELECT id FROM join_requests WHERE tenant_id = \(tenantID) AND phone_index = \(index)
                AND created_at > \(now - JoinRequest.lifetime)
            """
        ) { try $0.next() }
        return found != nil
    }

    /// Stores a request, in place of one of the same phone that was forgotten.
    /// - Throws: `uniqueViolation` of `join_requests(tenant_id, phone_index)` when the phone has an open one.
    package func insert(_ request: JoinRequest) throws {
        let index = Users.index(of: request.phone, in: request.tenantID, key: key)
        try db.execute(
            """
            DELETE FROM join_requests WHERE tenant_id = \(request.tenantID) AND phone_index = \(index)
                AND created_at <= \(request.createdAt - JoinRequest.lifetime)
            """)
        try db.execute(
            """
            INSERT INTO join_requests (id, tenant_id, invitation_id, department_id, phone_index, sealed_person,
                created_at)
            VALUES (\(request.id), \(request.tenantID), \(request.invitationID), \(request.departmentID), \(index),
                \(sealed(request)), \(request.createdAt))
            """)
    }

    /// Takes a request off the list: it was answered.
    /// - Returns: Whether it was still there.
    package func take(_ id: String, in tenantID: String) throws -> Bool {
        let taken: [String] = try db.rows(
            "DELETE FROM join_requests WHERE id = \(id) AND tenant_id = \(tenantID) RETURNING id"
        ) { try $0.next() }
        return !taken.isEmpty
    }

    private static let columns: SQL = "id, tenant_id, invitation_id, department_id, sealed_person, created_at"

    private func sealed(_ request: JoinRequest) -> String {
        var writer = JSONWriter(reserving: 256)
        writer.beginObject()
        writer.member("name", request.name)
        writer.member("phone", request.phone.e164)
        writer.member("username", ifPresent: request.username?.text)
        writer.endObject()
        return key.seal(writer.bytes, context: "join/\(request.id)")
    }

    private func read(_ row: inout SQLRow) throws -> JoinRequest {
        let id: String = try row.next()
        let tenantID: String = try row.next()
        let invitationID: String = try row.next()
        let departmentID: String = try row.next()
        let sealed: String = try row.next()
        guard let bytes = try? key.open(sealed, context: "join/\(id)"), let json = try? JSON.parse(bytes),
            let name = json["name"]?.string, let phone = json["phone"]?.string
        else { throw DatabaseError.unexpectedValue(column: "sealed_person") }
        return JoinRequest(
            id: id, tenantID: tenantID, invitationID: invitationID, departmentID: departmentID, name: name,
            phone: PhoneNumber(stored: phone), username: json["username"]?.string.map(Username.init(stored:)),
            createdAt: try row.next())
    }
}

extension Connection {
    /// The people who wait at all tenants.
    /// - Parameter key: The installation's sealing key.
    package func joinRequests(_ key: SealingKey) -> JoinRequests { JoinRequests(db: self, key: key) }
}
