/// Where an enterprise's mail server takes messages, and how the way there is protected.
package struct SMTPServer: Equatable, Sendable {
    /// What has to be true of the connection before anything is said on it that is worth hearing.
    package enum Protection: Equatable, Sendable {
        /// TLS from the first byte (RFC 8314 §3.3).
        case implicit
        /// `STARTTLS` (RFC 3207), or no message.
        case startTLS
        /// `STARTTLS` where it is offered: for a relay on this machine.
        case ifOffered
    }

    package let host: String
    package let port: Int
    package let protection: Protection

    /// Reads `smtps://host`, with TLS from the first byte, or `smtp://host`, with `STARTTLS`, which only a server on
    /// loopback need not have.
    /// - Returns: nil for anything else: a path, a user, a host that is none.
    package init?(_ url: String) {
        let isImplicit = url.hasPrefix("smtps://")
        guard isImplicit || url.hasPrefix("smtp://") else { return nil }
        let authority = url.dropFirst(isImplicit ? 8 : 7)
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), MailAddress("x@\(parts[0])") != nil else { return nil }
        // RFC 8314 §7.3, RFC 6409 §3.1.
        guard let port = parts.count == 2 ? UInt16(parts[1]) : isImplicit ? 465 : 587, port > 0 else { return nil }
        self.init(host: String(parts[0]), port: Int(port), isImplicit: isImplicit)
    }

    private init(host: String, port: Int, isImplicit: Bool) {
        let protection: Protection = Self.isLoopback(host) ? .ifOffered : .startTLS
        self.init(host: host, port: port, protection: isImplicit ? .implicit : protection)
    }

    init(host: String, port: Int, protection: Protection) {
        self.host = host
        self.port = port
        self.protection = protection
    }

    /// `127.example.com` is somebody's name and not this machine.
    private static func isLoopback(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return host == "localhost" || (parts.count == 4 && parts.first == 127 && parts.allSatisfy { $0 != nil })
    }
}
