/// Why a validation request is answered with `authenticationFailure` (CAS 3.0 §2.5.3).
///
/// It is a value inside ``ServiceResponse``, never thrown: a ticket dies even when its validation fails, so a failure
/// has to be committed. The text is a `StaticString`, so that neither the presented ticket nor markup can come back
/// in an answer (phpCAS issue 228 printed such a text unescaped).
package struct CASError: Equatable, Sendable {
    /// The closed list of §2.5.3 and §2.7.3; the raw value is what goes on the wire.
    package enum Code: String, CaseIterable, Sendable {
        /// Not all of the required parameters were there, or one of them cannot be read.
        case invalidRequest = "INVALID_REQUEST"
        /// The ticket is of a kind that this address does not validate.
        case invalidTicketSpec = "INVALID_TICKET_SPEC"
        /// The service may not ask `/proxy` for tickets (§2.7.3).
        case unauthorizedService = "UNAUTHORIZED_SERVICE"
        /// The service asked for a proxy-granting ticket and may not have one.
        case unauthorizedServiceProxy = "UNAUTHORIZED_SERVICE_PROXY"
        /// The proxy callback is no acceptable address or did not answer as it must.
        case invalidProxyCallback = "INVALID_PROXY_CALLBACK"
        /// The ticket is unknown, was used, has expired, or did not come from an initial login and `renew` was set.
        case invalidTicket = "INVALID_TICKET"
        /// The ticket was valid, but for another service.
        case invalidService = "INVALID_SERVICE"
        /// We could not finish the validation.
        case internalError = "INTERNAL_ERROR"
    }

    package let code: Code
    /// What the integrator should know and fix; one sentence, no data of the request.
    package let text: String

    /// - Parameter text: A literal, which is how no part of a request can get into it.
    package init(_ code: Code, _ text: StaticString) {
        self.code = code
        self.text = "\(text)"
    }
}

extension CASError {
    /// The request itself could not be read: bad percent-encoding, NUL, invalid UTF-8.
    package static let unreadable = CASError(.invalidRequest, "the request is not correctly encoded")
    /// The store cannot be reached, or anything else went wrong that is not the service's doing.
    package static let unavailable = CASError(.internalError, "the validation could not be finished; try again later")
    static let repeatedParameter = CASError(.invalidRequest, "a parameter was given more than once")
    static let missingParameter = CASError(.invalidRequest, "'service' and 'ticket' parameters are both required")
    static let unsupportedFormat = CASError(.invalidRequest, "'format' must be XML or JSON")

    static let unknownTicket = CASError(.invalidTicket, "ticket not recognized")
    static let usedTicket = CASError(.invalidTicket, "ticket was already validated once")
    static let expiredTicket = CASError(.invalidTicket, "ticket has expired")
    static let endedSession = CASError(.invalidTicket, "the session behind this ticket has ended")
    static let notFromNewLogin = CASError(
        .invalidTicket, "ticket was not issued from an initial login, which 'renew' requires")
    static let anotherService = CASError(.invalidService, "ticket was issued for another service")

    static let proxyTicket = CASError(
        .invalidTicketSpec, "a proxy ticket was presented where only service tickets are validated")
    static let proxyingNotAllowed = CASError(
        .unauthorizedServiceProxy, "this service is not authorized to proxy; leave out 'pgtUrl'")
    static let insecureProxyCallback = CASError(.invalidProxyCallback, "'pgtUrl' must be an https address")
}
