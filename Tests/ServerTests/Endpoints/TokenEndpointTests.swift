import FoundationEssentials
import Identity
import TestSupport
import Testing
import Wire

@Suite("POST /oauth2/token (RFC 6749 §4.1.3, §5, §6)")
struct TokenEndpointTests {
    static let headers = [
        "content-type": "application/json", "cache-control": "no-store", "referrer-policy": "no-referrer",
        "strict-transport-security": "max-age=31536000", "x-content-type-options": "nosniff",
    ]

    @Test("answers a code with tokens")
    func redeems() async throws {
        try await TestServer.run { server in
            let code = try await server.signedIn().enterNotes()
            let reply = try await server.redeem(code)
            let tokens = try Tokens(reply)
            #expect(reply.status == 200)
            #expect(reply.fixedHeaders == Self.headers)
            #expect(
                try reply.json == [
                    "access_token": .string(tokens.access), "token_type": "Bearer", "expires_in": 7200,
                    "refresh_token": .string(tokens.refresh), "scope": "openid profile",
                    "id_token": .string(tokens.id),
                ])
            #expect(Set([tokens.access, tokens.refresh, code].map(\.utf8.count)) == [43])
        }
    }

    @Test("gives an ID token that says who signed in, when, how and where, signed by the tenant's published key")
    func idToken() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            server.clock.advance(by: 30)
            let tokens = try Tokens(try await server.redeem(try await browser.enterNotes()))
            let session = try await server.onlySession()
            #expect(
                try claims(of: tokens.id) == [
                    "iss": "https://sso.acme.example", "sub": "user-alice", "aud": "notes", "exp": 1_700_003_630,
                    "iat": 1_700_000_030, "auth_time": 1_700_000_000, "nonce": "n-0S6_WzA2Mj", "acr": "1",
                    "amr": ["pwd"], "sid": .string(session.id), "at_hash": .string(leftHalf(of: tokens.access)),
                ])
            try await server.verifySignature(of: tokens.id, algorithm: "RS256")
        }
    }

    @Test("signs with the algorithm that the client is registered for")
    func es256() async throws {
        try await TestServer.run { server in
            let code = try await server.signedIn().enterNotes(
                ["client_id": "mail", "redirect_uri": "https://mail.example/cb"])
            let reply = try await server.redeem(code, ["redirect_uri": "https://mail.example/cb"], as: mailBasic)
            try await server.verifySignature(of: try Tokens(reply).id, algorithm: "ES256")
        }
    }

    @Test("gives no ID token without the scope openid")
    func plainOAuth() async throws {
        try await TestServer.run { server in
            let code = try await server.signedIn().enterNotes(["scope": "profile"])
            let reply = try await server.redeem(code)
            let tokens = try Tokens(reply)
            #expect(
                try reply.json == [
                    "access_token": .string(tokens.access), "token_type": "Bearer", "expires_in": 7200,
                    "refresh_token": .string(tokens.refresh), "scope": "profile",
                ])
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var changes: Changes = [:]
        var caller: (String, String)? = notesBasic
        var after: Double = 0
        var status = 400
        var error: String
        var description: String
    }

    static let unusable: [Case] = [
        Case(
            testDescription: "an invented code", changes: ["code": "x"], error: "invalid_grant",
            description: "code is unknown or was redeemed before"),
        Case(
            testDescription: "another client", caller: mailBasic, error: "invalid_grant",
            description: "code was issued to another client"),
        Case(
            testDescription: "at the second it expires", after: 60, error: "invalid_grant",
            description: "code has expired"),
        Case(
            testDescription: "another client and expired", caller: mailBasic, after: 60, error: "invalid_grant",
            description: "code was issued to another client"),
        Case(
            testDescription: "another redirect_uri", changes: ["redirect_uri": "https://notes.example/cb/"],
            error: "invalid_grant", description: "redirect_uri does not match"),
        Case(
            testDescription: "no verifier", changes: ["code_verifier": nil], error: "invalid_grant",
            description: "code_verifier is missing"),
        Case(
            testDescription: "another verifier",
            changes: ["code_verifier": "aBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"], error: "invalid_grant",
            description: "code_verifier does not match the code_challenge"),
        Case(
            testDescription: "the challenge as verifier", changes: ["code_verifier": SamplePKCE.challenge],
            error: "invalid_grant", description: "code_verifier does not match the code_challenge"),
        Case(
            testDescription: "a malformed verifier", changes: ["code_verifier": "short"], error: "invalid_request",
            description: "code_verifier is not 43 to 128 unreserved characters"),
        Case(
            testDescription: "no code", changes: ["code": nil], error: "invalid_request",
            description: "code is missing"),
        Case(
            testDescription: "no redirect_uri", changes: ["redirect_uri": nil], error: "invalid_request",
            description: "redirect_uri is missing"),
        Case(
            testDescription: "no grant_type", changes: ["grant_type": nil], error: "invalid_request",
            description: "grant_type is missing"),
        Case(
            testDescription: "password grant", changes: ["grant_type": "password"], error: "unsupported_grant_type",
            description: "grant_type must be authorization_code or refresh_token"),
    ]

    @Test("refuses a code, which stays as it was", .tags(.security), arguments: unusable)
    func refuses(_ refusal: Case) async throws {
        try await TestServer.run { server in
            let code = try await server.signedIn().enterNotes()
            server.clock.advance(by: refusal.after)
            let reply = try await server.redeem(code, refusal.changes, as: refusal.caller)
            #expect(reply.status == refusal.status)
            #expect(reply.fixedHeaders == Self.headers)
            #expect(try reply.json == oauthError(refusal.error, refusal.description))
            if refusal.after == 0 { #expect(try await server.redeem(code).status == 200) }
        }
    }

    @Test("redeems until the second before the code expires")
    func lastSecond() async throws {
        try await TestServer.run { server in
            let code = try await server.signedIn().enterNotes()
            server.clock.advance(by: 59)
            #expect(try await server.redeem(code).status == 200)
        }
    }

    static let unauthenticated: [Case] = [
        Case(
            testDescription: "wrong secret", caller: basic("notes", "gths_wrong"), error: "invalid_client",
            description: "client authentication failed"),
        Case(
            testDescription: "unknown client", caller: basic("nobody", Samples.notesSecret), error: "invalid_client",
            description: "client authentication failed"),
        Case(
            testDescription: "another client's secret", caller: basic("notes", Samples.mailSecret),
            error: "invalid_client", description: "client authentication failed"),
        Case(
            testDescription: "no secret", changes: ["client_id": "notes"], caller: nil, error: "invalid_client",
            description: "this way of client authentication is not allowed for the client"),
        Case(
            testDescription: "no credentials", caller: nil, error: "invalid_client",
            description: "client authentication is missing"),
        Case(
            testDescription: "Bearer", caller: ("Authorization", "Bearer x"), error: "invalid_client",
            description: "the Authorization header is not HTTP Basic"),
        Case(
            testDescription: "no Base64", caller: ("Authorization", "Basic %%%"), error: "invalid_client",
            description: "the Authorization header does not decode"),
        Case(
            testDescription: "public client with a secret", caller: basic("desk", "x"), error: "invalid_client",
            description: "this way of client authentication is not allowed for the client"),
        Case(
            testDescription: "assertion", changes: ["client_id": "notes", "client_assertion": "x"], caller: nil,
            error: "invalid_client", description: "client_assertion is not supported"),
    ]

    @Test("answers 401 and a challenge to whoever is not the client", .tags(.security), arguments: unauthenticated)
    func authenticates(_ refusal: Case) async throws {
        try await TestServer.run { server in
            let code = try await server.signedIn().enterNotes()
            let reply = try await server.redeem(code, refusal.changes, as: refusal.caller)
            let challenge = ["www-authenticate": #"Basic realm="https://sso.acme.example", charset="UTF-8""#]
            #expect(reply.status == 401)
            #expect(reply.fixedHeaders == Self.headers.merging(challenge) { $1 })
            #expect(try reply.json == oauthError(refusal.error, refusal.description))
            #expect(try await server.redeem(code).status == 200)
        }
    }

    @Test("takes the secret from the body, but not from both places", .tags(.security))
    func post() async throws {
        try await TestServer.run { server in
            let code = try await server.signedIn().enterNotes()
            let credentials: Changes = ["client_id": "notes", "client_secret": Samples.notesSecret]
            let both = try await server.redeem(code, credentials)
            #expect(both.status == 400)
            #expect(
                try both.json
                    == oauthError("invalid_request", "more than one way of client authentication was used"))
            #expect(try await server.redeem(code, credentials, as: nil).status == 200)
        }
    }

    @Test("takes nothing from the address", .tags(.security))
    func query() async throws {
        try await TestServer.run { server in
            let reply = try await server.post(
                "/oauth2/token?client_id=notes", [("grant_type", "authorization_code")], headers: [notesBasic])
            #expect(reply.status == 400)
            #expect(
                try reply.json
                    == oauthError("invalid_request", "parameters belong into the body, not into the address"))
        }
    }

    @Test("refreshes with the same scope and no nonce, or with less scope")
    func refreshes() async throws {
        try await TestServer.run { server in
            let first = try await server.tokens()
            server.clock.advance(by: 100)
            let second = try await server.refresh(first.refresh)
            let tokens = try Tokens(second)
            #expect(
                try second.json == [
                    "access_token": .string(tokens.access), "token_type": "Bearer", "expires_in": 7200,
                    "refresh_token": .string(tokens.refresh), "scope": "openid profile",
                    "id_token": .string(tokens.id),
                ])
            let claims = try claims(of: tokens.id)
            #expect(claims["nonce"] == nil)
            #expect(claims["auth_time"]?.integer == 1_700_000_000)
            let third = try await server.refresh(tokens.refresh, ["scope": "openid"])
            #expect(try third.json["scope"]?.string == "openid")
        }
    }

    static let unusableRefresh: [Case] = [
        Case(
            testDescription: "an invented token", changes: ["refresh_token": "x"], error: "invalid_grant",
            description: "refresh token is unknown, used or revoked"),
        Case(
            testDescription: "another client", caller: mailBasic, error: "invalid_grant",
            description: "refresh token was issued to another client"),
        Case(
            testDescription: "more scope", changes: ["scope": "openid email"], error: "invalid_scope",
            description: "scope is more than was granted"),
        Case(
            testDescription: "no token", changes: ["refresh_token": nil], error: "invalid_request",
            description: "refresh_token is missing"),
    ]

    @Test("refuses a refresh token, which stays as it was", .tags(.security), arguments: unusableRefresh)
    func refusesRefresh(_ refusal: Case) async throws {
        try await TestServer.run { server in
            let tokens = try await server.tokens()
            let reply = try await server.refresh(tokens.refresh, refusal.changes, as: refusal.caller)
            #expect(reply.status == 400)
            #expect(reply.fixedHeaders == Self.headers)
            #expect(try reply.json == oauthError(refusal.error, refusal.description))
            #expect(try await server.refresh(tokens.refresh).status == 200)
        }
    }

    @Test("ends a family of refresh tokens at the end that its first one had", .tags(.security))
    func familyEnd() async throws {
        try await TestServer.run { server in
            let mail: Changes = [
                "client_id": "mail", "redirect_uri": "https://mail.example/cb", "scope": "openid offline_access",
            ]
            let code = try await server.signedIn().enterNotes(mail)
            let first = try Tokens(
                try await server.redeem(code, ["redirect_uri": "https://mail.example/cb"], as: mailBasic))
            server.clock.advance(by: 30 * 86_400 - 1)
            let second = try Tokens(try await server.refresh(first.refresh, as: mailBasic))
            server.clock.advance(by: 1)
            let late = try await server.refresh(second.refresh, as: mailBasic)
            #expect(try late.json == oauthError("invalid_grant", "refresh token has expired"))
        }
    }
}
