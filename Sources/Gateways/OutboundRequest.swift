import AsyncHTTPClient
import FoundationEssentials
import NIOHTTP1

/// One request to somebody else's server.
package struct OutboundRequest: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
    }

    package var method: Method
    /// Absolute; where it may lead is checked when it is sent.
    package var url: String
    /// In order; `Host` and the length are added when they are not there.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    /// Bytes of the answer's body, where fewer are enough than the client allows.
    package var maximumResponseBytes: Int?

    package init(
        _ method: Method, _ url: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
        maximumResponseBytes: Int? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.maximumResponseBytes = maximumResponseBytes
    }

    var clientRequest: HTTPClientRequest {
        var request = HTTPClientRequest(url: url)
        request.method = .init(rawValue: method.rawValue)
        for header in headers { request.headers.add(name: header.name, value: header.value) }
        if method == .post { request.body = .bytes(body) }
        return request
    }
}

/// The whole answer.
package struct OutboundResponse: Equatable, Sendable {
    /// The HTTP status; a redirect is one of them, it is not followed.
    package var status: Int
    package var body: [UInt8]
}

/// The parts of a URL that decide whether it may be called.
struct OutboundTarget: Equatable, Sendable {
    let isSecure: Bool
    /// Name or address, without brackets.
    let host: String
    let port: Int

    /// - Parameter allowsLoopback: Whether http may be used; that it then really leads to loopback is checked after
    ///   the name is resolved.
    init(_ text: String, allowsLoopback: Bool) throws(OutboundError) {
        guard let url = URL(string: text), let scheme = url.scheme?.lowercased(), let host = url.host(), !host.isEmpty
        else { throw .invalidURL }
        guard scheme == "https" || scheme == "http" else { throw .insecure }
        guard scheme == "https" || allowsLoopback else { throw .insecure }
        // A name and password in a URL would be sent, and confuse whoever reads the URL about its host.
        guard url.user == nil, url.password == nil else { throw .invalidURL }
        self.isSecure = scheme == "https"
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        self.port = url.port ?? (isSecure ? 443 : 80)
    }
}
