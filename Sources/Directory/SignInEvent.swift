package import FoundationEssentials
import Wire

/// What the sign-in log tells: who signed in or tried to, and what was sent for it.
package enum SignInEvent: Equatable, Sendable {
    /// - method: What was proved first; in a session that was raised, what was added.
    /// - further: What was proved after it.
    /// - isFirst: The sign-in that turned `pending` into `active`.
    case succeeded(userID: String, method: Factor, further: [Factor] = [], isFirst: Bool)
    /// - userID: nil when what was typed belongs to nobody.
    case failed(userID: String?, method: Factor, reason: SignInFailure)
    /// The failure that was one too many.
    case frozen(userID: String, until: Date)
    /// A right password or code that leads to setting a password, not into an application yet: whoever stops there
    /// leaves a trace all the same.
    case passwordDue(userID: String, method: Factor, cause: PasswordCause)
    /// A right password or code that another factor is asked for after: somebody who gets no further may have stolen the
    /// first.
    case factorDue(userID: String, method: Factor)
    /// - userID: nil when it went to whoever has a phone, to become a member with it.
    case codeSent(userID: String?)
    /// A code was asked for with a phone that gets none: nobody's, or that of somebody who may not come in. It is written
    /// where ``codeSent(userID:)`` would be, so that both cost the same.
    case codeWithheld
    case codeRefused(userID: String?, limit: SMSLimit)
    case sessionEnded(userID: String, sessionID: String, cause: SessionEnd)
    /// A person went on into an application.
    case entered(userID: String, applicationID: String)
    /// A signed-in person may not open the application.
    case accessRefused(userID: String, applicationID: String, decision: AccessDecision)

    var facts: EventFacts {
        switch self {
        case .succeeded(let user, let method, let further, let isFirst):
            Self.success(of: user, [method] + further, isFirst: isFirst)
        case .failed(let user, let method, let reason):
            .init(
                "sign_in.failed", user: user, ("method", .string(method.rawValue)),
                ("reason", .string(reason.rawValue)))
        case .frozen(let user, let until):
            .init("account.frozen", user: user, ("until", .integer(Int64(until.timeIntervalSince1970))))
        case .passwordDue(let user, let method, let cause):
            .init(
                "sign_in.password_due", user: user, ("method", .string(method.rawValue)),
                ("cause", .string(cause.rawValue)))
        case .factorDue(let user, let method):
            .init("sign_in.factor_due", user: user, ("method", .string(method.rawValue)))
        case .codeSent(let user): .init("sms.sent", user: user)
        case .codeWithheld: .init("sms.withheld")
        case .codeRefused(let user, let limit): .init("sms.refused", user: user, ("limit", .string(limit.rawValue)))
        case .sessionEnded(let user, let session, let cause):
            .init(
                "session.ended", user: user, ("session", .string(session)), ("cause", .string(cause.rawValue)))
        case .entered(let user, let application): .init("application.entered", user: user, application: application)
        case .accessRefused(let user, let application, let decision):
            .init(
                "application.access_refused", user: user, application: application,
                ("decision", .string(decision.key)))
        }
    }
}

extension SignInEvent {
    fileprivate static func success(of user: String, _ factors: [Factor], isFirst: Bool) -> EventFacts {
        var facts = EventFacts("sign_in.succeeded", user: user)
        let names = factors.map { JSON.string($0.rawValue) }
        facts.members.append(JSON.Member("method", names[0]))
        if names.count > 1 { facts.members.append(JSON.Member("further", .array(Array(names.dropFirst())))) }
        facts.members.append(JSON.Member("first", .bool(isFirst)))
        return facts
    }
}

/// Why a sign-in failed. For the log only: the page shows the same words for all of them.
package enum SignInFailure: String, Equatable, Sendable, CaseIterable {
    case unknownUser = "unknown_user"
    case wrongPassword = "wrong_password"
    case noPassword = "no_password"
    case wrongCode = "wrong_code"
    case expiredCode = "expired_code"
    /// The code had its five tries.
    case exhaustedCode = "exhausted_code"
    case usedCode = "used_code"
    /// No code was sent, or a newer one replaced it.
    case noCode = "no_code"
    /// The code was sent for another browser's sign-in.
    case foreignCode = "foreign_code"
    case frozen
    case disabled
    /// A one-time password that was not used in time.
    case expiredPassword = "expired_password"
    /// A passkey that nobody has here, or whose answer is not for this browser, this site or this moment.
    case wrongPasskey = "wrong_passkey"
    /// The passkey's count went back: there may be a copy of it.
    case copiedPasskey = "copied_passkey"
    /// What was typed as the code of an invitation is none that works.
    case badInvitation = "bad_invitation"
    /// The tenant does not offer this way in.
    case methodOff = "method_off"
    /// The step was begun for a state of the account that has changed since.
    case stale
}

/// The limit that kept an SMS from being sent.
package enum SMSLimit: String, Equatable, Sendable, CaseIterable {
    case interval
    case phoneHour = "phone_hour"
    case phoneDay = "phone_day"
    case addressHour = "address_hour"
    case tenantMonth = "tenant_month"
}

/// Why a session ended.
package enum SessionEnd: String, Equatable, Sendable, CaseIterable {
    case signedOut = "signed_out"
    /// The person ended it from another session.
    case endedElsewhere = "ended_elsewhere"
    /// The same browser signed in again.
    case replaced
    case passwordChanged = "password_changed"
    case passwordReset = "password_reset"
    case userDisabled = "user_disabled"
    case userDeleted = "user_deleted"
    /// An administrator took the second factors away.
    case factorsReset = "factors_reset"
    case expired
}
