import Directory
import HTTPTypes
import HummingbirdCore
import Identity
import OAuth2
import OIDC
import Storage
import Wire

/// `/oauth2/logout` (OIDC RP-Initiated Logout 1.0).
struct EndSessionEndpoint: Sendable {
    let environment: ServerEnvironment

    private var paused: PausedRequests { PausedRequests(environment: environment) }
    private var page: SignOutPage { SignOutPage(environment: environment) }

    /// GET.
    func endSession(_ call: Call) async throws -> Response {
        try await decide(try call.queryParameters(), confirmedBy: nil, call)
    }

    /// POST (§2): the same parameters in a form.
    ///
    /// A form of another site comes without our SameSite cookies; taken at its word, it would sign nobody out and say
    /// that it did. So the browser is sent here once more by GET, which brings them along.
    func endSessionByPost(_ call: Call) async throws -> Response {
        try await PausedRequests.againByGet(Path.endSession, call)
    }

    /// The person said yes on the page that asked.
    func confirmed(_ id: String, _ form: RequestParameters, _ call: Call) async throws -> Response {
        let interaction = try await paused.admitted(id, call)
        try FormGuard(environment: environment).check(form, .interaction(interaction.id), call)
        let parts = interaction.resume.split(separator: "?", maxSplits: 1)
        guard parts.first.map(String.init) == Path.endSession else { throw PageProblem.signInExpired }
        let parameters = try RequestParameters(query: parts.count == 2 ? String(parts[1]) : nil)
        return try await decide(parameters, confirmedBy: interaction, call)
    }

    private func decide(
        _ parameters: RequestParameters, confirmedBy interaction: Interaction?, _ call: Call
    ) async throws -> Response {
        let request = try RPInitiatedLogout(parameters, issuer: call.tenant.issuer, keys: call.served.keySet)
        let client = try await client(request, call)
        let person = try await environment.signedIn(call)
        let decision = try request.decide(
            client: client, session: person?.session, isConfirmed: interaction != nil)
        if decision == .askConfirmation, let person {
            return try await ask(person, request, parameters, client, call)
        }
        if let person { try await page.end(person, in: interaction, call) }
        if let interaction {
            _ = try await environment.database.write { db in try db.interactions.remove(interaction.id) }
        }
        guard case .endAndGo(let address) = decision else { return SignOutPage.afterSignOut(call) }
        return Response.seeOther(address).removingSession(of: call)
    }

    private func client(_ request: RPInitiatedLogout, _ call: Call) async throws -> Client? {
        guard let id = request.clientID else { return nil }
        return try await environment.database.read { db in try db.clients.identified(id, in: call.tenant.id) }
    }

    /// Stores the request, so that what the person says yes to cannot be changed on the way.
    private func ask(
        _ person: SignedIn, _ request: RPInitiatedLogout, _ parameters: RequestParameters, _ client: Client?,
        _ call: Call
    ) async throws -> Response {
        let application = try await environment.database.read { db in
            try client.flatMap { try db.applications.identified($0.applicationID, in: call.tenant.id) }
        }
        let stored = Interaction.Request(
            resume: "\(Path.endSession)?\(FormURLEncoded.encode(parameters.all))", requirement: .any,
            applicationID: application?.id,
            destinationOrigin: request.postLogoutRedirectURI.map(WebOrigin.of))
        let (interaction, cookie) = try await paused.store(stored, call)
        let secret = cookie.flatMap { Cookie.browser(secure: call.isSecure).value(in: $0) }
        let response = page.confirmation(
            person, interaction: interaction, application: application?.name, cookie: secret, call)
        return cookie.map(response.settingCookie) ?? response
    }
}
