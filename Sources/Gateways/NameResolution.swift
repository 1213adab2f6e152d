import FoundationEssentials
import Glibc
import NIOCore
import NIOPosix

/// Host names to addresses, through the system's resolver.
enum NameResolution {
    /// Every address of a host.
    ///
    /// `getaddrinfo` blocks and cannot be cancelled, so it runs on the thread pool and the caller stops waiting for it
    /// after `timeout` seconds.
    /// - Throws: ``OutboundError/unresolvable`` or ``OutboundError/timedOut``.
    static func addresses(of host: String, port: Int, timeout: TimeInterval) async throws -> [SocketAddress] {
        try await addresses(of: host, port, timeout, on: .singleton)
    }

    /// The same for names that anybody may choose, on threads of their own: names that nobody answers for must not hold
    /// up the messages of all tenants.
    static func addresses(
        ofStranger host: String, port: Int, timeout: TimeInterval
    ) async throws -> [SocketAddress] {
        try await addresses(of: host, port, timeout, on: strangers)
    }

    private static let strangers: NIOThreadPool = {
        let threads = NIOThreadPool(numberOfThreads: 4)
        threads.start()
        return threads
    }()

    private static func addresses(
        of host: String, _ port: Int, _ timeout: TimeInterval, on threads: NIOThreadPool
    ) async throws -> [SocketAddress] {
        try await BlockingCall.run(on: threads, timeout: timeout, otherwise: OutboundError.timedOut) {
            try look(up: host, port)
        }
    }

    private static func look(up host: String, _ port: Int) throws(OutboundError) -> [SocketAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_protocol = Int32(IPPROTO_TCP)
        var first: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, String(port), &hints, &first) == 0 else { throw .unresolvable }
        defer { unsafe freeaddrinfo(first) }
        var addresses: [SocketAddress] = []
        var next = unsafe first
        while let entry = unsafe next {
            if let address = unsafe address(in: entry.pointee) { addresses.append(address) }
            unsafe next = entry.pointee.ai_next
        }
        return addresses
    }

    private static func address(in entry: addrinfo) -> SocketAddress? {
        guard let bytes = unsafe UnsafeRawPointer(entry.ai_addr) else { return nil }
        return switch unsafe entry.ai_family {
        case AF_INET: unsafe SocketAddress(bytes.loadUnaligned(as: sockaddr_in.self))
        case AF_INET6: unsafe SocketAddress(bytes.loadUnaligned(as: sockaddr_in6.self))
        default: nil
        }
    }
}
