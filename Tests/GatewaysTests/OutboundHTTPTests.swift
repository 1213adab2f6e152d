import FoundationEssentials
import NIOCore
import Testing

@testable import Gateways

/// A client that may call loopback, with short times.
func loopbackClient(_ change: (inout OutboundHTTP.Settings) -> Void = { _ in }) throws -> OutboundHTTP {
    var settings = OutboundHTTP.Settings()
    settings.allowsLoopback = true
    // A whole test run shares two processors; only tests of time-outs may come to one.
    settings.requestTimeout = 120
    settings.connectTimeout = 120
    change(&settings)
    return try OutboundHTTP(settings)
}

/// Uses a client and closes it.
@discardableResult
func using<T>(_ client: OutboundHTTP, _ body: (OutboundHTTP) async throws -> T) async throws -> T {
    do {
        let result = try await body(client)
        try await client.shutdown()
        return result
    } catch {
        try await client.shutdown()
        throw error
    }
}

/// What sending a request throws; nil when it is answered.
func refusal(_ client: OutboundHTTP, _ url: String) async throws -> OutboundError? {
    try await using(client) { client in
        do {
            _ = try await client.send(OutboundRequest(.get, url))
            return nil
        } catch let error as OutboundError { return error }
    }
}

@Suite("Outgoing requests: what is sent and read")
struct OutboundExchangeTests {
    @Test("sends method, headers and body, and reads status and body")
    func exchanges() async throws {
        try await Receiver.run(.status(201, [("x-a", "b")], "done")) { receiver in
            let request = OutboundRequest(
                .post, "http://127.0.0.1:\(receiver.port)/a%20b?c=d", headers: [("X-One", "1")],
                body: Array("text".utf8))
            let response = try await using(loopbackClient()) { try await $0.send(request) }
            #expect(response == OutboundResponse(status: 201, body: Array("done".utf8)))
            let received = try #require(receiver.received.first)
            #expect(received.method == "POST")
            #expect(received.uri == "/a%20b?c=d")
            #expect(received.body == "text")
            #expect(received.headers["x-one"] == "1")
            #expect(received.headers["host"] == "127.0.0.1:\(receiver.port)")
        }
    }

    @Test("does not follow a redirect", .tags(.security), arguments: [301, 302, 303, 307, 308])
    func redirects(_ status: Int) async throws {
        try await Receiver.run(.status(200)) { other in
            let location = "http://127.0.0.1:\(other.port)/"
            try await Receiver.run(.status(status, [("location", location)])) { receiver in
                let response = try await using(loopbackClient()) {
                    try await $0.send(OutboundRequest(.get, "http://127.0.0.1:\(receiver.port)/"))
                }
                #expect(response.status == status)
                #expect(receiver.received.count == 1)
            }
            #expect(other.received.isEmpty)
        }
    }

    @Test(
        "reads no more than allowed", .tags(.security),
        arguments: [[], [("transfer-encoding", "chunked")]] as [[(String, String)]])
    func size(_ headers: [(String, String)]) async throws {
        try await Receiver.run(.status(200, headers, String(repeating: "x", count: 1_001))) { receiver in
            let url = "http://127.0.0.1:\(receiver.port)/"
            let narrow = try await refusal(loopbackClient { $0.maximumResponseBytes = 1_000 }, url)
            #expect(narrow == .responseTooLarge)
            let wide = try await refusal(loopbackClient { $0.maximumResponseBytes = 1_001 }, url)
            #expect(wide == nil)
        }
    }

    enum Slowness: CaseIterable { case silence, drip }

    @Test("waits no longer than allowed", .tags(.security), arguments: Slowness.allCases)
    func time(_ slowness: Slowness) async throws {
        try await Receiver.run(slowness == .silence ? .silence : .drip) { receiver in
            let client = try loopbackClient { $0.requestTimeout = 0.3 }
            #expect(try await refusal(client, "http://127.0.0.1:\(receiver.port)/") == .timedOut)
        }
    }

