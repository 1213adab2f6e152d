import CAS
import Cryptography
import Directory
import FoundationEssentials
import HTTPTypes
import HummingbirdCore
import Identity
import Storage
import Wire

/// `/cas/login` and `/cas/logout` (CAS 3.0 §2.1, §2.3).
struct LoginEndpoint: Sendable {
    let environment: ServerEnvironment

    private var paused: PausedRequests { PausedRequests(environment: environment) }

    /// GET `/cas/login`, as credential requestor.
    func login(_ call: Call) async throws -> Response {
        let resumed = try await paused.resumed(Path.casLogin, call)
        let parameters = try resumed?.parameters ?? call.queryParameters()
        let request = try LoginRequest(parameters, interactionID: resumed?.interaction.id)
        let facts = try await facts(request.service, call)
        let decision = LoginDecision.decide(
            request, session: facts.person?.session, service: facts.service, access: facts.access, now: call.now)
        switch decision {
        case .signIn(let requirement):
            if let interaction = resumed?.interaction, !interaction.state.isCompleted {
                return .seeOther(FormURLEncoded.adding([.init("i", interaction.id)], toQueryOf: Path.signIn))
            }
            return try await paused.begin(
                Path.casLogin, query: request.resume, requirement: requirement, applicationID: facts.application?.id,
                destinationOrigin: request.service.map(WebOrigin.of), call: call)
        case .issue(let ticket): return try await issue(ticket, facts, resumed?.interaction, call)
        case .returnWithoutTicket(let url): return .seeOther(url.text)
        case .showSignedIn: return .seeOther(Path.portal)
        case .refused(let refusal): throw try await problem(refusal, facts, resumed?.interaction, call)
        }
    }

    /// GET `/cas/logout`: ends the session and goes to a registered service only.
    func logout(_ call: Call) async throws -> Response {
        let request = try CAS.LogoutRequest(try call.queryParameters())
        let facts = try await facts(request.service, call)
        let page = SignOutPage(environment: environment)
        if let person = facts.person { try await page.end(person, call) }
        switch request.outcome(facts.service) {
        case .redirect(let url):
            return Response.seeOther(url.text).removingSession(of: call)
        case .showSignedOut: return SignOutPage.afterSignOut(call)
        }
    }

    // MARK: - Facts

    private struct Facts: Sendable {
        var person: SignedIn?
        var service: RegisteredService?
        var application: Application?
        var access: AccessDecision?
    }

    private func facts(_ service: String?, _ call: Call) async throws -> Facts {
        let key = environment.keys.sealing
        return try await environment.database.read { db in
            var facts = Facts(person: try db.signedIn(call, key))
            guard let service, var record = try db.registeredServices.at(service, in: call.tenant.id) else {
                return facts
            }
            record.ticketLifetime = record.ticketLifetime ?? call.policy.ticketLifetime
            facts.service = record
            facts.application = try db.applications.identified(record.applicationID, in: call.tenant.id)
            if let user = facts.person?.user { facts.access = facts.application?.access(for: user) }
            return facts
        }
    }

    // MARK: - Decisions

    /// Stores a ticket and sends the browser to the service with it; an interaction leads to one ticket only.
    private func issue(
        _ ticket: ServiceTicket, _ facts: Facts, _ interaction: Interaction?, _ call: Call
    ) async throws -> Response {
        var random = SecureRandom()
        let text = ServiceTicketText(using: &random)
        let entry = Entry(userID: ticket.userID, sessionID: ticket.sessionID, applicationID: ticket.applicationID)
        let environment = environment
        try await environment.database.write { db in
            try db.admit(entry, of: facts.person?.user, from: interaction, environment, call)
            try db.serviceTickets.insert(ticket, hash: text.hash, now: call.now)
        }
        return .seeOther(ticket.service.location(ticket: text.text))
    }

    private func problem(
        _ refusal: LoginRefusal, _ facts: Facts, _ interaction: Interaction?, _ call: Call
    ) async throws -> any Error {
        switch refusal {
        case .repeatedParameter:
            return PageProblem(.badRequest, .badRequest, detail: "a parameter occurs more than once")
        case .unregisteredService:
            return PageProblem(.applicationUnknown, .badRequest, detail: "service is not registered")
        case .applicationDisabled:
            return PageProblem(.applicationRefused, .forbidden, application: facts.application?.name)
        case .accessDenied(let decision):
            try await recordRefusal(decision, facts, interaction, call)
            return PageProblem(.applicationRefused, .forbidden, application: facts.application?.name)
        }
    }

    private func recordRefusal(
        _ decision: AccessDecision, _ facts: Facts, _ interaction: Interaction?, _ call: Call
    ) async throws {
        guard let user = facts.person?.user, let application = facts.application else { return }
        let environment = environment
        try await environment.database.write { db in
            let event = SignInEvent.accessRefused(
                userID: user.id, applicationID: application.id, decision: decision)
            try db.log(event, of: user, in: interaction, environment, call)
        }
    }
}
