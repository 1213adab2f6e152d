import Cryptography
import FoundationEssentials
import OAuth2
import Testing

@Suite("RFC 6749 §5.1 Successful response")
struct TokenResponseTests {
    static let lifetimes = TokenLifetimes(
        authorizationCode: 60, accessToken: 7200, idToken: 600, refreshToken: 2_592_000)

    static func minted() -> MintedTokens {
        var random = SeededRandom(seed: 42)
        return MintedTokens(using: &random)
    }

    static func issue(
        _ client: Client, lifetimes: TokenLifetimes = lifetimes, replacing redeemed: RefreshToken? = nil,
        at now: Date = Sample.now
    ) throws -> IssuedTokens {
        let grant = try Sample.grant()
        return IssuedTokens(
            minted(), for: grant, scope: grant.scope, client: try Sample.authenticated(client), lifetimes: lifetimes,
            replacing: redeemed, now: now)
    }

    @Test("stores hashes and answers with the tokens")
    func issues() throws {
        let issued = try Self.issue(Sample.client())
        let scope = try Sample.grant().scope
        let minted = Self.minted()
        #expect(
            issued.accessToken
                == AccessToken(
                    hash: minted.accessToken.hash, grantID: "g-7", scope: scope, createdAt: Sample.now,
                    expiresAt: Sample.now + 7200))
        #expect(
            issued.refreshToken
                == RefreshToken(
                    hash: minted.refreshToken.hash, grantID: "g-7", clientID: "s6BhdRkqt3", createdAt: Sample.now,
                    expiresAt: Sample.now + 2_592_000))
        #expect(
            text(issued.response.json)
                == #"{"access_token":"\#(minted.accessToken.text)","token_type":"Bearer","expires_in":7200,"#
                + #""refresh_token":"\#(minted.refreshToken.text)","scope":"openid profile"}"#)
    }

    @Test("OIDC Core §3.1.3.3: an ID token comes last")
    func idToken() throws {
        var response = try Self.issue(Sample.client { $0.grantTypes = [.authorizationCode] }).response
        response.idToken = "h.p.s"
        #expect(text(response.json).hasSuffix(#","expires_in":7200,"scope":"openid profile","id_token":"h.p.s"}"#))
    }

    @Test("a client without the refresh token grant gets none", .tags(.security))
    func noRefreshToken() throws {
        let issued = try Self.issue(Sample.client { $0.grantTypes = [.authorizationCode] })
        #expect(issued.refreshToken == nil)
        #expect(!text(issued.response.json).contains("refresh_token"))
    }

    @Test("rotation does not prolong a refresh token's life", .tags(.security))
    func absolute() throws {
        let first = try #require(try Self.issue(Sample.client()).refreshToken)
        let later = Sample.now + 86_400
        let second = try Self.issue(Sample.client(), replacing: first, at: later).refreshToken
        #expect(second?.expiresAt == first.expiresAt)
        #expect(second?.createdAt == later)
    }

    @Test("a refresh token without end passes that on")
    func endless() throws {
        var lifetimes = Self.lifetimes
        lifetimes.refreshToken = nil
        let first = try #require(try Self.issue(Sample.client(), lifetimes: lifetimes).refreshToken)
        #expect(first.expiresAt == nil)
        // The setting has changed since; what was granted has not.
        #expect(try Self.issue(Sample.client(), replacing: first).refreshToken?.expiresAt == nil)
    }

    @Test("a client's own lifetimes replace the installation's one by one")
    func overrides() {
        let own = Self.lifetimes.overridden(by: Client.Lifetimes(accessToken: 1))
        #expect(own == TokenLifetimes(authorizationCode: 60, accessToken: 1, idToken: 600, refreshToken: 2_592_000))
        let all = Client.Lifetimes(authorizationCode: 1, accessToken: 2, idToken: 3, refreshToken: 4)
        #expect(
            Self.lifetimes.overridden(by: all)
                == TokenLifetimes(authorizationCode: 1, accessToken: 2, idToken: 3, refreshToken: 4))
    }

    @Test("an answer prints as •••", .tags(.security))
    func conceals() throws {
        let response = try Self.issue(Sample.client()).response
        var dumped = ""
        dump(response, to: &dumped)
        let token = Self.minted().accessToken.text
        #expect(!"\(response) \(String(reflecting: response)) \(dumped)".contains(token))
    }
}

@Suite("RFC 6749 §5.2 Error response")
struct OAuth2ErrorTests {
    @Test("is a code and a sentence")
    func json() {
        let error = OAuth2Error(.invalidGrant, "code has expired")
        #expect(text(error.json) == #"{"error":"invalid_grant","error_description":"code has expired"}"#)
    }

    @Test("a description has only the characters that the grammar allows", .tags(.security))
    func characters() {
        #expect(OAuth2Error(.serverError, "a\"b\\c\nd\u{7f}").description == "a?b?c?d?")
        #expect(OAuth2Error(.serverError, "é").description == "??")
    }

    @Test(
        "asks for the authentication that was missing, and for nothing otherwise", arguments: OAuth2Error.Code.allCases)
    func challenge(_ code: OAuth2Error.Code) {
        let challenge = OAuth2Error(code, "why").challenge(realm: "https://id.example")
        switch code {
        case .invalidClient: #expect(challenge == "Basic realm=\"https://id.example\", charset=\"UTF-8\"")
        case .invalidToken, .insufficientScope:
            #expect(
                challenge
                    == "Bearer realm=\"https://id.example\", error=\"\(code.rawValue)\", error_description=\"why\"")
        default: #expect(challenge == nil)
        }
    }

    @Test("a realm cannot break out of its quotes", .tags(.security))
    func realm() {
        #expect(OAuth2Error.bearerChallenge(realm: "a\"\r\nb") == "Bearer realm=\"a???b\"")
    }
}