    /// Waiting and asking are given up at once, and either may be the first to say so; hence the repetition.
    @Test("a request that is given up is cancelled, and did not fail", arguments: 0..<50)
    func cancelled(_ attempt: Int) async throws {
        let client = try OutboundHTTP(OutboundHTTP.Settings()) { _, _, _ in throw OutboundError.unresolvable }
        try await using(client) { client in
            let task = Task {
                unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
                return try await client.send(OutboundRequest(.get, "https://wiki.example/"))
            }
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    @Test("says that nobody listens")
    func refused() async throws {
        let port = try await Receiver.run(.silence) { $0.port }
        #expect(try await refusal(loopbackClient(), "http://127.0.0.1:\(port)/") == .unreachable)
    }
}

@Suite("Outgoing requests: TLS is verified")
struct OutboundTLSTests {
    @Test("accepts a certificate of an authority that was added")
    func added() async throws {
        let certificate = try TestCertificate()
        try await Receiver.run(.status(200), tls: certificate.context) { receiver in
            let client = try loopbackClient { $0.trustedCertificates = certificate.authorityPEM }
            #expect(try await refusal(client, "https://localhost:\(receiver.port)/") == nil)
            #expect(receiver.received.count == 1)
        }
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var name = "localhost"
        var notAfter = "491231235959Z"
        var isAdded = true
    }

    @Test(
        "refuses", .tags(.security),
        arguments: [
            Bad(testDescription: "an unknown authority", isAdded: false),
            Bad(testDescription: "another name", name: "wiki.example"),
            Bad(testDescription: "an expired certificate", notAfter: "210101000000Z"),
        ])
    func refuses(_ bad: Bad) async throws {
        let certificate = try TestCertificate(for: bad.name, notAfter: bad.notAfter)
        try await Receiver.run(.status(200), tls: certificate.context) { receiver in
            let client = try loopbackClient {
                if bad.isAdded { $0.trustedCertificates = certificate.authorityPEM }
            }
            #expect(try await refusal(client, "https://localhost:\(receiver.port)/") == .untrusted)
            #expect(receiver.received.isEmpty)
        }
    }

    @Test("refuses a server that speaks no TLS")
    func plain() async throws {
        try await Receiver.run(.status(200)) { receiver in
            let error = try await refusal(loopbackClient(), "https://127.0.0.1:\(receiver.port)/")
            #expect(error == .untrusted || error == .unreachable)
            #expect(receiver.received.isEmpty)
        }
    }

    @Test("does not start with authorities that cannot be read", arguments: ["garbage", "-----BEGIN CERTIFICATE-----"])
    func unreadable(_ text: String) throws {
        #expect(throws: OutboundError.unreadableCertificates) {
            try loopbackClient { $0.trustedCertificates = Array(text.utf8) }
        }
    }
}

@Suite("Outgoing requests: where they may go")
struct OutboundReachTests {
    @Test(
        "does not call loopback without leave", .tags(.security), arguments: ["127.0.0.1", "localhost", "2130706433"])
    func loopback(_ host: String) async throws {
        let certificate = try TestCertificate()
        try await Receiver.run(.status(200), tls: certificate.context) { receiver in
            let client = try loopbackClient {
                $0.allowsLoopback = false
                $0.allowsPrivateNetworks = true
                $0.trustedCertificates = certificate.authorityPEM
            }
            #expect(try await refusal(client, "https://\(host):\(receiver.port)/") == .forbiddenAddress)
            #expect(receiver.received.isEmpty)
        }
    }

    @Test(
        "does not call what is no https URL", .tags(.security),
        arguments: [
            ("http://127.0.0.1/", OutboundError.insecure), ("ftp://wiki.example/", .insecure),
            ("file:///etc/passwd", .invalidURL), ("http+unix://%2Fvar%2Frun%2Fdocker.sock/", .insecure),
            ("", .invalidURL),
            ("/cas", .invalidURL), ("https:///a", .invalidURL), ("https://a@wiki.example/", .invalidURL),
            ("https://a:b@wiki.example/", .invalidURL),
        ])
    func scheme(_ url: String, _ error: OutboundError) async throws {
        #expect(try await refusal(OutboundHTTP(OutboundHTTP.Settings()), url) == error)
    }

    @Test("http is for loopback only, even with leave", .tags(.security))
    func plainHTTP() async throws {
        var settings = OutboundHTTP.Settings()
        settings.allowsLoopback = true
        let client = try OutboundHTTP(settings) { _, port, _ in
            [try SocketAddress(ipAddress: "93.184.216.34", port: port)]
        }
        #expect(try await refusal(client, "http://wiki.example/") == .insecure)
    }

