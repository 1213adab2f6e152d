import CArgon2
import CLibCrypto
import Glibc

/// A P-256 key and nothing around it.
///
/// Invariant of `@unchecked Sendable`: the key is never changed, and each signature has a context of its own.
@safe
final class BareSigner: @unchecked Sendable {
    private let key: OpaquePointer
    private let digest: OpaquePointer

    init() throws(Failure) {
        let context = unsafe EVP_PKEY_CTX_new_from_name(nil, "EC", nil)
        defer { unsafe EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard unsafe EVP_PKEY_keygen_init(context) == 1,
            unsafe EVP_PKEY_CTX_set_group_name(context, "P-256") == 1,
            unsafe EVP_PKEY_generate(context, &key) == 1,
            let key = unsafe key, let digest = unsafe EVP_MD_fetch(nil, "SHA256", nil)
        else { throw Failure("libcrypto makes no key") }
        unsafe self.key = unsafe key
        unsafe self.digest = unsafe digest
    }

    deinit {
        unsafe EVP_PKEY_free(key)
        unsafe EVP_MD_free(digest)
    }

    /// One ES256 signature (ECDSA with P-256 and SHA-256).
    func sign(_ message: [UInt8]) throws(Failure) {
        let context = unsafe EVP_MD_CTX_new()
        defer { unsafe EVP_MD_CTX_free(context) }
        var signature = [UInt8](repeating: 0, count: 80)
        var length = signature.count
        guard unsafe EVP_DigestSignInit(context, nil, digest, nil, key) == 1,
            unsafe EVP_DigestSign(context, &signature, &length, message, message.count) == 1
        else { throw Failure("libcrypto does not sign") }
    }
}

/// libargon2 and the system's random bytes, called directly.
enum BareCrypto {
    /// The product's default: 19 MiB, 2 passes, 1 lane.
    private static let memory: UInt32 = 19_456
    private static let passes: UInt32 = 2
    private static let lanes: UInt32 = 1

    /// One hash of the password that the sign-ins use.
    static func argon2() throws(Failure) {
        let password = Array(Installation.password.utf8)
        let salt = [UInt8](repeating: 7, count: 16)
        var hash = [UInt8](repeating: 0, count: 32)
        let status = unsafe argon2id_hash_raw(
            passes, memory, lanes, password, password.count, salt, salt.count, &hash, hash.count)
        guard status == 0 else { throw Failure("libargon2 does not hash") }
    }

    /// The PHC string of a password.
    static func argon2Text(of password: String) throws(Failure) -> String {
        let password = Array(password.utf8)
        let salt = Array(try randomWord().utf8.prefix(16))
        var text = [CChar](repeating: 0, count: 256)
        let status = unsafe argon2id_hash_encoded(
            passes, memory, lanes, password, password.count, salt, salt.count, 32, &text, text.count)
        guard status == 0 else { throw Failure("libargon2 does not hash") }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The letters of base64url by their code.
    private static let digits = Array("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz".utf8)

    /// As long as the ids of the server's log, and like them greater than those before: an index grows at its end.
    static func risingWord() throws(Failure) -> String {
        var now = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        let microseconds = now.tv_sec * 1_000_000 + now.tv_nsec / 1_000
        let time = (0..<9).reversed().map { digits[microseconds >> ($0 * 6) & 63] }
        return String(decoding: time, as: UTF8.self) + (try randomWord(14))
    }

    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// Random letters of base64url; 43 of them are 258 bits, as long as the server's codes and tokens.
    static func randomWord(_ length: Int = 43) throws(Failure) -> String {
        var bytes = [UInt8](repeating: 0, count: length)
        guard unsafe getrandom(&bytes, length, 0) == length else { throw Failure("the system has no random bytes") }
        return String(decoding: bytes.map { letters[Int($0 & 63)] }, as: UTF8.self)
    }
}
