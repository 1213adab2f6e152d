import Directory
import FoundationEssentials

/// The settings that make an ``IdentityPolicy``; the raw value is the key.
package enum IdentitySetting: String, Equatable, Sendable, CaseIterable {
    case methods = "signIn.methods"
    case identifiers = "signIn.identifiers"
    case interactionLifetime = "signIn.lifetime"
    case logRetention = "signIn.logRetention"
    case codeDigits = "sms.code.digits"
    case codeLifetime = "sms.code.lifetime"
    case codeTries = "sms.code.tries"
    case sendInterval = "sms.send.interval"
    case sendsPerPhoneHour = "sms.send.perPhoneHour"
    case sendsPerPhoneDay = "sms.send.perPhoneDay"
    case sendsPerAddressHour = "sms.send.perAddressHour"
    case sendsPerTenantMonth = "sms.send.perTenantMonth"
    case freezeFailures = "freeze.failures"
    case freezeWindow = "freeze.window"
    case freezeDuration = "freeze.duration"
    case addressFailures = "address.failures"
    case addressWindow = "address.window"
    case addressPause = "address.pause"
    case puzzlePhoneSends = "puzzle.phoneSends"
    case puzzleAddressSends = "puzzle.addressSends"
    case puzzleTenantSends = "puzzle.tenantSends"
    case puzzleAddressFailures = "puzzle.addressFailures"
    case puzzleWork = "puzzle.work"
    case puzzleWait = "puzzle.wait"
    case passwordMinimumLength = "password.minimumLength"
    case passwordMaximumLength = "password.maximumLength"
    case passwordClasses = "password.classes"
    case passwordAccountName = "password.refuseAccountName"
    case passwordCommon = "password.refuseCommon"
    case passwordHistory = "password.history"
    case passwordMaximumAge = "password.maximumAge"
    case passwordWarning = "password.warning"
    case passwordForgotten = "password.forgotten"
    case passwordOneTimeLifetime = "password.oneTimeLifetime"
    case secondFactorDemand = "secondFactor.demand"
    case secondFactorMethods = "secondFactor.methods"
    case sessionLifetime = "session.lifetime"
    case sessionIdleLifetime = "session.idleLifetime"
    case sessionRememberedLifetime = "session.rememberedLifetime"
    case sessionOffersToRemember = "session.offerToRemember"
    case invitationLifetime = "invitation.lifetime"

    /// What the text of a setting looks like.
    package enum Form: Equatable, Sendable {
        /// ``Span`` with bounds in seconds.
        case span(ClosedRange<Int>, mayBeOff: Bool)
        case count(ClosedRange<Int>, mayBeOff: Bool)
        /// `on` or `off`.
        case flag
        /// Names of ``SignInMethod``, separated by commas; at least one.
        case methods
        /// Names of ``LoginIdentifier``, separated by commas; at least one.
        case identifiers
        /// A name of ``SecondFactorPolicy/Demand``.
        case demand
        /// Names of ``SecondFactorPolicy/Method``, separated by commas; at least one.
        case secondFactors
    }

    /// Form and bounds; for documentation, `gatehouse check` and refusing text early.
    package var form: Form {
        switch self {
        case .methods: .methods
        case .identifiers: .identifiers
        case .secondFactorDemand: .demand
        case .secondFactorMethods: .secondFactors
        case .passwordAccountName, .passwordCommon, .passwordForgotten, .sessionOffersToRemember: .flag
        case .codeDigits: .count(4...10, mayBeOff: false)
        case .passwordMinimumLength: .count(1...128, mayBeOff: true)
        // Above it a form field and a hash cost more than anyone's password is worth.
        case .passwordMaximumLength: .count(8...1_024, mayBeOff: true)
        case .passwordClasses: .count(1...4, mayBeOff: true)
        // Each costs an Argon2 hash whenever a password is set.
        case .passwordHistory: .count(1...24, mayBeOff: true)
        case .addressFailures, .puzzlePhoneSends, .puzzleAddressSends, .puzzleTenantSends, .puzzleAddressFailures:
            .count(1...1_000_000, mayBeOff: true)
        // Above it a telephone would be busy for minutes.
        case .puzzleWork: .count(4...24, mayBeOff: false)
        // A puzzle lives half an hour.
        case .puzzleWait: .span(1...1_200, mayBeOff: false)
        case .codeTries, .freezeFailures: .count(1...1_000, mayBeOff: true)
        case .sendsPerPhoneHour, .sendsPerPhoneDay, .sendsPerAddressHour, .sendsPerTenantMonth:
            .count(0...1_000_000_000, mayBeOff: true)
        case .interactionLifetime: .span(1...86_400, mayBeOff: false)
        case .invitationLifetime: .span(1...31_536_000, mayBeOff: false)
        case .passwordOneTimeLifetime: .span(1...2_592_000, mayBeOff: false)
        case .codeLifetime, .sendInterval, .freezeWindow, .freezeDuration, .addressWindow, .addressPause,
            .sessionLifetime, .sessionIdleLifetime,
            .sessionRememberedLifetime, .passwordMaximumAge, .passwordWarning, .logRetention:
            .span(1...315_360_000, mayBeOff: true)
        }
    }

    /// The product's default, as text.
    package var defaultText: String { IdentityPolicy().text(of: self) }
}

