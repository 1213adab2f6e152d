import CLibCrypto

/// A hash of PBKDF2 (RFC 8018 §5.2) in the form of passlib, `$pbkdf2-sha256$iterations$salt$hash` in adapted base64, or
/// of Django, `pbkdf2_sha256$iterations$salt$hash` with a salt that stands for itself and a hash in base64.
struct PBKDF2Hash: ImportedHash {
    let derivation: PBKDF2
    let hash: [UInt8]
    var scheme: StoredPassword.Scheme { .pbkdf2 }
    var cost: String { "pbkdf2 \(derivation.digest) \(derivation.iterations)" }

    init?(_ text: String) {
        let parts = HashField.split(text)
        guard let read = Self.passlib(parts) ?? Self.django(parts), (1...64).contains(read.derivation.salt.count),
            read.hash.count == read.derivation.digest.length
        else { return nil }
        (derivation, hash) = read
    }

    func matches(_ password: [UInt8]) -> Bool {
        guard let computed = derivation.derive(password, length: hash.count) else { return false }
        return ConstantTime.equal(computed, hash)
    }

    private static let iterations = 1...2_000_000

    private static func passlib(_ parts: [String]) -> (derivation: PBKDF2, hash: [UInt8])? {
        let digests: [String: SHADigest] = ["pbkdf2": .sha1, "pbkdf2-sha256": .sha256, "pbkdf2-sha512": .sha512]
        guard parts.count == 5, parts[0].isEmpty, let digest = digests[parts[1]],
            let iterations = HashField.number(parts[2], in: iterations),
            let salt = HashField.adapted(parts[3]), let hash = HashField.adapted(parts[4])
        else { return nil }
        return (PBKDF2(digest: digest, salt: salt, iterations: iterations), hash)
    }

    private static func django(_ parts: [String]) -> (derivation: PBKDF2, hash: [UInt8])? {
        let digests: [String: SHADigest] = ["pbkdf2_sha1": .sha1, "pbkdf2_sha256": .sha256]
        guard parts.count == 4, let digest = digests[parts[0]],
            let iterations = HashField.number(parts[1], in: iterations), let hash = HashField.padded(parts[3])
        else { return nil }
        return (PBKDF2(digest: digest, salt: Array(parts[2].utf8), iterations: iterations), hash)
    }
}

/// What PBKDF2 is computed with, but for the password.
struct PBKDF2 {
    /// Of the HMAC.
    var digest: SHADigest
    var salt: [UInt8]
    var iterations: Int

    /// The derived key of `length` bytes; libcrypto reads the password in place. Nil when it refuses.
    func derive(_ password: [UInt8], length: Int) -> [UInt8]? {
        guard let passwordLength = Int32(exactly: password.count) else { return nil }
        var output = [UInt8](repeating: 0, count: length)
        let status = unsafe password.withUnsafeBytes { password in
            unsafe PKCS5_PBKDF2_HMAC(
                password.assumingMemoryBound(to: CChar.self).baseAddress, passwordLength, salt, Int32(salt.count),
                Int32(iterations), digest.pointer, Int32(length), &output)
        }
        return status == 1 ? output : nil
    }
}
