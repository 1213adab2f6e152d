import Cryptography
import Directory
import FoundationEssentials
import Identity
import JOSE
import OAuth2
import OIDC
import Testing
import Wire

@Suite("OIDC Core §3.1.2.3 Authorization server authenticates end-user")
struct AuthorizationDecisionTests {
    static func decide(
        _ change: [String: String] = [:], keys: JWKSet = JWKSet([]), session: Session? = Sample.session(),
        user: User = Sample.user(), application: Application = Sample.application(), interactionID: String? = nil
    ) throws -> AuthorizationDecision {
        AuthorizationDecision.decide(
            try Sample.request(change, keys: keys), application: application,
            person: session.map { AuthorizationDecision.Person(session: $0, user: user) },
            interactionID: interactionID, now: Sample.now)
    }

    static func isAuthorized(_ decision: AuthorizationDecision) -> Bool {
        guard case .authorized = decision else { return false }
        return true
    }

    static func refusal(_ decision: AuthorizationDecision) -> OAuth2Error.Code? {
        guard case .refused(let error) = decision else { return nil }
        return error.code
    }

    // MARK: - Any session

    @Test("a session is enough, with and without prompt=none", arguments: [[:], ["prompt": "none"], ["max_age": "10"]])
    func authorized(_ change: [String: String]) throws {
        #expect(Self.isAuthorized(try Self.decide(change)))
    }

    @Test("without a session the person signs in")
    func noSession() throws {
        #expect(try Self.decide(session: nil) == .signIn(.any))
        #expect(try Self.decide(["max_age": "60"], session: nil) == .signIn(.maxAge(60)))
        #expect(try Self.decide(["prompt": "login"], session: nil) == .signIn(.fresh))
    }

    @Test(
        "prompt=none never shows a page", .tags(.security),
        arguments: [nil, Sample.session(ago: 11)])
    func promptNone(_ session: Session?) throws {
        let decision = try Self.decide(["prompt": "none", "max_age": "10"], session: session)
        #expect(Self.refusal(decision) == .loginRequired)
    }

    // MARK: - Fresh sign-in

    @Test(
        "prompt=login is not met by a session, however new", .tags(.security),
        arguments: [0, 1, 3600] as [TimeInterval])
    func promptLogin(ago: TimeInterval) throws {
        #expect(try Self.decide(["prompt": "login"], session: Sample.session(ago: ago)) == .signIn(.fresh))
    }

    @Test("a reload of the interaction does not skip prompt=login, not even in the same second", .tags(.security))
    func reloadDoesNotSkip() throws {
        let before = Sample.session(ago: 0, in: "i-0")
        #expect(try Self.decide(["prompt": "login"], session: before, interactionID: "i-1") == .signIn(.fresh))
    }

    @Test("a sign-in in the interaction meets prompt=login, however slow the way back: no loop")
    func freshSignIn() throws {
        let inside = Sample.session(ago: 1000, in: "i-1")
        #expect(Self.isAuthorized(try Self.decide(["prompt": "login"], session: inside, interactionID: "i-1")))
        #expect(Self.isAuthorized(try Self.decide(["max_age": "0"], session: inside, interactionID: "i-1")))
        #expect(Self.isAuthorized(try Self.decide(["max_age": "1"], session: inside, interactionID: "i-1")))
    }

    @Test("the next request with prompt=login asks again", .tags(.security))
    func nextRequest() throws {
        let session = Sample.session(ago: 0, in: "i-1")
        #expect(try Self.decide(["prompt": "login"], session: session, interactionID: nil) == .signIn(.fresh))
        #expect(try Self.decide(["prompt": "login"], session: session, interactionID: "i-2") == .signIn(.fresh))
    }

    @Test("max_age counts from the sign-in, to the second", .tags(.security))
    func maximumAge() throws {
        #expect(Self.isAuthorized(try Self.decide(["max_age": "10"], session: Sample.session(ago: 10))))
        #expect(try Self.decide(["max_age": "10"], session: Sample.session(ago: 11)) == .signIn(.maxAge(10)))
        #expect(try Self.decide(["max_age": "0"], session: Sample.session(ago: 0)) == .signIn(.maxAge(0)))
    }

