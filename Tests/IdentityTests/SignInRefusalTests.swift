import Directory
import FoundationEssentials
import Identity
import Testing

@Suite("Whatever is wrong, the page says the same")
struct SignInRefusalTests {
    struct Refusal: Sendable, CustomTestStringConvertible {
        var reason: SignInFailure
        var userID: String? = "u-1"
        var input: SignIn.Input
        var situation = Sample.situation
        var testDescription: String { "\(reason) by \(input.method)" }
    }

    static let passwords: [Refusal] = [
        Refusal(
            reason: .unknownUser, userID: nil,
            input: .password(
                changed(Sample.password) {
                    $0.account = nil
                    $0.matchedVersion = nil
                })),
        Refusal(
            reason: .unknownUser, userID: nil,
            input: .password(changed(Sample.password) { $0.account?.user.tenantID = "t-2" })),
        Refusal(reason: .wrongPassword, input: .password(changed(Sample.password) { $0.matchedVersion = nil })),
        Refusal(
            reason: .frozen,
            input: .password(changed(Sample.password) { $0.reservation = .frozen(until: Sample.now + 1) })),
        Refusal(
            reason: .disabled,
            input: .password(changed(Sample.password) { $0.account?.user.disabledAt = Sample.now })),
        Refusal(reason: .noPassword, input: .password(changed(Sample.password) { $0.account?.credential = nil })),
        Refusal(
            reason: .noPassword, input: .password(changed(Sample.password) { $0.account?.credential?.hash = nil })),
        Refusal(reason: .stale, input: .password(changed(Sample.password) { $0.matchedVersion = 2 })),
        Refusal(
            reason: .methodOff, input: .password(Sample.password),
            situation: changed(Sample.situation) { $0.policy.methods = [.sms] }),
    ]

    static let codes: [Refusal] = [
        Refusal(reason: .unknownUser, userID: nil, input: .code(changed(Sample.code) { $0.account = nil })),
        Refusal(
            reason: .unknownUser, userID: nil,
            input: .code(changed(Sample.code) { $0.account?.user.tenantID = "t-2" })),
        Refusal(
            reason: .frozen, input: .code(changed(Sample.code) { $0.reservation = .frozen(until: Sample.now + 1) })),
        Refusal(
            reason: .disabled, input: .code(changed(Sample.code) { $0.account?.user.disabledAt = Sample.now })),
        Refusal(reason: .noCode, input: .code(changed(Sample.code) { $0.outcome = nil })),
        Refusal(reason: .wrongCode, input: .code(changed(Sample.code) { $0.outcome = .wrong })),
        Refusal(reason: .expiredCode, input: .code(changed(Sample.code) { $0.outcome = .expired })),
        Refusal(reason: .exhaustedCode, input: .code(changed(Sample.code) { $0.outcome = .exhausted })),
        Refusal(reason: .usedCode, input: .code(changed(Sample.code) { $0.outcome = .used })),
        Refusal(reason: .foreignCode, input: .code(changed(Sample.code) { $0.outcome = .foreign })),
        Refusal(
            reason: .stale, input: .code(changed(Sample.code) { $0.outcome = .accepted(userID: "u-2") })),
        Refusal(
            reason: .methodOff, input: .code(Sample.code),
            situation: changed(Sample.situation) { $0.policy.methods = [.password] }),
    ]

    @Test(
        "is refused with one message, no session, and the reason in the log only", .tags(.security),
        arguments: passwords + codes)
    func refused(_ refusal: Refusal) {
        let step = SignIn.next(.choosingMethod, refusal.input, in: refusal.situation, now: Sample.now)
        let event = SignInEvent.failed(userID: refusal.userID, method: refusal.input.method, reason: refusal.reason)
        #expect(step == SignIn.Step(.choosingMethod, [.record(.signIn(event))], message: .refused))
    }

    @Test("a failure takes an earlier success of the interaction back", .tags(.security), arguments: passwords + codes)
    func fromSetPassword(_ refusal: Refusal) {
        let pending = SignIn.SetPassword(
            changed(Sample.proof([.sms], version: 0)) { $0.userID = "u-9" }, reason: .first)
        let step = SignIn.next(.setPassword(pending), refusal.input, in: refusal.situation, now: Sample.now)
        #expect(step.state == .choosingMethod)
        #expect(step.message == .refused)
    }

    @Test("the failure that is one too many is recorded as a freeze", .tags(.security))
    func freeze() {
        let wrong = changed(Sample.password) {
            $0.matchedVersion = nil
            $0.reservation = Sample.lastReservation
        }
        let step = SignIn.next(.choosingMethod, .password(wrong), in: Sample.situation, now: Sample.now)
        #expect(
            step.effects == [
                .record(.signIn(.failed(userID: "u-1", method: .password, reason: .wrongPassword))),
                .record(.signIn(.frozen(userID: "u-1", until: Sample.now + 900))),
            ])
        #expect(step.message == .refused)
    }

    @Test("a success at the last attempt clears the count, and freezes nothing")
    func lastIsRight() {
        let right = changed(Sample.password) { $0.reservation = Sample.lastReservation }
        let step = SignIn.next(.choosingMethod, .password(right), in: Sample.situation, now: Sample.now)
        #expect(step.effects.first == .clearThrottle(userID: "u-1"))
        #expect(step.isSignedIn)
    }

    @Test("only a success clears the count", .tags(.security), arguments: passwords + codes)
    func keepsCount(_ refusal: Refusal) {
        let step = SignIn.next(.choosingMethod, refusal.input, in: refusal.situation, now: Sample.now)
        #expect(!step.effects.contains(.clearThrottle(userID: "u-1")))
    }

    @Test("messages have keys of the catalogue")
    func keys() {
        #expect(SignIn.Message.refused.keys == ["sign_in.refused"])
        #expect(SignIn.Message.startAgain.keys == ["sign_in.start_again"])
        #expect(
            SignIn.Message.passwordViolations([.tooShort, .common]).keys == ["password.too_short", "password.common"])
    }
}

extension SignIn.Input {
    var method: Factor {
        if case .password = self { .password } else { .sms }
    }
}
