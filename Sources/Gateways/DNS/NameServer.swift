import NIOCore

/// The address of a DNS server.
package struct NameServer: Equatable, Sendable {
    let address: SocketAddress

    /// How many the C library's resolver asks.
    package static let greatestCount = 3

    /// Reads an IP address, with a port where it is not 53: `10.0.0.2`, `10.0.0.2:5353`, `2001:db8::1`, `[::1]:5353`.
    /// - Returns: nil for anything else; a name would need a name server to be found.
    package init?(_ text: String) {
        guard let (host, port) = Self.parts(text), let port = Int(port), (1...65_535).contains(port),
            let address = try? SocketAddress(ipAddress: host, port: port)
        else { return nil }
        self.address = address
    }

    private static func parts(_ text: String) -> (host: String, port: String)? {
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            let (host, rest) = (text[text.index(after: text.startIndex)..<end], text[text.index(after: end)...])
            guard host.contains(":"), rest.isEmpty || rest.hasPrefix(":") else { return nil }
            return (String(host), rest.isEmpty ? "53" : String(rest.dropFirst()))
        }
        let pieces = text.split(separator: ":", omittingEmptySubsequences: false)
        guard pieces.count == 2 else { return (text, "53") }
        return (String(pieces[0]), String(pieces[1]))
    }
}
