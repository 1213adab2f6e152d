import Directory
import FoundationEssentials
import OAuth2
import Wire

/// What a client learns about a person, by the words of its scope (OIDC Core §5.1, §5.4).
package enum Claims {
    /// Every name that an ID token or userinfo can hold, for the provider's metadata.
    package static let supported = [
        "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash", "name",
        "preferred_username", "updated_at", "email", "phone_number", "groups", "email_verified", "nickname",
    ]

    /// Writes the claims that `scope` opens; what the person does not have is left out (§5.3.2).
    ///
    /// `email_verified` is true exactly when the person proved the address themselves. `phone_number_verified` is not
    /// claimed: whoever entered a number, nobody noted whether it was tried.
    /// - Parameter groups: Groups of the tenant; only those that the user is a member of count.
    static func write(_ user: User, groups: [Group], scope: Scope, to writer: inout JSONWriter) {
        if scope.contains("profile") {
            writer.member("name", user.profile.name)
            writer.member("nickname", ifPresent: user.profile.nickname)
            writer.member("preferred_username", user.username.text)
            writer.member("updated_at", Int64(user.updatedAt.timeIntervalSince1970))
        }
        if scope.contains("email"), let email = user.profile.email {
            writer.member("email", email.text)
            writer.member("email_verified", user.profile.emailVerifiedAt != nil)
        }
        if scope.contains("phone") { writer.member("phone_number", ifPresent: user.profile.phone?.e164) }
        if scope.contains("groups") {
            writer.member("groups", groups.filter { user.groupIDs.contains($0.id) }.map(\.name).sorted())
        }
    }
}
