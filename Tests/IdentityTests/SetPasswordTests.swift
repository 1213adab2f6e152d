import Directory
import FoundationEssentials
import Identity
import Testing

@Suite("First sign-in and other occasions to set a password")
struct SetPasswordTests {
    struct Occasion: Sendable, CustomTestStringConvertible {
        var reason: SignIn.SetPassword.Reason
        var method: SignInMethod
        var credential: Credential?
        var policy = IdentityPolicy()
        var testDescription: String { "\(reason) by \(method)" }

        var account: SignIn.Account { SignIn.Account(user: Sample.user, credential: credential) }
        var situation: SignIn.Situation { changed(Sample.situation) { $0.policy = policy } }
        var pending: SignIn.SetPassword {
            SignIn.SetPassword(Sample.proof([method.factor], version: credential?.version ?? 0), reason: reason)
        }
        var due: SignInEvent { .passwordDue(userID: "u-1", method: method.factor, cause: reason.cause) }
    }

    static let mustChange = changed(Sample.credential) { $0.mustChangeSince = Sample.now - 60 }
    static let old = changed(Sample.credential) { $0.changedAt = Sample.now - 86_400 }
    static let expiring = changed(IdentityPolicy()) { $0.password.maximumAge = 86_400 }

    static let occasions: [Occasion] = [
        Occasion(reason: .first, method: .sms, credential: nil),
        Occasion(reason: .cleared, method: .sms, credential: changed(Sample.credential) { $0.hash = nil }),
        Occasion(reason: .forcedChange, method: .sms, credential: mustChange),
        Occasion(reason: .forcedChange, method: .password, credential: mustChange),
        Occasion(reason: .expired, method: .sms, credential: old, policy: expiring),
        Occasion(reason: .expired, method: .password, credential: old, policy: expiring),
    ]

    @Test("no session exists before the password is set", .tags(.security), arguments: occasions)
    func noSession(_ occasion: Occasion) {
        let input = SignInTests.input(occasion.method) { $0 = occasion.account }
        let step = SignIn.next(.choosingMethod, input, in: occasion.situation, now: Sample.now)
        let effects: [SignIn.Effect] = [.clearThrottle(userID: "u-1"), .record(.signIn(occasion.due))]
        #expect(step == SignIn.Step(.setPassword(occasion.pending), effects))
    }

    @Test("whoever proved a phone that is not the account's any more does not set the password", .tags(.security))
    func phoneChanged() {
        func next(_ proved: String?, _ current: String?) -> SignIn.Step {
            var pending = Self.occasions[0].pending
            pending.proof.phoneIndex = proved
            let account = SignIn.Account(user: Sample.user, credential: nil, phoneIndex: current)
            let new = SignIn.NewPassword(account: account, hash: "$argon2id$new", violations: [])
            return SignIn.next(.setPassword(pending), .newPassword(new), in: Sample.situation, now: Sample.now + 40)
        }
        let stale = SignInEvent.failed(userID: "u-1", method: .sms, reason: .stale)
        let refusal = SignIn.Step(.choosingMethod, [.record(.signIn(stale))], message: .startAgain)
        #expect(next("old", "old").message == nil)
        #expect(next("old", "new") == refusal)
        #expect(next("old", nil) == refusal)
        #expect(next(nil, "new").message == nil)
    }

    @Test("the step remembers the phone only when a code to it was the proof", arguments: SignInMethod.allCases)
    func provedPhone(method: SignInMethod) {
        let account = SignIn.Account(user: Sample.user, credential: Self.mustChange, phoneIndex: "old")
        let input = SignInTests.input(method) { $0 = account }
        let step = SignIn.next(.choosingMethod, input, in: Sample.situation, now: Sample.now)
        var pending = Occasion(reason: .forcedChange, method: method, credential: Self.mustChange).pending
        pending.proof.phoneIndex = method == .sms ? "old" : nil
        #expect(step.state == .setPassword(pending))
        #expect(SignIn.State(text: step.state.text) == step.state)
    }

    @Test("a pending user stays pending until the password is set", .tags(.security))
    func staysPending() {
        let account = SignIn.Account(user: changed(Sample.user) { $0.activatedAt = nil }, credential: nil)
        let input = SignInTests.input(.sms) { $0 = account }
        let step = SignIn.next(.choosingMethod, input, in: Sample.situation, now: Sample.now)
        let due = SignInEvent.passwordDue(userID: "u-1", method: .sms, cause: .first)
        #expect(step.effects == [.clearThrottle(userID: "u-1"), .record(.signIn(due))])
    }

