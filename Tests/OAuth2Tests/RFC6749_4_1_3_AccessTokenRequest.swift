import Cryptography
import FoundationEssentials
import OAuth2
import Testing
import Wire

@Suite("RFC 6749 §4.1.3 Access token request: redeeming a code")
struct AuthorizationCodeTests {
    static let lifetime: TimeInterval = 60

    static func code(_ change: (inout AuthorizationCode) -> Void = { _ in }, clientID: String = "s6BhdRkqt3") throws
        -> AuthorizationCode
    {
        var code = AuthorizationCode(
            hash: Sample.token().hash, grantID: "g-7", clientID: clientID, redirectURI: Sample.callback,
            codeChallenge: PKCE.Challenge(stored: Sample.challenge), expiresAt: Sample.now + lifetime)
        change(&code)
        return code
    }

    static func redeem(
        _ code: AuthorizationCode, by clientID: String = "s6BhdRkqt3", redirectURI: String = Sample.callback,
        verifier: String? = Sample.verifier, after seconds: TimeInterval = 1
    ) throws -> AuthorizationCode.Redemption {
        try code.redeem(
            by: Sample.authenticated(Sample.client(id: clientID)), redirectURI: redirectURI,
            verifier: verifier.map { try PKCE.Verifier(parsing: $0) }, now: Sample.now + seconds)
    }

    @Test("redeems until the second before it expires", arguments: [0, 59] as [TimeInterval])
    func redeems(after seconds: TimeInterval) throws {
        #expect(try Self.redeem(Self.code(), after: seconds) == .granted(grantID: "g-7"))
    }

    @Test("a new code holds what the request asked for, and only a hash of itself")
    func new() throws {
        let request = try AuthorizationRequestTests.read(client: Sample.client())
        let code = AuthorizationCode(Sample.token(), for: "g-7", request: request, lifetime: 60, now: Sample.now)
        #expect(code == (try Self.code()))
    }

    @Test("a second redemption revokes the grant", .tags(.security))
    func replay() throws {
        #expect(try Self.redeem(Self.code { $0.isRedeemed = true }) == .replayed(grantID: "g-7"))
    }

    @Test("a replay is one even when it is late or lacks the verifier: the code has leaked", .tags(.security))
    func lateReplay() throws {
        let used = try Self.code { $0.isRedeemed = true }
        #expect(try Self.redeem(used, after: 600) == .replayed(grantID: "g-7"))
        #expect(try Self.redeem(used, verifier: nil) == .replayed(grantID: "g-7"))
    }

    @Test("another client cannot revoke a grant by replaying its code", .tags(.security))
    func foreignReplay() throws {
        let used = try Self.code { $0.isRedeemed = true }
        #expect(throws: OAuth2Error.self) { try Self.redeem(used, by: "other") }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var clientID = "s6BhdRkqt3"
        var redirectURI = Sample.callback
        var verifier: String? = Sample.verifier
        var after: TimeInterval = 1
    }

    @Test(
        "answers invalid_grant", .tags(.security),
        arguments: [
            Refusal(testDescription: "another client, not expired", clientID: "other"),
            Refusal(testDescription: "the same client, expired", after: lifetime),
            Refusal(testDescription: "another client, expired", clientID: "other", after: lifetime),
            Refusal(testDescription: "another spelling of the client", clientID: "S6BhdRkqt3"),
            Refusal(testDescription: "another redirect_uri", redirectURI: Sample.callback + "/"),
            Refusal(testDescription: "redirect_uri with another port", redirectURI: "https://client.example:443/cb"),
            Refusal(testDescription: "no verifier", verifier: nil),
            Refusal(testDescription: "another verifier", verifier: String(repeating: "a", count: 43)),
            Refusal(testDescription: "the challenge as verifier", verifier: Sample.challenge),
        ])
    func refuses(_ refusal: Refusal) throws {
        let code = try Self.code()
        let error = #expect(throws: OAuth2Error.self) {
            try Self.redeem(
                code, by: refusal.clientID, redirectURI: refusal.redirectURI, verifier: refusal.verifier,
                after: refusal.after)
        }
        #expect(error?.code == .invalidGrant)
    }

    @Test("a verifier for a code without challenge is a downgrade", .tags(.security))
    func downgrade() throws {
        let code = AuthorizationCode(
            hash: Sample.token().hash, grantID: "g-7", clientID: "s6BhdRkqt3", redirectURI: Sample.callback,
            codeChallenge: nil, expiresAt: Sample.now + Self.lifetime)
        #expect(try Self.redeem(code, verifier: nil) == .granted(grantID: "g-7"))
        #expect(throws: OAuth2Error.self) { try Self.redeem(code) }
    }

    @Test("a loopback port that was used stays the one to name", .tags(.security))
    func loopbackPort() throws {
        let code = AuthorizationCode(
            hash: "h", grantID: "g-7", clientID: "s6BhdRkqt3", redirectURI: "http://127.0.0.1:51004/cb",
            codeChallenge: nil, expiresAt: Sample.now + Self.lifetime)
        #expect(throws: OAuth2Error.self) {
            try Self.redeem(code, redirectURI: "http://127.0.0.1:51005/cb", verifier: nil)
        }
    }
}

