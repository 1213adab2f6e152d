/// How an attempt came out, and what else the sign-in log tells: the word that a reader of the log asks by.
package enum SignInResult: String, Equatable, Sendable, CaseIterable {
    case succeeded, failed, frozen
    case passwordDue = "password-due"
    case factorDue = "factor-due"
    case codeSent = "code-sent"
    case codeWithheld = "code-withheld"
    case codeRefused = "code-refused"
    case sessionEnded = "session-ended"
    case entered
    case accessRefused = "access-refused"

    /// ``Event/name`` of the events of this result.
    package var eventName: String {
        switch self {
        case .succeeded: "sign_in.succeeded"
        case .failed: "sign_in.failed"
        case .frozen: "account.frozen"
        case .passwordDue: "sign_in.password_due"
        case .factorDue: "sign_in.factor_due"
        case .codeSent: "sms.sent"
        case .codeWithheld: "sms.withheld"
        case .codeRefused: "sms.refused"
        case .sessionEnded: "session.ended"
        case .entered: "application.entered"
        case .accessRefused: "application.access_refused"
        }
    }

    /// nil for an event of the audit log.
    package init?(eventName: String) {
        guard let result = Self.allCases.first(where: { $0.eventName == eventName }) else { return nil }
        self = result
    }
}

extension Event {
    /// The names of all events of a log.
    package static func names(in log: Log) -> [String] {
        switch log {
        case .signIn: SignInResult.allCases.map(\.eventName)
        case .audit: auditNames
        }
    }

    private static let auditNames = [
        "user.created", "user.changed", "user.disabled", "user.enabled", "user.deleted", "account.unfrozen",
        "password.set", "password.cleared",
        "group.created", "application.created", "application.changed", "application.disabled", "application.enabled",
        "application.secret_added", "application.secret_revoked", "application.authentication_failed",
        "authorization_code.replayed", "authorization_code.foreign", "refresh_token.reused", "tenant.created",
        "tenant.changed", "tenant.settings_applied", "sms.quota_passed", "domain.added", "domain.verified",
        "domain.failed", "domain.removed", "domain.proof_missing",
        "factor.added", "factor.removed", "factor.codes_made", "factor.reset",
        "email.code_sent", "email.code_limited", "email.code_refused", "email.verified", "grants.withdrawn",
        "department.added", "department.changed", "department.removed", "invitation.created", "invitation.revoked",
        "invitation.used", "join.requested", "join.accepted", "join.declined",
    ]
}
