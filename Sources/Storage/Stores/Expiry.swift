import Directory
package import FoundationEssentials

/// Removes what has run out. Nothing here decides whether something is still good: a row that is not swept yet is
/// refused by its own times all the same.
package struct Expiry {
    let db: any Connection

    /// What is swept of, in this order.
    package enum Kind: CaseIterable, Sendable {
        case throttles, spentPuzzles, interactions, smsChallenges, smsSends, serviceTickets, endedSessions, oldSessions,
            signInLog, joinRequests
        case emailChallenges, mailSends
        case authorizationCodes, accessTokens, refreshTokens
        case passkeyChallenges
    }

    /// What an installation keeps.
    package struct Retention: Sendable {
        /// What is swept of sign-in logs, the shortest span first.
        package let signInLogs: [LogSpan]
        let sessionLifetime: TimeInterval?

        /// - Parameters:
        ///   - signInLogs: Seconds for which a tenant's sign-in log is kept, by the tenant's id; that of a tenant that
        ///     is not named is kept for ever.
        ///   - sessionLifetime: Seconds after which every session of any tenant is over; nil when one never is.
        package init(signInLogs: [String: TimeInterval], sessionLifetime: TimeInterval?) {
            self.signInLogs = LogSpan.spans(signInLogs)
            self.sessionLifetime = sessionLifetime
        }
    }

    /// Tenants whose sign-in logs are kept equally long. Most keep to the installation's span, so that one statement
    /// does for all of them.
    package struct LogSpan: Equatable, Sendable {
        package let tenantIDs: [String]
        /// Seconds.
        package let span: TimeInterval

        static func spans(_ spans: [String: TimeInterval]) -> [LogSpan] {
            Dictionary(grouping: spans.keys.sorted()) { spans[$0, default: 0] }
                .sorted { $0.key < $1.key }
                .flatMap { span, tenants in
                    stride(from: 0, to: tenants.count, by: 500).map { start in
                        LogSpan(tenantIDs: Array(tenants[start..<min(start + 500, tenants.count)]), span: span)
                    }
                }
        }
    }

    /// Deletes some rows of one kind that no request can need any more, and with tokens their grants.
    /// - Parameters:
    ///   - rows: How many at most.
    ///   - now: The current time; whole seconds.
    /// - Returns: How many it deleted; fewer than `rows` when there are no more.
    package func sweep(_ kind: Kind, keeping retention: Retention, rows: Int, now: Date) throws -> Int {
        if kind == .signInLog { return try sweepSignInLogs(retention.signInLogs, rows: rows, now: now) }
        guard let statement = Self.statement(for: kind, keeping: retention, rows: rows, now: now) else { return 0 }
        let swept: [String] = try db.rows(statement) { try $0.next() }
        switch kind {
        case .authorizationCodes, .accessTokens, .refreshTokens:
            for grantID in Set(swept) { try db.execute(Self.statement(forGrant: grantID)) }
        default: break
        }
        return swept.count
    }

    /// The tenants' spans one after the other, until there is nothing left to delete or it is enough for once.
    private func sweepSignInLogs(_ spans: [LogSpan], rows: Int, now: Date) throws -> Int {
        var swept = 0
        for span in spans where swept < rows {
            let statement = Self.statement(forLogs: span, rows: rows - swept, now: now)
            swept += try db.rows(statement) { row in try row.next(String.self) }.count
        }
        return swept
    }

    // MARK: Statements

    /// The statement that deletes rows of a kind and returns a text for each, for a token that of its grant; nil when
    /// this kind is kept, and for the sign-in logs, whose tenants have statements of their own.
    ///
    /// A redeemed code is kept for a day past its end, so that a late replay still revokes what it gave (RFC 6749
    /// §4.1.2); a redeemed refresh token as long as it would have lived, for the same reason.
    package static func statement(for kind: Kind, keeping retention: Retention, rows: Int, now: Date) -> SQL? {
        let dayAgo = now - 86_400
        switch kind {
        case .throttles: return delete(from: "throttles", where: "expires_at <= \(now)", key: "key", rows)
        case .spentPuzzles: return delete(from: "spent_puzzles", where: "expires_at <= \(now)", key: "id", rows)
        case .interactions: return delete(from: "interactions", where: "expires_at <= \(now)", key: "id", rows)
        case .smsChallenges:
            return delete(
                from: "sms_challenges", where: "expires_at <= \(dayAgo)", key: "(tenant_id, phone_index, purpose)",
                columns: "tenant_id, phone_index, purpose", returning: "phone_index", rows)
        // The ledger tells of a year; the limits and the quota count back a month at most.
        case .smsSends: return delete(from: "sms_sends", where: "sent_at <= \(now - 366 * 86_400)", key: "id", rows)
        case .emailChallenges:
            return delete(from: "email_challenges", where: "proved_at <= \(dayAgo)", key: "user_id", rows)
        // The limits count back a day; the rest is for whoever looks for a lost message.
        case .mailSends: return delete(from: "mail_sends", where: "sent_at <= \(now - 366 * 86_400)", key: "id", rows)
        case .serviceTickets:
            return delete(from: "service_tickets", where: "expires_at <= \(dayAgo)", key: "hash", rows)
        case .endedSessions: return delete(from: "sessions", where: "ended_at <= \(dayAgo)", key: "id", rows)
        case .oldSessions:
            return retention.sessionLifetime.map { lifetime in
                delete(from: "sessions", where: "created_at <= \(now - lifetime)", key: "id", rows)
            }
        case .signInLog: return nil
        case .joinRequests:
            return delete(
                from: "join_requests", where: "created_at <= \(now - JoinRequest.lifetime)", key: "id", rows)
        case .authorizationCodes: return deleteTokens(from: "authorization_codes", dayAgo, rows)
        case .accessTokens: return deleteTokens(from: "access_tokens", dayAgo, rows)
        case .refreshTokens: return deleteTokens(from: "refresh_tokens", dayAgo, rows)
        case .passkeyChallenges:
            return delete(from: "passkey_challenges", where: "expires_at <= \(now)", key: "hash", rows)
        }
    }

    /// The statement that deletes from the sign-in logs of some tenants. The audit log is not swept.
    package static func statement(forLogs logs: LogSpan, rows: Int, now: Date) -> SQL {
        delete(
            from: "events", where: "tenant_id IN (\(logs.tenantIDs)) AND log = 'sign_in' AND at <= \(now - logs.span)",
            key: "id", rows)
    }

    private static func deleteTokens(from table: SQL, _ dayAgo: Date, _ rows: Int) -> SQL {
        delete(from: table, where: "expires_at <= \(dayAgo)", key: "hash", returning: "grant_id", rows)
    }

    /// The condition stands there twice: on PostgreSQL a row that another transaction has just prolonged is looked at
    /// again, but the list of keys is not.
    private static func delete(
        from table: SQL, where condition: SQL, key: SQL, columns: SQL? = nil, returning: SQL? = nil, _ rows: Int
    ) -> SQL {
        """
        DELETE FROM \(sql: table) WHERE \(sql: condition)
        AND \(sql: key) IN (SELECT \(sql: columns ?? key) FROM \(sql: table) WHERE \(sql: condition) LIMIT \(rows))
        RETURNING \(sql: returning ?? key)
        """
    }

    /// Deletes a grant to which nothing points any more: every grant was stored with a code, so the grants of swept
    /// codes and tokens are all there are to look at.
    package static func statement(forGrant id: String) -> SQL {
        """
        DELETE FROM grants WHERE id = \(id)
        AND NOT EXISTS (SELECT 1 FROM authorization_codes WHERE authorization_codes.grant_id = grants.id)
        AND NOT EXISTS (SELECT 1 FROM access_tokens WHERE access_tokens.grant_id = grants.id)
        AND NOT EXISTS (SELECT 1 FROM refresh_tokens WHERE refresh_tokens.grant_id = grants.id)
        """
    }
}

extension Connection {
    /// What has run out.
    package var expiry: Expiry { Expiry(db: self) }
}

extension Database {
    /// Deletes what no request can need any more, a few rows in each transaction, so that requests get their turn.
    ///
    /// Ends early when its task is cancelled; what is left over waits for the next sweep.
    /// - Parameters:
    ///   - rows: How many rows of a kind one transaction deletes at most.
    ///   - batches: How many transactions are spent on one kind at most, so that none starves the others.
    ///   - now: The current time; whole seconds.
    ///   - mayGoOn: Asked in each transaction, before it deletes anything: whether it is still this node's work.
    package func sweep(
        keeping retention: Expiry.Retention, rows: Int = 1_000, batches: Int = 200, now: Date,
        while mayGoOn: @escaping @Sendable (any Connection) throws -> Bool = { _ in true }
    ) async throws {
        for kind in Expiry.Kind.allCases {
            for _ in 0..<batches {
                guard !Task.isCancelled else { return }
                let swept = try await write { db in
                    try mayGoOn(db) ? try db.expiry.sweep(kind, keeping: retention, rows: rows, now: now) : nil
                }
                guard let swept else { return }
                if swept < rows { break }
            }
        }
    }
}
