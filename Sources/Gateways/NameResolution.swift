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
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let promise = loop.makePromise(of: [SocketAddress].self)
        let timer = loop.scheduleTask(in: .seconds(timeout)) { promise.fail(OutboundError.timedOut) }
        NIOThreadPool.singleton.runIfActive(eventLoop: loop) { try look(up: host, port) }.whenComplete { result in
            timer.cancel()
            // Without effect when the timer was first.
            promise.completeWith(result)
        }
        return try await promise.futureResult.get()
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
