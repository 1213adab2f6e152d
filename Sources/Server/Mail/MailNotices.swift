import Cryptography
import Directory
import FoundationEssentials
import Gateways
import Identity
import Storage

/// An e-mail as it enters the ledger.
struct MailEntry: Sendable, Concealed {
    var purpose: MailPurpose
    var userID: String?
    var email: EmailAddress
    /// Empty for a message that no browser asked for.
    var address = ""
    /// nil for a decoy.
    var message: MailMessage?
}

extension Connection {
    /// Writes an e-mail into the ledger.
    /// - Returns: What is to be queued when the transaction is through.
    func record(
        _ entry: MailEntry, _ settings: MailSettings, in tenantID: String, _ key: SealingKey, now: Date
    ) throws -> MailDelivery {
        var random = SecureRandom()
        let id = Identifier.make(using: &random)
        try mailSends.insert(
            MailSends.Send(
                id: id, tenantID: tenantID, purpose: entry.purpose, userID: entry.userID,
                emailIndex: Users.index(of: entry.email, in: tenantID, key: key), address: entry.address,
                isDecoy: entry.message == nil), now: now)
        return MailDelivery(
            id: id, tenantID: tenantID, purpose: entry.purpose, settings: settings, message: entry.message)
    }

    /// Enters an e-mail that tells whoever has a person's old address that the account has another one.
    func notice(
        ofNewEmailOf user: User, toOld email: EmailAddress, _ environment: ServerEnvironment, _ call: Call
    ) throws -> MailDelivery? {
        let texts = MailTexts(
            pages: environment.pages, language: user.language ?? environment.pages.language(of: call),
            tenant: call.tenant)
        guard let message = texts.addressChanged(of: user, to: email) else { return nil }
        let entry = MailEntry(purpose: .addressChanged, userID: user.id, email: email, message: message)
        return try record(entry, call.policy.mail, in: call.tenant.id, environment.keys.sealing, now: call.now)
    }

    /// Enters e-mails that tell the administrators of a tenant what became of a domain: a few of those who proved their
    /// addresses.
    func mails(of news: DomainNews, _ environment: ServerEnvironment) throws -> [MailDelivery] {
        let (key, now) = (environment.keys.sealing, environment.now())
        guard let tenant = try tenants.identified(news.tenantID) else { return [] }
        let settings = try environment.settings.policy.of(tenant, key).mail
        guard settings.gateway != nil else { return [] }
        return try userRoles.users(with: .administrator, in: tenant.id, limit: 5).compactMap { userID in
            guard let user = try users(key).identified(userID, in: tenant.id), user.isEnabled,
                let email = user.profile.email, user.profile.emailVerifiedAt != nil
            else { return nil }
            let index = Users.index(of: email, in: tenant.id, key: key)
            let today = try mailSends.notices(
                .domainChecked, emailIndex: index, in: tenant.id, after: now - SendHistory.day)
            let texts = MailTexts(
                pages: environment.pages, language: user.language ?? environment.pages.standardLanguage,
                tenant: tenant)
            guard today < Self.domainMailsADay, let message = texts.domain(news, to: email) else { return nil }
            let entry = MailEntry(purpose: .domainChecked, userID: user.id, email: email, message: message)
            return try record(entry, settings, in: tenant.id, key, now: now)
        }
    }

    /// Whoever has got hold of an administrator's session can bring them about.
    private static var domainMailsADay: Int { 3 }
}
