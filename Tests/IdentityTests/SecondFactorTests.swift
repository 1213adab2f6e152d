import Directory
import FoundationEssentials
import Identity
import Testing

@Suite("The second factor")
struct SecondFactorTests {
    static let account = changed(Sample.account) {
        $0.phoneIndex = "phone"
        $0.own = SecondFactors(hasApp: true, recoveryCodes: 10)
    }
    static let password = SignIn.Input.password(changed(Sample.password) { $0.account = account })
    static let pending = SignIn.SecondFactor(Sample.proof([.password]))
    static let attempt = SignIn.FactorAttempt(
        .totp, account: account, reservation: Sample.reservation, failure: nil)

    static func next(
        _ input: SignIn.Input, _ state: SignIn.State = .secondFactor(pending),
        _ situation: SignIn.Situation = Sample.situation
    ) -> SignIn.Step {
        SignIn.next(state, input, in: situation, now: Sample.now + 30)
    }

    static func attempt(_ change: (inout SignIn.FactorAttempt) -> Void) -> SignIn.Input {
        .factor(changed(attempt, change))
    }

    @Test("a right password alone leads to the second factor; wrong attempts before it stay counted", .tags(.security))
    func asked() {
        let step = SignIn.next(.choosingMethod, Self.password, in: Sample.situation, now: Sample.now)
        let due = SignInEvent.factorDue(userID: "u-1", method: .password)
        #expect(step == SignIn.Step(.secondFactor(Self.pending), [.record(.signIn(due))]))
    }

