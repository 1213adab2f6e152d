import Cryptography
import FoundationEssentials
import JOSE
import OAuth2
import OIDC
import Testing
import Wire

@Suite("OIDC Core §2 ID token")
struct IDTokenTests {
    static func token(_ grant: Grant, isFirst: Bool = true, accessToken: OpaqueToken = Sample.token()) -> IDToken {
        IDToken(
            of: grant, issuer: Sample.issuer, accessToken: accessToken, isFirst: isFirst, lifetime: 600,
            now: Sample.now)
    }

    static func atHash(_ token: OpaqueToken) -> String {
        Base64URL.encode(Array(SHA256.hash(token.text).prefix(16)))
    }

    @Test("claims who, to whom, by whom, when and how")
    func claims() throws {
        #expect(
            text(Self.token(try Sample.grant()).claims)
                == #"{"iss":"https://id.example","sub":"u-1","aud":"s6BhdRkqt3","exp":1700000600,"iat":1700000000,"#
                + #""auth_time":1699999990,"nonce":"n-0S6_WzA2Mj","acr":"1","amr":["sms","otp"],"sid":"s-1","#
                + #""at_hash":"\#(Self.atHash(Sample.token()))"}"#)
    }

    @Test("§12.2: a refreshed one has the first sign-in's time and no nonce", .tags(.security))
    func refreshed() throws {
        let claims = try JSON.parse(Self.token(try Sample.grant(), isFirst: false).claims, maximumDepth: 4)
        #expect(claims["nonce"] == nil)
        #expect(claims["auth_time"] == 1_699_999_990)
    }

    @Test("without a nonce in the request there is none")
    func noNonce() throws {
        #expect(!text(Self.token(try Sample.grant(nonce: nil)).claims).contains("nonce"))
    }

    @Test("a nonce cannot add claims", .tags(.security))
    func hostileNonce() throws {
        let nonce = #"x","sub":"u-2"#
        let claims = try JSON.parse(Self.token(try Sample.grant(nonce: nonce)).claims, maximumDepth: 4)
        #expect(claims["nonce"]?.string == nonce)
        #expect(claims["sub"] == "u-1")
    }

    @Test("§3.1.3.6: at_hash is of the access token that goes along", .tags(.security))
    func accessTokenHash() throws {
        let grant = try Sample.grant()
        let first = try JSON.parse(Self.token(grant).claims, maximumDepth: 4)["at_hash"]
        let second = try JSON.parse(Self.token(grant, accessToken: Sample.token(2)).claims, maximumDepth: 4)["at_hash"]
        #expect(first != second)
        #expect(second?.string == Self.atHash(Sample.token(2)))
    }

    @Test("is signed, and verifies with the published key", arguments: [.es256, .rs256] as [SampleAlgorithm])
    func signs(_ algorithm: SampleAlgorithm) throws {
        let keys = try SampleKeys(algorithm.value)
        let token = Self.token(try Sample.grant())
        let compact = try token.signed(by: keys.own)
        let verified = try JWT(compact, verifiedWith: keys.published, type: "JWT")
        #expect(verified.claims == (try JSON.parse(token.claims, maximumDepth: 4)))
        try verified.check(JWT.Expectation(issuer: Sample.issuer, audience: "s6BhdRkqt3"), now: Sample.now + 599)
        #expect(throws: JOSEError.expired) {
            try verified.check(JWT.Expectation(issuer: Sample.issuer, audience: "s6BhdRkqt3"), now: Sample.now + 600)
        }
    }
}
