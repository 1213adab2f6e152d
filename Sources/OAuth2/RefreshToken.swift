package import FoundationEssentials
import Wire

/// What a client exchanges for the next access token (RFC 6749 §1.5). Each is used once and then replaced
/// by another (RFC 9700 §4.14.2).
package struct RefreshToken: Equatable, Sendable {
    /// `OpaqueToken.hash` of the token.
    package let hash: String
    package let grantID: String
    package let clientID: String
    package let createdAt: Date
    /// The first instant at which the token is no longer accepted; nil for no end. A successor inherits it: use does
    /// not prolong what was granted.
    package let expiresAt: Date?
    package var isRedeemed: Bool

    package init(
        hash: String, grantID: String, clientID: String, createdAt: Date, expiresAt: Date?, isRedeemed: Bool = false
    ) {
        self.hash = hash
        self.grantID = grantID
        self.clientID = clientID
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.isRedeemed = isRedeemed
    }

    /// What redeeming a refresh token leads to. Both cases change stored state, so neither is an error.
    package enum Redemption: Equatable, Sendable {
        /// A new access token of this scope and a new refresh token may be issued.
        case granted(scope: Scope)
        /// The token was used before, by the client or by a thief: the grant is to be revoked. The client is told
        /// ``RefreshToken/unusable``.
        case replayed(grantID: String)
    }

    /// Decides whether a token request may redeem this token.
    /// - Parameters:
    ///   - client: The client, authenticated.
    ///   - requested: The request's `scope`: less than was granted, or nil for all of it.
    ///   - grant: The grant that the token points to.
    ///   - now: The current time; whole seconds.
    /// - Returns: What the caller must write, in the transaction that read this token.
    /// - Throws: `invalid_grant` when the token belongs to another client or has expired or its grant was revoked,
    ///   `invalid_scope` when more is asked for than was granted. Nothing is to be written then.
    /// - SeeAlso: RFC 6749 §6, RFC 9700 §4.14.
    package func redeem(
        by client: AuthenticatedClient, scope requested: Scope?, of grant: Grant, now: Date
    ) throws(OAuth2Error) -> Redemption {
        guard client.client.id.isByteEqual(to: clientID) else {
            throw OAuth2Error(.invalidGrant, "refresh token was issued to another client")
        }
        guard grantID.isByteEqual(to: grant.id), clientID.isByteEqual(to: grant.clientID) else { throw Self.unusable }
        guard !isRedeemed else { return .replayed(grantID: grantID) }
        guard expiresAt.map({ now < $0 }) ?? true else {
            throw OAuth2Error(.invalidGrant, "refresh token has expired")
        }
        guard grant.revokedAt == nil else { throw Self.unusable }
        guard let requested else { return .granted(scope: grant.scope) }
        guard requested.isSubset(of: grant.scope) else {
            throw OAuth2Error(.invalidScope, "scope is more than was granted")
        }
        return .granted(scope: requested)
    }

    /// What the client is told about a token that does not exist, was used before or was revoked: one sentence for all.
    package static let unusable = OAuth2Error(.invalidGrant, "refresh token is unknown, used or revoked")
}