@Suite("RFC 6749 §4.1.3, §6 Access token request: the body")
struct TokenRequestTests {
    static let code: KeyValuePairs = [
        "grant_type": "authorization_code", "code": "SplxlOBeZQQYbYS6WxSbIA", "redirect_uri": Sample.callback,
        "code_verifier": Sample.verifier,
    ]
    static let refresh: KeyValuePairs = ["grant_type": "refresh_token", "refresh_token": "tGzv3JOkF0XG5Qx2TlKWIA"]

    @Test("reads a code and its proof")
    func readsCode() throws {
        let expected = TokenRequest.authorizationCode(
            code: "SplxlOBeZQQYbYS6WxSbIA", redirectURI: Sample.callback,
            verifier: try PKCE.Verifier(parsing: Sample.verifier))
        #expect(try TokenRequest(RequestParameters(Self.code)) == expected)
        #expect(expected.grantType == .authorizationCode)
    }

    @Test("reads a refresh token, with or without scope")
    func readsRefresh() throws {
        #expect(
            try TokenRequest(RequestParameters(Self.refresh)) == .refreshToken("tGzv3JOkF0XG5Qx2TlKWIA", scope: nil))
        let narrowed = RequestParameters(Self.refresh, changing: ["scope": "openid"])
        #expect(
            try TokenRequest(narrowed)
                == .refreshToken("tGzv3JOkF0XG5Qx2TlKWIA", scope: try Scope(parsing: "openid")))
    }

    @Test(
        "§5.2: refuses",
        arguments: [
            ("no grant_type", code, "grant_type", "", .invalidRequest),
            ("password", code, "grant_type", "password", .unsupportedGrantType),
            ("client_credentials", code, "grant_type", "client_credentials", .unsupportedGrantType),
            ("another case", code, "grant_type", "Authorization_Code", .unsupportedGrantType),
            ("no code", code, "code", "", .invalidRequest),
            ("no redirect_uri", code, "redirect_uri", "", .invalidRequest),
            ("a short verifier", code, "code_verifier", "short", .invalidRequest),
            ("no refresh token", refresh, "refresh_token", "", .invalidRequest),
            ("a malformed scope", refresh, "scope", "a\"", .invalidScope),
        ] as [(String, KeyValuePairs<String, String>, String, String, OAuth2Error.Code)])
    func refuses(
        _ case: String, _ body: KeyValuePairs<String, String>, _ name: String, _ value: String, _ code: OAuth2Error.Code
    ) {
        let error = #expect(throws: OAuth2Error.self) {
            try TokenRequest(RequestParameters(body, changing: [name: value]))
        }
        #expect(error?.code == code)
    }

    @Test(
        "refuses every repeated parameter", .tags(.security),
        arguments: ["grant_type", "code", "redirect_uri", "code_verifier", "client_id", "client_secret", "unknown"])
    func repeated(_ name: String) throws {
        let values = Dictionary(uniqueKeysWithValues: Self.code.map { ($0.key, $0.value) })
        let value = values[name] ?? "1"
        let once = RequestParameters(Self.code, changing: [name: value])
        _ = try TokenRequest(once)
        let error = #expect(throws: OAuth2Error.self) { try TokenRequest(once.repeating(name, value)) }
        #expect(error == .repeated(name))
    }

    @Test("a client may use only the grant types it has", .tags(.security))
    func authorize() throws {
        let codeOnly = try Sample.authenticated(Sample.client { $0.grantTypes = [.authorizationCode] })
        try TokenRequest(RequestParameters(Self.code)).authorize(codeOnly)
        let refresh = try TokenRequest(RequestParameters(Self.refresh))
        let error = #expect(throws: OAuth2Error.self) { try refresh.authorize(codeOnly) }
        #expect(error?.code == .unauthorizedClient)
    }

    @Test("a token request prints as •••", .tags(.security))
    func conceals() throws {
        let request = try TokenRequest(RequestParameters(Self.code))
        var dumped = ""
        dump(request, to: &dumped)
        #expect(!"\(request) \(String(reflecting: request)) \(dumped)".contains("Splx"))
    }
}
