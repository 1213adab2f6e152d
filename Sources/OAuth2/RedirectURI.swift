import Wire

/// An address of a client that answers may be sent to, as an administrator registered it (RFC 6749 §3.1.2.2).
///
/// Registration is strict so that matching can be trivial: the bytes are equal, or they are not.
package struct RedirectURI: Equatable, Sendable {
    /// The registered bytes; never normalised.
    package let text: String

    /// Why an address cannot be registered.
    package enum Problem: String, Error, Equatable, Sendable, CaseIterable {
        /// Longer than 2,000 bytes, or empty.
        case length
        /// A byte that RFC 3986 does not allow in a URI: space, control, backslash, quote, anything outside ASCII, or
        /// `%` without two hexadecimal digits.
        case character
        /// No scheme, or one that is neither https, nor http on loopback, nor a private-use scheme.
        case scheme
        /// A `#`: fragments never reach a server (RFC 6749 §3.1.2).
        case fragment
        /// `user@` or `user:password@` before the host.
        case userinfo
        /// No host, a wildcard, an empty label, a trailing dot, or an escape in the host.
        case host
        /// Not a decimal number from 1 to 65535.
        case port
        /// A `.` or `..` segment in any spelling, or an escaped slash or backslash: readers disagree about where these
        /// lead.
        case path
    }

    /// Registers an address.
    /// - Throws: the first ``Problem`` in the order of the cases.
    package init(registering text: String) throws(Problem) {
        let parts = try URIParts(text)
        guard parts.scheme == "https" || parts.isLoopback || parts.isPrivateUse else { throw .scheme }
        self.text = text
    }

    /// Whether an authorization request may name `presented`.
    ///
    /// Byte equality, with one exception: a native application listens on whatever port it gets, so the port of an
    /// `http` loopback *IP literal* is not compared for a public client (RFC 8252 §7.3, RFC 9700 §2.1). `localhost` is
    /// no literal and gets no exception.
    package func matches(_ presented: String, from kind: Client.Kind) -> Bool {
        if presented.isByteEqual(to: text) { return true }
        guard kind == .public, let registered = LoopbackURI(text), let other = LoopbackURI(presented) else {
            return false
        }
        return registered == other
    }

    /// Checks an address that this server is to call: https, or http on loopback.
    /// - Throws: the first ``Problem``.
    package static func check(callback text: String) throws(Problem) {
        let parts = try URIParts(text)
        guard parts.scheme == "https" || parts.isLoopback else { throw .scheme }
    }
}

extension RedirectURI.Problem {
    /// What to change, for the administrator who registers the address.
    package var explanation: StaticString {
        switch self {
        case .length: "the address must have 1 to 2000 bytes"
        case .character: "the address holds a character that a URI cannot hold; escape it as %XX"
        case .scheme: "the address must be https, http on 127.0.0.1, [::1] or localhost, or com.example.app:/path"
        case .fragment: "the address must not have a fragment (#)"
        case .userinfo: "the address must not have a user name or password"
        case .host: "the address must name one host, without wildcard, escape or trailing dot"
        case .port: "the port must be a number from 1 to 65535"
        case .path: "the path must not have . or .. segments or escaped slashes"
        }
    }
}

/// An `http` address on a loopback IP literal, without its port.
private struct LoopbackURI: Equatable {
    let host: String
    /// Of a registered address, path and query.
    let rest: [UInt8]

    init?(_ text: String) {
        for host in ["127.0.0.1", "[::1]"] {
            let prefix = Array("http://\(host)".utf8)
            guard text.utf8.starts(with: prefix) else { continue }
            let tail = Array(text.utf8.dropFirst(prefix.count))
            guard let rest = Self.droppingPort(tail) else { return nil }
            self.host = host
            self.rest = rest
            return
        }
        return nil
    }

    /// What follows `:port`, or all of it when there is no port; nil for a port that is none.
    ///
    /// Whatever else stands behind the host is left in and compared: `127.0.0.1:80@evil.example/cb` and
    /// `127.0.0.1.evil.example/cb` differ from every registered address there.
    private static func droppingPort(_ tail: [UInt8]) -> [UInt8]? {
        guard tail.first == UInt8(ascii: ":") else { return tail }
        let digits = tail.dropFirst().prefix { URIParts.isDigit($0) }
        return URIParts.isPort(digits) ? Array(tail[digits.endIndex...]) : nil
    }
}

extension RedirectURI {
    /// Takes an address that was checked when it was registered.
    package init(stored text: String) {
        self.text = text
    }
}
