package import Directory
package import FoundationEssentials

/// Every lifetime and limit of signing in. The defaults are the product's decided figures; an optional that is nil is
/// "off". A tenant's overrides are applied over the installation's.
package struct IdentityPolicy: Equatable, Sendable {
    /// What the sign-in page offers. Without ``SignInMethod/sms`` a user who has no password cannot get in at all.
    package var methods: Set<SignInMethod> = Set(SignInMethod.allCases)
    /// By what people are found on the sign-in page.
    package var identifiers: Set<LoginIdentifier> = [.username, .phone, .email]
    package var code = SMSCodeLimits()
    package var sending = SMSSendingLimits()
    package var throttle = ThrottleLimits()
    package var address = AddressLimits()
    package var puzzle = PuzzleLimits()
    package var password = PasswordPolicy()
    package var secondFactor = SecondFactorPolicy()
    package var session = SessionLimits()
    /// How long a person may take over the sign-in pages; seconds, never off: each visit leaves a row.
    package var interactionLifetime: TimeInterval = 1_800
    /// How long the sign-in log is kept; seconds.
    package var signInLogRetention: TimeInterval? = 180 * 86_400
    /// How long an invitation works where whoever makes it does not say; seconds.
    package var invitationLifetime: TimeInterval = 7 * 86_400

    package init() {}

    /// Applies settings as written in a configuration file, an apply file or a tenant's overrides.
    ///
    /// ```swift
    /// var policy = IdentityPolicy()
    /// try policy.apply(["sms.code.lifetime": "90s", "freeze.failures": "off"])
    /// ```
    /// - Parameter settings: By key. Keys that are no ``IdentitySetting`` belong to other modules and are left alone;
    ///   who reads a file refuses a key that nobody owns.
    /// - Throws: ``SettingError``; nothing is applied then.
    package mutating func apply(_ settings: [String: String]) throws(SettingError) {
        var next = self
        for setting in IdentitySetting.allCases {
            if let text = settings[setting.rawValue] { try next.set(setting, to: text) }
        }
        try next.check()
        self = next
    }

    /// Rules between settings.
    private func check() throws(SettingError) {
        if let minimum = password.minimumLength, let maximum = password.maximumLength, minimum > maximum {
            throw SettingError(key: IdentitySetting.passwordMaximumLength.rawValue, problem: .tooSmall)
        }
        // Nobody could come in for the first time, to add a passkey.
        if methods == [.passkey] {
            throw SettingError(key: IdentitySetting.methods.rawValue, problem: .malformed)
        }
        // Whoever has nothing that is accepted sets up an app; without that they would get in with one factor.
        if secondFactor.demand != .choice, !secondFactor.methods.contains(.totp) {
            throw SettingError(key: IdentitySetting.secondFactorMethods.rawValue, problem: .malformed)
        }
    }
}

/// A setting whose text is refused. The text itself is not repeated.
package struct SettingError: Error, Equatable, Sendable {
    /// One of our own keys.
    package var key: String
    package var problem: SettingProblem

    package init(key: String, problem: SettingProblem) {
        self.key = key
        self.problem = problem
    }
}
