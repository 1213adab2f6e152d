import Directory
import FoundationEssentials
import Identity
import Testing

@Suite("A forgotten password is set anew by a code to the phone")
struct ForgottenPasswordTests {
    /// What the account has, and why the step asks for a password then.
    struct Standing: Sendable, CustomTestStringConvertible {
        var reason: SignIn.SetPassword.Reason
        var credential: Credential?
        var testDescription: String { "\(reason)" }

        var account: SignIn.Account { SignIn.Account(user: Sample.user, credential: credential) }
        var pending: SignIn.SetPassword {
            SignIn.SetPassword(Sample.proof([.sms], version: credential?.version ?? 0), reason: reason)
        }
        var code: SignIn.Input {
            .code(
                changed(ForgottenPasswordTests.code) {
                    $0.account = account
                })
        }
        var new: SignIn.Input {
            .newPassword(SignIn.NewPassword(account: account, hash: "$argon2id$new", violations: []))
        }
    }

    static let code = changed(Sample.code) { $0.purpose = .forgottenPassword }

    static let standings: [Standing] = [
        Standing(reason: .forgotten, credential: Sample.credential),
        Standing(reason: .first, credential: nil),
        Standing(reason: .cleared, credential: changed(Sample.credential) { $0.hash = nil }),
        Standing(reason: .forcedChange, credential: SetPasswordTests.mustChange),
        Standing(reason: .expired, credential: SetPasswordTests.old),
    ]

    /// Passwords last a day; every way in is open, or only the password.
    static func situation(_ methods: Set<SignInMethod> = [.password, .sms]) -> SignIn.Situation {
        changed(Sample.situation) {
            $0.policy.password.maximumAge = 86_400
            $0.policy.methods = methods
        }
    }

