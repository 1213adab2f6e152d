import CLibCrypto

/// A public key that checks signatures. May be used from any number of threads at once.
package final class VerificationKey: Sendable {
    package let algorithm: SignatureAlgorithm
    /// The numbers to publish.
    package let components: PublicKeyComponents
    private let key: EVPKey

    /// - Throws: `.malformed` for a point off the curve or an empty number, `.wrongKind`, `.unacceptableSize`.
    package init(_ components: PublicKeyComponents, algorithm: SignatureAlgorithm) throws(KeyError) {
        key = try unsafe EVPKey(owning: try publicKey(components), algorithm, .verifying)
        guard unsafe Self.isSound(key.pointer) else { throw failure(.malformed) }
        self.algorithm = algorithm
        self.components = components
    }

    /// Whether `signature`, in the form of RFC 7518 §3, belongs to `message`.
    package func verify(_ signature: [UInt8], for message: [UInt8]) -> Bool {
        switch algorithm {
        case .rs256: key.verify(signature, message)
        case .es256: ECDSASignature.der(fromConcatenated: signature).map { key.verify($0, message) } ?? false
        }
    }

    /// Whether `signature`, in OpenSSL's and WebAuthn's form (for ECDSA the DER of RFC 3279 §2.2.3), belongs to
    /// `message`.
    package func verify(der signature: [UInt8], for message: [UInt8]) -> Bool { key.verify(signature, message) }

    private static func isSound(_ pointer: OpaquePointer) -> Bool {
        let context = unsafe EVP_PKEY_CTX_new_from_pkey(nil, pointer, nil)
        defer { unsafe EVP_PKEY_CTX_free(context) }
        return unsafe EVP_PKEY_public_check_quick(context) == 1
    }
}

/// An OpenSSL key of these numbers, read from a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7); the caller owns it.
private func publicKey(_ components: PublicKeyComponents) throws(KeyError) -> OpaquePointer? {
    let information = DER.sequence(try subjectPublicKey(components))
    return unsafe information.withUnsafeBufferPointer { information in
        var cursor = information.baseAddress
        return unsafe d2i_PUBKEY(nil, &cursor, information.count)
    }
}

/// Algorithm and key; sizes are bounded before anything is computed with them.
private func subjectPublicKey(_ components: PublicKeyComponents) throws(KeyError) -> [UInt8] {
    switch components {
    case .rsa(let modulus, let exponent):
        guard (256...1024).contains(modulus.count), exponent.count <= 8 else { throw .unacceptableSize }
        let numbers = DER.sequence(DER.integer(modulus[...]) + DER.integer(exponent[...]))
        return DER.rsaEncryption + DER.bitString(numbers)
    case .p256(let x, let y):
        guard x.count == 32, y.count == 32 else { throw .malformed }
        // 4 stands for an uncompressed point (SEC 1 §2.3.3).
        return DER.p256 + DER.bitString([4] + x + y)
    }
}
