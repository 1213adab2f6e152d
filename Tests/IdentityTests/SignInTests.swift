import Directory
import FoundationEssentials
import Identity
import Testing

@Suite("Signing in")
struct SignInTests {
    @Test("a right password completes the sign-in")
    func password() {
        let step = SignIn.next(.choosingMethod, .password(Sample.password), in: Sample.situation, now: Sample.now)
        let authentication = Sample.authentication([.password])
        let start = SessionStart(authentication: authentication, isRemembered: false, replacedSessionID: nil)
        #expect(
            step
                == SignIn.Step(
                    .completed(authentication),
                    [
                        .clearThrottle(userID: "u-1"), .startSession(start),
                        .record(.signIn(.succeeded(userID: "u-1", method: .password, isFirst: false))),
                    ]))
    }

    @Test("a right code completes the sign-in of a user who has a password")
    func code() {
        let step = SignIn.next(.choosingMethod, .code(Sample.code), in: Sample.situation, now: Sample.now)
        let authentication = Sample.authentication([.sms, .oneTimeCode])
        let start = SessionStart(authentication: authentication, isRemembered: false, replacedSessionID: nil)
        #expect(
            step
                == SignIn.Step(
                    .completed(authentication),
                    [
                        .clearThrottle(userID: "u-1"), .startSession(start),
                        .record(.signIn(.succeeded(userID: "u-1", method: .sms, isFirst: false))),
                    ]))
    }

    @Test("the first success turns pending into active", arguments: SignInMethod.allCases)
    func activates(_ method: SignInMethod) {
        let account = changed(Sample.account) { $0.user.activatedAt = nil }
        let input = Self.input(method) { $0 = account }
        let step = SignIn.next(.choosingMethod, input, in: Sample.situation, now: Sample.now)
        #expect(step.effects.contains(.activate(userID: "u-1")))
        #expect(
            step.effects.last == .record(.signIn(.succeeded(userID: "u-1", method: method.factor, isFirst: true))))
    }

    @Test("the session that the browser presented ends with the new one", .tags(.security))
    func fixation() {
        let situation = changed(Sample.situation) { $0.presentedSessionID = "s-old" }
        let step = SignIn.next(.choosingMethod, .password(Sample.password), in: situation, now: Sample.now)
        #expect(step.sessionStart?.replacedSessionID == "s-old")
    }

    @Test("stays signed in only if the person asked and the tenant offers it")
    func remembered() {
        let asked = changed(Sample.password) { $0.isRemembered = true }
        let offered = SignIn.next(.choosingMethod, .password(asked), in: Sample.situation, now: Sample.now)
        #expect(offered.sessionStart?.isRemembered == true)
        let situation = changed(Sample.situation) { $0.policy.session.offersToRemember = false }
        let refused = SignIn.next(.choosingMethod, .password(asked), in: situation, now: Sample.now)
        #expect(refused.sessionStart?.isRemembered == false)
    }

    @Test("a password whose hash has older parameters gets a new hash of the same password")
    func upgrade() {
        let attempt = changed(Sample.password) { $0.upgradedHash = "$argon2id$newer" }
        let step = SignIn.next(.choosingMethod, .password(attempt), in: Sample.situation, now: Sample.now)
        let upgrade = SignIn.HashUpgrade(old: "$argon2id$now", new: "$argon2id$newer")
        #expect(step.effects.last == .upgradeHash(userID: "u-1", upgrade))
    }

    @Test("a wrong password upgrades nothing", .tags(.security))
    func noUpgrade() {
        let attempt = changed(Sample.password) {
            $0.matchedVersion = nil
            $0.upgradedHash = "$argon2id$newer"
        }
        let step = SignIn.next(.choosingMethod, .password(attempt), in: Sample.situation, now: Sample.now)
        #expect(step.effects.count == 1)
    }

    @Test("a form that is sent twice just goes on", arguments: SignInMethod.allCases)
    func twice(_ method: SignInMethod) {
        let done = SignIn.State.completed(Sample.authentication([.password]))
        let step = SignIn.next(done, Self.input(method) { $0 = nil }, in: Sample.situation, now: Sample.now + 9)
        #expect(step == SignIn.Step(done))
    }

    /// The accepted input of a method with another account.
    static func input(_ method: SignInMethod, _ change: (inout SignIn.Account?) -> Void) -> SignIn.Input {
        switch method {
        case .password: .password(changed(Sample.password) { change(&$0.account) })
        case .sms: .code(changed(Sample.code) { change(&$0.account) })
        case .passkey: .passkey(changed(Sample.passkey) { change(&$0.account) })
        }
    }
}

extension SignIn.Step {
    var sessionStart: SessionStart? {
        effects.compactMap { if case .startSession(let start) = $0 { start } else { nil } }.first
    }

    var isSignedIn: Bool {
        if case .completed = state { return true }
        return sessionStart != nil
    }
}
