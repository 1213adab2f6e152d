package import Directory

/// Who asks for a passkey: a tenant, as browsers and authenticators know it (WebAuthn Level 3 §4).
package struct RelyingParty: Equatable, Sendable {
    /// The host of the tenant's issuer; passkeys are bound to it for good.
    package let id: String
    /// The only origin from which an answer is accepted, compared byte for byte.
    package let origin: String
    /// What browsers and authenticators show.
    package let name: String
    /// Whether the authenticator must have checked the person by PIN, finger or face. It always is asked for, so that a
    /// passkey alone is two factors; WebAuthn's published examples are without.
    package var requiresUserVerification = true

    /// - Returns: nil where passkeys do not work: a host that is an address has no id (§5.1.2), and an origin without
    ///   TLS is no secure context unless it is this machine.
    package init?(of tenant: Tenant) {
        guard let issuer = try? WebURL(tenant.issuer), !Self.isAddress(issuer.host) else { return nil }
        guard issuer.scheme == "https" || issuer.isLoopback else { return nil }
        self.init(id: issuer.host, origin: issuer.origin, name: tenant.name)
    }

    package init(id: String, origin: String, name: String) {
        self.id = id
        self.origin = origin
        self.name = name
    }

    /// A name's last label never is a number (RFC 3696 §2).
    private static func isAddress(_ host: String) -> Bool {
        guard !host.hasPrefix("["), let last = host.split(separator: ".").last else { return true }
        return last.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
