package import Directory
package import OAuth2
import Wire

/// The answer of the userinfo endpoint (OIDC Core §5.3). Personal data; sent with `Cache-Control: no-store`.
package struct UserInfo: Equatable, Sendable, Concealed {
    private let user: User
    private let groups: [Group]
    private let scope: Scope

    /// - Parameters:
    ///   - user: The user of the token's grant.
    ///   - groups: Groups of the tenant; may be empty when the scope does not have `groups`.
    ///   - scope: The access token's, which has `openid`.
    package init(_ user: User, groups: [Group], scope: Scope) {
        self.user = user
        self.groups = groups
        self.scope = scope
    }

    /// `sub` always, then what the scope opens.
    package var json: [UInt8] {
        var writer = JSONWriter(reserving: 256)
        writer.beginObject()
        writer.member("sub", SubjectIdentifier(of: user).text)
        Claims.write(user, groups: groups, scope: scope, to: &writer)
        writer.endObject()
        return writer.bytes
    }
}
