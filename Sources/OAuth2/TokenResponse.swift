package import Cryptography
package import FoundationEssentials
import Wire

/// The tokens of one answer, minted before the transaction that decides whether they are given.
package struct MintedTokens: Sendable {
    package let accessToken: OpaqueToken
    package let refreshToken: OpaqueToken

    package init(using generator: inout some RandomNumberGenerator) {
        accessToken = OpaqueToken(using: &generator)
        refreshToken = OpaqueToken(using: &generator)
    }
}

/// What one token request leads to: what is stored and what is answered.
package struct IssuedTokens: Equatable, Sendable {
    package let accessToken: AccessToken
    /// Nil when the client may not use refresh tokens.
    package let refreshToken: RefreshToken?
    /// The answer, without an ID token yet.
    package let response: TokenResponse

    /// - Parameters:
    ///   - minted: Fresh tokens; their texts go into the answer, their hashes into what is stored.
    ///   - client: Whether there is a refresh token.
    ///   - lifetimes: The installation's, overridden by the client's.
    ///   - redeemed: The refresh token that is replaced: its end is inherited. Nil when a code was redeemed.
    package init(
        _ minted: MintedTokens, for grant: Grant, scope: Scope, client: AuthenticatedClient,
        lifetimes: TokenLifetimes, replacing redeemed: RefreshToken?, now: Date
    ) {
        accessToken = AccessToken(
            hash: minted.accessToken.hash, grantID: grant.id, scope: scope, createdAt: now,
            expiresAt: now + lifetimes.accessToken)
        var refreshToken: RefreshToken?
        if client.client.grantTypes.contains(.refreshToken) {
            let end = redeemed.map(\.expiresAt) ?? lifetimes.refreshToken.map { now + $0 }
            refreshToken = RefreshToken(
                hash: minted.refreshToken.hash, grantID: grant.id, clientID: grant.clientID, createdAt: now,
                expiresAt: end)
        }
        self.refreshToken = refreshToken
        response = TokenResponse(
            accessToken: minted.accessToken.text, expiresIn: Int64(lifetimes.accessToken),
            refreshToken: refreshToken == nil ? nil : minted.refreshToken.text, scope: scope)
    }
}

/// A successful answer of the token endpoint (RFC 6749 §5.1, OIDC Core §3.1.3.3). The server sends it with
/// `Cache-Control: no-store`. Prints as `•••`.
package struct TokenResponse: Equatable, Sendable {
    let accessToken: String
    let expiresIn: Int64
    let refreshToken: String?
    package let scope: Scope
    /// A signed ID token; set when the scope has `openid`.
    package var idToken: String?

    init(accessToken: String, expiresIn: Int64, refreshToken: String?, scope: Scope) {
        self.accessToken = accessToken
        self.expiresIn = expiresIn
        self.refreshToken = refreshToken
        self.scope = scope
    }

    /// The body.
    package var json: [UInt8] {
        var writer = JSONWriter(reserving: 256 + (idToken?.utf8.count ?? 0))
        writer.beginObject()
        writer.member("access_token", accessToken)
        writer.member("token_type", "Bearer")
        writer.member("expires_in", expiresIn)
        writer.member("refresh_token", ifPresent: refreshToken)
        writer.member("scope", scope.text)
        writer.member("id_token", ifPresent: idToken)
        writer.endObject()
        return writer.bytes
    }
}

extension TokenResponse: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
