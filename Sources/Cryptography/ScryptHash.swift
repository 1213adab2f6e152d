import CLibCrypto

/// A hash of scrypt (RFC 7914) in the form of passlib, `$scrypt$ln=14,r=8,p=1$salt$hash` in base64 without padding, or
/// of Django, `scrypt$16384$salt$8$1$hash` with a salt that stands for itself and a hash in base64.
struct ScryptHash: ImportedHash {
    let derivation: Scrypt
    let hash: [UInt8]
    var scheme: StoredPassword.Scheme { .scrypt }
    var cost: String { "scrypt \(derivation.cost) \(derivation.blockSize) \(derivation.parallelism)" }

    init?(_ text: String) {
        let parts = HashField.split(text)
        guard let read = Self.passlib(parts) ?? Self.django(parts), read.derivation.isAcceptable,
            (1...64).contains(read.derivation.salt.count)
        else { return nil }
        (derivation, hash) = read
    }

    func matches(_ password: [UInt8]) -> Bool {
        guard let computed = derivation.derive(password, length: hash.count) else { return false }
        return ConstantTime.equal(computed, hash)
    }

    private static func passlib(_ parts: [String]) -> (derivation: Scrypt, hash: [UInt8])? {
        guard parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt",
            let (cost, blockSize, parallelism) = costs(parts[2]),
            let salt = HashField.unpadded(parts[3]), let hash = HashField.unpadded(parts[4]), hash.count == 32
        else { return nil }
        return (Scrypt(salt: salt, cost: cost, blockSize: blockSize, parallelism: parallelism), hash)
    }

    private static func costs(_ text: String) -> (cost: Int, blockSize: Int, parallelism: Int)? {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count == 3, let logarithm = HashField.number(parts[0], after: "ln=", in: 1...21),
            let blockSize = HashField.number(parts[1], after: "r=", in: Scrypt.factor),
            let parallelism = HashField.number(parts[2], after: "p=", in: Scrypt.factor)
        else { return nil }
        return (1 << logarithm, blockSize, parallelism)
    }

    private static func django(_ parts: [String]) -> (derivation: Scrypt, hash: [UInt8])? {
        guard parts.count == 6, parts[0] == "scrypt", let cost = HashField.number(parts[1], in: 2...Scrypt.mostWork),
            let blockSize = HashField.number(parts[3], in: Scrypt.factor),
            let parallelism = HashField.number(parts[4], in: Scrypt.factor),
            let hash = HashField.padded(parts[5]), hash.count == 64
        else { return nil }
        let salt = Array(parts[2].utf8)
        return (Scrypt(salt: salt, cost: cost, blockSize: blockSize, parallelism: parallelism), hash)
    }
}

/// What scrypt is computed with, but for the password (RFC 7914 §2).
struct Scrypt {
    var salt: [UInt8]
    /// N: a power of two.
    var cost: Int
    /// r, in units of 128 bytes.
    var blockSize: Int
    /// p; computed one after the other.
    var parallelism: Int

    /// What r and p may be each, so that the memory besides N·r stays below 300 KiB.
    static let factor = 1...32
    /// N·r·p; at 128 bytes a unit and p = 1, 256 MiB.
    static let mostWork = 1 << 21

    /// Whether the figures are within what we compute and RFC 7914 §6 allows: N a power of two, 1 < N < 2^(16·r).
    var isAcceptable: Bool {
        Self.factor.contains(blockSize) && Self.factor.contains(parallelism) && (2...Self.mostWork).contains(cost)
            && cost & (cost - 1) == 0 && (blockSize > 1 || cost < 1 << 16)
            && cost * blockSize * parallelism <= Self.mostWork
    }

    /// The derived key of `length` bytes; libcrypto reads the password in place.
    /// - Returns: Nil for unacceptable figures and when there is no memory.
    func derive(_ password: [UInt8], length: Int) -> [UInt8]? {
        guard isAcceptable else { return nil }
        // What libcrypto counts: N blocks of 128·r bytes, p that are mixed, and two to work with.
        let memory = UInt64(128 * blockSize * (cost + parallelism + 2))
        var output = [UInt8](repeating: 0, count: length)
        let status = unsafe password.withUnsafeBytes { password in
            unsafe EVP_PBE_scrypt(
                password.assumingMemoryBound(to: CChar.self).baseAddress, password.count, salt, salt.count,
                UInt64(cost), UInt64(blockSize), UInt64(parallelism), memory, &output, length)
        }
        guard status == 1 else {
            ERR_clear_error()
            return nil
        }
        return output
    }
}