    @Test("using a session does not make its sign-in younger", .tags(.security))
    func useIsNoSignIn() throws {
        let used = Sample.session(ago: 11) { $0.lastUsedAt = Sample.now }
        #expect(try Self.decide(["max_age": "10"], session: used) == .signIn(.maxAge(10)))
    }

    @Test("leaving out openid does not get past prompt and max_age", .tags(.security))
    func withoutOpenID() throws {
        #expect(try Self.decide(["prompt": "login", "scope": "profile"]) == .signIn(.fresh))
        #expect(try Self.decide(["max_age": "1", "scope": "profile"]) == .signIn(.maxAge(1)))
    }

    // MARK: - The person that is meant

    @Test("the person of id_token_hint is let in")
    func hintedPerson() throws {
        let keys = try SampleKeys()
        let change = ["id_token_hint": try keys.hint(), "prompt": "none"]
        #expect(Self.isAuthorized(try Self.decide(change, keys: keys.published)))
    }

    @Test("another person gets one chance to let the right one sign in, and then an error: no loop", .tags(.security))
    func otherPerson() throws {
        let keys = try SampleKeys()
        let change = ["id_token_hint": try keys.hint(["sub": "u-2"])]
        #expect(try Self.decide(change, keys: keys.published) == .signIn(.fresh))
        let again = try Self.decide(
            change, keys: keys.published, session: Sample.session(in: "i-1"), interactionID: "i-1")
        #expect(Self.refusal(again) == .loginRequired)
    }

    @Test("another person with prompt=none is login_required", .tags(.security))
    func otherPersonSilently() throws {
        let keys = try SampleKeys()
        let change = ["id_token_hint": try keys.hint(["sub": "u-2"]), "prompt": "none"]
        #expect(Self.refusal(try Self.decide(change, keys: keys.published)) == .loginRequired)
    }

    // MARK: - Who may enter

    @Test("a person whom the access rule leaves out is access_denied", .tags(.security))
    func accessRule() throws {
        let application = Sample.application { $0.accessRule = .selected(users: ["u-2"], groups: ["gr-3"]) }
        #expect(Self.refusal(try Self.decide(application: application)) == .accessDenied)
        let open = Sample.application { $0.accessRule = .selected(users: [], groups: ["gr-1"]) }
        #expect(Self.isAuthorized(try Self.decide(application: open)))
    }

    @Test("access is not told before the person has signed in as asked", .tags(.security))
    func order() throws {
        let application = Sample.application { $0.accessRule = .selected(users: [], groups: []) }
        #expect(try Self.decide(["prompt": "login"], application: application) == .signIn(.fresh))
        #expect(try Self.decide(session: nil, application: application) == .signIn(.any))
    }

    @Test("a disabled application is refused before anybody has to sign in", .tags(.security))
    func disabledApplication() throws {
        let application = Sample.application { $0.disabledAt = Sample.now }
        #expect(Self.refusal(try Self.decide(application: application)) == .unauthorizedClient)
        #expect(Self.refusal(try Self.decide(session: nil, application: application)) == .unauthorizedClient)
    }

    @Test("another application's rule does not decide", .tags(.security))
    func otherApplication() throws {
        let application = Sample.application { $0.id = "a-2" }
        #expect(Self.refusal(try Self.decide(application: application)) == .unauthorizedClient)
    }

    @Test("a disabled user is nobody", .tags(.security))
    func disabledUser() throws {
        let user = Sample.user { $0.disabledAt = Sample.now }
        #expect(try Self.decide(user: user) == .signIn(.any))
        #expect(Self.refusal(try Self.decide(["prompt": "none"], user: user)) == .loginRequired)
    }

    @Test("a user of another tenant may not enter", .tags(.security))
    func otherTenant() throws {
        let user = Sample.user { $0.tenantID = "t-2" }
        #expect(Self.refusal(try Self.decide(user: user)) == .accessDenied)
    }

