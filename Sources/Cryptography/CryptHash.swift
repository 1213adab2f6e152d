import CCrypt
import CLibCrypto

/// A hash of crypt(3): bcrypt or SHA-crypt, alone or behind LDAP's `{CRYPT}` (RFC 2307 §5.3).
struct CryptHash: ImportedHash {
    /// What libxcrypt is given as the setting, and returns for the right password.
    let text: String
    let scheme: StoredPassword.Scheme

    init?(_ text: String) {
        let hash = HashField.behind(scheme: "CRYPT", text) ?? text
        let parts = HashField.split(hash)
        if Self.isBcrypt(parts) {
            scheme = .bcrypt
        } else if Self.isSHACrypt(parts) {
            scheme = .shaCrypt
        } else {
            return nil
        }
        self.text = hash
    }

    /// What stands before the salt.
    var cost: String {
        HashField.split(text).dropLast(scheme == .bcrypt ? 1 : 2).joined(separator: "$")
    }

    func matches(_ password: [UInt8]) -> Bool {
        guard let computed = Self.compute(password, text) else { return false }
        return ConstantTime.equal(computed, text)
    }

    /// `["", "2b", "12", 22 characters of salt and 31 of hash]`. `$2$` and `$2x$` are of implementations with errors.
    private static func isBcrypt(_ parts: [String]) -> Bool {
        guard parts.count == 4, parts[0].isEmpty, ["2a", "2b", "2y"].contains(parts[1]), isBcryptCost(parts[2])
        else { return false }
        // 16 and 23 bytes: four bits of the salt's last character and two of the hash's stay zero.
        return HashField.isCrypt(parts[3].prefix(22), count: 22...22, last: ".Oeu")
            && HashField.isCrypt(parts[3].dropFirst(22), count: 31...31, last: ".CGKOSWaeimquy26")
    }

    /// Two digits; the work doubles with each step, to a second or so at 14.
    private static func isBcryptCost(_ text: String) -> Bool {
        (4...14).contains { cost in (cost < 10 ? "0" : "") + String(cost) == text }
    }

    /// `["", "5" or "6", salt, hash]`, or with `rounds=…` before the salt.
    private static func isSHACrypt(_ parts: [String]) -> Bool {
        guard (4...5).contains(parts.count), parts[0].isEmpty,
            HashField.isCrypt(parts[parts.count - 2], count: 1...16)
        else { return false }
        if parts.count == 5 {
            guard HashField.number(parts[2], after: "rounds=", in: 1_000...1_000_000) != nil else { return false }
        }
        let hash = parts[parts.count - 1]
        // 32 and 64 bytes: the last character holds four bits and two.
        return switch parts[1] {
        case "5": HashField.isCrypt(hash, count: 43...43, last: "./0123456789ABCD")
        case "6": HashField.isCrypt(hash, count: 86...86, last: "./01")
        default: false
        }
    }

    /// Runs crypt_rn on a work area of its own, which is wiped: 32 KiB would be much for a thread's stack.
    /// - Returns: The whole hash text; nil when libxcrypt refuses, as it does passwords of more than 511 bytes.
    private static func compute(_ password: [UInt8], _ setting: String) -> String? {
        var phrase = password + [0]
        var work = [UInt8](repeating: 0, count: Int(crypt_work_size))
        defer {
            unsafe phrase.withUnsafeMutableBytes { unsafe OPENSSL_cleanse($0.baseAddress, $0.count) }
            unsafe work.withUnsafeMutableBytes { unsafe OPENSSL_cleanse($0.baseAddress, $0.count) }
        }
        return unsafe phrase.withUnsafeBytes { phrase -> String? in
            unsafe work.withUnsafeMutableBytes { work -> String? in
                let characters = unsafe phrase.assumingMemoryBound(to: CChar.self).baseAddress
                // Null on error; the tokens "*0" and "*1", which crypt_r would return, are refused all the same.
                guard let output = unsafe crypt_rn(characters, setting, work.baseAddress, crypt_work_size),
                    unsafe output[0] == UInt8(ascii: "$")
                else { return nil }
                return unsafe String(cString: output)
            }
        }
    }
}
