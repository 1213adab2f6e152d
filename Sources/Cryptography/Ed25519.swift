import CLibCrypto

/// EdDSA on Curve25519 (RFC 8032 §5.1), which some authenticators sign with. Nothing of ours is signed so.
package enum Ed25519 {
    /// Bytes of a public key.
    package static let keyLength = 32

    /// Whether `signature`, 64 bytes, belongs to `message`.
    /// - Parameter publicKey: As RFC 8032 §5.1.5 encodes it; any other bytes verify nothing.
    package static func isValid(_ signature: [UInt8], for message: [UInt8], publicKey: [UInt8]) -> Bool {
        guard publicKey.count == keyLength, signature.count == 64 else { return false }
        let key = unsafe EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, publicKey, publicKey.count)
        defer { unsafe EVP_PKEY_free(key) }
        let context = unsafe EVP_MD_CTX_new()
        defer { unsafe EVP_MD_CTX_free(context) }
        let isValid =
            unsafe key != nil && EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1
            && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
        if !isValid { ERR_clear_error() }
        return isValid
    }
}
