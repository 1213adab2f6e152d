/// Why a token or a key is not accepted. Small on purpose: a client learns no more than its own error code says.
package enum JOSEError: Error, Equatable, Sendable {
    /// Not three base64url parts, or the header or the claims are not a JSON object (RFC 7515 §5.2, RFC 7519 §7.2).
    case malformed
    /// The header's `alg` is not the algorithm of the key that is to verify (RFC 8725 §3.1).
    case wrongAlgorithm
    /// The header's `typ` is not the one that is expected here (RFC 8725 §3.11).
    case wrongType
    /// The header names extensions that must be understood (`crit`, RFC 7515 §4.1.11), or `b64` (RFC 7797).
    case unsupportedExtension
    /// No key of the set fits the header.
    case unknownKey
    /// The signature does not belong to the text.
    case badSignature
    /// A JWK that is not a public signature key of a supported kind.
    case unusableKey
    /// libcrypto could not sign.
    case signingFailed
    /// A claim is missing or of the wrong type (RFC 7519 §4.1).
    case badClaim(RegisteredClaim)
    /// `exp` has come, or `iat` lies too far back.
    case expired
    /// `nbf` or `iat` lies in the future.
    case notYetValid
    /// `iss` is another.
    case wrongIssuer
    /// `aud` does not contain us.
    case wrongAudience

    /// The claims that `JWT` checks.
    package enum RegisteredClaim: String, Equatable, Sendable {
        case issuer = "iss"
        case audience = "aud"
        case expiration = "exp"
        case notBefore = "nbf"
        case issuedAt = "iat"
    }
}
