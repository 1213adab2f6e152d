package import FoundationEssentials
package import Identity

/// What was sent to whom from where: what the sending limits count. Decoys are recorded like sends.
package struct SMSSends {
    let db: any Connection

    /// One message that was sent, or for a decoy was not.
    package struct Send: Sendable {
        let id: String
        let tenantID: String
        let phoneIndex: String
        let address: String
        let isDecoy: Bool

        /// - Parameters:
        ///   - phoneIndex: The phone's keyed index.
        ///   - address: What per-address limits count by.
        ///   - isDecoy: Whether no message really left.
        package init(id: String, tenantID: String, phoneIndex: String, address: String, isDecoy: Bool) {
            self.id = id
            self.tenantID = tenantID
            self.phoneIndex = phoneIndex
            self.address = address
            self.isDecoy = isDecoy
        }
    }

    /// Counts what was sent before, with the counted phone, address and tenant locked until the transaction ends, so
    /// that parallel requests cannot each find room for the last message.
    package func history(phoneIndex: String, address: String, in tenantID: String, now: Date) throws -> SendHistory {
        try db.lock(["sms address \(address)", "sms phone \(phoneIndex)", "sms tenant \(tenantID)"])
        let hour = now - SendHistory.hour
        let last: Date? = try db.row(
            "SELECT MAX(sent_at) FROM sms_sends WHERE tenant_id = \(tenantID) AND phone_index = \(phoneIndex)"
        ) { try $0.next(Date?.self) }.flatMap { $0 }
        return SendHistory(
            lastSentAt: last,
            phoneHour: try count("tenant_id = \(tenantID) AND phone_index = \(phoneIndex) AND sent_at > \(hour)"),
            phoneDay: try count(
                "tenant_id = \(tenantID) AND phone_index = \(phoneIndex) AND sent_at > \(now - SendHistory.day)"),
            // Within the tenant: one enterprise must not notice how busy another is behind the same address.
            addressHour: try count("tenant_id = \(tenantID) AND address = \(address) AND sent_at > \(hour)"),
            tenantMonth: try count(
                """
                tenant_id = \(tenantID) AND is_decoy = \(false) AND sent_at >= \(SendHistory.monthStart(of: now))
                """
            ).count)
    }

    /// Records a message.
    package func insert(_ send: Send, now: Date) throws {
        try db.execute(
            """
            INSERT INTO sms_sends (id, tenant_id, phone_index, address, is_decoy, sent_at)
            VALUES (\(send.id), \(send.tenantID), \(send.phoneIndex), \(send.address), \(send.isDecoy), \(now))
            """)
    }

    private func count(_ condition: SQL) throws -> SendHistory.Count {
        try db.row("SELECT COUNT(*), MIN(sent_at) FROM sms_sends WHERE \(sql: condition)") { row in
            SendHistory.Count(try row.next(), oldestAt: try row.next())
        } ?? .none
    }
}

extension Connection {
    /// What was sent for all tenants.
    package var smsSends: SMSSends { SMSSends(db: self) }
}