    @Test("the code leads to a new password and to nothing else", .tags(.security), arguments: standings)
    func asksForPassword(_ standing: Standing) {
        for methods: Set<SignInMethod> in [[.password, .sms], [.password]] {
            let step = SignIn.next(
                .choosingMethod, standing.code, in: Self.situation(methods), now: Sample.now)
            let due = SignInEvent.passwordDue(userID: "u-1", method: .sms, cause: standing.reason.cause)
            #expect(
                step
                    == SignIn.Step(
                        .setPassword(standing.pending), [.clearThrottle(userID: "u-1"), .record(.signIn(due))]))
        }
    }

    @Test("where codes are a way in, the new password completes the sign-in", arguments: standings)
    func completes(_ standing: Standing) {
        let step = SignIn.next(
            .setPassword(standing.pending), standing.new, in: Self.situation(), now: Sample.now + 40)
        let authentication = Sample.authentication([.sms, .oneTimeCode])
        #expect(step.state == .completed(authentication))
        #expect(step.sessionStart?.authentication == authentication)
        #expect(step.message == nil)
    }

    @Test(
        "where they are none, the new password is to be used first, whatever the account had before",
        .tags(.security), arguments: standings)
    func startsAgain(_ standing: Standing) {
        let step = SignIn.next(
            .setPassword(standing.pending), standing.new, in: Self.situation([.password]), now: Sample.now + 40)
        let credential = Credential(
            hash: "$argon2id$new", version: (standing.credential?.version ?? 0) + 1, changedAt: Sample.now + 40,
            history: standing.credential?.hash.map { [$0] } ?? [])
        let isNews = ![.first, .cleared].contains(standing.reason)
        #expect(
            step
                == SignIn.Step(
                    .choosingMethod,
                    [
                        .setCredential(userID: "u-1", credential),
                        .endSessions(userID: "u-1", cause: .passwordChanged),
                        .record(.user(.passwordSet(userID: "u-1", cause: standing.reason.cause))),
                    ] + (isNews ? [.notify(userID: "u-1", .passwordChanged)] : []),
                    message: .passwordSaved))
    }

    @Test("a tenant that closes codes while the page is open starts no session by one", .tags(.security))
    func closedMeanwhile() {
        let standing = Self.standings[1]
        let first = SignIn.next(.choosingMethod, standing.code, in: Self.situation(), now: Sample.now)
        let step = SignIn.next(first.state, standing.new, in: Self.situation([.password]), now: Sample.now)
        #expect(!step.isSignedIn)
        #expect(step.message == .passwordSaved)
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var reason: SignInFailure
        var attempt: SignIn.CodeAttempt
        var situation = Sample.situation
        var testDescription: String { "\(reason)" }
    }

    static let refusals: [Refusal] = [
        Refusal(
            reason: .methodOff, attempt: code,
            situation: changed(Sample.situation) { $0.policy.password.offersReset = false }),
        Refusal(reason: .unknownUser, attempt: changed(code) { $0.account = nil }),
        Refusal(reason: .unknownUser, attempt: changed(code) { $0.account?.user.tenantID = "t-2" }),
        Refusal(reason: .frozen, attempt: changed(code) { $0.reservation = .frozen(until: Sample.now + 1) }),
        Refusal(reason: .disabled, attempt: changed(code) { $0.account?.user.disabledAt = Sample.now }),
        Refusal(reason: .noCode, attempt: changed(code) { $0.outcome = nil }),
        Refusal(reason: .wrongCode, attempt: changed(code) { $0.outcome = .wrong }),
        Refusal(reason: .expiredCode, attempt: changed(code) { $0.outcome = .expired }),
        Refusal(reason: .exhaustedCode, attempt: changed(code) { $0.outcome = .exhausted }),
        Refusal(reason: .usedCode, attempt: changed(code) { $0.outcome = .used }),
        Refusal(reason: .foreignCode, attempt: changed(code) { $0.outcome = .foreign }),
        Refusal(reason: .stale, attempt: changed(code) { $0.outcome = .accepted(userID: "u-2") }),
    ]

    @Test("anything wrong is refused with the one message, and only told", .tags(.security), arguments: refusals)
    func refuses(_ refusal: Refusal) {
        let step = SignIn.next(.choosingMethod, .code(refusal.attempt), in: refusal.situation, now: Sample.now)
        let isKnown = refusal.reason != .unknownUser && refusal.attempt.account != nil
        let event = SignInEvent.failed(userID: isKnown ? "u-1" : nil, method: .sms, reason: refusal.reason)
        #expect(step == SignIn.Step(.choosingMethod, [.record(.signIn(event))], message: .refused))
    }

    @Test("a code for signing in is refused where codes are no way in, though a forgotten one is not", .tags(.security))
    func purposes() {
        let situation = Self.situation([.password])
        let signIn = SignIn.next(.choosingMethod, .code(Sample.code), in: situation, now: Sample.now)
        #expect(signIn.message == .refused)
        let forgotten = SignIn.next(.choosingMethod, .code(Self.code), in: situation, now: Sample.now)
        #expect(forgotten.message == nil)
    }

    @Test("a wish to stay signed in is not taken from this page")
    func notRemembered() {
        let standing = Self.standings[0]
        let step = SignIn.next(.setPassword(standing.pending), standing.new, in: Self.situation(), now: Sample.now)
        #expect(step.sessionStart?.isRemembered == false)
    }
}

@Suite("How long a password is good")
struct PasswordLifeTests {
    static let oneTime = changed(SetPasswordTests.mustChange) { $0.usableUntil = Sample.now + 100 }

    /// A right password, tried so many seconds after ``Sample/now``.
    private func step(_ credential: Credential, after seconds: TimeInterval) -> SignIn.Step {
        let attempt = changed(Sample.password) { $0.account?.credential = credential }
        return SignIn.next(.choosingMethod, .password(attempt), in: Sample.situation, now: Sample.now + seconds)
    }

