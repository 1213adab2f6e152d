import Wire

/// A cookie of ours: HttpOnly, SameSite=Lax, for the whole host, and on https Secure with the `__Host-` prefix
/// (RFC 6265bis §4.1.3.2), so that no sibling domain can set it.
package struct Cookie: Sendable {
    /// The name without prefix.
    package let name: String
    /// Whether the tenant's issuer is https; decides prefix and Secure.
    package let isSecure: Bool

    /// The SSO session's cookie: CAS's ticket-granting cookie.
    package static func session(secure: Bool) -> Cookie { Cookie(name: "gatehouse-session", isSecure: secure) }
    /// Binds interactions and CSRF tokens to one browser.
    package static func browser(secure: Bool) -> Cookie { Cookie(name: "gatehouse-browser", isSecure: secure) }
    /// The language a person chose.
    package static func language(secure: Bool) -> Cookie { Cookie(name: "gatehouse-language", isSecure: secure) }

    /// The name on the wire.
    package var fullName: String { isSecure ? "__Host-\(name)" : name }

    /// The value in a `Cookie` header (RFC 6265 §5.4), or nil.
    ///
    /// The first of several cookies with the same name counts; names are compared as bytes.
    package func value(in header: String?) -> String? {
        guard let header else { return nil }
        let wanted = Array(fullName.utf8)
        for pair in header.utf8.split(separator: UInt8(ascii: ";")) {
            let trimmed = pair.drop { $0 == UInt8(ascii: " ") }
            guard trimmed.count > wanted.count, trimmed.starts(with: wanted) else { continue }
            let rest = trimmed.dropFirst(wanted.count)
            guard rest.first == UInt8(ascii: "=") else { continue }
            return String(Substring(rest.dropFirst()))
        }
        return nil
    }

    /// The `Set-Cookie` value that stores `value`.
    /// - Parameter maximumAge: Seconds the browser keeps it; nil ends it with the browser.
    package func storing(_ value: String, maximumAge: Int?) -> String {
        var header = "\(fullName)=\(value); Path=/; HttpOnly; SameSite=Lax"
        if isSecure { header += "; Secure" }
        if let maximumAge { header += "; Max-Age=\(maximumAge)" }
        return header
    }

    /// The `Set-Cookie` value that removes the cookie.
    package var removal: String { storing("", maximumAge: 0) }
}
