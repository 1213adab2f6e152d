package import Cryptography
package import FoundationEssentials
package import JOSE
package import OAuth2
import Wire

/// What a client is told about the sign-in itself (OIDC Core §2). Who the person is beyond `sub`, it asks at userinfo.
package struct IDToken: Equatable, Sendable {
    /// Everything that the claims are made of.
    package let grant: Grant
    package let issuer: String
    /// `nonce`: in the first ID token of a grant; a refreshed one has none (OIDC Core §12.2).
    package let nonce: String?
    /// Left half of the SHA-256 of the access token that goes along (§3.1.3.6).
    let accessTokenHash: String
    package let issuedAt: Date
    package let expiresAt: Date

    /// - Parameters:
    ///   - grant: Its scope has `openid`.
    ///   - issuer: The tenant's issuer, from configuration.
    ///   - accessToken: The token of the same answer.
    ///   - isFirst: True when a code was redeemed, false for a refresh.
    ///   - lifetime: Seconds.
    package init(
        of grant: Grant, issuer: String, accessToken: OpaqueToken, isFirst: Bool, lifetime: TimeInterval, now: Date
    ) {
        self.grant = grant
        self.issuer = issuer
        nonce = isFirst ? grant.nonce : nil
        // Both algorithms that we sign with hash with SHA-256.
        accessTokenHash = Base64URL.encode(Array(SHA256.hash(accessToken.text).prefix(16)))
        issuedAt = now
        expiresAt = now + lifetime
    }

    /// The claims set.
    package var claims: [UInt8] {
        var writer = JSONWriter(reserving: 512)
        writer.beginObject()
        writer.member("iss", issuer)
        writer.member("sub", SubjectIdentifier(stored: grant.userID).text)
        writer.member("aud", grant.clientID)
        writer.member("exp", Int64(expiresAt.timeIntervalSince1970))
        writer.member("iat", Int64(issuedAt.timeIntervalSince1970))
        writer.member("auth_time", Int64(grant.authentication.time.timeIntervalSince1970))
        writer.member("nonce", ifPresent: nonce)
        writer.member("acr", ifPresent: grant.authentication.level)
        writer.member("amr", grant.authentication.methods)
        writer.member("sid", grant.sessionID)
        writer.member("at_hash", accessTokenHash)
        writer.endObject()
        return writer.bytes
    }

    /// The compact form.
    /// - Parameter signer: Of the client's ``Client/idTokenAlgorithm``, made for the type `JWT`.
    /// - Throws: `server_error` when libcrypto cannot sign.
    package func signed(by signer: JWSSigner) throws(OAuth2Error) -> String {
        do {
            return try signer.sign(claims)
        } catch { throw OAuth2Error(.serverError, "the ID token could not be signed") }
    }
}
