import Directory
import Gateways
import Identity

/// The e-mails we send, by purpose, in the receiver's language.
struct MailTexts {
    let pages: Pages
    let language: Language
    let tenant: Tenant

    /// A code that proves an address.
    /// - Parameter lifetime: Of the code; seconds, nil for none.
    func code(_ code: SMSCode, of user: User, lifetime: Double?, to email: EmailAddress) -> MailMessage? {
        let minutes = lifetime.map { String(max(1, Int(($0 / 60).rounded(.up)))) } ?? "–"
        let values = ["code": code.text, "minutes": minutes, "username": user.username.text]
        return message(.verifyAddress, values, to: email, code: code.text)
    }

    /// Tells whoever has the old address.
    func addressChanged(of user: User, to email: EmailAddress) -> MailMessage? {
        message(.addressChanged, ["username": user.username.text], to: email)
    }

    /// Tells what became of a domain's proof.
    func domain(_ news: DomainNews, to email: EmailAddress) -> MailMessage? {
        message(
            .domainChecked, ["domain": news.domain.text, "result": pages.text(news.key, language)], to: email)
    }

    /// Tries a mail server out.
    func test(to email: EmailAddress) -> MailMessage? { message(.test, [:], to: email) }

    /// - Returns: nil for an address that a mail server would not read as we do; none of ours is one.
    private func message(
        _ purpose: MailPurpose, _ values: [String: String], to email: EmailAddress, code: String? = nil
    ) -> MailMessage? {
        guard let receiver = MailAddress(email.text) else { return nil }
        let all = values.merging(["tenant": tenant.name, "address": tenant.issuer]) { own, _ in own }
        let (subject, text) = pages.mail(purpose.rawValue, language, filling: all)
        return MailMessage(to: receiver, purpose: purpose.rawValue, subject: subject, text: text, code: code)
    }
}
