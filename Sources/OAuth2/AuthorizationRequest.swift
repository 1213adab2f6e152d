package import Wire

/// What a client asks for at the authorization endpoint (RFC 6749 §4.1.1), found to be in order.
///
/// Phase two of reading the request: every error thrown here is sent to the target.
package struct AuthorizationRequest: Equatable, Sendable {
    package let target: ResponseTarget
    /// What may be granted: the words asked for that the client is allowed. Never empty.
    package let scope: Scope
    /// Nil only for a confidential client that is excused from PKCE.
    package let codeChallenge: PKCE.Challenge?

    /// - Parameters:
    ///   - parameters: The same parameters that `target` was made of.
    ///   - target: Where the answer goes.
    /// - Throws: `invalid_request`, `unsupported_response_type`, `request_not_supported`,
    ///   `request_uri_not_supported`, `unauthorized_client`, `invalid_scope`; to be sent to `target`.
    /// - SeeAlso: RFC 6749 §4.1.2.1, RFC 7636 §4.4.1, RFC 9101 §5.
    package init(_ parameters: RequestParameters, target: ResponseTarget) throws(OAuth2Error) {
        try parameters.requireSingleValues()
        let missing = OAuth2Error(.invalidRequest, "response_type is missing")
        guard try parameters.required("response_type", orThrow: missing).isByteEqual(to: "code") else {
            throw OAuth2Error(.unsupportedResponseType, "response_type must be code")
        }
        // Ignoring these would answer another request than the client signed (RFC 9101 §5).
        guard try parameters.optional("request") == nil else {
            throw OAuth2Error(.requestNotSupported, "the request parameter is not supported")
        }
        guard try parameters.optional("request_uri") == nil else {
            throw OAuth2Error(.requestURINotSupported, "the request_uri parameter is not supported")
        }
        guard target.client.grantTypes.contains(.authorizationCode) else {
            throw OAuth2Error(.unauthorizedClient, "the client may not use the authorization code grant")
        }
        self.target = target
        scope = try Self.grantable(try parameters.optional("scope"), for: target.client)
        codeChallenge = try PKCE.Challenge.parse(
            try parameters.optional("code_challenge"), method: try parameters.optional("code_challenge_method"))
        guard codeChallenge != nil || !target.client.mustUsePKCE else {
            throw OAuth2Error(.invalidRequest, "code_challenge is missing; the client must use PKCE with S256")
        }
    }

    /// Words that we do not know or the client is not allowed are left out (RFC 6749 §3.3, OIDC Core §3.1.2.1); the
    /// token response says what is left. `offline_access` means nothing without refresh tokens.
    private static func grantable(_ requested: String?, for client: Client) throws(OAuth2Error) -> Scope {
        guard let requested else { throw OAuth2Error(.invalidScope, "scope is missing") }
        var scope = try Scope(parsing: requested).intersection(client.scope)
        if !client.grantTypes.contains(.refreshToken) { scope = scope.removing(Scope.offlineAccess) }
        guard !scope.isEmpty else { throw OAuth2Error(.invalidScope, "nothing in scope is allowed for the client") }
        return scope
    }
}
