import Cryptography
import FoundationEssentials
import JOSE
import Testing
import Wire

@Suite("RFC 7519 §4.1 Registered claims")
struct JWTTests {
    static let now = Date(timeIntervalSince1970: 1_700_000_000)
    static let expectation = JWT.Expectation(issuer: "https://idp.example", audience: "client")

    struct Claims: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var issuer: JSON? = "https://idp.example"
        var audience: JSON? = "client"
        var expiration: JSON? = 1_700_000_060
        var notBefore: JSON?
        var issuedAt: JSON? = 1_700_000_000
        var error: JOSEError?

        var json: JSON {
            let members = [
                ("iss", issuer), ("aud", audience), ("exp", expiration), ("nbf", notBefore), ("iat", issuedAt),
            ]
            return .object(members.compactMap { name, value in value.map { .init(name, $0) } })
        }
    }

    func token(_ claims: JSON) throws -> JWT {
        let signer = JWSSigner(try Sample.signingKey(.es256), type: "JWT")
        return try JWT(signer.sign(claims.bytes), verifiedWith: signer.jwk.key, type: "JWT")
    }

    @Test(
        "accepts",
        arguments: [
            Claims(testDescription: "all as expected"),
            Claims(testDescription: "audience in a list", audience: ["other", "client"]),
            Claims(testDescription: "the last second before exp", expiration: 1_700_000_001),
            Claims(testDescription: "exp with a fraction", expiration: .number(1_700_000_000.5)),
            Claims(testDescription: "nbf now", notBefore: 1_700_000_000),
            Claims(testDescription: "no iat", issuedAt: nil),
        ])
    func accepts(_ claims: Claims) throws {
        try token(claims.json).check(Self.expectation, now: Self.now)
    }

    @Test(
        "refuses", .tags(.security),
        arguments: [
            Claims(testDescription: "no iss", issuer: nil, error: .badClaim(.issuer)),
            Claims(testDescription: "iss not text", issuer: ["https://idp.example"], error: .badClaim(.issuer)),
            Claims(testDescription: "another iss", issuer: "https://idp.example/", error: .wrongIssuer),
            Claims(testDescription: "no aud", audience: nil, error: .wrongAudience),
            Claims(testDescription: "another aud", audience: "Client", error: .wrongAudience),
            Claims(testDescription: "aud not text", audience: 1, error: .badClaim(.audience)),
            Claims(testDescription: "aud with something else", audience: ["client", 1], error: .badClaim(.audience)),
            Claims(testDescription: "no exp", expiration: nil, error: .badClaim(.expiration)),
            Claims(testDescription: "exp as text", expiration: "1700000060", error: .badClaim(.expiration)),
            Claims(testDescription: "exp null", expiration: .null, error: .badClaim(.expiration)),
            Claims(testDescription: "exp now", expiration: 1_700_000_000, error: .expired),
            Claims(testDescription: "nbf later", notBefore: 1_700_000_001, error: .notYetValid),
            Claims(testDescription: "nbf as text", notBefore: "0", error: .badClaim(.notBefore)),
            Claims(testDescription: "iat later", issuedAt: 1_700_000_001, error: .notYetValid),
            Claims(testDescription: "iat as text", issuedAt: "1700000000", error: .badClaim(.issuedAt)),
        ])
    func refuses(_ claims: Claims) throws {
        let token = try token(claims.json)
        let error = #expect(throws: JOSEError.self) { try token.check(Self.expectation, now: Self.now) }
        #expect(error == claims.error)
    }

    @Test("the leeway moves each bound, and no further", .tags(.security))
    func leeway() throws {
        let expectation = JWT.Expectation(maximumAge: 100, leeway: 10)
        let token = try token(["exp": 1_700_000_200, "nbf": 1_700_000_000, "iat": 1_700_000_000])
        try token.check(expectation, now: Self.now - 10)
        try token.check(expectation, now: Self.now + 110)
        #expect(throws: JOSEError.notYetValid) { try token.check(expectation, now: Self.now - 11) }
        #expect(throws: JOSEError.expired) { try token.check(expectation, now: Self.now + 111) }
        try token.check(.init(leeway: 10), now: Self.now + 209)
        #expect(throws: JOSEError.expired) { try token.check(.init(leeway: 10), now: Self.now + 210) }
    }

    @Test("a maximum age needs iat; expiry can be waived")
    func optional() throws {
        let token = try token(["sub": "u-1"])
        try token.check(.init(requiresExpiration: false), now: Self.now)
        #expect(throws: JOSEError.badClaim(.issuedAt)) {
            try token.check(.init(requiresExpiration: false, maximumAge: 60), now: Self.now)
        }
        #expect(token.text("sub") == "u-1" && token.text("absent") == nil)
        #expect(try token.audience() == [])
    }

    @Test("RFC 7515 A.3: reads the example's claims and finds them expired")
    func example() throws {
        let token = try JWT(RFC7515.a3Token, verifiedWith: Sample.verificationKey(.es256))
        #expect(token.claims == ["iss": "joe", "exp": 1_300_819_380, "http://example.com/is_root": true])
        #expect(throws: JOSEError.expired) { try token.check(.init(issuer: "joe"), now: Self.now) }
    }

    @Test(
        "§7.2: a signed payload that is not an object is no JWT", .tags(.security),
        arguments: [
            "", "[]", "null", "1", "\"a\"", "{", "{\"a\":1,\"a\":2}", "{}x",
        ])
    func payload(text: String) throws {
        let signer = JWSSigner(try Sample.signingKey(.es256), type: "JWT")
        let token = try signer.sign(Array(text.utf8))
        #expect(throws: JOSEError.malformed) { try JWT(token, verifiedWith: signer.jwk.key) }
    }
}
