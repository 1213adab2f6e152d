import Wire

/// Why a sealed text cannot be opened, or a key cannot be used.
package enum SealingError: Error, Equatable, Sendable {
    /// A sealing key is 32 bytes.
    case wrongKeyLength
    /// Not a text that `seal` made.
    case malformed
    /// Sealed under another key, for another context, or altered since. Which of them cannot be told.
    case refused
}

/// The master secret of an installation: protects what the database must give back (keys, SMS credentials).
///
/// The master itself is used for nothing but deriving: each use has its own HKDF sub-key (RFC 5869), so a flaw in one
/// use tells nothing about another. Prints as `•••`.
///
/// ```swift
/// let sealed = key.seal(pkcs8, context: "signing-key/k-1")     // "v1.…"
/// try key.open(sealed, context: "signing-key/k-1")             // pkcs8
/// try key.open(sealed, context: "signing-key/k-2")             // throws .refused
/// ```
package struct SealingKey: Equatable, Sendable {
    private let master: [UInt8]
    private let sealing: [UInt8]
    private let indexing: [UInt8]

    /// - Parameter bytes: 32 bytes, as they were exported.
    package init(_ bytes: [UInt8]) throws(SealingError) {
        guard bytes.count == 32 else { throw .wrongKeyLength }
        self.init(master: bytes)
    }

    /// A new key.
    package static func generate(using random: inout some RandomNumberGenerator) -> SealingKey {
        SealingKey(master: random.bytes(32))
    }

    private init(master: [UInt8]) {
        self.master = master
        sealing = Self.derive(master, "seal")
        indexing = Self.derive(master, "index")
    }

    /// The 32 bytes to be written to the key file, and to nowhere else.
    package var exportedBytes: [UInt8] { master }

    /// An independent 32-byte key for one purpose outside this type, such as signing cookies.
    package func subkey(_ purpose: String) -> [UInt8] {
        Self.derive(master, "subkey/" + purpose)
    }

    /// The salt separates our keys from those of other software given the same 32 bytes.
    private static func derive(_ master: [UInt8], _ purpose: String) -> [UInt8] {
        HKDF.derive(secret: master, salt: Array("gatehouse/v1".utf8), info: Array(purpose.utf8), length: 32)
    }

    // MARK: - Sealing

    /// Encrypts and authenticates with AES-256-GCM (NIST SP 800-38D).
    ///
    /// The 96-bit nonce comes from the system and never from the caller's generator: a seeded one would repeat it,
    /// and a repeated nonce gives the key away. Random nonces are good for 2³² texts.
    /// - Parameter context: Where the text belongs, such as table and row; authenticated, not stored.
    /// - Returns: `v1.` and base64url of nonce, ciphertext and 16-byte tag.
    package func seal(_ bytes: [UInt8], context: String) -> String {
        var random = SecureRandom()
        let nonce = random.bytes(AES256GCM.nonceLength)
        let box = AES256GCM.seal(bytes, key: sealing, nonce: nonce, authenticating: Array(context.utf8))
        return Self.version + Base64URL.encode(nonce + box)
    }

    /// The bytes that were sealed for this context.
    /// - Throws: `.malformed` for another form, `.refused` when the tag does not fit.
    package func open(_ sealed: String, context: String) throws(SealingError) -> [UInt8] {
        let text = Array(sealed.utf8)
        guard text.starts(with: Self.version.utf8) else { throw .malformed }
        let box: [UInt8]
        do { box = try Base64URL.decode(text[Self.version.utf8.count...]) } catch { throw .malformed }
        guard box.count >= AES256GCM.nonceLength + AES256GCM.tagLength else { throw .malformed }
        let nonce = Array(box[..<AES256GCM.nonceLength])
        let sealed = Array(box[AES256GCM.nonceLength...])
        guard let bytes = AES256GCM.open(sealed, key: sealing, nonce: nonce, authenticating: Array(context.utf8))
        else { throw .refused }
        return bytes
    }

    /// Names the algorithm and the layout; another one gets another number and both are read.
    private static let version = "v1."

    // MARK: - Look-ups

    /// A keyed fingerprint under which a value that must not be stored in the clear is found again (43 characters).
    ///
    /// Equal values of one context give equal texts; six-digit codes and phone numbers cannot be searched for without
    /// the key. Length-prefixed, so that no two pairs of context and value meet in the same message.
    package func index(_ value: String, context: String) -> String {
        let length = UInt64(context.utf8.count)
        var message = (0..<8).map { UInt8(truncatingIfNeeded: length >> UInt64($0 * 8)) }
        message += context.utf8
        message += value.utf8
        return Base64URL.encode(HMACSHA256.authenticate(message, key: indexing))
    }
}

extension SealingKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
