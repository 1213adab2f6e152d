/// A way in that the sign-in page offers.
package enum SignInMethod: String, Equatable, Sendable, CaseIterable {
    /// Account name, phone or e-mail, and a password.
    case password
    /// Phone and a code sent to it.
    case sms
}
