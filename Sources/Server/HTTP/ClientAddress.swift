import Glibc
package import NIOCore

/// An IPv4 or IPv6 address as bytes: what per-address limits count by.
package struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// 4 or 16 bytes in network order; an IPv4-mapped IPv6 address is kept as its 4 IPv4 bytes.
    package let bytes: [UInt8]

    /// Reads a textual address; nil when it is none.
    package init?(_ text: String) {
        var four = in_addr()
        var six = in6_addr()
        if unsafe inet_pton(AF_INET, text, &four) == 1 {
            bytes = unsafe withUnsafeBytes(of: four) { unsafe Array($0) }
        } else if unsafe inet_pton(AF_INET6, text, &six) == 1 {
            bytes = Self.unmapped(unsafe withUnsafeBytes(of: six) { unsafe Array($0) })
        } else {
            return nil
        }
    }

    /// Takes the address of a connection's peer; nil for a Unix socket.
    package init?(_ address: SocketAddress) {
        guard let text = address.ipAddress else { return nil }
        self.init(text)
    }

    /// 127.0.0.0/8 or ::1.
    package var isLoopback: Bool {
        bytes.count == 4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
    }

    /// The usual text form; IPv6 without zero compression, which is enough for logs and limits.
    package var description: String {
        if bytes.count == 4 { return bytes.map(String.init).joined(separator: ".") }
        return stride(from: 0, to: 16, by: 2)
            .map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }
            .joined(separator: ":")
    }

    /// What per-address limits count by: one IPv4 address, or one IPv6 /64, since a subscriber owns a whole /64
    /// and could otherwise change the address with each request.
    package var limitKey: String {
        bytes.count == 4
            ? description
            : IPAddress(bytes: Array(bytes.prefix(8)) + [UInt8](repeating: 0, count: 8))
                .description + "/64"
    }

    /// What a request without a socket, in a test, counts as coming from.
    static let loopback = IPAddress(bytes: [127, 0, 0, 1])

    private static func unmapped(_ bytes: [UInt8]) -> [UInt8] {
        let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xff && bytes[11] == 0xff
        return isMapped ? Array(bytes.suffix(4)) : bytes
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }
}

/// A network in CIDR notation (RFC 4632 §3.1), such as `10.0.0.0/8` or `2001:db8::/32`.
package struct IPNetwork: Hashable, Sendable, CustomStringConvertible {
    private let prefix: IPAddress
    /// Bits that addresses in it have in common.
    let length: Int

    /// Reads `address` or `address/length`; nil when it is neither.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let prefix = IPAddress(String(first)) else { return nil }
        let whole = prefix.bytes.count * 8
        let length = parts.count == 2 ? Int(parts[1]) : whole
        guard let length, (0...whole).contains(length) else { return nil }
        self.prefix = prefix
        self.length = length
    }

    /// Whether an address lies in this network; never across address families.
    package func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == prefix.bytes.count else { return false }
        return (0..<length).allSatisfy { bit in
            let mask = UInt8(0x80) >> UInt8(bit % 8)
            return address.bytes[bit / 8] & mask == prefix.bytes[bit / 8] & mask
        }
    }

    package var description: String { "\(prefix)/\(length)" }
}

/// Whom a request came from, seen through the proxies that are declared.
package enum ClientAddress {
    /// Walks `X-Forwarded-For` from the right while the hop is a declared proxy (peers' class 9).
    ///
    /// - Parameters:
    ///   - peer: The connection's other end.
    ///   - forwardedFor: The header's value, all lines joined by a comma; read only when `peer` is a declared proxy.
    ///   - proxies: The networks of `http.trustedProxies`.
    /// - Returns: The first address from the right that is no declared proxy; the last proxy itself when the header
    ///   is missing or is not a list of addresses.
    package static func resolve(peer: IPAddress, forwardedFor: String?, proxies: [IPNetwork]) -> IPAddress {
        var nearest = peer
        var hops = (forwardedFor ?? "").utf8.split(separator: UInt8(ascii: ","))
        while proxies.contains(where: { $0.contains(nearest) }), let hop = hops.popLast() {
            let text = hop.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
            guard let address = IPAddress(String(decoding: text, as: UTF8.self)) else { return nearest }
            nearest = address
        }
        return nearest
    }
}
