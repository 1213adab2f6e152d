import Cryptography
import Directory
import Gateways
import Identity

/// The messages we send, by purpose: text and template variables from one place, so that they cannot differ.
struct MessageTexts {
    let pages: Pages
    let language: Language
    let tenant: Tenant

    /// The same in the language that a person chose, if they did.
    func speaking(to user: User?) -> MessageTexts {
        MessageTexts(pages: pages, language: user?.language ?? language, tenant: tenant)
    }

    /// A message with a code.
    /// - Parameter lifetime: Of the code; seconds, nil for none.
    func code(_ code: SMSCode, for purpose: SMSPurpose, lifetime: Double?, to phone: PhoneNumber) -> SMSMessage {
        let minutes = lifetime.map { String(max(1, Int(($0 / 60).rounded(.up)))) } ?? "–"
        let values = [("code", code.text), ("minutes", minutes), ("tenant", tenant.name)]
        return message(purpose, values, to: phone, code: code.text)
    }

    /// A message with invented values, to try a gateway and its templates.
    func sample(_ purpose: SMSPurpose, to phone: PhoneNumber) -> SMSMessage {
        let values = [
            ("code", "000000"), ("minutes", "5"), ("tenant", tenant.name), ("username", "example"),
            ("password", "000000"), ("hours", "24"), ("address", tenant.issuer),
            ("domain", "example.com"), ("result", pages.text("domainNewsVerified", language)),
        ]
        return message(purpose, Self.names(of: purpose).compactMap { name in values.first { $0.0 == name } }, to: phone)
    }

    /// The variables of a purpose's messages, in their order; `Docs/operate.md` tells them to whoever writes templates.
    static func names(of purpose: SMSPurpose) -> [String] {
        if purpose.carriesCode { return ["code", "minutes", "tenant"] }
        if purpose == .oneTimePassword { return ["password", "username", "hours", "tenant", "address"] }
        if purpose == .domainChecked { return ["domain", "result", "tenant", "address"] }
        if purpose == .requestDeclined { return ["tenant"] }
        return ["username", "tenant", "address"]
    }

    /// A one-time password from an administrator.
    func oneTimePassword(_ password: String, of user: User, hours: Int, to phone: PhoneNumber) -> SMSMessage {
        let values = [
            ("password", password), ("username", user.username.text), ("hours", String(hours)),
            ("tenant", tenant.name), ("address", tenant.issuer),
        ]
        return message(.oneTimePassword, values, to: phone, code: password)
    }

    /// A message that tells what was done to an account.
    func notice(_ purpose: SMSPurpose, of user: User, to phone: PhoneNumber) -> SMSMessage {
        message(
            purpose, [("username", user.username.text), ("tenant", tenant.name), ("address", tenant.issuer)],
            to: phone, code: nil)
    }

    /// A message that tells somebody, who is nobody's member, that an enterprise declined.
    func declined(to phone: PhoneNumber) -> SMSMessage {
        message(.requestDeclined, [("tenant", tenant.name)], to: phone)
    }

    /// A message that tells what became of a domain's proof.
    func domain(_ news: DomainNews, to phone: PhoneNumber) -> SMSMessage {
        let values = [
            ("domain", news.domain.text), ("result", pages.text(news.key, language)), ("tenant", tenant.name),
            ("address", tenant.issuer),
        ]
        return message(.domainChecked, values, to: phone)
    }

    private func message(
        _ purpose: SMSPurpose, _ values: [(name: String, value: String)], to phone: PhoneNumber, code: String? = nil
    ) -> SMSMessage {
        let text = pages.message(purpose.rawValue, language, filling: Dictionary(values) { first, _ in first })
        return SMSMessage(
            to: phone.e164, purpose: purpose.rawValue, text: text,
            parameters: values.map { SMSMessage.Parameter($0.name, $0.value) }, code: code)
    }
}
