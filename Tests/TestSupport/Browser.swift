import Synchronization
package import Wire

/// A person's browser: keeps cookies by the browser's rules, reads forms, follows redirects inside one tenant and stops
/// where an answer leads out of it. It runs no scripts.
package final class Browser: Sendable {
    /// Where a visit came to its end.
    package struct Visit: Sendable, CustomStringConvertible {
        /// The last answer of the tenant.
        package let reply: Reply
        /// Path and query of every request, in order.
        package let trail: [String]
        /// The address outside the tenant to which the last answer leads; nil when it is a page.
        package let departure: String?

        /// The parameters that the address outside was given.
        package var answer: [String: String] { departure.map(URLParts.parameters(of:)) ?? [:] }

        /// The first form that posts to a path.
        package func form(to path: String, where isMeant: (PageForm) -> Bool = { _ in true }) throws -> PageForm {
            guard let form = reply.forms.first(where: { $0.action == path && isMeant($0) }) else {
                throw Missing("a form to \(path) in \(reply)")
            }
            return form
        }

        package var description: String { "\(trail.joined(separator: " → ")) → \(departure ?? reply.description)" }
    }

    /// Something that a test needs is not there.
    package struct Missing: Error, CustomStringConvertible {
        package let description: String

        package init(_ description: String) {
            self.description = description
        }
    }

    private let server: TestServer
    /// Scheme, host and port.
    private let origin: String
    private let language: String
    private let jar = Mutex<[String: String]>([:])

    /// What a declared proxy says where the browser is; nil behind no proxy.
    private let address: String?

    init(_ server: TestServer, origin: String, language: String, address: String?) {
        self.server = server
        self.origin = origin
        self.language = language
        self.address = address
    }

    /// The cookies it has, by full name.
    package var cookies: [String: String] {
        get { jar.withLock { $0 } }
        set { jar.withLock { $0 = newValue } }
    }

    /// Goes to an address of the tenant and follows redirects.
    package func visit(_ address: String, headers: [(String, String)] = []) async throws -> Visit {
        try await follow(try await get(address, headers: headers), trail: [target(address)])
    }

    /// One GET; a redirect is not followed.
    package func get(_ address: String, headers: [(String, String)] = []) async throws -> Reply {
        try await send("GET", target(address), headers: headers, body: nil)
    }

    /// Sends a form as it stands on a page, filled in, and follows redirects.
    package func submit(
        _ form: PageForm, _ filling: [String: String?] = [:], pressing button: String? = nil,
        headers: [(String, String)] = []
    ) async throws -> Visit {
        let pairs = form.sending(filling, pressing: button)
        return try await follow(try await post(form.action, pairs, headers: headers), trail: [form.action])
    }

    /// One POST of a form of our own page; a redirect is not followed.
    package func post(
        _ path: String, _ pairs: [FormURLEncoded.Pair], headers: [(String, String)] = []
    ) async throws -> Reply {
        let hasOrigin = headers.contains { $0.0 == "Origin" }
        return try await send(
            "POST", path,
            headers: headers + (hasOrigin ? [] : [("Origin", origin)])
                + [("Content-Type", "application/x-www-form-urlencoded")],
            body: Array(FormURLEncoded.encode(pairs).utf8))
    }

    private func follow(_ first: Reply, trail: [String]) async throws -> Visit {
        var (reply, trail) = (first, trail)
        while let location = reply.location, (300...399).contains(reply.status) {
            guard let next = URLParts.target(of: location, at: origin) else {
                return Visit(reply: reply, trail: trail, departure: location)
            }
            guard trail.count < 20 else { throw Missing("an end of the redirects \(trail)") }
            trail.append(next)
            reply = try await send("GET", next, headers: [], body: nil)
        }
        return Visit(reply: reply, trail: trail, departure: nil)
    }

    private func target(_ address: String) -> String { URLParts.target(of: address, at: origin) ?? address }

    private func send(
        _ method: String, _ target: String, headers: [(String, String)], body: [UInt8]?
    ) async throws -> Reply {
        var all = headers
        let cookies = jar.withLock { jar in jar.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" } }
        if !cookies.isEmpty { all.append(("Cookie", cookies.joined(separator: "; "))) }
        if !headers.contains(where: { $0.0 == "Accept-Language" }) { all.append(("Accept-Language", language)) }
        if let address { all.append(("X-Forwarded-For", address)) }
        let host = String(origin.drop { $0 != "/" }.dropFirst(2))
        let peer = address == nil ? nil : "127.0.0.1"
        let reply = try await server.send(method, target, host: host, peer: peer, headers: all, body: body)
        for cookie in reply.cookies { store(cookie) }
        return reply
    }

    /// RFC 6265 §5.3, and §5.7 of its successor: a prefixed or Secure cookie only from https, `__Host-` only for the
    /// whole host.
    private func store(_ header: String) {
        let parts = header.parts(by: "; ")
        guard let equals = parts[0].firstIndex(of: "=") else { return }
        let name = String(parts[0][..<equals])
        let attributes = Set(parts.dropFirst())
        let isSecure = origin.hasPrefix("https://")
        if attributes.contains("Secure"), !isSecure { return }
        if name.hasPrefix("__Host-"), !attributes.isSuperset(of: ["Secure", "Path=/"]) { return }
        let isRemoved = attributes.contains("Max-Age=0")
        jar.withLock { $0[name] = isRemoved ? nil : String(parts[0][parts[0].index(after: equals)...]) }
    }
}
