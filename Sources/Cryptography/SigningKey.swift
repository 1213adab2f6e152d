import CLibCrypto

/// A private key that signs tokens. May be used from any number of threads at once; prints as `•••`.
///
/// ```swift
/// let key = try SigningKey.generate(.es256)
/// let signature = try key.sign(message)                   // 64 bytes: r and s
/// key.verificationKey.verify(signature, for: message)     // true
/// ```
package final class SigningKey: Sendable {
    package let algorithm: SignatureAlgorithm
    /// The public half.
    package let verificationKey: VerificationKey
    private let key: EVPKey

    private init(_ key: EVPKey) throws(KeyError) {
        self.key = key
        algorithm = key.algorithm
        let components: PublicKeyComponents =
            switch key.algorithm {
            case .rs256: .rsa(modulus: try key.number("n"), exponent: try key.number("e"))
            case .es256: .p256(x: try key.number("qx", length: 32), y: try key.number("qy", length: 32))
            }
        verificationKey = try VerificationKey(components, algorithm: key.algorithm)
    }

    /// A new key: RSA of 2048 bits (50 to 500 ms of CPU) or P-256.
    ///
    /// Takes its randomness from OpenSSL's generator, which the system seeds; a test that needs a fixed key imports one.
    package static func generate(_ algorithm: SignatureAlgorithm) throws(KeyError) -> SigningKey {
        let context = unsafe EVP_PKEY_CTX_new_from_name(nil, algorithm == .rs256 ? "RSA" : "EC", nil)
        defer { unsafe EVP_PKEY_CTX_free(context) }
        guard unsafe EVP_PKEY_keygen_init(context) == 1 else { throw failure(.failed) }
        let status =
            switch algorithm {
            case .rs256: unsafe EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048)
            case .es256: unsafe EVP_PKEY_CTX_set_group_name(context, "P-256")
            }
        var key: OpaquePointer?
        guard status == 1, unsafe EVP_PKEY_generate(context, &key) == 1 else { throw failure(.failed) }
        return try SigningKey(unsafe EVPKey(owning: key, algorithm, .signing))
    }

    /// Reads a PKCS#8 `PrivateKeyInfo` in DER (RFC 5208 §5), as `pkcs8DER` wrote it and `SealingKey` kept it.
    /// - Throws: `.malformed` for other bytes or bytes behind it, `.wrongKind` and `.unacceptableSize`.
    package convenience init(pkcs8DER der: [UInt8], algorithm: SignatureAlgorithm) throws(KeyError) {
        let key = unsafe der.withUnsafeBufferPointer { der -> OpaquePointer? in
            var cursor = der.baseAddress
            let info = unsafe d2i_PKCS8_PRIV_KEY_INFO(nil, &cursor, der.count)
            defer { unsafe PKCS8_PRIV_KEY_INFO_free(info) }
            guard unsafe info != nil, unsafe cursor == der.baseAddress?.advanced(by: der.count) else { return nil }
            return unsafe EVP_PKCS82PKEY(info)
        }
        try self.init(unsafe EVPKey(owning: key, algorithm, .signing))
    }

    /// The private key in PKCS#8, unencrypted: for `SealingKey.seal` and for nothing else.
    package func pkcs8DER() throws(KeyError) -> [UInt8] {
        let info = unsafe EVP_PKEY2PKCS8(key.pointer)
        defer { unsafe PKCS8_PRIV_KEY_INFO_free(info) }
        var allocated: UnsafeMutablePointer<UInt8>?
        let length = unsafe Int(i2d_PKCS8_PRIV_KEY_INFO(info, &allocated))
        guard length > 0, let allocated = unsafe allocated else { throw failure(.failed) }
        defer { unsafe CRYPTO_clear_free(allocated, length, nil, 0) }
        return unsafe Array(UnsafeBufferPointer(start: allocated, count: length))
    }

    /// The signature of `message` in the form of RFC 7518 §3: RS256 256 bytes, ES256 r and s in 64.
    package func sign(_ message: [UInt8]) throws(KeyError) -> [UInt8] {
        let signature = try key.sign(message)
        return switch algorithm {
        case .rs256: signature
        case .es256: try ECDSASignature.concatenated(fromDER: signature)
        }
    }
}

extension SigningKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
