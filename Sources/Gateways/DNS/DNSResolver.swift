import CResolv
package import FoundationEssentials
import NIOCore
import NIOPosix

/// Why name servers gave no answer to go by.
package enum DNSError: Error, Equatable, Sendable {
    /// None could be reached in time, or they failed.
    case unavailable
    /// The answer is no DNS message, or larger than any that was asked for.
    case unreadable
}

/// Asks name servers, through the C library's resolver: it makes ids and ports that cannot be guessed, takes an answer
/// only from whom it asked and to what it asked, and asks again over TCP when an answer is cut short.
///
/// Only ever the servers of the system or of a setting are asked, so that no name leads a request to another address.
package struct DNSResolver: Sendable {
    private let servers: [NameServer]
    private let timeout: TimeInterval

    /// The resolver blocks, and cannot be cancelled. The threads live as long as the process.
    private static let threads: NIOThreadPool = {
        let threads = NIOThreadPool(numberOfThreads: 4)
        threads.start()
        return threads
    }()

    /// - Parameters:
    ///   - servers: Whom to ask, ``NameServer/greatestCount`` at most; none: whom the system asks.
    ///   - timeout: Seconds for a whole question.
    package init(servers: [NameServer], timeout: TimeInterval) {
        self.servers = servers
        self.timeout = timeout
    }

    /// What the CNAME records of a name say, without the final dot; none when there is no such record or name.
    ///
    /// The records are not followed: where they lead need not exist.
    /// - Throws: ``DNSError``.
    package func canonicalNames(of name: String) async throws -> [String] {
        let (servers, seconds) = (servers, Int32(max(1, timeout / 5)))
        return try await BlockingCall.run(on: Self.threads, timeout: timeout, otherwise: DNSError.unavailable) {
            let resolver = try unsafe Resolver(servers: servers, seconds: seconds)
            defer { unsafe resolver.close() }
            guard let answer = try unsafe resolver.ask(name, type: Int32(ns_t_cname.rawValue)) else { return [] }
            return try DNSAnswer.canonicalNames(of: name, in: answer)
        }
    }
}

/// The C library's state of one question; to be closed once.
@unsafe private struct Resolver: ~Copyable {
    /// Parts of the structure point to others, so it must not move.
    private let state: UnsafeMutablePointer<__res_state>

    /// - Parameter seconds: For the first attempt at each server; there are two.
    init(servers: [NameServer], seconds: Int32) throws(DNSError) {
        unsafe state = .allocate(capacity: 1)
        unsafe state.initialize(to: __res_state())
        guard unsafe __res_ninit(state) == 0 else {
            unsafe state.deallocate()
            throw .unavailable
        }
        unsafe state.pointee.retrans = seconds
        unsafe state.pointee.retry = 2
        if !servers.isEmpty { unsafe use(Array(servers.prefix(NameServer.greatestCount))) }
    }

    /// Gives everything back; nothing is asked afterwards.
    func close() {
        unsafe __res_nclose(state)
        unsafe state.deallocate()
    }

    /// - Returns: The whole answer; nil when there is nothing of this kind under the name.
    func ask(_ name: String, type: Int32) throws(DNSError) -> [UInt8]? {
        // A name has 255 bytes at most, so a record and what servers like to add to it fit well.
        var answer = [UInt8](repeating: 0, count: 4_096)
        let count = unsafe Int(res_nquery(state, name, Int32(ns_c_in.rawValue), type, &answer, Int32(answer.count)))
        guard count >= 0 else {
            let reason = unsafe state.pointee.res_h_errno
            guard reason == HOST_NOT_FOUND || reason == NO_DATA else { throw .unavailable }
            return nil
        }
        guard count <= answer.count else { throw .unreadable }
        return Array(answer.prefix(count))
    }

    /// Replaces the servers of the system's configuration.
    private func use(_ servers: [NameServer]) {
        let addresses = unsafe (0..<NameServer.greatestCount).map { unsafe Self.parts(servers.dropFirst($0).first) }
        // The library allocated these and frees their successors when the state is closed.
        let former = unsafe state.pointee._u._ext.nsaddrs
        unsafe free(former.0)
        unsafe free(former.1)
        unsafe free(former.2)
        unsafe state.pointee._u._ext.nsaddrs = (addresses[0].v6, addresses[1].v6, addresses[2].v6)
        unsafe state.pointee.nsaddr_list = (addresses[0].v4, addresses[1].v4, addresses[2].v4)
        unsafe state.pointee.nscount = Int32(servers.count)
        // The library makes its list of sockets anew when it is told that there is none.
        unsafe state.pointee._u._ext.nscount = 0
    }

    /// An address as the library keeps it: one of IPv6 apart, with nothing, as in a new state, in the list of the others.
    private static func parts(_ server: NameServer?) -> (v4: sockaddr_in, v6: UnsafeMutablePointer<sockaddr_in6>?) {
        switch server?.address {
        case .v4(let address): (address.address, nil)
        case .v6(let address): unsafe (__res_state().nsaddr_list.0, allocated(address.address))
        case .unixDomainSocket, nil: unsafe (__res_state().nsaddr_list.0, nil)
        }
    }

    /// An address in memory of the C library, which frees it.
    private static func allocated(_ address: sockaddr_in6) -> UnsafeMutablePointer<sockaddr_in6>? {
        let memory = unsafe malloc(MemoryLayout<sockaddr_in6>.size)?.assumingMemoryBound(to: sockaddr_in6.self)
        unsafe memory?.initialize(to: address)
        return unsafe memory
    }
}
