package import FoundationEssentials
import Wire

/// A credential for one validation at one service (CAS 3.0 §3.1).
///
/// The ticket's text is no part of it: the caller mints the text, sends it to the browser and stores only its hash
/// beside these facts. They are copied from the session when the ticket is issued, because `renew` asks how *this*
/// ticket came about, not what the session is like later.
package struct ServiceTicket: Equatable, Sendable {
    /// At no other tenant's address does the ticket exist: the store looks it up by tenant and hash.
    package var tenantID: String
    package var applicationID: String
    /// The service identifier given to `/login`; the ticket is valid for no other (§3.1.1).
    package var service: ServiceURL
    package var userID: String
    package var sessionID: String
    /// When the person presented credentials; whole seconds.
    package var authenticatedAt: Date
    /// Whether the person presented credentials for this very login, not only a session (§2.5.1 `renew`).
    package var isFromNewLogin: Bool
    /// Whether the session is one that was to be remembered (§4.1.3).
    package var isFromRememberedSession: Bool
    /// The first instant at which the ticket is no longer accepted; whole seconds. nil: it does not expire.
    package var expiresAt: Date?
    /// Whether the ticket was presented before, successfully or not.
    package var isTaken: Bool

    package init(
        tenantID: String, applicationID: String, service: ServiceURL, userID: String, sessionID: String,
        authenticatedAt: Date, isFromNewLogin: Bool, isFromRememberedSession: Bool, expiresAt: Date?,
        isTaken: Bool = false
    ) {
        self.tenantID = tenantID
        self.applicationID = applicationID
        self.service = service
        self.userID = userID
        self.sessionID = sessionID
        self.authenticatedAt = authenticatedAt
        self.isFromNewLogin = isFromNewLogin
        self.isFromRememberedSession = isFromRememberedSession
        self.expiresAt = expiresAt
        self.isTaken = isTaken
    }

    /// What validating a ticket leads to. The ticket is dead after both, so neither is an error.
    package enum Validation: Equatable, Sendable {
        case success
        case failure(CASError)
    }

    /// Decides one validation attempt, the only one this ticket gets (§3.1.1).
    ///
    /// - Parameters:
    ///   - request: The attempt; the store found this ticket by its hash and took it in the same transaction.
    ///   - isInForce: Whether user, application, access and session are all still good at this instant. Disabling any
    ///     of them ends the ticket.
    ///   - now: The current time; whole seconds.
    /// - Returns: What to answer. The caller commits that the ticket is taken in either case.
    /// - SeeAlso: §2.5.3 for the codes. §2.5.4 for `pgtUrl`: as no proxy-granting ticket can be issued, the validation
    ///   fails; ignoring the parameter would leave the service waiting for a callback.
    package func validate(_ request: ValidationRequest, isInForce: Bool, now: Date) -> Validation {
        guard !isTaken else { return .failure(.usedTicket) }
        guard !hasExpired(now) else { return .failure(.expiredTicket) }
        guard isInForce else { return .failure(.endedSession) }
        guard service.matches(request.service) else { return .failure(.anotherService) }
        guard isFromNewLogin || !request.requiresNewLogin else { return .failure(.notFromNewLogin) }
        if let callback = request.proxyCallback {
            return .failure(callback.hasPrefix("https://") ? .proxyingNotAllowed : .insecureProxyCallback)
        }
        return .success
    }

    private func hasExpired(_ now: Date) -> Bool {
        guard let expiresAt else { return false }
        return now >= expiresAt
    }
}
