import Cryptography
import Directory
import FoundationEssentials
import HTTPTypes
import HummingbirdCore
import Identity
import OAuth2
import OIDC
import Storage
import Wire

/// `/oauth2/authorize` (RFC 6749 §3.1, OIDC Core §3.1.2).
///
/// Every arrival — first, back from signing in, reload — runs the same lines and is decided from stored facts. As long
/// as there is no ``ResponseTarget`` an error is shown; from then on it is sent there.
struct AuthorizationEndpoint: Sendable {
    let environment: ServerEnvironment

    private var paused: PausedRequests { PausedRequests(environment: environment) }

    /// GET.
    func authorize(_ call: Call) async throws -> Response {
        let resumed = try await paused.resumed(Path.authorize, call)
        let parameters = try resumed?.parameters ?? call.queryParameters()
        let facts = try await facts(parameters, call)
        let target = try ResponseTarget(parameters, client: facts.client, issuer: call.tenant.issuer)
        if let application = facts.application, !application.isEnabled {
            // Nobody is sent to an application that an administrator has closed.
            throw PageProblem(.applicationRefused, .forbidden, application: application.name)
        }
        do {
            let request = try AuthenticationRequest(parameters, target: target, keys: call.served.keySet)
            guard let application = facts.application else { throw OAuth2Error(.serverError, "the request failed") }
            let decision = AuthorizationDecision.decide(
                request, application: application, person: facts.person, interactionID: resumed?.interaction.id,
                now: call.now)
            return try await carryOut(decision, request, parameters, facts, resumed?.interaction, call)
        } catch let error as OAuth2Error {
            return .seeOther(AuthorizationResponse(error, to: target).location)
        }
    }

    /// POST (OIDC Core §3.1.2.1): the same parameters in a form.
    ///
    /// A form of another site comes without our SameSite cookies, so the browser is sent here once more by GET, which
    /// brings them along.
    func authorizeByPost(_ call: Call) async throws -> Response {
        try await PausedRequests.againByGet(Path.authorize, call)
    }

    // MARK: - Facts

    private struct Facts: Sendable {
        var client: Client?
        var application: Application?
        var person: AuthorizationDecision.Person?
    }

    private func facts(_ parameters: RequestParameters, _ call: Call) async throws -> Facts {
        let clientID = try ResponseTarget.clientID(in: parameters)
        let key = environment.keys.sealing
        return try await environment.database.read { db in
            guard let client = try db.clients.identified(clientID, in: call.tenant.id) else { return Facts() }
            let person = try db.signedIn(call, key)
            return Facts(
                client: client, application: try db.applications.identified(client.applicationID, in: call.tenant.id),
                person: person.map { AuthorizationDecision.Person(session: $0.session, user: $0.user) })
        }
    }

    // MARK: - Decisions

    private func carryOut(
        _ decision: AuthorizationDecision, _ request: AuthenticationRequest, _ parameters: RequestParameters,
        _ facts: Facts, _ interaction: Interaction?, _ call: Call
    ) async throws -> Response {
        switch decision {
        case .signIn(let requirement):
            if let interaction, interaction.requirement == requirement, !interaction.state.isCompleted {
                return .seeOther(FormURLEncoded.adding([.init("i", interaction.id)], toQueryOf: Path.signIn))
            }
            let locales = request.pageHints.uiLocales.joined(separator: " ")
            return try await paused.begin(
                Path.authorize, query: FormURLEncoded.encode(parameters.all), requirement: requirement,
                applicationID: facts.application?.id,
                destinationOrigin: request.authorization.target.origin,
                hints: .init(account: request.pageHints.loginHint, locale: Language.first(ofLocales: locales)),
                call: call)
        case .authorized(let authorization):
            return try await issue(authorization, facts, interaction, call)
        case .refused(let error):
            try await recordRefusal(error, facts, interaction, call)
            throw error
        }
    }

    /// Stores grant and code and sends the code to the client; an interaction leads to one code only.
    private func issue(
        _ authorization: Authorization, _ facts: Facts, _ interaction: Interaction?, _ call: Call
    ) async throws -> Response {
        var random = SecureRandom()
        let token = OpaqueToken(using: &random)
        let grant = authorization.grant(id: Identifier.make(using: &random), now: call.now)
        let lifetimes = call.policy.tokens.overridden(by: authorization.target.client.lifetimes)
        let code = authorization.code(token, of: grant, lifetimes: lifetimes, now: call.now)
        let applicationID = authorization.target.client.applicationID
        let entry = Entry(userID: grant.userID, sessionID: grant.sessionID, applicationID: applicationID)
        let environment = environment
        try await environment.database.write { db in
            try db.admit(entry, of: facts.person?.user, from: interaction, environment, call)
            try db.grants.insert(grant)
            try db.authorizationCodes.insert(code)
        }
        return .seeOther(AuthorizationResponse(code: token, to: authorization.target).location)
    }

    /// A person who may not open the application is in the log, so that an administrator can answer their question.
    private func recordRefusal(
        _ error: OAuth2Error, _ facts: Facts, _ interaction: Interaction?, _ call: Call
    ) async throws {
        let environment = environment
        try await environment.database.write { db in
            if let interaction { _ = try db.interactions.remove(interaction.id) }
            guard error.code == .accessDenied, let user = facts.person?.user, let application = facts.application
            else { return }
            let event = SignInEvent.accessRefused(
                userID: user.id, applicationID: application.id, decision: application.access(for: user))
            try db.log(event, of: user, in: interaction, environment, call)
        }
    }
}
