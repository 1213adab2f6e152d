import Directory
package import FoundationEssentials
package import Identity
package import Storage

/// What the acts of administrators send to people: before the act returns, since a command ends with it.
package struct Messenger: Sendable {
    let post: SMSPost
    /// What sends e-mails; nil where no act does.
    let mail: MailPost?
    /// Messages under way at once.
    var parallelism = 1
    /// The texts; loaded only when something is sent.
    let pages: @Sendable () async throws -> Pages

    package init(
        post: SMSPost, mail: MailPost? = nil, pages: @escaping @Sendable () async throws -> Pages
    ) {
        self.post = post
        self.mail = mail
        self.pages = pages
    }
}

/// One line of the delivery ledger beside the account it was for.
package struct ListedMessage: Equatable, Sendable {
    package let line: SMSLedger.Line
    /// nil for a phone that is nobody's, and for an account that is gone.
    package let username: String?
}

/// What a tenant sends in a month.
package struct MessageUse: Equatable, Sendable {
    package let month: SMSLedger.Month
    /// nil for a tenant without a quota.
    package let quota: Int?
}

extension Administration {
    /// Messages of a tenant, newest first.
    /// - Parameters:
    ///   - username: Of the account they were for; nil for all.
    ///   - after: The id of the last message of the page before; nil for the first page.
    ///   - limit: Rows at most.
    package func messages(
        of tenantCode: String, for username: String? = nil, matching filter: SMSLedger.Filter, after: String?,
        limit: Int
    ) async throws -> [ListedMessage] {
        let keys = keys
        return try await database.read { db in
            guard let tenant = try db.tenants.coded(tenantCode) else { throw AdministrationError.noTenant }
            let users = db.users(keys.sealing)
            var filter = filter
            if let username {
                guard let name = try? Username(username), let user = try users.named(name, in: tenant.id) else {
                    throw AdministrationError.noUser
                }
                filter.userID = user.id
            }
            let last = try after.map { id in
                guard let line = try db.smsLedger.line(id, in: tenant.id) else {
                    throw AdministrationError(.notFound, "after", "there is no message with this id")
                }
                return line
            }
            return try db.smsLedger.page(filter, in: tenant.id, after: last, limit: limit).map { line in
                let user = try line.userID.flatMap { try users.identified($0, in: tenant.id) }
                return ListedMessage(line: line, username: user?.username.text)
            }
        }
    }

    /// What a tenant sent in this month and those before.
    /// - Parameter count: How many months.
    package func messageUse(of tenantCode: String, months count: Int, now: Date) async throws -> [MessageUse] {
        let (policy, keys) = (policy, keys)
        return try await database.read { db in
            guard let tenant = try db.tenants.coded(tenantCode) else { throw AdministrationError.noTenant }
            let quota = try policy.of(tenant, keys.sealing).identity.sending.perTenantMonth
            var uses: [MessageUse] = []
            var day = now
            for _ in 0..<count {
                let start = SendHistory.monthStart(of: day)
                let month = try db.smsLedger.month(start, before: SendHistory.nextMonth(after: day), in: tenant.id)
                uses.append(MessageUse(month: month, quota: quota))
                day = start - 1
            }
            return uses
        }
    }

    /// Sends a message with an invented code, to see whether gateway, signature and template are in order.
    /// - Returns: What became of it.
    package func sendTestMessage(
        to phone: String, purpose: SMSPurpose, of tenantCode: String, language: Language, now: Date
    ) async throws -> SMSSends.Settlement {
        let number = try checking("phone") { () throws(DirectoryError) in try PhoneNumber(phone) }
        let pages = try await messenger.pages()
        let delivery = try await act(now: now) { act in
            let tenant = try act.tenant(tenantCode)
            let texts = MessageTexts(pages: pages, language: language, tenant: tenant)
            let message = texts.sample(purpose, to: number)
            return try act.enter(message, purpose, to: number, userID: nil, in: tenant)
        }
        return await messenger.post.deliver(delivery)
    }
}
