/// The host by which a tenant is found.
package enum HostName {
    /// The host of an HTTP authority (RFC 9110 §7.2), in the form in which a tenant's hosts are stored: small letters,
    /// no port, no final dot; an IPv6 address keeps its brackets.
    ///
    /// ```swift
    /// HostName.host(ofAuthority: "SSO.Example.com:8443")   // "sso.example.com"
    /// ```
    /// - Returns: nil for anything that is no plain host: the header is an attacker's to write (peers' class 9).
    package static func host(ofAuthority authority: String) -> String? {
        guard authority.utf8.count <= 300 else { return nil }
        let host = authority.hasPrefix("[") ? bracketed(authority) : named(authority)
        return host.flatMap { try? checked($0) }
    }

    /// Checks a host for storing.
    /// - Returns: The host in small letters and without final dot.
    /// - Throws: `badHostName`.
    package static func checked(_ text: String) throws(DirectoryError) -> String {
        let host = TypedText.lowercasedASCII(text.hasSuffix(".") ? String(text.dropLast()) : text)
        if host.hasPrefix("["), host.hasSuffix("]") {
            let inner = host.dropFirst().dropLast()
            guard inner.utf8.count >= 2, inner.utf8.allSatisfy(isIPv6Byte) else { throw .badHostName }
            return host
        }
        guard isHost(host[...]) else { throw .badHostName }
        return host
    }

    /// Whether a text is a domain name of at least two labels (RFC 1123 §2.1).
    static func isDomain(_ text: Substring) -> Bool {
        isHost(text) && text.contains(".")
    }

    private static func isHost(_ text: Substring) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        return text.utf8.count <= 253 && labels.allSatisfy(isLabel)
    }

    private static func isLabel(_ label: Substring) -> Bool {
        let hyphen = UInt8(ascii: "-")
        guard (1...63).contains(label.utf8.count), label.utf8.first != hyphen, label.utf8.last != hyphen else {
            return false
        }
        return label.utf8.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || $0 == hyphen }
    }

    private static func isIPv6Byte(_ byte: UInt8) -> Bool {
        byte.isASCIIDigit || Set("abcdef:.".utf8).contains(byte)
    }

    private static func bracketed(_ authority: String) -> String? {
        guard let end = authority.firstIndex(of: "]") else { return nil }
        let after = authority[authority.index(after: end)...]
        guard after.isEmpty || isPort(after) else { return nil }
        return String(authority[...end])
    }

    private static func named(_ authority: String) -> String? {
        guard let colon = authority.firstIndex(of: ":") else { return authority }
        return isPort(authority[colon...]) ? String(authority[..<colon]) : nil
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.hasPrefix(":") && text.utf8.count <= 6 && text.dropFirst().utf8.allSatisfy(\.isASCIIDigit)
    }
}
