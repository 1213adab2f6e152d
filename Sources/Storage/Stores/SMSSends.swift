package import FoundationEssentials
package import Identity

/// The delivery ledger: every message, to whom, for what, and what became of it. The sending limits and the quota count
/// its rows. Decoys are recorded like messages, so that a limit says nothing about a phone.
package struct SMSSends {
    let db: any Connection

    /// One message that is sent, or for a decoy is not.
    package struct Send: Sendable {
        let id: String
        let tenantID: String
        let purpose: SMSPurpose
        let userID: String?
        let phoneIndex: String
        let address: String
        let segments: Int
        let isDecoy: Bool

        /// - Parameters:
        ///   - userID: Whom it is for; nil for a decoy, and for a phone that is nobody's yet.
        ///   - phoneIndex: The phone's keyed index.
        ///   - address: What per-address limits count by; empty for a message that nobody asked for from a browser.
        ///   - segments: What the vendor bills it as.
        ///   - isDecoy: Whether no message really leaves.
        package init(
            id: String, tenantID: String, purpose: SMSPurpose, userID: String?, phoneIndex: String, address: String,
            segments: Int, isDecoy: Bool
        ) {
            self.id = id
            self.tenantID = tenantID
            self.purpose = purpose
            self.userID = userID
            self.phoneIndex = phoneIndex
            self.address = address
            self.segments = segments
            self.isDecoy = isDecoy
        }
    }

    /// What became of a message.
    package struct Settlement: Equatable, Sendable {
        package var outcome: SMSOutcome
        /// The gateway that took it.
        package var gateway: String?
        /// What the vendor calls it.
        package var reference: String?
        /// A harmless word for why it was not taken.
        package var failure: String?

        /// There was no room to wait for a gateway.
        package static let queueFull = Settlement(.failed, failure: "queue full")

        package init(_ outcome: SMSOutcome, gateway: String? = nil, reference: String? = nil, failure: String? = nil) {
            self.outcome = outcome
            self.gateway = gateway
            self.reference = reference
            self.failure = failure
        }
    }

    /// Counts what was sent before, with the counted phone, address and tenant locked until the transaction ends, so
    /// that parallel requests cannot each find room for the last message. Messages that failed count for nothing.
    /// - Parameter limits: The tenant's. Its month, which may be long, is counted only where it is limited.
    package func history(
        phoneIndex: String, address: String, in tenantID: String, limits: SMSSendingLimits, now: Date
    ) throws -> SendHistory {
        try lock(phoneIndex: phoneIndex, address: address, in: tenantID)
        let hour = now - SendHistory.hour
        let last: Date? = try db.row(
            """
            SELECT MAX(sent_at) FROM sms_sends
            WHERE tenant_id = \(tenantID) AND phone_index = \(phoneIndex) AND address <> '' AND \(sql: Self.counts)
            """
        ) { try $0.next(Date?.self) }.flatMap { $0 }
        return SendHistory(
            lastSentAt: last,
            phoneHour: try count(asked(phoneIndex, in: tenantID, after: hour)),
            phoneDay: try count(asked(phoneIndex, in: tenantID, after: now - SendHistory.day)),
            // Within the tenant: one enterprise must not notice how busy another is behind the same address.
            addressHour: try count("tenant_id = \(tenantID) AND address = \(address) AND sent_at > \(hour)"),
            tenantMonth: limits.perTenantMonth == nil
                ? 0 : try billed(in: tenantID, since: SendHistory.monthStart(of: now), before: nil))
    }

    /// What was asked for from a browser: a notice that we send by ourselves must not keep a person from a code.
    private func asked(_ phoneIndex: String, in tenantID: String, after time: Date) -> SQL {
        "tenant_id = \(tenantID) AND phone_index = \(phoneIndex) AND address <> '' AND sent_at > \(time)"
    }

    /// How many messages that nobody asked for from a browser went to a phone after a time: news of domains apart from
    /// the others, so that many of them keep nobody from hearing of a changed password.
    package func notices(
        like purpose: SMSPurpose, phoneIndex: String, in tenantID: String, after start: Date
    ) throws -> Int {
        let kind: SQL =
            purpose == .domainChecked
            ? "purpose = \(SMSPurpose.domainChecked)" : "purpose <> \(SMSPurpose.domainChecked)"
        return try count(
            """
            tenant_id = \(tenantID) AND phone_index = \(phoneIndex) AND address = '' AND sent_at > \(start)
                AND \(sql: kind)
            """
        ).count
    }

    /// Locks what a message is counted by.
    private func lock(phoneIndex: String, address: String, in tenantID: String) throws {
        try db.lock(["sms address \(address)", "sms phone \(phoneIndex)", "sms tenant \(tenantID)"])
    }

    /// Messages that the vendor bills in a span of time.
    /// - Parameter end: The first instant that does not count; nil for none.
    package func billed(in tenantID: String, since start: Date, before end: Date?) throws -> Int {
        var sql: SQL = """
            SELECT CAST(COALESCE(SUM(segments), 0) AS BIGINT) FROM sms_sends
            WHERE tenant_id = \(tenantID) AND is_decoy = 0 AND sent_at >= \(start) AND \(sql: Self.counts)
            """
        if let end { sql.append(" AND sent_at < \(end)") }
        return try db.row(sql) { try $0.next() } ?? 0
    }

    /// How many messages were asked for in a tenant after a time; what tells that somebody sends very many.
    /// - Parameter most: Where counting ends: how many more there are makes no difference.
    package func asked(in tenantID: String, after start: Date, most: Int) throws -> Int {
        try db.row(
            """
            SELECT COUNT(*) FROM (
                SELECT 1 AS one FROM sms_sends
                WHERE tenant_id = \(tenantID) AND sent_at > \(start) AND \(sql: Self.counts) LIMIT \(most)) AS found
            """
        ) { try $0.next() } ?? 0
    }

    /// Whether the tenant's last settled message of a purpose failed, after a time: then the next one would fail too.
    ///
    /// Each purpose has a template of its own, so one that the vendor does not accept must not stop the others. Decoys do
    /// not count, or whoever asks for unknown phones could keep a gateway that works again out of use. Nor does a
    /// message for which our own queue had no room: no gateway was asked, and a decoy finds no room either.
    package func isFailing(_ purpose: SMSPurpose, in tenantID: String, after start: Date) throws -> Bool {
        let outcome: SMSOutcome? = try db.row(
            """
            SELECT outcome FROM sms_sends
            WHERE tenant_id = \(tenantID) AND purpose = \(purpose) AND is_decoy = 0 AND settled_at > \(start)
                AND outcome <> 'rejected' AND (failure IS NULL OR failure <> \(Settlement.queueFull.failure))
            ORDER BY settled_at DESC, sent_at DESC, id LIMIT 1
            """
        ) { try $0.next() }
        return outcome == .failed
    }

    /// Records a message.
    package func insert(_ send: Send, now: Date) throws {
        try db.execute(
            """
            INSERT INTO sms_sends (id, tenant_id, purpose, user_id, phone_index, address, segments, is_decoy, sent_at)
            VALUES (\(send.id), \(send.tenantID), \(send.purpose), \(send.userID), \(send.phoneIndex),
                \(send.address), \(send.segments), \(send.isDecoy), \(now))
            """)
    }

    /// Records what became of a message.
    package func settle(_ id: String, _ settlement: Settlement, now: Date) throws {
        try db.execute(
            """
            UPDATE sms_sends SET outcome = \(settlement.outcome), gateway = \(settlement.gateway),
                reference = \(settlement.reference), failure = \(settlement.failure), settled_at = \(now)
            WHERE id = \(id)
            """)
    }

    private static let counts: SQL = "(outcome IS NULL OR outcome <> 'failed')"

    private func count(_ condition: SQL) throws -> SendHistory.Count {
        try db.row("SELECT COUNT(*), MIN(sent_at) FROM sms_sends WHERE \(sql: condition) AND \(sql: Self.counts)") {
            row in
            SendHistory.Count(try row.next(), oldestAt: try row.next())
        } ?? .none
    }
}

extension SMSOutcome: SQLConvertible {}

extension Connection {
    /// What was sent for all tenants.
    package var smsSends: SMSSends { SMSSends(db: self) }
}
