/// Where a vendor is called: `https://host`, maybe with a port, without path.
struct VendorEndpoint: Equatable, Sendable {
    let url: String
    /// Host and port as the URL has them; what requests name in their signed `Host` header.
    let host: String

    /// - Throws: ``OutboundError/invalidURL`` for anything else, ``OutboundError/insecure`` for another scheme.
    init(_ url: String) throws(OutboundError) {
        // That http leads to loopback is checked when a request is sent.
        _ = try OutboundTarget(url, allowsLoopback: true)
        guard let range = url.firstRange(of: "://") else { throw .invalidURL }
        host = String(url[range.upperBound...])
        guard !host.contains(where: { "/?#@".contains($0) }) else { throw .invalidURL }
        self.url = url
    }
}
