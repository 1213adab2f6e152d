import Identity
import TestSupport
import Testing
import Wire

@testable import Server

@Suite("Whom a request came from (peers' class 9)")
struct ClientAddressTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var peer = "10.0.0.1"
        var forwardedFor: String?
        var client: String
    }

    static let cases = [
        Case(testDescription: "a proxy without the header", client: "10.0.0.1"),
        Case(testDescription: "a proxy", forwardedFor: "203.0.113.7", client: "203.0.113.7"),
        Case(
            testDescription: "a client that invents the header", forwardedFor: "198.51.100.1, 203.0.113.7",
            client: "203.0.113.7"),
        Case(testDescription: "two proxies", forwardedFor: "203.0.113.7, 10.0.0.2", client: "203.0.113.7"),
        Case(testDescription: "no address", forwardedFor: "203.0.113.7, unknown", client: "10.0.0.1"),
        Case(testDescription: "an address with a port", forwardedFor: "203.0.113.7:1234", client: "10.0.0.1"),
        Case(testDescription: "an empty header", forwardedFor: "", client: "10.0.0.1"),
        Case(
            testDescription: "a peer that is no proxy", peer: "192.0.2.1", forwardedFor: "203.0.113.7",
            client: "192.0.2.1"),
        Case(testDescription: "IPv6", forwardedFor: "2001:db8::1", client: "2001:db8:0:0:0:0:0:1"),
        Case(
            testDescription: "IPv4 in IPv6", peer: "::ffff:10.0.0.1", forwardedFor: "::ffff:203.0.113.7",
            client: "203.0.113.7"),
    ]

    @Test("believes declared proxies and nobody else", .tags(.security), arguments: cases)
    func resolves(_ sample: Case) throws {
        let client = ClientAddress.resolve(
            peer: try #require(IPAddress(sample.peer)), forwardedFor: sample.forwardedFor,
            proxies: [try #require(IPNetwork("10.0.0.0/8"))])
        #expect(client.description == sample.client)
    }

    @Test("counts a whole IPv6 /64 as one, and each IPv4 address", .tags(.security))
    func limitKeys() throws {
        func key(_ text: String) throws -> String { try #require(IPAddress(text)).limitKey }
        #expect(try key("2001:db8:1:2::3") == key("2001:db8:1:2:ffff::4"))
        #expect(try key("2001:db8:1:2::3") != key("2001:db8:1:3::3"))
        #expect(try key("203.0.113.7") != key("203.0.113.8"))
        #expect(try key("203.0.113.7") == key("::ffff:203.0.113.7"))
    }

    @Test(
        "an invented X-Forwarded-For neither gets past the limit per address nor into the list of sessions",
        .tags(.security))
    func invented() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let page = try await browser.visit("/")
            let header = [("X-Forwarded-For", "203.0.113.7")]
            _ = try await browser.submit(
                try page.passwordForm, ["username": "alice", "password": Samples.password], headers: header)
            #expect(try await server.onlySession().origin.address == "127.0.0.1")
        }
    }

    @Test("answers plain HTTP on loopback and to declared proxies only", .tags(.security))
    func plainHTTP() async throws {
        let proxied = ["http.host": "0.0.0.0", "http.trustedProxies": "10.0.0.0/8"]
        try await TestServer.run(settings: proxied) { server async throws in
            let header = [("X-Forwarded-For", "203.0.113.7")]
            #expect(try await server.send("GET", "/login", peer: "127.0.0.1").status == 303)
            #expect(try await server.send("GET", "/login", peer: "10.0.0.1", headers: header).status == 303)
            #expect(try await server.send("GET", "/login", peer: "192.0.2.1", headers: header).status == 403)
        }
    }

    @Test(
        "limits per address count by the client, not by the proxy, and nobody chooses what they count by",
        .tags(.security))
    func limits() async throws {
        let proxied = ["http.trustedProxies": "10.0.0.0/8", "sms.send.perAddressHour": "1"]
        try await TestServer.run(settings: proxied) { server async throws in
            func ask(_ phone: String, peer: String, _ forwardedFor: String) async throws -> Int {
                let browser = server.browser()
                let form = try await browser.visit("/").phoneForm.sending(["phone": phone], pressing: "send")
                let cookies = browser.cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
                return try await server.send(
                    "POST", "/login", peer: peer,
                    headers: [
                        ("Content-Type", "application/x-www-form-urlencoded"), ("Cookie", cookies),
                        ("X-Forwarded-For", forwardedFor),
                    ], body: Array(FormURLEncoded.encode(form).utf8)
                ).status
            }
            #expect(try await ask("13800000101", peer: "10.0.0.1", "203.0.113.1") == 200)
            #expect(try await ask("13800000102", peer: "10.0.0.1", "203.0.113.2") == 200)
            #expect(try await ask("13800000103", peer: "10.0.0.1", "203.0.113.9, 203.0.113.1") == 429)
            #expect(try await ask("13800000104", peer: "10.0.0.2", "203.0.113.1, 10.0.0.1") == 429)
            #expect(try await ask("13800000105", peer: "127.0.0.1", "203.0.113.3") == 200)
            #expect(try await ask("13800000106", peer: "127.0.0.1", "203.0.113.4") == 429)
        }
    }
}