extension IdentityPolicy {
    /// The value of a setting as text that ``apply(_:)`` reads back.
    package func text(of setting: IdentitySetting) -> String {
        switch setting.slot {
        case .span(let path): Span.text(self[keyPath: path])
        case .requiredSpan(let path): Span.text(self[keyPath: path])
        case .count(let path): self[keyPath: path].map { String($0) } ?? "off"
        case .requiredCount(let path): String(self[keyPath: path])
        case .flag(let path): self[keyPath: path] ? "on" : "off"
        case .methods: Self.text(methods)
        case .identifiers: Self.text(identifiers)
        case .demand: secondFactor.demand.rawValue
        case .secondFactors: Self.text(secondFactor.methods)
        }
    }

    mutating func set(_ setting: IdentitySetting, to text: String) throws(SettingError) {
        do {
            try assign(setting, text)
        } catch {
            throw SettingError(key: setting.rawValue, problem: error)
        }
    }

    private mutating func assign(_ setting: IdentitySetting, _ text: String) throws(SettingProblem) {
        switch setting.slot {
        case .span(let path): self[keyPath: path] = try setting.span(text)
        case .requiredSpan(let path):
            guard let seconds = try setting.span(text) else { throw .mayNotBeOff }
            self[keyPath: path] = seconds
        case .count(let path): self[keyPath: path] = try setting.count(text)
        case .requiredCount(let path):
            guard let count = try setting.count(text) else { throw .mayNotBeOff }
            self[keyPath: path] = count
        case .flag(let path): self[keyPath: path] = try Self.flag(text)
        case .methods: methods = try Self.words(text)
        case .identifiers: identifiers = try Self.words(text)
        case .demand:
            guard let demand = SecondFactorPolicy.Demand(rawValue: TypedText.plain(text)) else { throw .malformed }
            secondFactor.demand = demand
        case .secondFactors: secondFactor.methods = try Self.words(text)
        }
    }

    private static func flag(_ text: String) throws(SettingProblem) -> Bool {
        switch text {
        case "on": true
        case "off": false
        default: throw .malformed
        }
    }

    private static func words<Word: RawRepresentable<String> & Hashable>(
        _ text: String
    ) throws(SettingProblem) -> Set<Word> {
        let names = text.split(separator: ",", omittingEmptySubsequences: false)
        let words = names.compactMap { Word(rawValue: TypedText.plain(String($0))) }
        guard !words.isEmpty, words.count == names.count else { throw .malformed }
        return Set(words)
    }

