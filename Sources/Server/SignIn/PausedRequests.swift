import Cryptography
import Directory
import HTTPTypes
import HummingbirdCore
import Identity
import OIDC
import Storage
import Wire

/// Protocol requests that wait for a person: how an endpoint sends one to sign in and takes it up again.
struct PausedRequests: Sendable {
    let environment: ServerEnvironment

    /// Stores a request and sends the browser to the sign-in page.
    ///
    /// - Parameters:
    ///   - path: The endpoint to come back to.
    ///   - query: What the endpoint needs then, as a query; it reads this again, and nothing else.
    ///   - hints: What the client suggests for the page.
    func begin(
        _ path: String, query: String = "", requirement: AuthenticationRequirement = .any,
        applicationID: String? = nil, destinationOrigin: String? = nil, hints: PageHints = PageHints(), call: Call
    ) async throws -> Response {
        guard query.utf8.count <= Self.maximumQuery else { throw PageProblem(.tooLarge, .contentTooLarge) }
        let request = Interaction.Request(
            resume: query.isEmpty ? path : "\(path)?\(query)",
            requirement: requirement, applicationID: applicationID, destinationOrigin: destinationOrigin)
        let (interaction, cookie) = try await store(request, call)
        var pairs = [FormURLEncoded.Pair("i", interaction.id)]
        if let locale = hints.locale { pairs.append(FormURLEncoded.Pair("lang", locale.rawValue)) }
        if let account = hints.account { pairs.append(FormURLEncoded.Pair("username", account)) }
        let response = Response.seeOther(FormURLEncoded.adding(pairs, toQueryOf: Path.signIn))
        return cookie.map(response.settingCookie) ?? response
    }

    /// Bytes of a request that is stored while a person signs in: several times what clients send, and little enough
    /// that nobody fills a disk with requests that nobody will finish.
    static let maximumQuery = 4_096

    /// What a client suggests for the sign-in page.
    struct PageHints {
        var account: String?
        var locale: Language?
    }

    /// Stores an interaction bound to this browser, which gets a secret for it unless it has one.
    func store(_ request: Interaction.Request, _ call: Call) async throws -> (Interaction, cookie: String?) {
        var random = SecureRandom()
        let known = call.cookie(.browser(secure: call.isSecure)).flatMap { $0.utf8.count == 43 ? $0 : nil }
        let secret = known ?? OpaqueToken(using: &random).text
        let interaction = Interaction(
            id: Identifier.make(using: &random), tenantID: call.tenant.id, browserHash: OpaqueToken.hash(of: secret),
            request: request, lifetime: call.policy.identity.interactionLifetime, now: call.now)
        try await environment.database.write { db in try db.interactions.insert(interaction) }
        // Kept for as long as the browser lives: a person may have several tabs waiting.
        let cookie = known == nil ? Cookie.browser(secure: call.isSecure).storing(secret, maximumAge: nil) : nil
        return (interaction, cookie)
    }

    /// The interaction that a request names, if it is this browser's.
    /// - Throws: ``PageProblem/signInExpired`` for one that is gone, has expired or belongs to another browser.
    func admitted(_ id: String, _ call: Call) async throws -> Interaction {
        let found = try await environment.database.read { db in try db.interactions.identified(id) }
        guard let found, isAdmitted(found, call) else { throw PageProblem.signInExpired }
        return found
    }

    /// Whether an interaction is this browser's and still open.
    func isAdmitted(_ interaction: Interaction, _ call: Call) -> Bool {
        let secret = call.cookie(.browser(secure: call.isSecure))
        let admission = interaction.admission(browserSecret: secret, tenantID: call.tenant.id, now: call.now)
        return admission == .admitted
    }

    /// The interaction of an endpoint's own that a request names by `i`, with the parameters it stored; nil when the
    /// request names none.
    func resumed(_ path: String, _ call: Call) async throws -> (
        interaction: Interaction, parameters: RequestParameters
    )? {
        guard call.query?.hasPrefix("i=") == true, let id = try call.queryParameters().single("i") else { return nil }
        let interaction = try await admitted(id, call)
        let parts = interaction.resume.split(separator: "?", maxSplits: 1)
        guard let stored = parts.first, String(stored).isByteEqual(to: path) else { throw PageProblem.signInExpired }
        return (interaction, try RequestParameters(query: parts.count == 2 ? String(parts[1]) : nil))
    }

    /// Sends the browser once more to where it posted, by GET with the same parameters: a form of another site comes
    /// without our SameSite cookies, and a GET brings them along.
    static func againByGet(_ path: String, _ call: Call) async throws -> Response {
        let query = FormURLEncoded.encode(try await call.formParameters().all)
        guard query.utf8.count <= maximumQuery else { throw PageProblem(.tooLarge, .contentTooLarge) }
        return .seeOther("\(path)?\(query)")
    }

    /// Where an interaction goes on.
    static func location(in interaction: Interaction) -> String {
        switch interaction.state {
        case .choosingMethod: SignInPage.location(of: interaction)
        case .secondFactor: SignInFactorPage.location(of: interaction)
        case .setPassword: SetPasswordPage.location(of: interaction)
        case .completed: location(after: interaction)
        }
    }

    /// Where the browser goes when a person has signed in: back to the endpoint that asked.
    static func location(after interaction: Interaction) -> String {
        let path = String(interaction.resume.prefix { $0 != "?" })
        let pages =
            [Path.portal, Path.account, Path.members, Path.domains] + AccountSection.all.map(\.path)
            + [Path.invitations]
        guard !pages.contains(path) else { return path }
        return FormURLEncoded.adding([FormURLEncoded.Pair("i", interaction.id)], toQueryOf: path)
    }
}

extension SignIn.State {
    /// Whether somebody signed in; a request that still asks for it needs a new interaction then.
    var isCompleted: Bool {
        if case .completed = self { return true }
        return false
    }
}
