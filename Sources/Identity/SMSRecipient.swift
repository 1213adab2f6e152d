package import Directory
package import FoundationEssentials

extension SMSChallenge {
    /// Whether a code for signing in, or for a forgotten password, is really sent, and whose it is.
    ///
    /// - Parameters:
    ///   - user: The user whose phone was typed; nil when it is nobody's.
    ///   - purpose: ``SMSPurpose/signIn`` or ``SMSPurpose/forgottenPassword``.
    ///   - throttle: The user's row.
    /// - Returns: The user's id; nil for a decoy: an unknown phone, a disabled or frozen user, another tenant's, or a
    ///   tenant that does not offer codes. The page answers the same.
    package static func recipient(
        _ user: User?, for purpose: SMSPurpose = .signIn, throttle: Throttle?, tenantID: String,
        policy: IdentityPolicy, now: Date
    ) -> String? {
        let isOffered = purpose == .forgottenPassword ? policy.password.offersReset : policy.methods.contains(.sms)
        guard isOffered, let user, user.tenantID == tenantID, user.isEnabled else { return nil }
        guard throttle?.isFrozen(policy.throttle, now: now) != true else { return nil }
        return user.id
    }
}
