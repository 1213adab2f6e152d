package import Wire

/// Where the answer to an authorization request goes: known client, registered address, understood response mode.
///
/// Phase one of reading an authorization request. As long as there is no target, an error can only be *shown* to the
/// person; sending it anywhere would make this server an open redirector (RFC 6749 §4.1.2.1, RFC 9700 §4.11). Phase two
/// is ``AuthorizationRequest``, whose errors are sent to the target.
package struct ResponseTarget: Equatable, Sendable {
    package let client: Client
    /// The address as the request wrote it; matched against the registered ones.
    package let redirectURI: String
    /// Comes back to the client byte for byte; nil when it was absent, empty or repeated.
    package let state: String?
    /// Our issuer, for the `iss` of the answer (RFC 9207).
    package let issuer: String

    /// The client that a request names.
    /// - Throws: `invalid_request` when it is absent or repeated. To be shown.
    package static func clientID(in parameters: RequestParameters) throws(OAuth2Error) -> String {
        try parameters.required("client_id", orThrow: OAuth2Error(.invalidRequest, "client_id is missing"))
    }

    /// - Parameters:
    ///   - parameters: The parameters of the authorization request.
    ///   - client: The stored client that ``clientID(in:)`` names; nil when there is none.
    ///   - issuer: The issuer of the tenant, from configuration.
    /// - Throws: `invalid_request` for an unknown client, an address that is absent or not registered, and a
    ///   `response_mode` other than `query`. To be shown.
    package init(_ parameters: RequestParameters, client: Client?, issuer: String) throws(OAuth2Error) {
        let clientID = try Self.clientID(in: parameters)
        guard let client, client.id.isByteEqual(to: clientID) else {
            throw OAuth2Error(.invalidRequest, "client_id is unknown")
        }
        let missing = OAuth2Error(.invalidRequest, "redirect_uri is missing")
        let redirectURI = try parameters.required("redirect_uri", orThrow: missing)
        guard client.accepts(redirectURI: redirectURI) else {
            throw OAuth2Error(.invalidRequest, "redirect_uri is not registered for the client")
        }
        guard try parameters.optional("response_mode")?.isByteEqual(to: "query") ?? true else {
            throw OAuth2Error(.invalidRequest, "response_mode must be query")
        }
        self.client = client
        self.redirectURI = redirectURI
        self.issuer = issuer
        let states = parameters.values("state")
        state = states.count == 1 && states != [""] ? states[0] : nil
    }

    /// Scheme, host and port of the address, or `scheme:` of a private-use one: the source that a page's
    /// Content-Security-Policy must allow as the end of its form's redirects.
    package var origin: String {
        let scheme = redirectURI.prefix { $0 != ":" }.lowercased()
        guard scheme == "https" || scheme == "http" else { return scheme + ":" }
        return scheme + "://" + redirectURI.dropFirst(scheme.count + 3).prefix { $0 != "/" && $0 != "?" }
    }
}
