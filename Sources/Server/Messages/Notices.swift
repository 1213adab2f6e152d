import Directory
import FoundationEssentials
import Gateways
import Identity
import Storage

extension Connection {
    /// Enters a message that tells a user what was done to the account.
    /// - Returns: What is to be queued when the transaction is through; nil for a user without a phone, and when the quota
    ///   or the phone's day has no room: whoever can bring a notice about could run up the tenant's bill with it.
    func notice(
        _ purpose: SMSPurpose, to userID: String, _ environment: ServerEnvironment, _ call: Call
    ) throws -> SMSDelivery? {
        let user = try users(environment.keys.sealing).identified(userID, in: call.tenant.id)
        let texts = MessageTexts(
            pages: environment.pages, language: environment.pages.language(of: call), tenant: call.tenant)
        return try enter(purpose, to: user, environment, call.policy, in: call.tenant, now: call.now) { user, phone in
            texts.speaking(to: user).notice(purpose, of: user, to: phone)
        }
    }

    /// Enters messages that tell the administrators of a tenant what became of a domain; a few of them, as one is enough.
    func notices(of news: DomainNews, _ environment: ServerEnvironment) throws -> [SMSDelivery] {
        let (key, now) = (environment.keys.sealing, environment.now())
        guard let tenant = try tenants.identified(news.tenantID) else { return [] }
        let policy = try environment.settings.policy.of(tenant, key)
        let texts = MessageTexts(
            pages: environment.pages, language: environment.pages.standardLanguage, tenant: tenant)
        return try userRoles.users(with: .administrator, in: tenant.id, limit: 5).compactMap { userID in
            let user = try users(key).identified(userID, in: tenant.id)
            guard user?.isEnabled == true else { return nil }
            return try enter(.domainChecked, to: user, environment, policy, in: tenant, now: now) { user, phone in
                texts.speaking(to: user).domain(news, to: phone)
            }
        }
    }

    private func enter(
        _ purpose: SMSPurpose, to user: User?, _ environment: ServerEnvironment, _ policy: TenantPolicy,
        in tenant: Tenant, now: Date, message: (User, PhoneNumber) -> SMSMessage
    ) throws -> SMSDelivery? {
        guard let user, let phone = user.profile.phone else { return nil }
        let index = Users.index(of: phone, in: tenant.id, key: environment.keys.sealing)
        guard let history = try roomForNotice(purpose, to: index, policy, in: tenant, now: now) else { return nil }
        let entry = LedgerEntry(message(user, phone), purpose, to: index, of: user.id)
        return try record(entry, history, policy, in: tenant, now: now)
    }

    /// What was sent before, when there is room for one more message that nobody asked for; nil when there is none.
    func roomForNotice(
        _ purpose: SMSPurpose, to index: String, _ policy: TenantPolicy, in tenant: Tenant, now: Date
    ) throws -> SendHistory? {
        let sending = policy.identity.sending
        let history = try smsSends.history(
            phoneIndex: index, address: "", in: tenant.id, limits: sending, now: now)
        let today = try smsSends.notices(
            like: purpose, phoneIndex: index, in: tenant.id, after: now - SendHistory.day)
        guard purpose != .domainChecked || today < Self.domainNewsADay else { return nil }
        return sending.allowsNotice(history, sentInDay: today) ? history : nil
    }

    /// Whoever has got hold of an administrator's session can bring them about.
    private static var domainNewsADay: Int { 3 }
}
