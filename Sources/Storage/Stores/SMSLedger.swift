package import FoundationEssentials
package import Identity

/// Reads the delivery ledger for administrators. Decoys are not in it: they are no messages.
package struct SMSLedger {
    let db: any Connection

    /// One message as it is shown.
    package struct Line: Equatable, Sendable {
        package let id: String
        package let sentAt: Date
        package let purpose: String
        /// nil for a phone that was nobody's.
        package let userID: String?
        package let segments: Int
        /// nil while it is under way, or when the server stopped before it knew.
        package let outcome: SMSOutcome?
        package let gateway: String?
        package let reference: String?
        package let failure: String?
    }

    /// What is looked for; nil for everything.
    package struct Filter: Equatable, Sendable {
        package var userID: String?
        package var purpose: SMSPurpose?
        package var outcome: SMSOutcome?
        package var from: Date?
        /// The first instant that is left out.
        package var to: Date?

        package init(
            userID: String? = nil, purpose: SMSPurpose? = nil, outcome: SMSOutcome? = nil, from: Date? = nil,
            to: Date? = nil
        ) {
            self.userID = userID
            self.purpose = purpose
            self.outcome = outcome
            self.from = from
            self.to = to
        }
    }

    /// Messages of a tenant, newest first.
    /// - Parameters:
    ///   - after: The line after which to go on; nil for the first page.
    ///   - limit: Rows at most.
    package func page(_ filter: Filter, in tenantID: String, after: Line?, limit: Int) throws -> [Line] {
        var sql: SQL = """
            SELECT \(sql: Self.columns) FROM sms_sends
            WHERE tenant_id = \(tenantID) AND is_decoy = \(false)
            """
        if let userID = filter.userID { sql.append(" AND user_id = \(userID)") }
        if let purpose = filter.purpose { sql.append(" AND purpose = \(purpose)") }
        if let outcome = filter.outcome { sql.append(" AND outcome = \(outcome)") }
        if let from = filter.from { sql.append(" AND sent_at >= \(from)") }
        if let to = filter.to { sql.append(" AND sent_at < \(to)") }
        if let after { sql.append(" AND (sent_at, id) < (\(after.sentAt), \(after.id))") }
        sql.append(" ORDER BY sent_at DESC, id DESC LIMIT \(limit)")
        return try db.rows(sql, as: Self.read)
    }

    /// One message of a tenant, or nil.
    package func line(_ id: String, in tenantID: String) throws -> Line? {
        try db.row(
            "SELECT \(sql: Self.columns) FROM sms_sends WHERE tenant_id = \(tenantID) AND id = \(id)", as: Self.read)
    }

    private static let columns: SQL = "id, sent_at, purpose, user_id, segments, outcome, gateway, reference, failure"

    private static func read(_ row: inout SQLRow) throws -> Line {
        Line(
            id: try row.next(), sentAt: try row.next(), purpose: try row.next(), userID: try row.next(),
            segments: try row.next(), outcome: try row.next(), gateway: try row.next(), reference: try row.next(),
            failure: try row.next())
    }

    /// What a tenant used in one month.
    package struct Month: Equatable, Sendable {
        /// Its first second (UTC).
        package let start: Date
        /// As the vendor bills them.
        package let billed: Int
        /// By outcome; under way are those that have none.
        package let messages: [SMSOutcome: Int]
    }

    /// The use of a month.
    /// - Parameters:
    ///   - start: Its first second.
    ///   - end: The first second of the next.
    package func month(_ start: Date, before end: Date, in tenantID: String) throws -> Month {
        let counts: [(SMSOutcome?, Int)] = try db.rows(
            """
            SELECT outcome, COUNT(*) FROM sms_sends
            WHERE tenant_id = \(tenantID) AND is_decoy = \(false) AND sent_at >= \(start) AND sent_at < \(end)
            GROUP BY outcome
            """
        ) { (try $0.next(), try $0.next()) }
        let messages = counts.reduce(into: [SMSOutcome: Int]()) { sums, pair in
            if let outcome = pair.0 { sums[outcome] = pair.1 }
        }
        return Month(
            start: start, billed: try db.smsSends.billed(in: tenantID, since: start, before: end), messages: messages)
    }
}

extension Connection {
    /// The delivery ledger of all tenants.
    package var smsLedger: SMSLedger { SMSLedger(db: self) }
}
