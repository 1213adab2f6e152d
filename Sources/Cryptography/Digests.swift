import CLibCrypto

/// SHA-256 (FIPS 180-4).
package enum SHA256 {
    /// The 32-byte digest of `bytes`.
    package static func hash(_ bytes: [UInt8]) -> [UInt8] { MessageDigest.sha256.hash(bytes) }

    /// The 32-byte digest of the UTF-8 form of `text`.
    package static func hash(_ text: String) -> [UInt8] { MessageDigest.sha256.hash(Array(text.utf8)) }
}

/// HMAC with SHA-256 (RFC 2104, RFC 4231).
package enum HMACSHA256 {
    /// The 32-byte authentication code of `message`; `key` may have any length.
    package static func authenticate(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        MACTemplate.hmacSHA256.authenticate(message, key: key)
    }

    /// Whether `code` belongs to `message`, compared in constant time.
    package static func isValid(_ code: [UInt8], for message: [UInt8], key: [UInt8]) -> Bool {
        ConstantTime.equal(code, authenticate(message, key: key))
    }
}

/// HMAC with SHA-1 (RFC 2104, RFC 2202), for one-time codes of authenticator apps alone.
///
/// RFC 6238 allows better digests, but the widespread apps ignore the parameter that asks for one. SHA-1's collisions do
/// not touch HMAC, and six digits are guessed long before a MAC is forged.
package enum HMACSHA1 {
    /// The 20-byte authentication code of `message`; `key` may have any length.
    package static func authenticate(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        MACTemplate.hmacSHA1.authenticate(message, key: key)
    }
}

/// HKDF with SHA-256 (RFC 5869): one good secret in, any number of independent keys out.
package enum HKDF {
    /// The pseudorandom key of a secret (§2.2). An empty `salt` stands for 32 zero bytes.
    package static func extract(salt: [UInt8], secret: [UInt8]) -> [UInt8] {
        HMACSHA256.authenticate(secret, key: salt)
    }

    /// A key for one purpose (§2.3).
    /// - Parameters:
    ///   - info: Names the purpose; different texts give independent keys.
    ///   - length: In bytes; at most 255 × 32.
    package static func expand(pseudorandomKey: [UInt8], info: [UInt8], length: Int) -> [UInt8] {
        precondition(length <= 255 * 32, "RFC 5869 §2.3: L <= 255*HashLen")
        var output: [UInt8] = []
        var block: [UInt8] = []
        var counter: UInt8 = 0
        while output.count < length {
            counter += 1
            block = HMACSHA256.authenticate(block + info + [counter], key: pseudorandomKey)
            output += block
        }
        return Array(output.prefix(length))
    }

    /// Extract and expand in one step.
    package static func derive(secret: [UInt8], salt: [UInt8], info: [UInt8], length: Int) -> [UInt8] {
        expand(pseudorandomKey: extract(salt: salt, secret: secret), info: info, length: length)
    }
}

/// Comparison whose duration does not depend on where two secrets differ.
package enum ConstantTime {
    /// Whether both are the same bytes. Only the lengths may show in the time taken.
    package static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return unsafe CRYPTO_memcmp(left, right, left.count) == 0
    }

    /// Whether both are the same UTF-8 bytes.
    package static func equal(_ left: String, _ right: String) -> Bool {
        equal(Array(left.utf8), Array(right.utf8))
    }
}
