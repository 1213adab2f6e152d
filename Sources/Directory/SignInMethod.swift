/// A way in that the sign-in page offers.
package enum SignInMethod: String, Equatable, Sendable, CaseIterable {
    /// Account name, phone or e-mail, and a password.
    case password
    /// Phone and a code sent to it.
    case sms
    /// A passkey, which says itself whose it is.
    case passkey

    /// What is proved by it.
    package var factor: Factor {
        switch self {
        case .password: .password
        case .sms: .sms
        case .passkey: .passkey
        }
    }
}
