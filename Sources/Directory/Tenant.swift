package import FoundationEssentials

/// An isolated enterprise with its own issuer URL, users, applications and settings.
package struct Tenant: Equatable, Sendable {
    /// Opaque, never reused.
    package var id: String
    /// The short name of commands and of `username@code`; checked by ``Slug``.
    package var code: String
    package var name: String
    /// The base of every link and the `iss` of every token: scheme, host, maybe port and path, no final slash.
    package var issuer: String
    /// The hosts at which this tenant is found, as ``HostName`` stores them; no two tenants share one.
    package var hosts: [String]
    /// Settings that differ from the installation's, by key, as written; read by the modules that own the keys.
    package var settings: [String: String]
    /// Whole seconds.
    package var createdAt: Date

    package init(
        id: String, code: String, name: String, issuer: String, hosts: [String], settings: [String: String] = [:],
        createdAt: Date
    ) {
        self.id = id
        self.code = code
        self.name = name
        self.issuer = issuer
        self.hosts = hosts
        self.settings = settings
        self.createdAt = createdAt
    }

    /// Checks an issuer (RFC 8414 §2: https, no query, no fragment).
    ///
    /// No final slash, because links are built by appending a path. Plain http is accepted on loopback only, where a
    /// developer's machine has no certificate and no network can listen.
    /// - Returns: The issuer as given.
    /// - Throws: `badIssuer`.
    package static func checkedIssuer(_ text: String) throws(DirectoryError) -> String {
        guard let url = try? WebURL(text), url.scheme == "https" || url.isLoopback else { throw .badIssuer }
        guard text.hasPrefix(url.origin), text.utf8.count == url.origin.utf8.count + url.rest.utf8.count else {
            throw .badIssuer
        }
        guard !url.rest.contains(where: { "?#;%".contains($0) }), !url.rest.hasSuffix("/") else { throw .badIssuer }
        guard !url.rest.contains("//"), !url.rest.split(separator: "/").contains(where: { $0 == "." || $0 == ".." })
        else { throw .badIssuer }
        return text
    }
}
