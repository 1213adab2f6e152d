import CLibCrypto

/// A salted digest of an LDAP directory: `{SSHA}`, `{SSHA256}` or `{SSHA512}` and base64 of digest and salt.
///
/// RFC 2307 §5.3 has the braces and `{SHA}`; the salt was added by Netscape's directory and its descendants.
struct SaltedDigest: ImportedHash {
    private let function: SHADigest
    private let digest: [UInt8]
    private let salt: [UInt8]
    var scheme: StoredPassword.Scheme { .saltedDigest }
    var cost: String { "digest \(function)" }

    init?(_ text: String) {
        guard let (function, encoded) = Self.function(of: text), let bytes = HashField.padded(encoded),
            (4...64).contains(bytes.count - function.length)
        else { return nil }
        self.function = function
        digest = Array(bytes.prefix(function.length))
        salt = Array(bytes.dropFirst(function.length))
    }

    func matches(_ password: [UInt8]) -> Bool {
        var input = password + salt
        defer { unsafe input.withUnsafeMutableBytes { unsafe OPENSSL_cleanse($0.baseAddress, $0.count) } }
        var computed = [UInt8](repeating: 0, count: function.length)
        let status = unsafe EVP_Digest(input, input.count, &computed, nil, function.pointer, nil)
        return status == 1 && ConstantTime.equal(computed, digest)
    }

    private static func function(of text: String) -> (SHADigest, String)? {
        let functions: [(String, SHADigest)] = [("SSHA", .sha1), ("SSHA256", .sha256), ("SSHA512", .sha512)]
        for (name, function) in functions {
            if let encoded = HashField.behind(scheme: name, text) { return (function, encoded) }
        }
        return nil
    }
}
