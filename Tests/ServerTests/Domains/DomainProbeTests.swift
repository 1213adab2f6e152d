import Directory
import Foundation
import Gateways
import TestSupport
import Testing

@testable import Server

@Suite("Domains: where the proof is looked for", .timeLimit(.minutes(10)))
struct DomainProbeTests {
    static let domain = ClaimedDomain(
        DomainName(stored: "acme.example"), of: "t", token: "abcdefghijklmnopqrstuvwxyz234567",
        now: FixedClock.start)

    private static func failure(
        _ web: LoopbackWeb.Answer, timeout: TimeInterval = 60,
        dns: @escaping @Sendable (LoopbackDNS.Question) -> [[UInt8]] = { [$0.answer(flags: 0x8183, [])] }
    ) async throws -> DomainFailure? {
        try await DomainProbe.loopback(web: web, dns: dns, timeout: timeout) { try await $0.failure(of: domain) }
    }

    @Test("the file alone is enough, at its very path")
    func file() async throws {
        let isThere: @Sendable (String) -> String? = {
            $0 == "/" + Self.domain.fileName ? Self.domain.token : nil
        }
        #expect(try await Self.failure(.files(isThere)) == nil)
        let elsewhere: @Sendable (String) -> String? = { isThere($0.replacingOccurrences(of: "/a/", with: "/")) }
        #expect(
            try await Self.failure(.files { $0.hasPrefix("/a/") ? elsewhere($0) : nil })
                == .unproved(file: .missing, record: .missing))
    }

    @Test("the record alone is enough, and then the web server is not called")
    func record() async throws {
        let proofs = PublishedProofs()
        proofs.publish(recordOf: Self.domain)
        #expect(try await proofs.serve { try await $0.failure(of: Self.domain) } == nil)
        try await LoopbackDNS.run {
            [$0.answer([LoopbackDNS.alias($0.name, Self.domain.recordTarget)])]
        } _: { dns in
            let port = dns.port
            try await LoopbackWeb.run(.status(200)) { web in
                var settings = OutboundHTTP.Settings()
                settings.allowsLoopback = true
                let http = try OutboundHTTP(settings)
                let servers = [try #require(NameServer("127.0.0.1:\(port)"))]
                let probe = DomainProbe(http: http, dns: DNSResolver(servers: servers, timeout: 10)) { _ in web.origin }
                let failure = try await probe.failure(of: Self.domain)
                try await http.shutdown()
                #expect(failure == nil)
                #expect(web.paths == [])
            }
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var web: LoopbackWeb.Answer
        var fault: DomainFailure.FileFault
        var timeout: TimeInterval = 60
    }

    private static let token = domain.token

    @Test(
        "is no proof:", .tags(.security),
        arguments: [
            Refusal(testDescription: "404 with the token", web: .status(404, body: token), fault: .missing),
            Refusal(testDescription: "401 with the token", web: .status(401, body: token), fault: .missing),
            Refusal(testDescription: "204", web: .status(204), fault: .missing),
            Refusal(testDescription: "500 with the token", web: .status(500, body: token), fault: .unreachable),
            Refusal(
                testDescription: "a redirect, even to the file",
                web: .status(302, location: "/gatehouse-\(token).txt", body: token), fault: .redirected),
            Refusal(
                testDescription: "HTML around the token", web: .status(200, body: "<p>\(token)</p>"),
                fault: .different),
            Refusal(testDescription: "nothing", web: .status(200), fault: .different),
            Refusal(
                testDescription: "a megabyte that begins with the token",
                web: .status(200, body: token + String(repeating: "\n", count: 1_048_576)), fault: .different),
            Refusal(testDescription: "no answer in time", web: .silence, fault: .unreachable, timeout: 0.3),
        ])
    func refuses(_ refusal: Refusal) async throws {
        let failure = try await Self.failure(refusal.web, timeout: refusal.timeout)
        #expect(failure == .unproved(file: refusal.fault, record: .missing))
    }

    @Test(
        "a record that says something else is no proof", .tags(.security),
        arguments: [
            "gatehouse.acme.example", "\(domain.token).acme.example", "\(domain.token).gatehouse.globex.example",
        ])
    func otherTarget(_ target: String) async throws {
        let failure = try await Self.failure(.status(404)) { [$0.answer([LoopbackDNS.alias($0.name, target)])] }
        #expect(failure == .unproved(file: .missing, record: .different))
    }

    @Test("a name server that fails says nothing about the record")
    func unavailable() async throws {
        let failure = try await Self.failure(.status(404)) { [$0.answer(flags: 0x8182, [])] }
        #expect(failure == .unproved(file: .missing, record: .unavailable))
    }

    @Test(
        "a domain that leads inside is not called", .tags(.security),
        arguments: ["127.0.0.1", "localhost", "10.0.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "2130706433"])
    func inside(_ host: String) async throws {
        try await LoopbackDNS.run {
            [$0.answer(flags: 0x8183, [])]
        } _: { dns in
            let http = try OutboundHTTP(OutboundHTTP.Settings())
            let servers = [try #require(NameServer("127.0.0.1:\(dns.port)"))]
            let probe = DomainProbe(http: http, dns: DNSResolver(servers: servers, timeout: 10))
            // No claim can have such a name; a domain's address record can say the same.
            let domain = ClaimedDomain(
                DomainName(stored: host), of: "t", token: Self.token, now: FixedClock.start)
            let failure = try await probe.failure(of: domain)
            try await http.shutdown()
            #expect(failure == .unproved(file: .forbidden, record: .missing))
        }
    }
}
