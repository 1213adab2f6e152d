import Cryptography
import FoundationEssentials
import OAuth2
import Testing

@Suite("RFC 6749 §6 Refreshing an access token")
struct RefreshTokenTests {
    static func token(isRedeemed: Bool = false, expiresAt: Date? = Sample.now + 100, clientID: String = "s6BhdRkqt3")
        -> RefreshToken
    {
        RefreshToken(
            hash: Sample.token().hash, grantID: "g-7", clientID: clientID, createdAt: Sample.now, expiresAt: expiresAt,
            isRedeemed: isRedeemed)
    }

    static func redeem(
        _ token: RefreshToken = token(), by clientID: String = "s6BhdRkqt3", scope: String? = nil,
        of grant: Grant? = nil, after seconds: TimeInterval = 1
    ) throws -> RefreshToken.Redemption {
        try token.redeem(
            by: Sample.authenticated(Sample.client(id: clientID)), scope: scope.map { try Scope(parsing: $0) },
            of: grant ?? Sample.grant(), now: Sample.now + seconds)
    }

    @Test("gives what was granted, until the second before it expires", arguments: [0, 99] as [TimeInterval])
    func redeems(after seconds: TimeInterval) throws {
        #expect(try Self.redeem(after: seconds) == .granted(scope: Scope(parsing: "openid profile")))
    }

    @Test("gives less when less is asked for")
    func narrows() throws {
        #expect(try Self.redeem(scope: "profile") == .granted(scope: Scope(parsing: "profile")))
    }

    @Test("one without end never expires")
    func endless() throws {
        #expect(
            try Self.redeem(Self.token(expiresAt: nil), after: 1e9) == .granted(scope: Scope(parsing: "openid profile"))
        )
    }

    @Test(
        "a second use revokes the grant, even after the end", .tags(.security), arguments: [1, 1000] as [TimeInterval])
    func reuse(after seconds: TimeInterval) throws {
        #expect(try Self.redeem(Self.token(isRedeemed: true), after: seconds) == .replayed(grantID: "g-7"))
    }

    @Test("another client cannot revoke a grant by reusing its token", .tags(.security))
    func foreignReuse() {
        let error = #expect(throws: OAuth2Error.self) { try Self.redeem(Self.token(isRedeemed: true), by: "other") }
        #expect(error?.code == .invalidGrant)
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var clientID = "s6BhdRkqt3"
        var scope: String?
        var grant: @Sendable () throws -> Grant = { try Sample.grant() }
        var after: TimeInterval = 1
        var code = OAuth2Error.Code.invalidGrant
    }

    @Test(
        "refuses", .tags(.security),
        arguments: [
            Refusal(testDescription: "another client, not expired", clientID: "other"),
            Refusal(testDescription: "the same client, expired", after: 100),
            Refusal(testDescription: "another client, expired", clientID: "other", after: 100),
            Refusal(
                testDescription: "a revoked grant", grant: { try Sample.grant { $0.revokedAt = Sample.now } }),
            Refusal(testDescription: "more scope than was granted", scope: "openid email", code: .invalidScope),
            Refusal(
                testDescription: "another grant than its own",
                grant: {
                    Grant(
                        id: "g-8", tenantID: "t-1", clientID: "s6BhdRkqt3", userID: "u-2", sessionID: "s-1",
                        scope: .standard,
                        authentication: Grant.Authentication(time: Sample.now, methods: [], level: nil),
                        createdAt: Sample.now)
                }),
            Refusal(
                testDescription: "a grant of another client",
                grant: {
                    Grant(
                        id: "g-7", tenantID: "t-1", clientID: "other", userID: "u-1", sessionID: "s-1",
                        scope: .standard,
                        authentication: Grant.Authentication(time: Sample.now, methods: [], level: nil),
                        createdAt: Sample.now)
                }),
        ])
    func refuses(_ refusal: Refusal) {
        let error = #expect(throws: OAuth2Error.self) {
            try Self.redeem(
                by: refusal.clientID, scope: refusal.scope, of: refusal.grant(), after: refusal.after)
        }
        #expect(error?.code == refusal.code)
    }
}
