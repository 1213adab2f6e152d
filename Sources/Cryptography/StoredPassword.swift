/// A stored password hash, of ours or of another system's.
///
/// People who are imported keep their password: the hash they bring along is verified as it is, and replaced by one of
/// ``Argon2id`` when they first sign in. These forms are read, each in exactly the spelling its own system writes:
///
/// | scheme | form | bounds |
/// |---|---|---|
/// | Argon2id | `$argon2id$v=19$m=…,t=…,p=…$salt$hash` | 256 MiB, 16 passes, 16 lanes |
/// | bcrypt | `$2a$`, `$2b$` or `$2y$`, then `cost$salthash` | cost 4 to 14 |
/// | SHA-crypt | `$5$` or `$6$`, then `salt$hash` or `rounds=…$salt$hash` | 1,000 to 1,000,000 rounds, salt 1 to 16 |
/// | PBKDF2 (passlib) | `$pbkdf2$`, `$pbkdf2-sha256$` or `$pbkdf2-sha512$`, then `iterations$salt$hash` | PBKDF2 |
/// | PBKDF2 (Django) | `pbkdf2_sha1$` or `pbkdf2_sha256$`, then `iterations$salt$hash` | PBKDF2 |
/// | scrypt (passlib) | `$scrypt$ln=…,r=…,p=…$salt$hash` | scrypt |
/// | scrypt (Django) | `scrypt$N$salt$r$p$hash` | scrypt |
/// | LDAP | `{SSHA}`, `{SSHA256}` or `{SSHA512}`, then base64 of digest and salt | salt 4 to 64 bytes |
/// | LDAP | `{CRYPT}`, then bcrypt or SHA-crypt | theirs |
///
/// Bounds of PBKDF2: 2,000,000 iterations. Of scrypt: `N·r·p` 2,097,152 (256 MiB at `p` 1), `r` and `p` 32. Of both: a
/// salt of 1 to 64 bytes and a hash of the length its system writes. They keep one verification to a few seconds of one
/// processor, 511 bytes of password included; most take far less. Hashes without salt are never read.
///
/// bcrypt reads 72 bytes of a password and ignores the rest, here as in the system that made the hash; libxcrypt refuses
/// more than 511 bytes, for SHA-crypt too. No password with a NUL byte belongs to another system's hash.
package enum StoredPassword {
    /// What a stored hash was made with.
    package enum Scheme: Equatable, Sendable {
        /// Argon2id (RFC 9106): our own, which may still have other parameters than those for new hashes.
        case argon2id
        /// bcrypt (Provos and Mazières, 1999).
        case bcrypt
        /// SHA-256 and SHA-512 in crypt(3) (Drepper, 2007).
        case shaCrypt
        /// PBKDF2 with HMAC (RFC 8018 §5.2).
        case pbkdf2
        /// scrypt (RFC 7914).
        case scrypt
        /// One SHA digest of password and salt, from an LDAP directory.
        case saltedDigest

        /// Whether the hash is of our own function; any other is to be replaced once its password has been verified.
        package var isArgon2id: Bool { self == .argon2id }
    }

    /// What a text was made with, read without computing anything: the check at import.
    ///
    /// ```swift
    /// StoredPassword.scheme(of: "$2y$10$…")                            // .bcrypt
    /// StoredPassword.scheme(of: "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=")   // nil: no salt
    /// ```
    /// - Returns: Nil for what `verify` could never accept: another form, or one beyond the bounds.
    package static func scheme(of stored: String) -> Scheme? {
        guard isPlain(stored) else { return nil }
        if Argon2id.parameters(of: stored) != nil { return .argon2id }
        return imported(stored)?.scheme
    }

    /// What verifying against a text costs: texts of the same cost take equally long for passwords of one length.
    ///
    /// ```swift
    /// StoredPassword.cost(of: "$2y$10$…")   // "$2y$10"
    /// ```
    /// - Returns: Nil where there is no scheme. It holds neither salt nor hash.
    package static func cost(of stored: String) -> String? {
        guard isPlain(stored) else { return nil }
        guard let own = Argon2id.parameters(of: stored) else { return imported(stored)?.cost }
        return "argon2id \(own.memoryKiB) \(own.iterations) \(own.parallelism)"
    }

    /// Whether the password belongs to the stored hash, compared in constant time.
    ///
    /// Blocks its thread for what the hash costs, which its maker chose within the bounds above: call it on a bounded
    /// queue. How long it takes tells the scheme; a caller that must hide which accounts were imported adds work.
    /// - Returns: False, and at once, for a text that has no scheme. False also for the empty password whatever the
    ///   hash: directories take it for no authentication at all (RFC 4513 §5.1.2).
    package static func verify(password: [UInt8], against stored: String) -> Bool {
        guard isPlain(stored), !password.isEmpty else { return false }
        guard let imported = imported(stored) else { return Argon2id.verify(password: password, phc: stored) }
        // A C string ends at a NUL, and HMAC fills up its key with them: other passwords would fit the same hash.
        return !password.contains(0) && imported.matches(password)
    }

    /// Visible ASCII of a length that some form has: everything after this may count bytes and characters alike.
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.count <= 255 && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }

    /// The prefixes of the forms exclude each other, so their order does not matter.
    private static func imported(_ text: String) -> (any ImportedHash)? {
        let forms: [any ImportedHash.Type] = [CryptHash.self, PBKDF2Hash.self, ScryptHash.self, SaltedDigest.self]
        return forms.lazy.compactMap { $0.init(text) }.first
    }
}

/// A hash of another system, whose text has passed every bound.
protocol ImportedHash: Sendable {
    /// Nil for another form and for one beyond the bounds; computes nothing.
    /// - Parameter text: Visible ASCII.
    init?(_ text: String)

    var scheme: StoredPassword.Scheme { get }

    /// What ``StoredPassword/cost(of:)`` tells.
    var cost: String { get }

    /// Whether the password belongs to the hash, compared in constant time. False also when it cannot be computed,
    /// for want of memory above all: the caller has nothing better to say then.
    /// - Parameter password: Not empty and without a NUL byte.
    func matches(_ password: [UInt8]) -> Bool
}
