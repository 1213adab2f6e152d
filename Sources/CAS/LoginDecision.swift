package import Directory
package import FoundationEssentials
package import Identity

/// What `/cas/login` answers (CAS 3.0 §2.1, §2.2.4).
package enum LoginDecision: Equatable, Sendable {
    /// The person has to present credentials: pause the request, send them to sign in, and decide again afterwards.
    case signIn(AuthenticationRequirement)
    /// Mint a ``ServiceTicketText``, store its hash with these facts, and send the browser to
    /// `ticket.service.location(ticket: text)`. The interaction, if there was one, is finished.
    case issue(ServiceTicket)
    /// `gateway`: back to the service as registered, without a ticket (§2.1.1).
    case returnWithoutTicket(to: ServiceURL)
    /// Nobody asked for a service and the person is signed in: say so (§2.1.1).
    case showSignedIn
    case refused(LoginRefusal)

    /// Decides a login from stored facts alone; called again, it decides afresh.
    ///
    /// ```swift
    /// LoginDecision.decide(request, session: nil, service: wiki, access: nil, now: now)   // .signIn(.any)
    /// ```
    ///
    /// - Parameters:
    ///   - request: The call, or the stored one when the person comes back from signing in.
    ///   - session: The browser's session; the caller has checked that it admits its user now. nil without one.
    ///   - service: The record that the store found for the requested service in this tenant; nil when there is none.
    ///   - access: Whether the session's user may open the application; nil without a session.
    ///   - now: The current time; whole seconds.
    /// - SeeAlso: CAS 3.0 §2.1.1 for `service`, `renew` and `gateway` and their combinations.
    package static func decide(
        _ request: LoginRequest, session: Session?, service: RegisteredService?, access: AccessDecision?, now: Date
    ) -> LoginDecision {
        let admitted = session.flatMap { request.isSatisfied(by: $0, now: now) ? $0 : nil }
        guard let requested = request.service else {
            return admitted == nil ? .signIn(request.requirement) : .showSignedIn
        }
        // Before anything else, also before `gateway`: an unregistered address is never a place to go back to.
        guard let service, let url = service.url(matching: requested) else { return .refused(.unregisteredService) }
        guard service.isEnabled else { return .refused(.applicationDisabled) }
        guard let admitted else {
            return request.isGateway ? .returnWithoutTicket(to: url) : .signIn(request.requirement)
        }
        guard let access, access.isAllowed else {
            // To a service that only wants to know whether somebody is there, someone who may not enter is nobody.
            return request.isGateway ? .returnWithoutTicket(to: url) : .refused(.accessDenied(access ?? .notSelected))
        }
        return .issue(ServiceTicket(for: request, at: url, of: service, session: admitted, now: now))
    }
}

extension LoginRequest {
    /// `renew` demands credentials in this very login.
    fileprivate var requirement: AuthenticationRequirement { isRenewed ? .fresh : .any }

    fileprivate func isSatisfied(by session: Session, now: Date) -> Bool {
        requirement.isSatisfied(by: session.authentication, in: interactionID, now: now)
    }

    /// Whether the session began with the sign-in that this request led to.
    fileprivate func ledTo(_ session: Session) -> Bool {
        guard let interactionID else { return false }
        return session.authentication.interactionID == interactionID
    }
}

extension ServiceTicket {
    fileprivate init(
        for request: LoginRequest, at url: ServiceURL, of service: RegisteredService, session: Session, now: Date
    ) {
        self.init(
            tenantID: session.tenantID, applicationID: service.applicationID, service: url, userID: session.userID,
            sessionID: session.id, authenticatedAt: session.authentication.at,
            isFromNewLogin: request.ledTo(session), isFromRememberedSession: session.isRemembered,
            expiresAt: service.ticketLifetime.map { now + $0 })
    }
}
