/// An absolute `http` or `https` address that a page may link to or a browser may be sent to.
///
/// Only these two schemes: `javascript:` in a tile would run in our origin (peers' class 13).
package struct WebURL: Equatable, Sendable {
    /// The address exactly as it was given.
    package let text: String
    /// `http` or `https`.
    package let scheme: String
    /// The host in small letters; an IPv6 address in brackets.
    package let host: String
    /// The port as written; nil when none is.
    package let port: Int?
    /// What follows the authority: path, query and fragment as given; may be empty.
    package let rest: String

    /// Reads an address.
    /// - Throws: `badWebURL`, also for a user name, a backslash, spaces, control and non-ASCII characters: everything
    ///   in which two readers of URLs might see two hosts (peers' classes 1 and 12).
    package init(_ text: String) throws(DirectoryError) {
        guard text.utf8.count <= 2_048, text.utf8.allSatisfy(Self.isPlainByte) else { throw .badWebURL }
        let beforeColon = text.prefix { $0 != ":" }
        scheme = TypedText.lowercasedASCII(String(beforeColon))
        let afterScheme = text[beforeColon.endIndex...]
        guard scheme == "http" || scheme == "https", afterScheme.hasPrefix("://") else { throw .badWebURL }
        let remainder = afterScheme.dropFirst(3)
        let authority = remainder.prefix { !"/?#".contains($0) }
        guard let host = HostName.host(ofAuthority: String(authority)) else { throw .badWebURL }
        self.host = host
        port = try Self.port(of: authority)
        rest = String(remainder[authority.endIndex...])
        self.text = text
    }

    /// Scheme, host and port, as a Content-Security-Policy source and an `Origin` header have it (RFC 6454 §6.2).
    package var origin: String {
        guard let port, port != (scheme == "https" ? 443 : 80) else { return scheme + "://" + host }
        return "\(scheme)://\(host):\(port)"
    }

    /// Whether the host is this machine by name or address: `localhost`, `*.localhost`, 127.0.0.0/8, `[::1]`.
    package var isLoopback: Bool {
        if host == "localhost" || host.hasSuffix(".localhost") || host == "[::1]" { return true }
        let parts = host.split(separator: ".")
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    private static func isPlainByte(_ byte: UInt8) -> Bool {
        (0x21...0x7e).contains(byte) && !refusedBytes.contains(byte)
    }

    /// Printable characters that RFC 3986 does not allow anywhere.
    private static let refusedBytes = Set("\\\"<>^`{|}".utf8)

    private static func port(of authority: Substring) throws(DirectoryError) -> Int? {
        let afterBracket = authority.lastIndex(of: "]").map { authority[$0...] } ?? authority
        guard let colon = afterBracket.lastIndex(of: ":") else { return nil }
        guard let port = Int(afterBracket[afterBracket.index(after: colon)...]), (1...65_535).contains(port) else {
            throw .badWebURL
        }
        return port
    }
}
