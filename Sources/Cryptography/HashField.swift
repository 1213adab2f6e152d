import Wire

/// The parts of a stored hash. Each has one spelling: a hash that was altered on its way is refused, not interpreted.
enum HashField {
    /// The parts between `$` signs; empty ones included.
    static func split(_ text: String) -> [String] {
        text.split(separator: "$", omittingEmptySubsequences: false).map(String.init)
    }

    /// What follows `{scheme}` in LDAP's form, where the scheme is in either case (RFC 2307 §5.3, RFC 2234 §2.3).
    /// - Parameter scheme: In upper case.
    static func behind(scheme: String, _ text: String) -> String? {
        let prefix = "{\(scheme)}"
        guard text.prefix(prefix.count).uppercased() == prefix else { return nil }
        return String(text.dropFirst(prefix.count))
    }

    /// A decimal number without sign or leading zero, behind `prefix`.
    static func number(_ text: some StringProtocol, after prefix: String = "", in range: ClosedRange<Int>) -> Int? {
        guard text.hasPrefix(prefix), let value = Int(text.dropFirst(prefix.count)), range.contains(value),
            String(value) == text.dropFirst(prefix.count)
        else { return nil }
        return value
    }

    /// Base64 without padding, as PHC strings have it.
    static func unpadded(_ text: String) -> [UInt8]? {
        guard !text.contains("=") else { return nil }
        return padded(text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4))
    }

    /// passlib's "adapted base64": without padding, `.` in place of `+`.
    static func adapted(_ text: String) -> [UInt8]? {
        guard !text.contains("+") else { return nil }
        return unpadded(String(text.map { $0 == "." ? "+" : $0 }))
    }

    /// Base64 with its padding.
    static func padded(_ text: String) -> [UInt8]? {
        // Which rule a malformed text breaks makes no difference to a reader of hashes.
        try? Base64.decode(text)
    }

    /// Whether all of `text` is of the alphabet of crypt(3), and its last character one of `last`: the others would
    /// be second spellings, with unused bits set, of a hash that is compared as text.
    static func isCrypt(_ text: some StringProtocol, count: ClosedRange<Int>, last: String? = nil) -> Bool {
        guard count.contains(text.utf8.count), text.utf8.allSatisfy(cryptAlphabet.contains) else { return false }
        guard let last, let character = text.last else { return last == nil }
        return last.contains(character)
    }

    private static let cryptAlphabet = Set("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
}