    @Test("setting the password completes the interaction in which the code was accepted", arguments: occasions)
    func completes(_ occasion: Occasion) {
        let new = SignIn.NewPassword(account: occasion.account, hash: "$argon2id$new", violations: [])
        let step = SignIn.next(
            .setPassword(occasion.pending), .newPassword(new), in: occasion.situation, now: Sample.now + 40)
        let authentication = Sample.authentication(occasion.pending.proof.factors.amr)
        let start = SessionStart(authentication: authentication, isRemembered: false, replacedSessionID: nil)
        let credential = Credential(
            hash: "$argon2id$new", version: (occasion.credential?.version ?? 0) + 1, changedAt: Sample.now + 40,
            history: occasion.credential?.hash.map { [$0] } ?? [])
        // A first password is no news to whoever sets it.
        let isNews = ![.first, .cleared].contains(occasion.reason)
        let notice: [SignIn.Effect] = isNews ? [.notify(userID: "u-1", .passwordChanged)] : []
        #expect(
            step
                == SignIn.Step(
                    .completed(authentication),
                    [
                        .setCredential(userID: "u-1", credential),
                        .endSessions(userID: "u-1", cause: .passwordChanged),
                        .record(.user(.passwordSet(userID: "u-1", cause: occasion.reason.cause))),
                    ] + notice + [
                        .startSession(start),
                        .record(.signIn(.succeeded(userID: "u-1", method: occasion.method.factor, isFirst: false))),
                    ]))
    }

    @Test("setting the first password activates the user")
    func activates() {
        let account = SignIn.Account(user: changed(Sample.user) { $0.activatedAt = nil }, credential: nil)
        let new = SignIn.NewPassword(account: account, hash: "$argon2id$new", violations: [])
        let step = SignIn.next(
            .setPassword(Self.occasions[0].pending), .newPassword(new), in: Sample.situation, now: Sample.now)
        #expect(step.effects.contains(.activate(userID: "u-1")))
    }

    @Test("sessions made with the old password end before the new one starts", .tags(.security))
    func endsSessions() throws {
        let new = SignIn.NewPassword(account: Self.occasions[2].account, hash: "$argon2id$new", violations: [])
        let effects = SignIn.next(
            .setPassword(Self.occasions[2].pending), .newPassword(new), in: Sample.situation, now: Sample.now
        ).effects
        let end = try #require(effects.firstIndex(of: .endSessions(userID: "u-1", cause: .passwordChanged)))
        let start = try #require(effects.firstIndex { if case .startSession = $0 { true } else { false } })
        #expect(end < start)
    }

    @Test("a password that breaks a rule is told, and nothing is written")
    func violations() {
        let occasion = Self.occasions[0]
        let new = SignIn.NewPassword(account: occasion.account, hash: nil, violations: [.tooShort, .common])
        let step = SignIn.next(
            .setPassword(occasion.pending), .newPassword(new), in: occasion.situation, now: Sample.now)
        #expect(
            step
                == SignIn.Step(
                    .setPassword(occasion.pending), message: .passwordViolations([.tooShort, .common])))
    }

    @Test("a hash that comes with violations is not stored", .tags(.security))
    func hashAndViolations() {
        let occasion = Self.occasions[0]
        let new = SignIn.NewPassword(account: occasion.account, hash: "$argon2id$new", violations: [.reused])
        let step = SignIn.next(
            .setPassword(occasion.pending), .newPassword(new), in: occasion.situation, now: Sample.now)
        #expect(step.effects.isEmpty)
        #expect(!step.isSignedIn)
    }

    struct Change: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var account: SignIn.Account?
        var reason = SignInFailure.stale
    }

    static let account = SignIn.Account(user: Sample.user, credential: Self.mustChange)

    @Test(
        "a step whose account has changed is refused, and the sign-in starts again", .tags(.security),
        arguments: [
            Change(testDescription: "deleted", account: nil),
            Change(
                testDescription: "disabled", account: changed(account) { $0.user.disabledAt = Sample.now },
                reason: .disabled),
            Change(testDescription: "another user", account: changed(account) { $0.user.id = "u-2" }),
            Change(testDescription: "another tenant's", account: changed(account) { $0.user.tenantID = "t-2" }),
            Change(testDescription: "password set meanwhile", account: changed(account) { $0.credential?.version = 4 }),
            Change(testDescription: "credential gone", account: changed(account) { $0.credential = nil }),
        ])
    func stale(_ change: Change) {
        let pending = Self.occasions[3].pending
        let new = SignIn.NewPassword(account: change.account, hash: "$argon2id$new", violations: [])
        let step = SignIn.next(.setPassword(pending), .newPassword(new), in: Sample.situation, now: Sample.now)
        let event = SignInEvent.failed(userID: "u-1", method: .password, reason: change.reason)
        #expect(step == SignIn.Step(.choosingMethod, [.record(.signIn(event))], message: .startAgain))
    }

    @Test("nobody sets a password without having proved who they are", .tags(.security))
    func withoutProof() {
        let new = SignIn.NewPassword(account: Sample.account, hash: "$argon2id$new", violations: [])
        let step = SignIn.next(.choosingMethod, .newPassword(new), in: Sample.situation, now: Sample.now)
        #expect(step == SignIn.Step(.choosingMethod, message: .startAgain))
    }

    @Test("of two set-password pages of one user only the first to finish counts", .tags(.security))
    func twoPages() throws {
        let occasion = Self.occasions[0]
        let new = SignIn.NewPassword(account: occasion.account, hash: "$argon2id$a", violations: [])
        let first = SignIn.next(
            .setPassword(occasion.pending), .newPassword(new), in: occasion.situation, now: Sample.now)
        let stored = try #require(
            first.effects.compactMap { if case .setCredential(_, let stored) = $0 { stored } else { nil } }.first)
        let late = SignIn.NewPassword(
            account: SignIn.Account(user: Sample.user, credential: stored), hash: "$argon2id$b", violations: [])
        let second = SignIn.next(
            .setPassword(occasion.pending), .newPassword(late), in: occasion.situation, now: Sample.now)
        #expect(second.message == .startAgain)
        #expect(!second.isSignedIn)
    }

    @Test("the authentication's time is when the person proved who they are")
    func time() {
        let occasion = Self.occasions[0]
        let new = SignIn.NewPassword(account: occasion.account, hash: "$argon2id$new", violations: [])
        let step = SignIn.next(
            .setPassword(occasion.pending), .newPassword(new), in: occasion.situation, now: Sample.now + 600)
        #expect(step.sessionStart?.authentication.at == Sample.now)
    }

    @Test("the wish to stay signed in survives the step")
    func remembered() {
        let occasion = Self.occasions[0]
        let attempt = SignIn.CodeAttempt(
            account: occasion.account, reservation: Sample.reservation, outcome: .accepted(userID: "u-1"),
            isRemembered: true)
        let first = SignIn.next(.choosingMethod, .code(attempt), in: occasion.situation, now: Sample.now)
        let new = SignIn.NewPassword(account: occasion.account, hash: "$argon2id$new", violations: [])
        let second = SignIn.next(first.state, .newPassword(new), in: occasion.situation, now: Sample.now)
        #expect(second.sessionStart?.isRemembered == true)
    }
}

@Suite("The stored form of a sign-in's state")
struct SignInStateTests {
    static let states: [SignIn.State] =
        [.choosingMethod, .completed(Sample.authentication([.sms, .oneTimeCode]))]
        + SetPasswordTests.occasions.map { .setPassword(changed($0.pending) { $0.proof.isRemembered = true }) }

    @Test("reads back what was written", arguments: states.indices)
    func roundTrip(_ index: Int) {
        #expect(SignIn.State(text: Self.states[index].text) == Self.states[index])
    }

    @Test(
        "refuses anything else", .tags(.security),
        arguments: [
            "", "null", "[]", "{}", #"{"step":"done"}"#, #"{"step":"completed"}"#, #"{"step":"set_password"}"#,
            #"{"step":"completed","user":"u","at":1,"amr":["pwd","face"],"interaction":"i"}"#,
            #"{"step":"completed","user":"u","at":"1","amr":[],"interaction":"i"}"#,
            #"{"step":"set_password","user":"u","reason":"why","method":"sms","since":1,"remembered":true,"version":0}"#,
            #"{"step":"choosing_method"}x"#,
        ])
    func refuses(_ text: String) {
        #expect(SignIn.State(text: text) == nil)
    }
}