    @Test("a right one completes the sign-in, told with both")
    func completes() {
        let authentication = Sample.authentication([.password, .oneTimeCode, .multiple])
        let start = SessionStart(authentication: authentication, isRemembered: false, replacedSessionID: nil)
        let success = SignInEvent.succeeded(userID: "u-1", method: .password, further: [.totp], isFirst: false)
        #expect(
            Self.next(.factor(Self.attempt))
                == SignIn.Step(
                    .completed(authentication),
                    [.clearThrottle(userID: "u-1"), .startSession(start), .record(.signIn(success))]))
    }

    @Test("a form that is sent twice just goes on")
    func twice() {
        let done = SignIn.State.completed(Sample.authentication([.password, .oneTimeCode, .multiple]))
        #expect(Self.next(.factor(Self.attempt), done) == SignIn.Step(done))
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var reason: SignInFailure
        var change: @Sendable (inout SignIn.FactorAttempt) -> Void
    }

    @Test(
        "anything wrong is counted, told in one sentence, and leaves the person at the step", .tags(.security),
        arguments: [
            Refusal(testDescription: "wrong", reason: .wrongCode) { $0.failure = .wrongCode },
            Refusal(testDescription: "frozen", reason: .frozen) { $0.reservation = .frozen(until: Sample.now + 60) },
            Refusal(testDescription: "the same factor again", reason: .methodOff) { $0.factor = .password },
            Refusal(testDescription: "one the person has, but is not asked for", reason: .methodOff) {
                $0.factor = .sms
            },
            Refusal(testDescription: "one the person does not have", reason: .methodOff) { $0.factor = .passkey },
        ])
    func refused(_ refusal: Refusal) {
        var attempt = Self.attempt
        refusal.change(&attempt)
        let failed = SignInEvent.failed(userID: "u-1", method: attempt.factor, reason: refusal.reason)
        #expect(
            Self.next(.factor(attempt))
                == SignIn.Step(.secondFactor(Self.pending), [.record(.signIn(failed))], message: .refused))
    }

    @Test("the wrong one that is one too many freezes the account", .tags(.security))
    func freeze() {
        let step = Self.next(
            Self.attempt {
                $0.failure = .wrongCode
                $0.reservation = Sample.lastReservation
            })
        #expect(
            step.effects == [
                .record(.signIn(.failed(userID: "u-1", method: .totp, reason: .wrongCode))),
                .record(.signIn(.frozen(userID: "u-1", until: Sample.now + 900))),
            ])
    }

    @Test(
        "a first factor of an account that has changed since is worth nothing", .tags(.security),
        arguments: [
            Refusal(testDescription: "another password", reason: .stale) { $0.account?.credential?.version = 4 },
            Refusal(testDescription: "disabled", reason: .disabled) { $0.account?.user.disabledAt = Sample.now },
            Refusal(testDescription: "deleted", reason: .stale) { $0.account = nil },
            Refusal(testDescription: "somebody else", reason: .stale) { $0.account?.user.id = "u-2" },
            Refusal(testDescription: "another tenant's", reason: .stale) { $0.account?.user.tenantID = "t-2" },
        ])
    func stale(_ refusal: Refusal) {
        let failed = SignInEvent.failed(userID: "u-1", method: .password, reason: refusal.reason)
        #expect(
            Self.next(Self.attempt(refusal.change))
                == SignIn.Step(.choosingMethod, [.record(.signIn(failed))], message: .startAgain))
    }

    @Test("a code to a phone that is not the account's any more is worth nothing", .tags(.security))
    func phoneChanged() {
        let proof = changed(Sample.proof([.sms])) { $0.phoneIndex = "phone" }
        let state = SignIn.State.secondFactor(SignIn.SecondFactor(proof))
        #expect(Self.next(.factor(Self.attempt), state).isSignedIn)
        let step = Self.next(Self.attempt { $0.account?.phoneIndex = "another" }, state)
        #expect(step.message == .startAgain)
        #expect(!step.isSignedIn)
    }

    @Test("a forgotten password is set after the second factor, not before", .tags(.security))
    func forgotten() {
        let code = changed(Sample.code) {
            $0.purpose = .forgottenPassword
            $0.account = Self.account
        }
        let first = SignIn.next(.choosingMethod, .code(code), in: Sample.situation, now: Sample.now)
        let proof = changed(Sample.proof([.sms])) { $0.phoneIndex = "phone" }
        #expect(first.state == .secondFactor(SignIn.SecondFactor(proof, wish: .forgotten)))
        let second = Self.next(.factor(Self.attempt), first.state)
        let both = changed(proof) { $0.factors = [.sms, .totp] }
        #expect(second.state == .setPassword(SignIn.SetPassword(both, reason: .forgotten)))
        #expect(second.sessionStart == nil)
    }

    @Test("what is asked for no more is not asked for: the person goes on")
    func lifted() {
        let step = Self.next(
            Self.attempt {
                $0.account?.own = SecondFactors()
                $0.failure = .methodOff
            })
        #expect(step.sessionStart?.authentication.amr == [.password])
    }

    // MARK: - Passkeys

    @Test("a passkey signs in by itself, whatever else the account has")
    func passkey() {
        let attempt = changed(Sample.passkey) { $0.account = Self.account }
        let step = SignIn.next(.choosingMethod, .passkey(attempt), in: Sample.situation, now: Sample.now)
        #expect(step.sessionStart?.authentication == Sample.authentication([.key, .presence, .multiple]))
    }

    @Test("a passkey does not do", .tags(.security), arguments: [SignInFailure.wrongPasskey, .copiedPasskey])
    func wrongPasskey(_ failure: SignInFailure) {
        let attempt = changed(Sample.passkey) { $0.failure = failure }
        let step = SignIn.next(.choosingMethod, .passkey(attempt), in: Sample.situation, now: Sample.now)
        let failed = SignInEvent.failed(userID: "u-1", method: .passkey, reason: failure)
        #expect(step == SignIn.Step(.choosingMethod, [.record(.signIn(failed))], message: .refused))
    }

    @Test(
        "nor does anybody's of a disabled or frozen account, or where the tenant has closed that way", .tags(.security))
    func closedPasskey() {
        func reason(
            _ situation: SignIn.Situation = Sample.situation, _ change: (inout SignIn.PasskeyAttempt) -> Void
        ) -> SignInFailure? {
            let attempt = changed(Sample.passkey, change)
            let step = SignIn.next(.choosingMethod, .passkey(attempt), in: situation, now: Sample.now)
            #expect(!step.isSignedIn)
            guard case .record(.signIn(.failed(_, _, let reason))) = step.effects.first else { return nil }
            return reason
        }
        let closed = changed(Sample.situation) { $0.policy.methods = [.password, .sms] }
        #expect(reason { $0.account?.user.disabledAt = Sample.now } == .disabled)
        #expect(reason { $0.reservation = .frozen(until: Sample.now + 60) } == .frozen)
        #expect(reason { $0.account?.user.tenantID = "t-2" } == .wrongPasskey)
        #expect(reason { $0.account = nil } == .wrongPasskey)
        #expect(reason(closed) { _ in } == .methodOff)
    }

    // MARK: - Setting up

    static let strict = changed(Sample.situation) {
        $0.policy.secondFactor.demand = .everyone
        $0.policy.secondFactor.methods = [.totp]
    }
    static let bare = changed(Sample.account) { $0.own = SecondFactors() }
    static let app = TOTPFactor(totp: TOTP(secret: [1, 2, 3]), confirmedAt: Sample.now, lastStep: 7)

    @Test("who has no second factor sets one up on the way in, and has proved it by that")
    func setUp() {
        let step = Self.next(
            .setUp(SignIn.SetUp(account: Self.bare, app: Self.app)), .secondFactor(Self.pending), Self.strict)
        let told: [SignIn.Effect] = [
            .storeApp(userID: "u-1", Self.app), .record(.user(.factorAdded(userID: "u-1", factor: .app))),
            .notify(userID: "u-1", .factorChanged),
        ]
        #expect(Array(step.effects.prefix(3)) == told)
        #expect(step.sessionStart?.authentication == Sample.authentication([.password, .oneTimeCode, .multiple]))
    }

    @Test("who has one cannot put another in its place with the password alone", .tags(.security))
    func noReplacement() {
        let step = Self.next(
            .setUp(SignIn.SetUp(account: Self.account, app: Self.app)), .secondFactor(Self.pending), Self.strict)
        #expect(step == SignIn.Step(.secondFactor(Self.pending)))
    }

    @Test("where nothing is demanded nothing is set up here", .tags(.security))
    func undemanded() {
        let step = Self.next(.setUp(SignIn.SetUp(account: Self.bare, app: Self.app)))
        #expect(step == SignIn.Step(.secondFactor(Self.pending)))
    }

    @Test("an app whose code does not fit is not stored")
    func unconfirmed() {
        let step = Self.next(
            .setUp(SignIn.SetUp(account: Self.bare, app: nil)), .secondFactor(Self.pending), Self.strict)
        #expect(step == SignIn.Step(.secondFactor(Self.pending), message: .refused))
    }

    // MARK: - Raising a session

    static let raising = changed(Sample.situation) {
        $0.requirement = AuthenticationRequirement(.any, level: .twoFactors)
        ($0.presentedSessionID, $0.liveSessionID) = ("s-1", "s-1")
    }
    static let session = Session(
        id: "s-1", tenantID: "t-1", tokenHash: "t",
        start: SessionStart(
            authentication: Authentication(userID: "u-1", at: Sample.now - 600, amr: [.password], interactionID: "i-0"),
            isRemembered: false, replacedSessionID: nil),
        origin: Session.Origin(address: nil, userAgent: nil), now: Sample.now - 600)

    static func raise(_ change: (inout SignIn.LiveSession) -> Void = { _ in }, _ situation: SignIn.Situation = raising)
        -> SignIn.Step
    {
        let live = changed(SignIn.LiveSession(account: account, session: session), change)
        return SignIn.next(.choosingMethod, .session(live), in: situation, now: Sample.now)
    }

    @Test("a session that is not sure enough is raised by the other factor alone, and keeps its time and its end")
    func raised() {
        let asked = Self.raise()
        let proof = SignIn.Proof(
            userID: "u-1", factors: [.password], since: Sample.now - 600, isRemembered: false, credentialVersion: 3,
            phoneIndex: "phone", sessionID: "s-1")
        #expect(asked == SignIn.Step(.secondFactor(SignIn.SecondFactor(proof))))
        let step = Self.next(.factor(Self.attempt), asked.state, Self.raising)
        let authentication = Sample.authentication([.password, .oneTimeCode, .multiple], at: Sample.now - 600)
        let start = SessionStart(
            authentication: authentication, isRemembered: false, replacedSessionID: "s-1", isRaise: true)
        let success = SignInEvent.succeeded(userID: "u-1", method: .totp, isFirst: false)
        #expect(
            step.effects == [.clearThrottle(userID: "u-1"), .startSession(start), .record(.signIn(success))])
    }

    @Test("a session that ended meanwhile is not raised", .tags(.security))
    func endedSession() {
        let ended = changed(Self.raising) { $0.liveSessionID = nil }
        let step = Self.next(.factor(Self.attempt), Self.raise().state, ended)
        #expect(step.message == .startAgain)
        #expect(!step.isSignedIn)
    }

    @Test("the whole sign-in is asked for where more than a factor is missing", .tags(.security))
    func notRaised() {
        let fresh = changed(Self.raising) { $0.requirement = AuthenticationRequirement(.fresh, level: .twoFactors) }
        let old = changed(Self.raising) { $0.requirement = AuthenticationRequirement(.maxAge(599), level: .twoFactors) }
        let another = changed(Self.raising) { $0.liveSessionID = "s-2" }
        for situation in [fresh, old, another] {
            #expect(Self.raise(situation: situation) == SignIn.Step(.choosingMethod))
        }
        #expect(Self.raise { $0.account = nil } == SignIn.Step(.choosingMethod))
        #expect(Self.raise { $0.account?.user.id = "u-2" } == SignIn.Step(.choosingMethod))
    }

    @Test("a session alone sets no app up: the whole sign-in is asked for", .tags(.security))
    func raisedBySettingUp() {
        let alone = changed(Self.raising) { $0.policy.secondFactor.methods = [.totp] }
        #expect(Self.raise({ $0.account?.own = SecondFactors() }, alone) == SignIn.Step(.choosingMethod))
        // Nor when what there was to prove has gone since.
        let step = Self.next(
            .setUp(SignIn.SetUp(account: changed(Self.bare) { $0.phoneIndex = "phone" }, app: Self.app)),
            Self.raise().state, alone)
        #expect(step == SignIn.Step(.choosingMethod))
    }

    @Test("a session that has grown too old for the protocol meanwhile is not raised", .tags(.security))
    func grownOld() {
        let limited = changed(Self.raising) {
            $0.requirement = AuthenticationRequirement(.maxAge(600), level: .twoFactors)
        }
        let asked = Self.raise(situation: limited)
        #expect(asked.state != .choosingMethod)
        #expect(Self.next(.factor(Self.attempt), asked.state, limited).message == .startAgain)
    }

    @Test("an app that is set up while the password is asked for comes before the password", .tags(.security))
    func appBeforePassword() {
        let pending = SignIn.SetPassword(changed(Sample.proof([.sms])) { $0.phoneIndex = "phone" }, reason: .forgotten)
        let new = SignIn.NewPassword(account: Self.account, hash: "$argon2id$new", violations: [])
        let step = Self.next(.newPassword(new), .setPassword(pending))
        #expect(step == SignIn.Step(.secondFactor(SignIn.SecondFactor(pending.proof, wish: .forgotten))))
    }

    static func raise(situation: SignIn.Situation) -> SignIn.Step { raise({ _ in }, situation) }
}
