/// What a message is for. A code for one purpose does not serve for another.
///
/// The raw values are the names that templates are configured by and that the workbench's sign-in API uses.
package enum SMSPurpose: String, Equatable, Sendable, CaseIterable {
    case signIn = "LOGIN_SMS"
    case register = "REGISTER_SMS"
    case forgottenPassword = "FORGET_PWD_SMS"
    /// To a phone that a person wants to add to an account without one.
    case bindPhone = "BIND_MOBILE_SMS"
    /// To the old and to the new phone when a person changes it.
    case changePhone = "UPDATE_MOBILE_SMS"
    case secondFactor = "OTP_REST_SMS"
    /// To somebody who is about to do something that asks for one more proof.
    case confirmAct = "CONFIRM_SMS"
    /// A one-time password from an administrator.
    case oneTimePassword = "NEW_PWD_SMS"
    /// Tells a person that an administrator cleared the password: from here on a code lets them in.
    case passwordCleared = "PWD_CLEARED_SMS"
    /// Tells a person that the password was changed or reset.
    case passwordChanged = "PWD_CHANGED_SMS"
    /// Tells a person that the account's phone was changed; goes to the old one.
    case phoneChanged = "MOBILE_CHANGED_SMS"
    /// Tells a person that a second factor or a passkey came or went.
    case factorChanged = "FACTOR_CHANGED_SMS"
    /// Tells an administrator what became of a domain's proof.
    case domainChecked = "DOMAIN_SMS"
    /// Tells a person that the account has an e-mail address; for want of an old address that could be told.
    case emailChanged = "EMAIL_CHANGED_SMS"
    /// To a person who wants to see in which other enterprises of the installation the phone is a member's.
    case enterprises = "ENTERPRISE_SMS"
    /// Tells a new member, who came by an invitation, the account and where to sign in.
    case memberAdded = "NEW_MEMBER_SMS"
    /// Tells a person that an enterprise declined to take them in.
    case requestDeclined = "JOIN_DECLINED_SMS"

    /// Whether the message carries a code that is typed back. The others tell something.
    package var carriesCode: Bool {
        switch self {
        case .signIn, .register, .forgottenPassword, .bindPhone, .changePhone, .secondFactor, .confirmAct: true
        case .enterprises: true
        case .oneTimePassword, .passwordCleared, .passwordChanged, .phoneChanged, .factorChanged, .domainChecked,
            .emailChanged, .memberAdded, .requestDeclined:
            false
        }
    }
}

/// What became of a message.
package enum SMSOutcome: String, Equatable, Sendable, CaseIterable {
    /// A gateway took it.
    case accepted
    /// The vendor does not send to this receiver. It counts as sent: asking again would not help.
    case rejected
    /// No gateway took it. It counts for nothing.
    case failed
}

/// Whether a tenant's messages get out at the moment.
///
/// A person is told at once instead of waiting for a message that will not come, and nothing is counted against them.
/// The rule looks at the tenant's last settled message of the purpose, whoever it was for, so the answer is the same for
/// every phone.
package enum SMSOutage {
    /// Seconds after a failure during which the next message is not even tried. Longer than the wait between two sends,
    /// so that whoever asks again is told; short enough that a gateway which has come back is used again soon.
    package static let span = 120
}
