import Directory
import FoundationEssentials
import Identity
import Testing

@Suite("Decided figures and their settings")
struct IdentityPolicyTests {
    @Test("the defaults are the decided figures")
    func defaults() {
        let expected: [IdentitySetting: String] = [
            .methods: "password,sms,passkey", .identifiers: "username,phone,email", .interactionLifetime: "30m",
            .logRetention: "180d",
            .codeDigits: "6", .codeLifetime: "5m", .codeTries: "5",
            .sendInterval: "1m", .sendsPerPhoneHour: "5", .sendsPerPhoneDay: "10", .sendsPerAddressHour: "20",
            .sendsPerTenantMonth: "off",
            .freezeFailures: "10", .freezeWindow: "15m", .freezeDuration: "15m",
            .addressFailures: "100", .addressWindow: "15m", .addressPause: "15m",
            .puzzlePhoneSends: "2", .puzzleAddressSends: "5", .puzzleTenantSends: "60", .puzzleAddressFailures: "10",
            .puzzleWork: "17", .puzzleWait: "1m",
            .passwordMinimumLength: "8", .passwordMaximumLength: "128", .passwordClasses: "3",
            .passwordAccountName: "on", .passwordCommon: "on", .passwordHistory: "5", .passwordMaximumAge: "off",
            .passwordWarning: "14d", .passwordForgotten: "on", .passwordOneTimeLifetime: "1d",
            .secondFactorDemand: "choice", .secondFactorMethods: "totp,sms,passkey",
            .sessionLifetime: "12h", .sessionIdleLifetime: "2h", .sessionRememberedLifetime: "7d",
            .sessionOffersToRemember: "on", .invitationLifetime: "7d",
        ]
        for setting in IdentitySetting.allCases { #expect(setting.defaultText == expected[setting]) }
        #expect(expected.count == IdentitySetting.allCases.count)
    }

    /// A text for each setting that is not its default.
    static func other(_ setting: IdentitySetting) -> String {
        switch setting.form {
        case .span: "7s"
        case .count: setting == .passwordMaximumLength ? "64" : "4"
        case .flag: "off"
        case .methods: "sms"
        case .identifiers: "username,employee-id"
        case .demand: "everyone"
        case .secondFactors: "totp"
        }
    }

    @Test("every setting is its own", arguments: IdentitySetting.allCases)
    func own(_ setting: IdentitySetting) throws {
        var policy = IdentityPolicy()
        try policy.apply([setting.rawValue: Self.other(setting)])
        #expect(policy.text(of: setting) == Self.other(setting))
        for rest in IdentitySetting.allCases where rest != setting {
            #expect(policy.text(of: rest) == rest.defaultText)
        }
    }

    @Test("every lifetime and limit goes down to a second and up to off", arguments: IdentitySetting.allCases)
    func range(_ setting: IdentitySetting) throws {
        var policy = IdentityPolicy()
        switch setting.form {
        case .span(let bounds, let mayBeOff):
            #expect(bounds.lowerBound == 1)
            try policy.apply([setting.rawValue: "1"])
            #expect(policy.text(of: setting) == "1s")
            let endless: [IdentitySetting] = [
                .interactionLifetime, .puzzleWait, .passwordOneTimeLifetime, .invitationLifetime,
            ]
            #expect(mayBeOff == !endless.contains(setting))
            if mayBeOff {
                try policy.apply([setting.rawValue: "off"])
                #expect(policy.text(of: setting) == "off")
            }
        case .count(_, let mayBeOff):
            #expect(mayBeOff == ![.codeDigits, .puzzleWork].contains(setting))
            guard mayBeOff else { return }
            try policy.apply([setting.rawValue: "off"])
            #expect(policy.text(of: setting) == "off")
        case .flag, .methods, .identifiers, .demand, .secondFactors: return
        }
    }

    @Test("what it prints is what it reads", arguments: IdentitySetting.allCases)
    func roundTrip(_ setting: IdentitySetting) throws {
        var policy = IdentityPolicy()
        try policy.apply([setting.rawValue: setting.defaultText])
        #expect(policy == IdentityPolicy())
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        var setting: IdentitySetting
        var text: String
        var problem: SettingProblem
        var testDescription: String { "\(setting.rawValue) = \(text)" }
    }

    @Test(
        "text outside form and bounds is refused", .tags(.security),
        arguments: [
            Refused(setting: .codeLifetime, text: "0", problem: .tooSmall),
            Refused(setting: .codeLifetime, text: "soon", problem: .malformed),
            Refused(setting: .codeLifetime, text: "99999d", problem: .tooLarge),
            Refused(setting: .codeDigits, text: "3", problem: .tooSmall),
            Refused(setting: .codeDigits, text: "off", problem: .mayNotBeOff),
            Refused(setting: .codeTries, text: "0", problem: .tooSmall),
            Refused(setting: .freezeFailures, text: "-1", problem: .malformed),
            Refused(setting: .interactionLifetime, text: "off", problem: .mayNotBeOff),
            Refused(setting: .passwordClasses, text: "5", problem: .tooLarge),
            Refused(setting: .passwordMinimumLength, text: "129", problem: .tooLarge),
            Refused(setting: .passwordCommon, text: "yes", problem: .malformed),
            Refused(setting: .methods, text: "", problem: .malformed),
            Refused(setting: .methods, text: "password,", problem: .malformed),
            Refused(setting: .methods, text: "fax", problem: .malformed),
            // Nobody could come in for the first time.
            Refused(setting: .methods, text: "passkey", problem: .malformed),
            Refused(setting: .secondFactorDemand, text: "nobody", problem: .malformed),
            Refused(setting: .secondFactorMethods, text: "", problem: .malformed),
            Refused(setting: .secondFactorMethods, text: "password", problem: .malformed),
        ])
    func refuses(_ example: Refused) {
        var policy = IdentityPolicy()
        #expect(throws: SettingError(key: example.setting.rawValue, problem: example.problem)) {
            try policy.apply([example.setting.rawValue: example.text])
        }
    }

