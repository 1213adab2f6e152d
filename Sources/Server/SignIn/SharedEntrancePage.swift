import Directory
import FoundationEssentials
import HTTPTypes
import HummingbirdCore
import JOSE
import Storage
import Wire

/// `/login` at the installation's shared address, where no tenant is known yet: asks for `account@enterprise` and leads
/// to that tenant's own sign-in page. Nothing is decided and nobody is signed in here.
struct SharedEntrancePage: Sendable {
    let environment: ServerEnvironment

    /// Code points; it has to fit into a header field, in which one of them takes up to twelve bytes.
    private static let longestAccount = 256

    /// GET `/`: there is nothing else here.
    func begin(_ call: Call) async throws -> Response { .seeOther(Path.signIn) }

    /// GET: the page.
    func show(_ call: Call) async throws -> Response {
        page(nil, FormErrors(), call, status: .ok).rememberingLanguage(of: call)
    }

    /// POST: the account with the enterprise behind it.
    func submit(_ call: Call) async throws -> Response {
        let form = try await call.pageForm()
        try FormGuard(environment: environment).checkOrigin(call)
        let typed = try form.single("account").map { String($0.unicodeScalars.prefix(Self.longestAccount)) }
        guard let typed, let account = SharedAccount(typed) else {
            return refusal(typed, typed == nil ? "missingAccount" : "malformedAccount", call)
        }
        let tenant = try await environment.database.read { db in try db.tenant(ofEnterprise: account.enterprise) }
        guard let tenant else { return refusal(typed, "unknownEnterprise", call) }
        return onward(to: tenant.issuer, as: account.name, call)
    }

    /// To the tenant's page. By a page of its own: browsers hold a form to the addresses that its page names, and this
    /// one cannot name every tenant's.
    private func onward(to issuer: String, as name: String, _ call: Call) -> Response {
        let address = FormURLEncoded.adding([.init("username", name)], toQueryOf: issuer + Path.signIn)
        let frame = environment.pages.frame(of: call, at: Path.signIn)
        return environment.pages.render("sign-in/onward", ["onwardHref": address], in: frame)
            .setting(.refresh, to: "0; url=\(address)")
    }

    private func refusal(_ typed: String?, _ key: String, _ call: Call) -> Response {
        var errors = FormErrors()
        errors.add(environment.pages.text(key, environment.pages.language(of: call)), field: "account")
        return page(typed, errors, call, status: .unprocessableContent)
    }

    private func page(
        _ typed: String?, _ errors: FormErrors, _ call: Call, status: HTTPResponse.Status
    ) -> Response {
        var fields = errors.fields
        fields["formAction"] = Path.signIn
        fields["joinHref"] = Path.join
        fields["focusAccount"] = errors.isEmpty
        fields.set("account", typed)
        let frame = environment.pages.frame(of: call, at: Path.signIn)
        return environment.pages.render("sign-in/shared", fields, in: frame, status: status)
    }
}

/// `account@enterprise`, as it is typed at the shared address.
struct SharedAccount: Equatable {
    let name: String
    /// A tenant's code or domain, in small letters.
    let enterprise: String

    init?(_ typed: String) {
        let plain = TypedText.plain(typed)
        guard let at = plain.lastIndex(of: "@") else { return nil }
        name = String(plain[..<at])
        enterprise = TypedText.lowercasedASCII(String(plain[plain.index(after: at)...]))
        guard !name.isEmpty, !enterprise.isEmpty else { return nil }
    }
}

extension Connection {
    /// The tenant that has this code, or has proved this domain. Codes have no dot, and domains have one.
    fileprivate func tenant(ofEnterprise text: String) throws -> Tenant? {
        if let tenant = try tenants.coded(text) { return tenant }
        return try domains.verified(text).flatMap { try tenants.identified($0) }
    }
}

extension HTTPField.Name {
    /// Leads on after so many seconds; older than the standard (HTML §4.2.5.3 describes it), and known to every browser.
    static let refresh = HTTPField.Name("Refresh") ?? .location
}

extension ServedTenant {
    /// The shared address as a tenant that has nobody and nothing: what a page needs to know of where it stands.
    static func sharedAddress(_ origin: String, name: String, policy: TenantPolicy) -> ServedTenant {
        let tenant = Tenant(
            id: "", code: "shared", name: name, issuer: origin, hosts: [], createdAt: .distantPast)
        return ServedTenant(tenant, policy: policy, keys: [])
    }
}
