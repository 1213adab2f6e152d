import CLibCrypto

/// An OpenSSL digest, fetched once: `EVP_sha256()` would search for its implementation at each use (200 ns).
///
/// Invariant of `@unchecked Sendable`: a fetched `EVP_MD` is never changed, and libcrypto reads it from any thread.
@safe final class MessageDigest: @unchecked Sendable {
    /// Lives as long as the process, so it is never freed. The legacy constant serves when fetching fails.
    let pointer: OpaquePointer?
    /// Output length in bytes.
    let length: Int

    static let sha256 = unsafe MessageDigest(fetched: EVP_MD_fetch(nil, "SHA256", nil), or: EVP_sha256())

    private init(fetched: OpaquePointer?, or legacy: OpaquePointer?) {
        unsafe pointer = unsafe fetched ?? legacy
        length = unsafe Int(EVP_MD_get_size(pointer))
    }

    /// The digest of `bytes`.
    func hash(_ bytes: [UInt8]) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: length)
        let status = unsafe EVP_Digest(bytes, bytes.count, &output, nil, pointer, nil)
        precondition(status == 1, "libcrypto could not compute a digest")
        return output
    }
}

/// A keyless HMAC context that is copied for each use: finding MAC and digest by name costs more than the MAC.
///
/// Invariant of `@unchecked Sendable`: after `init` the context is only read, as the source of `EVP_MAC_CTX_dup`.
@safe final class MACTemplate: @unchecked Sendable {
    static let hmacSHA256 = MACTemplate("SHA256", length: 32)
    static let hmacSHA1 = MACTemplate("SHA1", length: 20)
    private let context: OpaquePointer?
    /// Output length in bytes.
    private let length: Int

    private init(_ digest: String, length: Int) {
        self.length = length
        let mac = unsafe EVP_MAC_fetch(nil, OSSL_MAC_NAME_HMAC, nil)
        unsafe context = unsafe EVP_MAC_CTX_new(mac)
        var digest = Array(digest.utf8CString)
        // A parameter keeps the address of its name: a Swift string passed to the constructor would be gone by now.
        unsafe OSSL_MAC_PARAM_DIGEST.withCString { name in
            unsafe digest.withUnsafeMutableBufferPointer { digest in
                let parameters = unsafe [
                    OSSL_PARAM_construct_utf8_string(name, digest.baseAddress, 0), OSSL_PARAM_construct_end(),
                ]
                _ = unsafe EVP_MAC_CTX_set_params(context, parameters)
            }
        }
    }

    func authenticate(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        let copy = unsafe EVP_MAC_CTX_dup(context)
        defer { unsafe EVP_MAC_CTX_free(copy) }
        var output = [UInt8](repeating: 0, count: length)
        var written = 0
        // Swift passes an empty array as an address too; a null key would mean "the key of the template", of which
        // there is none.
        let succeeded =
            unsafe EVP_MAC_init(copy, key, key.count, nil) == 1
            && EVP_MAC_update(copy, message, message.count) == 1
            && EVP_MAC_final(copy, &output, &written, output.count) == 1
        precondition(succeeded && written == output.count, "libcrypto could not compute a MAC")
        return output
    }
}

/// AES-256-GCM, fetched once.
///
/// Invariant of `@unchecked Sendable`: as for `MessageDigest`.
@safe final class Cipher: @unchecked Sendable {
    static let aes256GCM = Cipher()
    let pointer: OpaquePointer?

    private init() {
        unsafe pointer = unsafe EVP_CIPHER_fetch(nil, "AES-256-GCM", nil)
    }
}
