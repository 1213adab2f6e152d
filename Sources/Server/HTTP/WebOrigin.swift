/// Scheme, host and port of an address (RFC 6454 §4).
enum WebOrigin {
    /// `https://app.example:8443` of `https://app.example:8443/callback?x`; for a private-use scheme `scheme:`, which is
    /// how a Content-Security-Policy names it.
    /// - Parameter address: Registered or configured, so its form has been checked.
    static func of(_ address: String) -> String {
        let scheme = address.prefix { $0 != ":" }.lowercased()
        guard scheme == "https" || scheme == "http" else { return scheme + ":" }
        let authority = address.dropFirst(scheme.count + 3).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        return "\(scheme)://\(authority)"
    }
}
