import TestSupport
import Testing
import Wire

@Suite("Discovery and keys (OIDC Discovery §4, RFC 8414 §3, RFC 7517 §5)")
struct MetadataEndpointTests {
    static let paths = ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/oauth2/jwks"]
    static let headers = [
        "content-type": "application/json", "cache-control": "public, max-age=300", "referrer-policy": "no-referrer",
        "strict-transport-security": "max-age=31536000", "x-content-type-options": "nosniff",
    ]

    @Test("is public, cacheable and the same for everyone", arguments: paths)
    func headers(_ path: String) async throws {
        try await TestServer.run { server in
            let reply = try await server.send("GET", path)
            #expect(reply.status == 200)
            #expect(reply.fixedHeaders == Self.headers)
            #expect(try await server.signedIn().get(path).body == reply.body)
        }
    }

    @Test("answers HEAD like GET without the body", arguments: paths)
    func head(_ path: String) async throws {
        try await TestServer.run { server in
            let reply = try await server.send("HEAD", path)
            #expect(reply.status == 200)
            #expect(reply.body.isEmpty)
            #expect(reply.fixedHeaders == Self.headers)
        }
    }

    static let shared: [JSON.Member] = [
        .init("issuer", "https://sso.acme.example"),
        .init("authorization_endpoint", "https://sso.acme.example/oauth2/authorize"),
        .init("token_endpoint", "https://sso.acme.example/oauth2/token"),
        .init("jwks_uri", "https://sso.acme.example/oauth2/jwks"),
        .init("scopes_supported", ["openid", "profile", "email", "phone", "groups", "offline_access"]),
        .init("response_types_supported", ["code"]), .init("response_modes_supported", ["query"]),
        .init("grant_types_supported", ["authorization_code", "refresh_token"]),
        .init("token_endpoint_auth_methods_supported", ["client_secret_basic", "client_secret_post", "none"]),
        .init("code_challenge_methods_supported", ["S256"]),
        .init("authorization_response_iss_parameter_supported", true),
        .init("ui_locales_supported", ["zh-Hans", "en"]),
    ]

    @Test("names what is switched on, as OAuth")
    func server() async throws {
        try await TestServer.run { server async throws in
            #expect(
                try await server.send("GET", "/.well-known/oauth-authorization-server").json == .object(Self.shared))
        }
    }

    @Test("names what is switched on, as OpenID Connect")
    func provider() async throws {
        let further: [JSON.Member] = [
            .init("userinfo_endpoint", "https://sso.acme.example/oauth2/userinfo"),
            .init("end_session_endpoint", "https://sso.acme.example/oauth2/logout"),
            .init("subject_types_supported", ["public"]),
            .init("id_token_signing_alg_values_supported", ["RS256", "ES256"]),
            .init("acr_values_supported", ["1", "2", "phr"]), .init("claim_types_supported", ["normal"]),
            .init(
                "claims_supported",
                [
                    "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash", "name",
                    "preferred_username", "updated_at", "email", "phone_number", "groups", "email_verified", "nickname",
                ]),
            .init("prompt_values_supported", ["none", "login"]), .init("claims_parameter_supported", false),
            .init("request_parameter_supported", false), .init("request_uri_parameter_supported", false),
        ]
        try await TestServer.run { server async throws in
            #expect(
                try await server.send("GET", "/.well-known/openid-configuration").json
                    == .object(Self.shared + further))
        }
    }

    @Test("publishes both keys and nothing of their private halves", .tags(.security))
    func keys() async throws {
        try await TestServer.run { server in
            let keys = try #require(try await server.send("GET", "/oauth2/jwks").json["keys"]?.array)
            let names = Set(keys.map { Set(($0.members ?? []).map(\.key)) })
            #expect(names == [["kty", "use", "alg", "kid", "n", "e"], ["kty", "use", "alg", "kid", "crv", "x", "y"]])
        }
    }

    @Test("says the issuer of configuration, whatever Host and forwarding headers say", .tags(.security))
    func issuerFromConfiguration() async throws {
        try await TestServer.run { server in
            let reply = try await server.send(
                "GET", Self.paths[0], host: "SSO.Acme.Example:8443",
                headers: [
                    ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "http"),
                    ("Forwarded", "host=evil.example"),
                ])
            #expect(try reply.json["issuer"]?.string == "https://sso.acme.example")
            #expect(!reply.text.contains("evil"))
        }
    }
}