    // MARK: - What is granted

    @Test("the grant holds who, where, when and how; the code is bound to the request")
    func grant() throws {
        guard case .authorized(let authorization) = try Self.decide() else {
            Issue.record("not authorized")
            return
        }
        let grant = authorization.grant(id: "g-7", now: Sample.now)
        #expect(grant == (try Sample.grant()))
        let lifetimes = TokenLifetimes(authorizationCode: 60, accessToken: 1, idToken: 1, refreshToken: nil)
        let code = authorization.code(Sample.token(), of: grant, lifetimes: lifetimes, now: Sample.now)
        #expect(
            code
                == AuthorizationCode(
                    hash: Sample.token().hash, grantID: "g-7", clientID: "s6BhdRkqt3", redirectURI: Sample.callback,
                    codeChallenge: PKCE.Challenge(stored: Sample.challenge), expiresAt: Sample.now + 60))
        #expect(authorization.target.redirectURI == Sample.callback)
    }
}

@Suite("Product: what ends ends everything that depends on it, at once")
struct GrantStandingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var grant: @Sendable (inout Grant) -> Void = { _ in }
        var scope = "openid profile"
        var user: User? = Sample.user()
        var application: Application? = Sample.application()
        var session: Session? = Sample.session()
        var lapse: GrantStanding.Lapse?
    }

    @Test(
        "a grant holds while all it depends on does", .tags(.security),
        arguments: [
            Case(testDescription: "all in order"),
            Case(testDescription: "revoked", grant: { $0.revokedAt = Sample.now }, lapse: .revoked),
            Case(testDescription: "user deleted", user: nil, lapse: .userGone),
            Case(testDescription: "another user", user: Sample.user { $0.id = "u-2" }, lapse: .userGone),
            Case(
                testDescription: "user disabled", user: Sample.user { $0.disabledAt = Sample.now }, lapse: .userDisabled
            ),
            Case(testDescription: "application deleted", application: nil, lapse: .applicationDisabled),
            Case(
                testDescription: "application disabled", application: Sample.application { $0.disabledAt = Sample.now },
                lapse: .applicationDisabled),
            Case(
                testDescription: "access withdrawn",
                application: Sample.application { $0.accessRule = .selected(users: [], groups: []) },
                lapse: .accessWithdrawn),
            Case(testDescription: "session deleted", session: nil, lapse: .sessionEnded),
            Case(
                testDescription: "session ended", session: Sample.session { $0.endedAt = Sample.now },
                lapse: .sessionEnded),
            Case(
                testDescription: "another session", session: Sample.session { $0.id = "s-2" }, lapse: .sessionEnded),
            Case(testDescription: "a second before the session's absolute end", session: Sample.session(ago: 43_199)),
            Case(
                testDescription: "at the session's absolute end", session: Sample.session(ago: 43_200),
                lapse: .sessionEnded),
            Case(
                testDescription: "session idle", session: Sample.session(ago: 30_000) { $0.lastUsedAt = $0.createdAt }),
            Case(testDescription: "offline_access, session deleted", scope: "openid offline_access", session: nil),
            Case(
                testDescription: "offline_access, session ended", scope: "openid offline_access",
                session: Sample.session { $0.endedAt = Sample.now }),
            Case(
                testDescription: "offline_access, user disabled", scope: "openid offline_access",
                user: Sample.user { $0.disabledAt = Sample.now }, lapse: .userDisabled),
            Case(
                testDescription: "offline_access, application disabled", scope: "openid offline_access",
                application: Sample.application { $0.disabledAt = Sample.now }, lapse: .applicationDisabled),
        ])
    func lapse(_ example: Case) throws {
        let standing = GrantStanding(user: example.user, application: example.application, session: example.session)
        let grant = try Sample.grant(scope: example.scope, example.grant)
        #expect(standing.lapse(of: grant, limits: SessionLimits(), now: Sample.now) == example.lapse)
    }
}
