import CLibCrypto

/// AES-256 in Galois/Counter Mode with a 96-bit nonce and a 128-bit tag (NIST SP 800-38D).
enum AES256GCM {
    static let nonceLength = 12
    static let tagLength = 16

    /// Ciphertext and tag.
    static func seal(_ bytes: [UInt8], key: [UInt8], nonce: [UInt8], authenticating context: [UInt8]) -> [UInt8] {
        let cipher = unsafe EVP_CIPHER_CTX_new()
        defer { unsafe EVP_CIPHER_CTX_free(cipher) }
        var output = [UInt8](repeating: 0, count: bytes.count)
        var tag = [UInt8](repeating: 0, count: tagLength)
        var written: Int32 = 0
        var end: [UInt8] = [0]
        let succeeded =
            unsafe EVP_EncryptInit_ex2(cipher, Cipher.aes256GCM.pointer, key, nonce, nil) == 1
            && EVP_EncryptUpdate(cipher, nil, &written, context, Int32(context.count)) == 1
            && (bytes.isEmpty || EVP_EncryptUpdate(cipher, &output, &written, bytes, Int32(bytes.count)) == 1)
            && EVP_EncryptFinal_ex(cipher, &end, &written) == 1
            && EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, Int32(tagLength), &tag) == 1
        precondition(succeeded, "libcrypto could not encrypt")
        return output + tag
    }

    /// The plaintext; nil when the tag does not fit, and then no byte of it leaves this function.
    /// - Parameter box: Ciphertext and tag; at least 16 bytes.
    static func open(_ box: [UInt8], key: [UInt8], nonce: [UInt8], authenticating context: [UInt8]) -> [UInt8]? {
        let ciphertext = Array(box.dropLast(tagLength))
        var tag = Array(box.suffix(tagLength))
        let cipher = unsafe EVP_CIPHER_CTX_new()
        defer { unsafe EVP_CIPHER_CTX_free(cipher) }
        var output = [UInt8](repeating: 0, count: ciphertext.count)
        var written: Int32 = 0
        var end: [UInt8] = [0]
        let succeeded =
            unsafe EVP_DecryptInit_ex2(cipher, Cipher.aes256GCM.pointer, key, nonce, nil) == 1
            && EVP_DecryptUpdate(cipher, nil, &written, context, Int32(context.count)) == 1
            && (ciphertext.isEmpty
                || EVP_DecryptUpdate(cipher, &output, &written, ciphertext, Int32(ciphertext.count)) == 1)
            && EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, Int32(tagLength), &tag) == 1
            && EVP_DecryptFinal_ex(cipher, &end, &written) == 1
        return succeeded ? output : nil
    }
}
