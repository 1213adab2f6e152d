/// How a key signs (RFC 7518 §3.1). The raw value is the `alg` of a JWS header.
package enum SignatureAlgorithm: String, CaseIterable, Sendable {
    /// RSASSA-PKCS1-v1_5 with SHA-256 (§3.3).
    case rs256 = "RS256"
    /// ECDSA on P-256 with SHA-256 (§3.4); the signature is r and s, 32 bytes each.
    case es256 = "ES256"
}

/// The numbers that make a public key, unsigned and big-endian (RFC 7518 §6).
package enum PublicKeyComponents: Equatable, Sendable {
    /// Both without leading zero bytes.
    case rsa(modulus: [UInt8], exponent: [UInt8])
    /// A point on P-256; 32 bytes each.
    case p256(x: [UInt8], y: [UInt8])
}

/// Why a key cannot be made or used.
package enum KeyError: Error, Equatable, Sendable {
    /// Not the bytes or numbers of a key; not a point of the curve.
    case malformed
    /// A key of another kind than the algorithm asks for.
    case wrongKind
    /// RSA below 2048 bits (RFC 7518 §3.3) or above 8192, which would cost too much to verify with.
    case unacceptableSize
    /// libcrypto failed.
    case failed
}
