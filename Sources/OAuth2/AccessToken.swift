package import FoundationEssentials
import Wire

/// What a client shows at a protected resource (RFC 6749 §1.4), as it is stored.
package struct AccessToken: Equatable, Sendable {
    /// `OpaqueToken.hash` of the token.
    package let hash: String
    package let grantID: String
    /// The grant's scope, or less of it when a refresh asked for less.
    package let scope: Scope
    package let createdAt: Date
    /// The first instant at which the token is no longer accepted; whole seconds.
    package let expiresAt: Date

    package init(hash: String, grantID: String, scope: Scope, createdAt: Date, expiresAt: Date) {
        self.hash = hash
        self.grantID = grantID
        self.scope = scope
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }

    /// Decides whether the token opens a resource that needs one word of scope.
    /// - Parameters:
    ///   - grant: The grant that the token points to.
    ///   - word: The scope that the resource asks for.
    ///   - now: The current time; whole seconds.
    /// - Throws: `invalid_token` for an expired token and a revoked grant, `insufficient_scope` (RFC 6750 §3.1).
    package func verify(of grant: Grant, for word: String, now: Date) throws(OAuth2Error) {
        guard grantID.isByteEqual(to: grant.id) else { throw Self.unusable }
        guard now < expiresAt else { throw OAuth2Error(.invalidToken, "access token has expired") }
        guard grant.revokedAt == nil else { throw Self.unusable }
        guard scope.contains(word) else {
            throw OAuth2Error(.insufficientScope, "the access token does not have the scope that is needed")
        }
    }

    /// What the client is told about a token that does not exist or was revoked.
    package static let unusable = OAuth2Error(.invalidToken, "access token is unknown or revoked")
}