    @Test("one forbidden address among several is enough to refuse", .tags(.security))
    func several() async throws {
        let client = try OutboundHTTP(OutboundHTTP.Settings()) { _, port, _ in
            try ["93.184.216.34", "10.0.0.1"].map { try SocketAddress(ipAddress: $0, port: port) }
        }
        #expect(try await refusal(client, "https://wiki.example/") == .forbiddenAddress)
    }

    @Test("a name without address is unresolvable")
    func unresolvable() async throws {
        let client = try OutboundHTTP(OutboundHTTP.Settings()) { _, _, _ in [] }
        #expect(try await refusal(client, "https://wiki.example/") == .unresolvable)
    }

    @Test("a name that leads elsewhere when it is asked again gains nothing", .tags(.security))
    func rebinding() async throws {
        let certificate = try TestCertificate()
        try await Receiver.run(.status(200), tls: certificate.context) { receiver in
            var settings = OutboundHTTP.Settings()
            settings.trustedCertificates = certificate.authorityPEM
            // The first look-up names a public address; the connection then goes where the system's resolver says.
            let client = try OutboundHTTP(settings) { _, port, _ in
                [try SocketAddress(ipAddress: "93.184.216.34", port: port)]
            }
            #expect(try await refusal(client, "https://localhost:\(receiver.port)/") == .forbiddenAddress)
            #expect(receiver.received.isEmpty)
        }
    }

    @Test(
        "knows how far an address reaches", .tags(.security),
        arguments: [
            ("127.0.0.1", AddressReach.loopback), ("127.255.255.254", .loopback), ("::1", .loopback),
            ("::ffff:127.0.0.1", .loopback), ("10.0.0.1", .privateNetwork), ("172.16.0.1", .privateNetwork),
            ("172.31.255.255", .privateNetwork), ("172.15.0.1", .publicNetwork), ("172.32.0.1", .publicNetwork),
            ("192.168.0.1", .privateNetwork), ("192.169.0.1", .publicNetwork), ("100.64.0.1", .privateNetwork),
            ("100.127.255.255", .privateNetwork), ("100.128.0.1", .publicNetwork), ("fd00::1", .privateNetwork),
            ("fc00::1", .privateNetwork), ("::ffff:10.0.0.1", .privateNetwork), ("64:ff9b::a00:1", .privateNetwork),
            ("2002:a00:1::", .privateNetwork), ("169.254.169.254", .never), ("::ffff:169.254.169.254", .never),
            ("fe80::1", .never), ("febf::1", .never), ("fec0::1", .never), ("0.0.0.0", .never), ("0.1.2.3", .never),
            ("::", .never), ("192.0.2.1", .never), ("198.51.100.7", .never), ("203.0.113.7", .never),
            ("198.18.0.1", .never), ("192.0.0.1", .never), ("224.0.0.1", .never), ("255.255.255.255", .never),
            ("240.0.0.1", .never), ("ff02::1", .never), ("2001:db8::1", .never), ("2001::1", .never),
            ("100::1", .never),
            ("::2", .never), ("::7f00:1", .never), ("93.184.216.34", .publicNetwork), ("8.8.8.8", .publicNetwork),
            ("2606:2800:220:1::1", .publicNetwork), ("2400:3200::1", .publicNetwork),
            ("::ffff:8.8.8.8", .publicNetwork),
        ])
    func reach(_ address: String, _ expected: AddressReach) throws {
        #expect(AddressReach(try SocketAddress(ipAddress: address, port: 443)) == expected)
    }

    @Test("link-local stays forbidden whatever is allowed", .tags(.security))
    func metadata() async throws {
        let client = try loopbackClient { $0.allowsPrivateNetworks = true }
        #expect(try await refusal(client, "https://169.254.169.254/latest/meta-data/") == .forbiddenAddress)
    }

    @Test("finds the addresses of a name")
    func resolves() async throws {
        let addresses = try await NameResolution.addresses(of: "localhost", port: 80, timeout: 5)
        #expect(addresses.contains(try SocketAddress(ipAddress: "127.0.0.1", port: 80)))
    }
}
