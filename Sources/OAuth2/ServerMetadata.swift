package import Wire

/// What clients may know about this server (RFC 8414 §2). Only what is switched on is named.
package struct ServerMetadata: Equatable, Sendable {
    /// Absolute URLs, built by the server from the issuer and its table of routes.
    package struct Endpoints: Equatable, Sendable {
        package var authorization: String
        package var token: String
        package var jwks: String

        package init(authorization: String, token: String, jwks: String) {
            self.authorization = authorization
            self.token = token
            self.jwks = jwks
        }
    }

    package let issuer: String
    package let endpoints: Endpoints
    /// Language tags of the pages (BCP 47).
    package let uiLocales: [String]

    /// - Parameter issuer: From configuration; the client compares it with the URL it asked (RFC 8414 §3.3).
    package init(issuer: String, endpoints: Endpoints, uiLocales: [String]) {
        self.issuer = issuer
        self.endpoints = endpoints
        self.uiLocales = uiLocales
    }

    /// The document of `/.well-known/oauth-authorization-server`.
    package var json: [UInt8] {
        var writer = JSONWriter(reserving: 1024)
        writer.beginObject()
        write(to: &writer)
        writer.endObject()
        return writer.bytes
    }

    /// Writes the members, into an object that OpenID Connect adds to.
    package func write(to writer: inout JSONWriter) {
        writer.member("issuer", issuer)
        writer.member("authorization_endpoint", endpoints.authorization)
        writer.member("token_endpoint", endpoints.token)
        writer.member("jwks_uri", endpoints.jwks)
        writer.member("scopes_supported", Scope.supported.tokens)
        writer.member("response_types_supported", ["code"])
        writer.member("response_modes_supported", ["query"])
        writer.member("grant_types_supported", GrantType.allCases.map(\.rawValue))
        writer.member(
            "token_endpoint_auth_methods_supported", Client.AuthenticationMethod.allCases.map(\.rawValue))
        writer.member("code_challenge_methods_supported", ["S256"])
        writer.member("authorization_response_iss_parameter_supported", true)
        writer.member("ui_locales_supported", uiLocales)
    }
}
