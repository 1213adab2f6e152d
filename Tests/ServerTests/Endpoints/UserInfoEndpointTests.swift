import TestSupport
import Testing
import Wire

@Suite("GET and POST /oauth2/userinfo (OIDC Core §5.3, RFC 6750)")
struct UserInfoEndpointTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String { scope }
        var scope: String
        var body: JSON
    }

    @Test(
        "tells what the scope opens and nothing else",
        arguments: [
            Case(scope: "openid", body: ["sub": "user-alice"]),
            Case(
                scope: "openid profile",
                body: [
                    "sub": "user-alice", "name": "Alice Liddell", "preferred_username": "alice",
                    "updated_at": 1_700_000_000,
                ]),
            Case(
                scope: "openid email",
                body: ["sub": "user-alice", "email": "alice@acme.example", "email_verified": false]),
            Case(scope: "openid phone", body: ["sub": "user-alice", "phone_number": "+8613800000001"]),
            Case(scope: "openid groups", body: ["sub": "user-alice", "groups": ["Finance"]]),
        ])
    func claims(_ sample: Case) async throws {
        try await TestServer.run { server in
            let tokens = try await server.tokens(["scope": sample.scope])
            let reply = try await server.userInfo(tokens.access)
            #expect(reply.status == 200)
            #expect(reply.fixedHeaders == TokenEndpointTests.headers)
            #expect(try reply.json == sample.body)
        }
    }

    @Test("takes the token from a form body too")
    func fromBody() async throws {
        try await TestServer.run { server in
            let tokens = try await server.tokens(["scope": "openid"])
            let reply = try await server.post("/oauth2/userinfo", [("access_token", tokens.access)])
            #expect(try reply.json == ["sub": "user-alice"])
        }
    }

    @Test("asks for a token when there is none, without naming an error")
    func missing() async throws {
        try await TestServer.run { server in
            let reply = try await server.send("GET", "/oauth2/userinfo")
            let challenge = ["www-authenticate": #"Bearer realm="https://sso.acme.example""#]
            #expect(reply.status == 401)
            #expect(reply.fixedHeaders == TokenEndpointTests.headers.merging(challenge) { $1 })
            #expect(try reply.json == [:])
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var target = "/oauth2/userinfo"
        var headers: [(String, String)] = []
        var description: String
    }

    static let refusals = [
        Refusal(
            testDescription: "in the address", target: "/oauth2/userinfo?access_token=TOKEN",
            description: "access tokens are not accepted in the query"),
        Refusal(
            testDescription: "HTTP Basic", headers: [("Authorization", "Basic TOKEN")],
            description: "the Authorization header is not Bearer and a token"),
        Refusal(
            testDescription: "twice", headers: [("Authorization", "Bearer TOKEN"), ("Authorization", "Bearer TOKEN")],
            description: "the access token has characters that no token has"),
    ]

    @Test("refuses a token that is sent in a way that leaks or is ambiguous", .tags(.security), arguments: refusals)
    func refuses(_ refusal: Refusal) async throws {
        try await TestServer.run { server in
            let token = try await server.tokens().access
            func filled(_ text: String) -> String { text.replacing("TOKEN", with: token) }
            let reply = try await server.send(
                "GET", filled(refusal.target), headers: refusal.headers.map { ($0.0, filled($0.1)) })
            #expect(reply.status == 400)
            #expect(try reply.json == oauthError("invalid_request", refusal.description))
            #expect(!reply.text.contains(token))
        }
    }

    enum Unusable: String, CaseIterable, Sendable {
        case invented, expired, refreshToken = "a refresh token", idToken = "an ID token"
    }

    @Test(
        "answers invalid_token to anything that is no live access token", .tags(.security), arguments: Unusable.allCases
    )
    func unusable(_ kind: Unusable) async throws {
        try await TestServer.run { server in
            let tokens = try await server.tokens()
            if kind == .expired { server.clock.advance(by: 7_200) }
            let presented =
                switch kind {
                case .invented: "invented"
                case .expired: tokens.access
                case .refreshToken: tokens.refresh
                case .idToken: tokens.id
                }
            let reply = try await server.userInfo(presented)
            let error = try #require(try reply.json["error_description"]?.string)
            #expect(reply.status == 401)
            #expect(try reply.json["error"]?.string == "invalid_token")
            #expect(
                reply["WWW-Authenticate"] == """
                    Bearer realm="https://sso.acme.example", error="invalid_token", error_description="\(error)"
                    """)
        }
    }

    @Test("answers insufficient_scope to a token without openid", .tags(.security))
    func withoutOpenID() async throws {
        try await TestServer.run { server in
            let tokens = try await server.tokens(["scope": "profile email"])
            let reply = try await server.userInfo(tokens.access)
            #expect(reply.status == 403)
            #expect(try reply.json["error"]?.string == "insufficient_scope")
        }
    }
}
