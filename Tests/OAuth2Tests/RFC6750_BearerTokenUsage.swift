import FoundationEssentials
import OAuth2
import Testing
import Wire

@Suite("RFC 6750 Bearer token usage")
struct BearerTokenTests {
    static func find(_ authorization: String?, query: String = "", body: String? = nil) throws -> BearerToken? {
        try BearerToken.find(
            authorization: authorization, query: RequestParameters(query: query),
            body: body.map { try RequestParameters(query: nil, body: Array($0.utf8)) })
    }

    @Test("§2.1: in the Authorization header, with any case of the scheme", arguments: ["Bearer", "bearer", "BEARER"])
    func header(_ scheme: String) throws {
        #expect(try Self.find("\(scheme) mF_9.B5f-4.1JqM")?.text == "mF_9.B5f-4.1JqM")
        #expect(try Self.find("\(scheme) aB~+/0==")?.text == "aB~+/0==")
    }

    @Test("§2.2: in a form body")
    func body() throws {
        #expect(try Self.find(nil, body: "access_token=mF_9.B5f-4.1JqM")?.text == "mF_9.B5f-4.1JqM")
    }

    @Test("§3.1: none at all is no error, and gets a challenge without one")
    func none() throws {
        #expect(try Self.find(nil) == nil)
        #expect(try Self.find(nil, body: "access_token=") == nil)
        #expect(OAuth2Error.bearerChallenge(realm: "https://id.example") == "Bearer realm=\"https://id.example\"")
    }

    @Test(
        "refuses a token in the query, in two places, or in another form", .tags(.security),
        arguments: [
            (nil, "access_token=a", nil), (nil, "access_token=", nil), ("Bearer a", "access_token=a", nil),
            (nil, "access_token=a", "access_token=a"), ("Bearer a", "", "access_token=a"),
            (nil, "", "access_token=a&access_token=a"), ("Bearer", "", nil), ("Bearer ", "", nil), ("", "", nil),
            ("Bearer a b", "", nil), ("Bearer a, Bearer b", "", nil), ("Bearer =", "", nil), ("Bearer a=b", "", nil),
            ("Bearer a\u{e9}", "", nil), ("Basic czZCaGRSa3F0Mzp4", "", nil), ("DPoP a", "", nil),
            ("Bearer\ta", "", nil), (nil, "", "access_token=a%00b".replacing("%00", with: "%01")),
        ] as [(String?, String, String?)])
    func refuses(_ authorization: String?, _ query: String, _ body: String?) {
        let error = #expect(throws: OAuth2Error.self) { try Self.find(authorization, query: query, body: body) }
        #expect(error?.code == .invalidRequest)
    }

    @Test("a token prints as •••", .tags(.security))
    func conceals() throws {
        let token = try #require(try Self.find("Bearer top-secret"))
        var dumped = ""
        dump(token, to: &dumped)
        #expect(!"\(token) \(String(reflecting: token)) \(dumped)".contains("top-secret"))
    }
}

@Suite("RFC 6750 §3.1 Error codes: verifying an access token")
struct AccessTokenTests {
    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var grantID = "g-7"
        var word = "openid"
        var revokedAt: Date?
        var after: TimeInterval = 1
        var code = OAuth2Error.Code.invalidToken
    }

    static func verify(_ refusal: Refusal) throws {
        let token = AccessToken(
            hash: "h", grantID: refusal.grantID, scope: try Scope(parsing: "openid profile"), createdAt: Sample.now,
            expiresAt: Sample.now + 100)
        let grant = try Sample.grant { $0.revokedAt = refusal.revokedAt }
        try token.verify(of: grant, for: refusal.word, now: Sample.now + refusal.after)
    }

    @Test("opens what its scope names until the second before it expires", arguments: [0, 99] as [TimeInterval])
    func opens(after seconds: TimeInterval) throws {
        try Self.verify(Refusal(testDescription: "", after: seconds))
    }

    @Test(
        "refuses", .tags(.security),
        arguments: [
            Refusal(testDescription: "at the second it expires", after: 100),
            Refusal(testDescription: "a revoked grant", revokedAt: Sample.now),
            Refusal(testDescription: "another grant", grantID: "g-8"),
            Refusal(testDescription: "scope that it does not have", word: "email", code: .insufficientScope),
            Refusal(testDescription: "part of a word of its scope", word: "open", code: .insufficientScope),
        ])
    func refuses(_ refusal: Refusal) {
        let error = #expect(throws: OAuth2Error.self) { try Self.verify(refusal) }
        #expect(error?.code == refusal.code)
    }
}
