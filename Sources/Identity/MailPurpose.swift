/// What an e-mail is for. The raw values are the names of texts, and stand in the ledger.
package enum MailPurpose: String, Equatable, Sendable, CaseIterable {
    /// A code that proves an address.
    case verifyAddress = "VERIFY_EMAIL"
    /// Tells whoever has the old address that the account has another one.
    case addressChanged = "EMAIL_CHANGED"
    /// Tells an administrator what became of a domain's proof.
    case domainChecked = "DOMAIN_EMAIL"
    /// Tries a mail server out.
    case test = "TEST_EMAIL"

    /// The placeholders that a text may hold.
    package var variables: [String] {
        switch self {
        case .verifyAddress: ["code", "minutes", "username", "tenant", "address"]
        case .addressChanged: ["username", "tenant", "address"]
        case .domainChecked: ["domain", "result", "tenant", "address"]
        case .test: ["tenant", "address"]
        }
    }
}