    @Test("a second factor that is demanded can be set up by everybody", .tags(.security))
    func demandedFactor() throws {
        var policy = IdentityPolicy()
        let refusal = SettingError(key: "secondFactor.methods", problem: .malformed)
        for demand in ["everyone", "administrators"] {
            #expect(throws: refusal) {
                try policy.apply(["secondFactor.demand": demand, "secondFactor.methods": "sms,passkey"])
            }
        }
        try policy.apply(["secondFactor.demand": "choice", "secondFactor.methods": "sms,passkey"])
        try policy.apply(["secondFactor.demand": "everyone", "secondFactor.methods": "totp,passkey"])
    }

    @Test("nothing is applied when one of several is refused", .tags(.security))
    func atomic() {
        var policy = IdentityPolicy()
        #expect(throws: SettingError.self) {
            try policy.apply(["sms.code.tries": "3", "sms.code.lifetime": "9s", "session.lifetime": "x"])
        }
        #expect(policy == IdentityPolicy())
    }

    @Test("a password cannot have to be longer than it may be")
    func lengths() {
        var policy = IdentityPolicy()
        #expect(throws: SettingError(key: "password.maximumLength", problem: .tooSmall)) {
            try policy.apply(["password.minimumLength": "20", "password.maximumLength": "19"])
        }
    }

    @Test("a tenant's overrides leave the installation's other settings as they are")
    func overrides() throws {
        var policy = IdentityPolicy()
        try policy.apply(["freeze.failures": "3", "session.idleLifetime": "10m"])
        try policy.apply(["freeze.failures": "off", "oauth.codeLifetime": "60s"])
        #expect(policy.throttle.failures == nil)
        #expect(policy.session.idleLifetime == 600)
    }
}

@Suite("Secrets do not print")
struct ConcealmentTests {
    static let secret = "S3cret-138"

    static let values: [any Sendable] = [
        Password(secret), LoginName(secret), Credential(hash: secret, changedAt: Sample.now, history: [secret]),
        SMSCode(typed: "138138"), SignIn.HashUpgrade(old: secret, new: secret),
        SignIn.NewPassword(account: nil, hash: secret, violations: []),
        SignIn.PasswordAttempt(
            account: nil, reservation: Sample.reservation, matchedVersion: nil, upgradedHash: secret,
            isRemembered: false),
        SignIn.Input.newPassword(.init(account: nil, hash: secret, violations: [])),
        SignIn.Effect.setCredential(userID: "u", Credential(hash: secret, changedAt: Sample.now)),
        SignIn.Effect.upgradeHash(userID: "u", .init(old: secret, new: secret)),
    ]

    @Test("a password, code or hash stays out of every way of printing", .tags(.security), arguments: values.indices)
    func prints(_ index: Int) {
        let value = Self.values[index]
        var dumped = ""
        dump(value, to: &dumped)
        for text in ["\(value)", String(describing: value), String(reflecting: value), dumped] {
            #expect(!text.contains(Self.secret) && !text.contains("138138"))
            #expect(text.contains("•••"))
        }
    }
}
