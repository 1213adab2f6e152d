import Directory
import OAuth2
import OIDC
import Testing
import Wire

@Suite("OIDC Discovery §3 OpenID provider metadata")
struct ProviderMetadataTests {
    static func json() throws -> JSON {
        let endpoints = ServerMetadata.Endpoints(
            authorization: "https://id.example/oauth2/authorize", token: "https://id.example/oauth2/token",
            jwks: "https://id.example/oauth2/jwks")
        let metadata = ProviderMetadata(
            server: ServerMetadata(issuer: Sample.issuer, endpoints: endpoints, uiLocales: ["zh-CN", "en"]),
            userinfoEndpoint: "https://id.example/oauth2/userinfo",
            endSessionEndpoint: "https://id.example/oauth2/logout")
        return try JSON.parse(metadata.json, maximumDepth: 4)
    }

    @Test("is this document")
    func document() throws {
        let expected: JSON = [
            "issuer": "https://id.example", "authorization_endpoint": "https://id.example/oauth2/authorize",
            "token_endpoint": "https://id.example/oauth2/token", "jwks_uri": "https://id.example/oauth2/jwks",
            "scopes_supported": ["openid", "profile", "email", "phone", "groups", "offline_access"],
            "response_types_supported": ["code"], "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "code_challenge_methods_supported": ["S256"], "authorization_response_iss_parameter_supported": true,
            "ui_locales_supported": ["zh-CN", "en"], "userinfo_endpoint": "https://id.example/oauth2/userinfo",
            "end_session_endpoint": "https://id.example/oauth2/logout", "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256"], "acr_values_supported": ["1", "2", "phr"],
            "claim_types_supported": ["normal"],
            "claims_supported": [
                "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash", "name",
                "preferred_username", "updated_at", "email", "phone_number", "groups", "email_verified", "nickname",
            ],
            "prompt_values_supported": ["none", "login"], "claims_parameter_supported": false,
            "request_parameter_supported": false, "request_uri_parameter_supported": false,
        ]
        #expect(try Self.json() == expected)
    }

    @Test("every claim that is given is named, and every name is given")
    func claims() throws {
        let token = IDToken(
            of: try Sample.grant(), issuer: Sample.issuer, accessToken: Sample.token(), isFirst: true, lifetime: 1,
            now: Sample.now)
        var user = Sample.user()
        user.profile.nickname = "Ally"
        let info = UserInfo(user, groups: Sample.groups, scope: .supported)
        let given = try [token.claims, info.json].flatMap { try JSON.parse($0, maximumDepth: 4).members ?? [] }
        #expect(Set(given.map(\.key)) == Set(Claims.supported))
    }
}
