/// The parts of an absolute URI that the registration rules look at (RFC 3986 §3), read strictly.
struct URIParts {
    /// In lower case.
    let scheme: String
    /// In lower case, with brackets around an IPv6 literal; empty when there is no authority.
    let host: String

    /// - Throws: the first ``RedirectURI/Problem`` in the order of its cases.
    init(_ text: String) throws(RedirectURI.Problem) {
        let bytes = Array(text.utf8)
        guard (1...2000).contains(bytes.count) else { throw .length }
        guard Self.isURIText(bytes) else { throw .character }
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), Self.isScheme(bytes[..<colon]) else { throw .scheme }
        guard !bytes.contains(UInt8(ascii: "#")) else { throw .fragment }
        scheme = String(decoding: bytes[..<colon], as: UTF8.self).lowercased()
        let rest = bytes[(colon + 1)...]
        guard scheme == "https" || scheme == "http" || Self.isPrivateUse(scheme) else { throw .scheme }
        guard rest.starts(with: "//".utf8) else {
            // Only a private-use scheme can do without an authority: `com.example.app:/path` (RFC 8252 §7.1).
            guard Self.isPrivateUse(scheme) else { throw .host }
            host = ""
            guard rest.first == UInt8(ascii: "/") else { throw .path }
            try Self.checkPath(rest)
            return
        }
        let authority = rest.dropFirst(2).prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
        host = try Self.host(of: authority)
        try Self.checkPath(bytes[authority.endIndex...])
    }

    /// `http` on an address that never leaves the machine.
    var isLoopback: Bool { scheme == "http" && ["127.0.0.1", "[::1]", "localhost"].contains(host) }

    /// A scheme that only an installed application answers. It must hold a dot, as a reversed domain name does
    /// (RFC 8252 §7.1); that keeps `javascript`, `data`, `file` and all other well-known schemes out.
    var isPrivateUse: Bool { Self.isPrivateUse(scheme) }

    private static func isPrivateUse(_ scheme: String) -> Bool { scheme.utf8.contains(UInt8(ascii: ".")) }
}

// MARK: - Authority

extension URIParts {
    /// The host of `host[:port]`.
    private static func host(of authority: ArraySlice<UInt8>) throws(RedirectURI.Problem) -> String {
        guard !authority.contains(UInt8(ascii: "@")) else { throw .userinfo }
        let isLiteral = authority.first == UInt8(ascii: "[")
        let hostEnd: Int
        if isLiteral {
            guard let bracket = authority.firstIndex(of: UInt8(ascii: "]")) else { throw .host }
            hostEnd = bracket + 1
        } else {
            hostEnd = authority.firstIndex(of: UInt8(ascii: ":")) ?? authority.endIndex
        }
        let host = authority[..<hostEnd]
        guard isLiteral ? isIPv6Literal(host) : isHostName(host) else { throw .host }
        let port = authority[hostEnd...]
        guard port.isEmpty || (port.first == UInt8(ascii: ":") && isPort(port.dropFirst())) else { throw .port }
        return String(decoding: host, as: UTF8.self).lowercased()
    }

    /// Labels of letters, digits, `-` and `_`, none of them empty: neither wildcard nor trailing dot.
    private static func isHostName(_ host: ArraySlice<UInt8>) -> Bool {
        host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && label.allSatisfy { isLetter($0) || isDigit($0) || "-_".utf8.contains($0) }
        }
    }

    private static func isIPv6Literal(_ host: ArraySlice<UInt8>) -> Bool {
        let inside = host.dropFirst().dropLast()
        return inside.count >= 2 && inside.allSatisfy { isHexadecimal($0) || $0 == UInt8(ascii: ":") }
    }

    /// Whether the bytes are a decimal port from 1 to 65535 without leading zero.
    static func isPort(_ digits: ArraySlice<UInt8>) -> Bool {
        guard (1...5).contains(digits.count), digits.allSatisfy(isDigit), digits.first != UInt8(ascii: "0") else {
            return false
        }
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) } <= 65535
    }
}

// MARK: - Path

extension URIParts {
    /// Refuses what browsers and proxies rewrite on the way. `..;` counts as `..`: servlet containers read it so.
    private static func checkPath(_ rest: ArraySlice<UInt8>) throws(RedirectURI.Problem) {
        let path = String(decoding: rest.prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self).lowercased()
        guard !path.contains("%2f"), !path.contains("%5c") else { throw .path }
        for segment in path.split(separator: "/") {
            let plain = segment.replacing("%2e", with: ".").prefix { $0 != ";" }
            guard plain != ".", plain != ".." else { throw .path }
        }
    }
}

// MARK: - Characters

extension URIParts {
    /// The characters of RFC 3986 §2, every `%` with its two digits.
    private static func isURIText(_ bytes: [UInt8]) -> Bool {
        for (index, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "%") {
                guard index + 2 < bytes.count, isHexadecimal(bytes[index + 1]), isHexadecimal(bytes[index + 2]) else {
                    return false
                }
            } else {
                guard isLetter(byte) || isDigit(byte) || punctuation.contains(byte) else { return false }
            }
        }
        return true
    }

    private static let punctuation = Set("-._~:/?#[]@!$&'()*+,;=".utf8)

    private static func isScheme(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let first = bytes.first, isLetter(first) else { return false }
        return bytes.allSatisfy { isLetter($0) || isDigit($0) || "+-.".utf8.contains($0) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }
}