    /// The words in the order of their declaration.
    private static func text<Word: RawRepresentable<String> & Hashable & CaseIterable>(_ words: Set<Word>) -> String {
        Word.allCases.filter(words.contains).map(\.rawValue).joined(separator: ",")
    }
}

extension IdentitySetting {
    /// Where a setting's value is kept.
    fileprivate enum Slot {
        case span(WritableKeyPath<IdentityPolicy, TimeInterval?>)
        case requiredSpan(WritableKeyPath<IdentityPolicy, TimeInterval>)
        case count(WritableKeyPath<IdentityPolicy, Int?>)
        case requiredCount(WritableKeyPath<IdentityPolicy, Int>)
        case flag(WritableKeyPath<IdentityPolicy, Bool>)
        case methods
        case identifiers
        case demand
        case secondFactors
    }

    fileprivate var slot: Slot {
        switch self {
        case .methods: .methods
        case .identifiers: .identifiers
        case .secondFactorDemand: .demand
        case .secondFactorMethods: .secondFactors
        case .interactionLifetime: .requiredSpan(\.interactionLifetime)
        case .logRetention: .span(\.signInLogRetention)
        case .codeDigits: .requiredCount(\.code.digits)
        case .codeLifetime: .span(\.code.lifetime)
        case .codeTries: .count(\.code.tries)
        case .sendInterval: .span(\.sending.interval)
        case .sendsPerPhoneHour: .count(\.sending.perPhoneHour)
        case .sendsPerPhoneDay: .count(\.sending.perPhoneDay)
        case .sendsPerAddressHour: .count(\.sending.perAddressHour)
        case .sendsPerTenantMonth: .count(\.sending.perTenantMonth)
        case .freezeFailures: .count(\.throttle.failures)
        case .freezeWindow: .span(\.throttle.window)
        case .freezeDuration: .span(\.throttle.freeze)
        case .addressFailures: .count(\.address.failures)
        case .addressWindow: .span(\.address.window)
        case .addressPause: .span(\.address.pause)
        case .puzzlePhoneSends: .count(\.puzzle.phoneSends)
        case .puzzleAddressSends: .count(\.puzzle.addressSends)
        case .puzzleTenantSends: .count(\.puzzle.tenantSends)
        case .puzzleAddressFailures: .count(\.puzzle.addressFailures)
        case .puzzleWork: .requiredCount(\.puzzle.work)
        case .puzzleWait: .requiredSpan(\.puzzle.wait)
        case .passwordMinimumLength: .count(\.password.minimumLength)
        case .passwordMaximumLength: .count(\.password.maximumLength)
        case .passwordClasses: .count(\.password.requiredClasses)
        case .passwordAccountName: .flag(\.password.refusesAccountName)
        case .passwordCommon: .flag(\.password.refusesCommon)
        case .passwordHistory: .count(\.password.historyLength)
        case .passwordMaximumAge: .span(\.password.maximumAge)
        case .passwordWarning: .span(\.password.warning)
        case .passwordForgotten: .flag(\.password.offersReset)
        case .passwordOneTimeLifetime: .requiredSpan(\.password.oneTimeLifetime)
        case .sessionLifetime: .span(\.session.lifetime)
        case .sessionIdleLifetime: .span(\.session.idleLifetime)
        case .sessionRememberedLifetime: .span(\.session.rememberedLifetime)
        case .sessionOffersToRemember: .flag(\.session.offersToRemember)
        case .invitationLifetime: .requiredSpan(\.invitationLifetime)
        }
    }

    fileprivate func span(_ text: String) throws(SettingProblem) -> TimeInterval? {
        guard case .span(let bounds, _) = form else { throw .malformed }
        return try Span.parse(text, within: bounds)
    }

    fileprivate func count(_ text: String) throws(SettingProblem) -> Int? {
        guard case .count(let bounds, _) = form else { throw .malformed }
        return try WholeNumber.parse(text, within: bounds)
    }
}
