package import Wire

/// A way to get tokens (RFC 6749 §1.3); raw values of `grant_type`.
package enum GrantType: String, Equatable, Sendable, CaseIterable {
    case authorizationCode = "authorization_code"
    case refreshToken = "refresh_token"
}

/// The body of a token request, one case a grant type (RFC 6749 §4.1.3, §6). Prints as `•••`.
package enum TokenRequest: Equatable, Sendable {
    /// - Parameters:
    ///   - code: As it was presented; looked up by its hash.
    ///   - redirectURI: Compared by ``AuthorizationCode/redeem(by:redirectURI:verifier:now:)``.
    case authorizationCode(code: String, redirectURI: String, verifier: PKCE.Verifier?)
    /// - Parameters:
    ///   - token: As it was presented; looked up by its hash.
    ///   - scope: Nil for all that was granted.
    case refreshToken(String, scope: Scope?)

    /// - Parameter body: The parameters of the body alone (RFC 6749 §3.2).
    /// - Throws: `invalid_request`, `unsupported_grant_type`, `invalid_scope` (§5.2).
    package init(_ body: RequestParameters) throws(OAuth2Error) {
        try body.requireSingleValues()
        let missing = OAuth2Error(.invalidRequest, "grant_type is missing")
        switch GrantType(rawValue: try body.required("grant_type", orThrow: missing)) {
        case .authorizationCode: self = try Self.authorizationCode(body)
        case .refreshToken: self = try Self.refreshToken(body)
        case nil:
            throw OAuth2Error(.unsupportedGrantType, "grant_type must be authorization_code or refresh_token")
        }
    }

    package var grantType: GrantType {
        switch self {
        case .authorizationCode: .authorizationCode
        case .refreshToken: .refreshToken
        }
    }

    /// Decides whether the client may use this grant type. Asked before the code or token is looked at.
    /// - Throws: `unauthorized_client`.
    package func authorize(_ client: AuthenticatedClient) throws(OAuth2Error) {
        guard client.client.grantTypes.contains(grantType) else {
            throw OAuth2Error(.unauthorizedClient, "the client may not use this grant type")
        }
    }

    private static func authorizationCode(_ body: RequestParameters) throws(OAuth2Error) -> TokenRequest {
        let code = try body.required("code", orThrow: OAuth2Error(.invalidRequest, "code is missing"))
        let missing = OAuth2Error(.invalidRequest, "redirect_uri is missing")
        let redirectURI = try body.required("redirect_uri", orThrow: missing)
        var verifier: PKCE.Verifier?
        if let text = try body.optional("code_verifier") { verifier = try PKCE.Verifier(parsing: text) }
        return .authorizationCode(code: code, redirectURI: redirectURI, verifier: verifier)
    }

    private static func refreshToken(_ body: RequestParameters) throws(OAuth2Error) -> TokenRequest {
        let missing = OAuth2Error(.invalidRequest, "refresh_token is missing")
        let token = try body.required("refresh_token", orThrow: missing)
        var scope: Scope?
        if let text = try body.optional("scope") { scope = try Scope(parsing: text) }
        return .refreshToken(token, scope: scope)
    }
}

extension TokenRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
