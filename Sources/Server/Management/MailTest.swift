import Directory
package import FoundationEssentials
import Identity
package import Storage

extension Administration {
    /// Sends an e-mail to see whether a tenant's mail server takes what we send.
    /// - Returns: What became of it.
    package func sendTestMail(
        to email: String, of tenantCode: String, language: Language, now: Date
    ) async throws -> SMSSends.Settlement {
        let address = try checking("email") { () throws(DirectoryError) in try EmailAddress(email) }
        guard let post = messenger.mail else {
            throw AdministrationError(.conflict, nil, "nothing sends e-mails here")
        }
        let pages = try await messenger.pages()
        let delivery = try await act(now: now) { act in
            let tenant = try act.tenant(tenantCode)
            let settings = try act.policy.of(tenant, act.keys.sealing).mail
            guard settings.gateway != nil else {
                throw AdministrationError(.conflict, nil, "the tenant has no mail gateway; set mail.gateway")
            }
            let texts = MailTexts(pages: pages, language: language, tenant: tenant)
            let entry = MailEntry(purpose: .test, userID: nil, email: address, message: texts.test(to: address))
            return try act.db.record(entry, settings, in: tenant.id, act.keys.sealing, now: now)
        }
        return await post.deliver(delivery)
    }
}
