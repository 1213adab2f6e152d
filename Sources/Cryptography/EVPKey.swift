import CLibCrypto

/// An OpenSSL key, private or public, and the algorithm it is used with.
///
/// Invariant of `@unchecked Sendable`: the key and the two contexts are never changed after `init`; contexts are only
/// copied, and libcrypto counts references to the key atomically.
@safe final class EVPKey: @unchecked Sendable {
    let pointer: OpaquePointer
    let algorithm: SignatureAlgorithm
    /// Ready to sign or verify. Copying one saves the 2-3 µs of setting one up, a tenth of an ES256 signature.
    private let template: OpaquePointer?

    enum Use { case signing, verifying }

    /// Takes ownership of `pointer`, also when it throws.
    init(owning pointer: OpaquePointer?, _ algorithm: SignatureAlgorithm, _ use: Use) throws(KeyError) {
        guard let pointer = unsafe pointer else { throw failure(.malformed) }
        do { try unsafe Self.check(pointer, algorithm) } catch {
            unsafe EVP_PKEY_free(pointer)
            throw failure(error)
        }
        unsafe self.pointer = unsafe pointer
        self.algorithm = algorithm
        unsafe template = EVP_MD_CTX_new()
        let digest = unsafe MessageDigest.sha256.pointer
        let status =
            switch use {
            case .signing: unsafe EVP_DigestSignInit(template, nil, digest, nil, pointer)
            case .verifying: unsafe EVP_DigestVerifyInit(template, nil, digest, nil, pointer)
            }
        guard status == 1 else { throw failure(.failed) }
    }

    deinit {
        unsafe EVP_MD_CTX_free(template)
        unsafe EVP_PKEY_free(pointer)
    }

    private static func check(_ pointer: OpaquePointer, _ algorithm: SignatureAlgorithm) throws(KeyError) {
        switch algorithm {
        case .rs256:
            guard unsafe EVP_PKEY_is_a(pointer, "RSA") == 1 else { throw .wrongKind }
            guard unsafe (2048...8192).contains(EVP_PKEY_get_bits(pointer)) else { throw .unacceptableSize }
        case .es256:
            var group = [CChar](repeating: 0, count: 32)
            guard unsafe EVP_PKEY_is_a(pointer, "EC") == 1,
                unsafe EVP_PKEY_get_group_name(pointer, &group, group.count, nil) == 1,
                group.starts(with: "prime256v1".utf8CString)
            else { throw .wrongKind }
        }
    }

    /// A context of its own for one operation; the caller frees it.
    private func newContext() throws(KeyError) -> OpaquePointer? {
        let context = unsafe EVP_MD_CTX_new()
        guard unsafe EVP_MD_CTX_copy_ex(context, template) == 1 else {
            unsafe EVP_MD_CTX_free(context)
            throw failure(.failed)
        }
        return unsafe context
    }

    /// OpenSSL's form of the signature: DER for ECDSA.
    func sign(_ message: [UInt8]) throws(KeyError) -> [UInt8] {
        let context = try unsafe newContext()
        defer { unsafe EVP_MD_CTX_free(context) }
        var length = Int(unsafe EVP_PKEY_get_size(pointer))
        var signature = [UInt8](repeating: 0, count: length)
        guard unsafe EVP_DigestSign(context, &signature, &length, message, message.count) == 1 else {
            throw failure(.failed)
        }
        signature.removeLast(signature.count - length)
        return signature
    }

    /// False for anything but a good signature, a failure of libcrypto included.
    func verify(_ signature: [UInt8], _ message: [UInt8]) -> Bool {
        // A context that cannot be had proves nothing, so the signature does not count.
        guard let context = try? unsafe newContext() else { return false }
        defer { unsafe EVP_MD_CTX_free(context) }
        let status = unsafe EVP_DigestVerify(context, signature, signature.count, message, message.count)
        if status != 1 { ERR_clear_error() }
        return status == 1
    }

    /// An unsigned number of the key, big-endian, filled up with zeros to `length` when that is given.
    func number(_ name: String, length: Int? = nil) throws(KeyError) -> [UInt8] {
        var number: OpaquePointer?
        guard unsafe EVP_PKEY_get_bn_param(pointer, name, &number) == 1 else { throw failure(.failed) }
        defer { unsafe BN_free(number) }
        return try unsafe bytes(of: number, length: length ?? (Int(BN_num_bits(number)) + 7) / 8)
    }
}

/// Empties the thread's queue of OpenSSL errors, which would otherwise grow, and gives back ours.
func failure(_ error: KeyError) -> KeyError {
    ERR_clear_error()
    return error
}

/// The big-endian bytes of a number.
func bytes(of number: OpaquePointer?, length: Int) throws(KeyError) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: length)
    guard unsafe BN_bn2binpad(number, &output, Int32(length)) == Int32(length) else { throw failure(.failed) }
    return output
}