    @Test("a one-time password leads to a new one until its last second", arguments: [0, 99] as [TimeInterval])
    func usable(after seconds: TimeInterval) {
        let step = step(Self.oneTime, after: seconds)
        #expect(step.message == nil)
        #expect(!step.isSignedIn)
        guard case .setPassword(let pending) = step.state else {
            Issue.record("no password is asked for")
            return
        }
        #expect(pending.reason == .forcedChange)
    }

    @Test("and is worth nothing from then on", .tags(.security), arguments: [100, 101, 86_400] as [TimeInterval])
    func unusable(after seconds: TimeInterval) {
        let event = SignInEvent.failed(userID: "u-1", method: .password, reason: .expiredPassword)
        #expect(
            step(Self.oneTime, after: seconds)
                == SignIn.Step(.choosingMethod, [.record(.signIn(event))], message: .refused))
    }

    @Test("a code still lets the person in whose one-time password ran out")
    func byCode() {
        let attempt = changed(Sample.code) { $0.account?.credential = Self.oneTime }
        let step = SignIn.next(.choosingMethod, .code(attempt), in: Sample.situation, now: Sample.now + 100)
        #expect(step.message == nil)
        #expect(!step.isSignedIn)
    }

    @Test("what replaces a one-time password lasts", .tags(.security))
    func lasting() {
        let next = Credential.setting("$argon2id$b", replacing: Self.oneTime, policy: PasswordPolicy(), now: Sample.now)
        #expect(
            next
                == Credential(
                    hash: "$argon2id$b", version: 4, changedAt: Sample.now, history: ["$argon2id$now"]))
        let cleared = Self.oneTime.cleared(policy: PasswordPolicy(), now: Sample.now)
        #expect(
            cleared == Credential(hash: nil, version: 4, changedAt: Sample.now, history: ["$argon2id$now"]))
    }

    /// 90 days, of which the last 14 are told.
    static let policy = changed(PasswordPolicy()) { $0.maximumAge = 90 * 86_400 }

    @Test(
        "the warning begins 14 days before the end and ends with it",
        arguments: [
            (0, nil), (76 * 86_400 - 1, nil), (76 * 86_400, 14 * 86_400), (90 * 86_400 - 1, 1), (90 * 86_400, nil),
            (91 * 86_400, nil),
        ] as [(TimeInterval, TimeInterval?)])
    func warning(_ age: TimeInterval, _ left: TimeInterval?) {
        let credential = Credential(hash: "$argon2id$a", changedAt: Sample.now)
        #expect(credential.warning(Self.policy, now: Sample.now + age) == left)
    }

    struct Silence: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var policy = PasswordLifeTests.policy
        var hash: String? = "$argon2id$a"
    }

    @Test(
        "nothing is told of a password that does not age, where warnings are off, and without one",
        arguments: [
            Silence(testDescription: "does not age", policy: changed(policy) { $0.maximumAge = nil }),
            Silence(testDescription: "warnings are off", policy: changed(policy) { $0.warning = nil }),
            Silence(testDescription: "no password", hash: nil),
        ])
    func silence(_ silence: Silence) {
        let credential = Credential(hash: silence.hash, changedAt: Sample.now)
        #expect(credential.warning(silence.policy, now: Sample.now + 89 * 86_400) == nil)
    }

    @Test("a warning longer than the age is there from the first second")
    func alwaysWarned() {
        let policy = changed(Self.policy) { $0.maximumAge = 86_400 }
        #expect(Credential(hash: "h", changedAt: Sample.now).warning(policy, now: Sample.now) == 86_400)
    }

    @Test("a password is asked for anew in the second in which its warning has ended", .tags(.security))
    func expires() {
        let situation = changed(Sample.situation) { $0.policy.password = Self.policy }
        let attempt = changed(Sample.password) { $0.account?.credential?.changedAt = Sample.now }
        for (age, isDue) in [(90 * 86_400 - 1, false), (90 * 86_400, true)] as [(TimeInterval, Bool)] {
            let step = SignIn.next(.choosingMethod, .password(attempt), in: situation, now: Sample.now + age)
            #expect(step.isSignedIn == !isDue)
        }
    }
}
