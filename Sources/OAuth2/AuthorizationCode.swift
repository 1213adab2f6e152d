package import Cryptography
package import FoundationEssentials
import Wire

/// A single-use credential that a client exchanges for tokens (RFC 6749 §1.3.1).
package struct AuthorizationCode: Equatable, Sendable {
    /// `OpaqueToken.hash` of the code; the code itself is in the redirect only.
    package let hash: String
    package let grantID: String
    package let clientID: String
    /// The `redirect_uri` of the authorization request, byte for byte.
    package let redirectURI: String
    /// What the token request's verifier must answer; nil when the authorization request had no challenge.
    package let codeChallenge: PKCE.Challenge?
    /// The first instant at which the code is no longer accepted; whole seconds.
    package let expiresAt: Date
    package var isRedeemed: Bool

    /// What redeeming a code leads to. Both cases change stored state, so neither is an error.
    package enum Redemption: Equatable, Sendable {
        /// Tokens may be issued for this grant.
        case granted(grantID: String)
        /// The code was redeemed before: the grant, and with it every token, is to be revoked (RFC 6749 §4.1.2). The
        /// client is told ``AuthorizationCode/unusable``.
        case replayed(grantID: String)
    }

    /// A code as it is stored.
    package init(
        hash: String, grantID: String, clientID: String, redirectURI: String, codeChallenge: PKCE.Challenge?,
        expiresAt: Date, isRedeemed: Bool = false
    ) {
        self.hash = hash
        self.grantID = grantID
        self.clientID = clientID
        self.redirectURI = redirectURI
        self.codeChallenge = codeChallenge
        self.expiresAt = expiresAt
        self.isRedeemed = isRedeemed
    }

    /// A new code for what a request asked for.
    /// - Parameters:
    ///   - token: Freshly minted; its text goes to the client.
    ///   - lifetime: Seconds.
    package init(
        _ token: OpaqueToken, for grantID: String, request: AuthorizationRequest, lifetime: TimeInterval, now: Date
    ) {
        self.init(
            hash: token.hash, grantID: grantID, clientID: request.target.client.id,
            redirectURI: request.target.redirectURI, codeChallenge: request.codeChallenge, expiresAt: now + lifetime)
    }

    /// Decides whether a token request may redeem this code.
    ///
    /// ```swift
    /// try code.redeem(by: client, redirectURI: "https://client.example/cb", verifier: verifier, now: now)
    /// // .granted(grantID: "g-7")
    /// ```
    ///
    /// - Parameters:
    ///   - client: The client, authenticated.
    ///   - redirectURI: The request's `redirect_uri`, compared as a string.
    ///   - verifier: The request's `code_verifier`, nil when it has none.
    ///   - now: The current time; whole seconds.
    /// - Returns: What the caller must write, in the transaction that read this code.
    /// - Throws: `invalid_grant` when the code belongs to another client, names another redirect URI, has expired or
    ///   was asked for with another verifier. Nothing is to be written then.
    /// - SeeAlso: RFC 6749 §4.1.3, §5.2; RFC 7636 §4.6; RFC 9700 §2.1.1.
    package func redeem(
        by client: AuthenticatedClient, redirectURI: String, verifier: PKCE.Verifier?, now: Date
    ) throws(OAuth2Error) -> Redemption {
        guard client.client.id.isByteEqual(to: clientID) else {
            throw OAuth2Error(.invalidGrant, "code was issued to another client")
        }
        guard redirectURI.isByteEqual(to: self.redirectURI) else {
            throw OAuth2Error(.invalidGrant, "redirect_uri does not match")
        }
        guard !isRedeemed else { return .replayed(grantID: grantID) }
        guard now < expiresAt else { throw OAuth2Error(.invalidGrant, "code has expired") }
        try PKCE.verify(verifier, against: codeChallenge)
        return .granted(grantID: grantID)
    }

    /// What the client is told about a code that does not exist or was redeemed before: one sentence for both.
    package static let unusable = OAuth2Error(.invalidGrant, "code is unknown or was redeemed before")
}
