/// One thing by which a person proves who they are.
///
/// ```
///              knows       has
///  password      x
///  sms                      x     the phone that belongs to the account
///  totp                     x     an authenticator app
///  recoveryCode             x     a sheet of paper, in the place of what was lost
///  passkey       x          x     a key behind a device's own lock: two factors in one step
/// ```
package enum Factor: String, Equatable, Sendable, CaseIterable {
    case password
    case sms
    /// A code of an authenticator app (RFC 6238).
    case totp
    /// A single-use code that the person wrote down.
    case recoveryCode = "recovery_code"
    /// A discoverable credential with user verification (WebAuthn).
    case passkey
}
