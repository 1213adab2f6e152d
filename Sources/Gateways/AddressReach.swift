package import NIOCore

/// How far an IP address reaches, as far as outgoing requests care.
///
/// The lists are the special-purpose registries of RFC 6890 and its updates. An IPv6 address that stands for an IPv4
/// one is judged as that one.
package enum AddressReach: Equatable, Sendable {
    /// This machine.
    case loopback
    /// Networks of the enterprise: RFC 1918, RFC 4193, and RFC 6598 behind carrier NAT.
    case privateNetwork
    /// Link-local, multicast, documentation, reserved, unspecified: nothing that a server is called at.
    case never
    /// Everything else.
    case publicNetwork

    package init(_ address: SocketAddress) {
        switch address {
        // In struct sockaddr_in the address follows family and port, in sockaddr_in6 the flow label as well.
        case .v4(let address): self.init(v4: bytes(of: address.address, 4..<8))
        case .v6(let address): self.init(v6: bytes(of: address.address, 8..<24))
        case .unixDomainSocket: self = .never
        }
    }

    func isAllowed(by settings: OutboundHTTP.Settings) -> Bool {
        switch self {
        case .loopback: settings.allowsLoopback
        case .privateNetwork: settings.allowsPrivateNetworks
        case .never: false
        case .publicNetwork: true
        }
    }

    /// - Parameter octets: Four, in network order.
    init(v4 octets: [UInt8]) {
        switch (octets[0], octets[1], octets[2]) {
        case (127, _, _): self = .loopback
        case (10, _, _), (172, 16...31, _), (192, 168, _), (100, 64...127, _): self = .privateNetwork
        case (0, _, _), (169, 254, _), (192, 0, 0), (192, 0, 2), (192, 88, 99), (198, 18...19, _), (198, 51, 100),
            (203, 0, 113), (224...255, _, _):
            self = .never
        default: self = .publicNetwork
        }
    }

    /// - Parameter octets: Sixteen, in network order.
    init(v6 octets: [UInt8]) {
        if let embedded = Self.embeddedV4(octets) {
            self.init(v4: embedded)
            return
        }
        switch (octets[0], octets[1]) {
        case (0xFC...0xFD, _): self = .privateNetwork
        case (0x20...0x3F, _): self = Self.isSpecial(octets) ? .never : .publicNetwork
        default: self = octets == [UInt8](repeating: 0, count: 15) + [1] ? .loopback : .never
        }
    }

    /// The IPv4 address inside a mapped (RFC 4291 §2.5.5.2), translated (RFC 6052) or 6to4 (RFC 3056) address.
    private static func embeddedV4(_ octets: [UInt8]) -> [UInt8]? {
        let mapped = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]
        let translated: [UInt8] = [0x00, 0x64, 0xFF, 0x9B] + [UInt8](repeating: 0, count: 8)
        if octets.starts(with: mapped) || octets.starts(with: translated) { return Array(octets[12...]) }
        if octets.starts(with: [0x20, 0x02]) { return Array(octets[2..<6]) }
        return nil
    }

    /// Parts of 2000::/3 that are not for calling: 2001::/23 (with Teredo), documentation (RFC 3849, RFC 9637).
    private static func isSpecial(_ octets: [UInt8]) -> Bool {
        let isProtocolAssignment = octets.starts(with: [0x20, 0x01]) && octets[2] < 2
        let isDocumentation = octets.starts(with: [0x20, 0x01, 0x0D, 0xB8]) || octets.starts(with: [0x3F, 0xFF])
        return isProtocolAssignment || isDocumentation
    }
}

/// Some of the bytes of a C structure.
private func bytes<Structure>(of structure: Structure, _ range: Range<Int>) -> [UInt8] {
    unsafe withUnsafeBytes(of: structure) { unsafe Array($0[range]) }
}
