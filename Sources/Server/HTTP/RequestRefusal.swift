package import HTTPTypes

/// A request that HTTP itself refuses, before any protocol rule is asked (RFC 9110 §15.5).
///
/// The text is a literal, so nothing of the request can be in it; each route renders it in its protocol's shape.
package struct RequestRefusal: Error, Equatable, Sendable {
    /// 400, 404, 405, 408, 413, 415, 421, 429 or 503.
    package let status: HTTPResponse.Status
    /// What was wrong, for the developer of the calling application.
    package let reason: String
    /// The value of `Allow` for 405 (RFC 9110 §10.2.1); empty otherwise.
    package let allowedMethods: String
    /// Whole seconds for `Retry-After` (RFC 9110 §10.2.3).
    package let retryAfter: Int?

    /// Makes a refusal.
    /// - Parameters:
    ///   - status: The HTTP status of the answer.
    ///   - reason: A literal sentence without request data.
    package init(
        _ status: HTTPResponse.Status, _ reason: StaticString, allowedMethods: String = "", retryAfter: Int? = nil
    ) {
        self.status = status
        self.reason = reason.description
        self.allowedMethods = allowedMethods
        self.retryAfter = retryAfter
    }

    /// No route has this path.
    package static let notFound = RequestRefusal(.notFound, "no such address")
    /// The path holds something that proxies and servers read differently (peers' class 10).
    package static let unsafePath = RequestRefusal(.badRequest, "the path is not in normal form")
    /// No tenant answers at this host.
    package static let unknownHost = RequestRefusal(.misdirectedRequest, "no tenant answers at this host")
    /// A body that is not a form where a form is needed.
    package static let notAForm = RequestRefusal(
        .unsupportedMediaType, "the body must be application/x-www-form-urlencoded")
    /// The body is larger than `http.maximumBodySize`.
    package static let bodyTooLarge = RequestRefusal(.contentTooLarge, "the body is too large")
    /// The body did not arrive within `http.requestTime`.
    package static let bodyTooSlow = RequestRefusal(.requestTimeout, "the body did not arrive in time")
    /// The proxy in front of us is not one that is declared in `http.trustedProxies`.
    package static let untrustedPeer = RequestRefusal(
        .forbidden, "plain HTTP is answered on loopback and to declared proxies only")
}
