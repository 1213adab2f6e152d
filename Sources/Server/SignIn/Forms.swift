import HummingbirdCore
import HTTPTypes
import Identity
import Wire

/// What every form of ours must show before it is read (peers' class 14): the token of its page, and an `Origin` that
/// is ours when the browser sends one.
struct FormGuard {
    let environment: ServerEnvironment

    /// The token for a page's forms; nil in a browser without our cookie, which then cannot send one anyway.
    func token(_ scope: CSRFToken.Scope, _ call: Call, secret: String? = nil) -> String {
        let secret = secret ?? browserSecret(scope, call) ?? ""
        return CSRFToken.make(browserSecret: secret, scope: scope, key: environment.keys.forms)
    }

    /// Checks a form that came in.
    /// - Throws: ``PageProblem/formExpired``.
    func check(_ form: RequestParameters, _ scope: CSRFToken.Scope, _ call: Call) throws {
        try checkOrigin(call)
        let presented = try form.single("csrf")
        let isValid = CSRFToken.isValid(
            presented, browserSecret: browserSecret(scope, call), scope: scope, key: environment.keys.forms)
        guard isValid else { throw PageProblem.formExpired }
    }

    /// Checks that a form comes from our own origin, when the browser says where it comes from.
    /// - Throws: ``PageProblem/formExpired``.
    func checkOrigin(_ call: Call) throws {
        guard let origin = call.header(.origin) else { return }
        guard origin.isByteEqual(to: call.served.origin) else { throw PageProblem.formExpired }
    }

    /// Interactions are bound by the browser's secret, signed-in pages by the session's.
    private func browserSecret(_ scope: CSRFToken.Scope, _ call: Call) -> String? {
        switch scope {
        case .interaction: call.cookie(.browser(secure: call.isSecure))
        case .session: call.cookie(.session(secure: call.isSecure))
        }
    }
}

/// The errors of a form that comes back.
struct FormErrors {
    private var lines: [(text: String, field: String?)] = []

    /// A text about the form as a whole, or about one field.
    mutating func add(_ text: String, field: String? = nil) {
        lines.append((text, field))
    }

    var isEmpty: Bool { lines.isEmpty }

    /// The template's fields.
    var fields: PageFields {
        let list: [PageFields] = lines.map { line in
            var fields: PageFields = ["errorText": line.text]
            if let field = line.field { fields["errorField"] = field }
            return fields
        }
        let byField = Dictionary(
            lines.compactMap { line in line.field.map { ($0, line.text) } }, uniquingKeysWith: { first, _ in first })
        var fields: PageFields = ["hasErrors": !lines.isEmpty, "errors": list]
        if !byField.isEmpty { fields["fieldErrors"] = byField }
        return fields
    }
}
