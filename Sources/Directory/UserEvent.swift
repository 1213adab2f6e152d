import Wire

/// What the audit log tells about users, their groups and their credentials.
package enum UserEvent: Equatable, Sendable {
    case created(userID: String)
    /// Personal data among the changes is concealed.
    case changed(userID: String, changes: [Change])
    case disabled(userID: String)
    case enabled(userID: String)
    /// The account name is kept, so that the log can still be read.
    case deleted(userID: String, username: String)
    case passwordSet(userID: String, cause: PasswordCause)
    /// From here on only an SMS code lets the user in.
    case passwordCleared(userID: String)
    /// An administrator ended a freeze.
    case unfrozen(userID: String)
    case groupCreated(groupID: String, name: String)
    case factorAdded(userID: String, factor: FactorKind)
    case factorRemoved(userID: String, factor: FactorKind)
    /// New ones, in place of those from before.
    case recoveryCodesMade(userID: String)
    /// An administrator took all of them from somebody who had lost the device.
    case factorsReset(userID: String, factors: [FactorKind])
    /// A code was asked for to prove an e-mail address.
    /// - isWithheld: Whether none left, since the address is somebody else's.
    case emailCodeSent(userID: String, isWithheld: Bool)
    case emailCodeLimited(userID: String, limit: SMSLimit)
    case emailCodeRefused(userID: String, reason: SignInFailure)
    /// The person proved the account's e-mail address.
    case emailVerified(userID: String)
    /// The person took back what an application had been allowed.
    /// - grants: How many grants ended.
    case grantsWithdrawn(userID: String, applicationID: String, grants: Int)

    var facts: EventFacts {
        switch self {
        case .created(let user): .init("user.created", user: user)
        case .changed(let user, let changes):
            .init("user.changed", user: user, ("changes", .array(changes.map(\.json))))
        case .disabled(let user): .init("user.disabled", user: user)
        case .enabled(let user): .init("user.enabled", user: user)
        case .deleted(let user, let name): .init("user.deleted", user: user, ("username", .string(name)))
        case .passwordSet(let user, let cause):
            .init("password.set", user: user, ("cause", .string(cause.rawValue)))
        case .passwordCleared(let user): .init("password.cleared", user: user)
        case .unfrozen(let user): .init("account.unfrozen", user: user)
        case .groupCreated(let group, let name):
            .init("group.created", ("group", .string(group)), ("name", .string(name)))
        case .factorAdded(let user, let factor):
            .init("factor.added", user: user, ("factor", .string(factor.rawValue)))
        case .factorRemoved(let user, let factor):
            .init("factor.removed", user: user, ("factor", .string(factor.rawValue)))
        case .recoveryCodesMade(let user): .init("factor.codes_made", user: user)
        case .factorsReset(let user, let factors):
            .init("factor.reset", user: user, ("factors", .array(factors.map { .string($0.rawValue) })))
        case .emailCodeSent(let user, let isWithheld):
            .init("email.code_sent", user: user, ("withheld", .bool(isWithheld)))
        case .emailCodeLimited(let user, let limit):
            .init("email.code_limited", user: user, ("limit", .string(limit.rawValue)))
        case .emailCodeRefused(let user, let reason):
            .init("email.code_refused", user: user, ("reason", .string(reason.rawValue)))
        case .emailVerified(let user): .init("email.verified", user: user)
        case .grantsWithdrawn(let user, let application, let grants):
            .init("grants.withdrawn", user: user, application: application, ("grants", .integer(Int64(grants))))
        }
    }
}

/// What a person shows besides a password or instead of it.
package enum FactorKind: String, Equatable, Sendable, CaseIterable {
    /// An authenticator app.
    case app = "totp"
    /// A code to the phone.
    case sms
    case passkey
}

/// On what occasion a password was set.
package enum PasswordCause: String, Equatable, Sendable, CaseIterable {
    /// The user never had one.
    case first
    /// An administrator had cleared it.
    case cleared
    /// It was an initial or reset password.
    case forcedChange = "forced_change"
    case expired
    /// The user had forgotten it, and proved to have the phone.
    case forgotten
    /// The user changed it in the personal centre.
    case ownChange = "own_change"
    /// An administrator set it, or brought its hash along.
    case administrator
    /// An administrator reset it to a one-time password.
    case reset
    /// The tenant's initial password.
    case initial
}
