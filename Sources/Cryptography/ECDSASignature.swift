import CLibCrypto

/// The two spellings of a P-256 signature: DER, which OpenSSL speaks, and r followed by s (RFC 7518 §3.4).
enum ECDSASignature {
    /// 64 bytes from DER.
    static func concatenated(fromDER der: [UInt8]) throws(KeyError) -> [UInt8] {
        let signature = unsafe der.withUnsafeBufferPointer { der in
            var cursor = der.baseAddress
            return unsafe d2i_ECDSA_SIG(nil, &cursor, der.count)
        }
        guard let signature = unsafe signature else { throw failure(.failed) }
        defer { unsafe ECDSA_SIG_free(signature) }
        let r = try unsafe bytes(of: ECDSA_SIG_get0_r(signature), length: 32)
        return try r + (unsafe bytes(of: ECDSA_SIG_get0_s(signature), length: 32))
    }

    /// DER from 64 bytes; nil for another length. Whether r and s are in range is for the verification to say.
    static func der(fromConcatenated signature: [UInt8]) -> [UInt8]? {
        guard signature.count == 64 else { return nil }
        return DER.sequence(DER.integer(signature[..<32]) + DER.integer(signature[32...]))
    }
}
