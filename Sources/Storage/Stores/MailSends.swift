package import FoundationEssentials
package import Identity

/// Every e-mail, to whom, for what, and what became of it; the sending limits count its rows. Decoys are recorded like
/// messages, so that a limit says nothing about an address.
package struct MailSends {
    let db: any Connection

    /// One e-mail that is sent, or for a decoy is not.
    package struct Send: Sendable {
        let id: String
        let tenantID: String
        let purpose: MailPurpose
        let userID: String?
        let emailIndex: String
        let address: String
        let isDecoy: Bool

        /// - Parameters:
        ///   - userID: The account in whose name it is sent; nil for none.
        ///   - emailIndex: The receiver's keyed index.
        ///   - address: What per-address limits count by; empty for a message that nobody asked for from a browser.
        package init(
            id: String, tenantID: String, purpose: MailPurpose, userID: String?, emailIndex: String, address: String,
            isDecoy: Bool
        ) {
            self.id = id
            self.tenantID = tenantID
            self.purpose = purpose
            self.userID = userID
            self.emailIndex = emailIndex
            self.address = address
            self.isDecoy = isDecoy
        }
    }

    /// Counts what was asked for before, with receiver, account and client address locked until the transaction ends, so
    /// that parallel requests cannot each find room for the last message. Messages that failed count for nothing.
    ///
    /// Receiver and account are counted each by itself and the larger count holds: neither many addresses of one account
    /// nor many accounts get round it.
    package func history(
        emailIndex: String, userID: String, address: String, in tenantID: String, now: Date
    ) throws -> SendHistory {
        try db.lock(["mail \(emailIndex)", "mail user \(userID)", "mail address \(address)"])
        let receiver: SQL = "tenant_id = \(tenantID) AND email_index = \(emailIndex) AND address <> ''"
        let account: SQL = "user_id = \(userID) AND address <> ''"
        let (hour, day) = (now - SendHistory.hour, now - SendHistory.day)
        let last = try [receiver, account].compactMap { condition in
            try db.row("SELECT MAX(sent_at) FROM mail_sends WHERE \(sql: condition) AND \(sql: Self.counts)") {
                try $0.next(Date?.self)
            }.flatMap { $0 }
        }.max()
        return SendHistory(
            lastSentAt: last,
            phoneHour: max(try count(receiver, after: hour), try count(account, after: hour)),
            phoneDay: max(try count(receiver, after: day), try count(account, after: day)),
            addressHour: try count("tenant_id = \(tenantID) AND address = \(address)", after: hour), tenantMonth: 0)
    }

    /// How many messages of a purpose that nobody asked for from a browser went to an address after a time.
    package func notices(_ purpose: MailPurpose, emailIndex: String, in tenantID: String, after start: Date) throws
        -> Int
    {
        try count(
            """
            tenant_id = \(tenantID) AND email_index = \(emailIndex) AND address = '' AND purpose = \(purpose)
            """, after: start
        ).count
    }

    /// Whether the tenant's last settled message failed, after a time: then the next one would fail too. Decoys do not
    /// count, nor does a receiver whom the server does not take, nor what an operator tries.
    package func isFailing(in tenantID: String, after start: Date) throws -> Bool {
        let outcome: SMSOutcome? = try db.row(
            """
            SELECT outcome FROM mail_sends
            WHERE tenant_id = \(tenantID) AND is_decoy = 0 AND settled_at > \(start) AND outcome <> 'rejected'
                AND purpose <> \(MailPurpose.test)
                AND (failure IS NULL OR failure <> \(SMSSends.Settlement.queueFull.failure))
            ORDER BY settled_at DESC, sent_at DESC, id LIMIT 1
            """
        ) { try $0.next() }
        return outcome == .failed
    }

    /// Records a message that is about to leave.
    package func insert(_ send: Send, now: Date) throws {
        try db.execute(
            """
            INSERT INTO mail_sends (id, tenant_id, purpose, user_id, email_index, address, is_decoy, sent_at)
            VALUES (\(send.id), \(send.tenantID), \(send.purpose), \(send.userID), \(send.emailIndex),
                \(send.address), \(send.isDecoy), \(now))
            """)
    }

    /// Records what became of a message.
    package func settle(_ id: String, _ settlement: SMSSends.Settlement, now: Date) throws {
        try db.execute(
            """
            UPDATE mail_sends SET outcome = \(settlement.outcome), gateway = \(settlement.gateway),
                reference = \(settlement.reference), failure = \(settlement.failure), settled_at = \(now)
            WHERE id = \(id)
            """)
    }

    private static let counts: SQL = "(outcome IS NULL OR outcome <> 'failed')"

    private func count(_ condition: SQL, after start: Date) throws -> SendHistory.Count {
        try db.row(
            """
            SELECT COUNT(*), MIN(sent_at) FROM mail_sends
            WHERE \(sql: condition) AND sent_at > \(start) AND \(sql: Self.counts)
            """
        ) { row in SendHistory.Count(try row.next(), oldestAt: try row.next()) } ?? .none
    }

    private func max(_ one: SendHistory.Count, _ other: SendHistory.Count) -> SendHistory.Count {
        one.count >= other.count ? one : other
    }
}

extension MailPurpose: SQLConvertible {}

extension Connection {
    /// The e-mails of all tenants.
    package var mailSends: MailSends { MailSends(db: self) }
}
