import Directory
import Foundation
import TestSupport
import Testing
import Wire

@testable import gatehouse

@Suite("Commands: domains", .timeLimit(.minutes(10)))
struct DomainCommandTests {
    let commands = CommandTests()

    @Test("add says exactly what to put where, as text and as JSON")
    func add() async throws {
        try await commands.withTenant { directory, _ in
            let text = try commands.gatehouse(["domain", "add", "Acme.example"], in: directory)
            #expect(text.status == 0)
            let json = try #require(
                commands.gatehouse(["domain", "list", "--json"], in: directory).json?.array?.first)
            let token = try #require(json["token"]?.string)
            #expect(json["domain"] == "acme.example" && json["state"] == "pending")
            #expect(json["file"]?["url"] == .string("https://acme.example/gatehouse-\(token).txt"))
            #expect(json["file"]?["content"] == .string(token))
            #expect(json["cname"]?["name"] == .string("\(token).acme.example"))
            #expect(json["cname"]?["target"] == .string("\(token).gatehouse.acme.example"))
            for line in [
                "    address  https://acme.example/gatehouse-\(token).txt", "    content  \(token)",
                "    name     \(token).acme.example", "    target   \(token).gatehouse.acme.example",
            ] {
                #expect(text.output.split(separator: "\n").map(String.init).contains(line))
            }
        }
    }

    @Test("check asks the name servers of the settings, and list shows what came of it")
    func check() async throws {
        try await LoopbackDNS.run { question in
            let (token, domain) = (question.name.prefix(32), question.name.dropFirst(33))
            return [question.answer([LoopbackDNS.alias(question.name, "\(token).gatehouse.\(domain)")])]
        } _: { dns in
            let environment = ["GATEHOUSE_DNS_SERVERS": "127.0.0.1:\(dns.port)"]
            try await commands.withTenant { directory, _ in
                #expect(try commands.gatehouse(["domain", "add", "acme.example"], in: directory).status == 0)
                let checked = try commands.gatehouse(
                    ["domain", "check", "acme.example"], in: directory, environment: environment)
                #expect(
                    checked.output == "The domain acme.example is verified: members sign in as name@acme.example.\n")
                #expect(checked.status == 0)
                let table = try commands.gatehouse(["domain", "list"], in: directory).output
                #expect(table.hasPrefix("DOMAIN  ") && table.contains("acme.example  verified  "))
                let log = try commands.gatehouse(["log", "audit", "--event", "domain.verified"], in: directory)
                #expect(log.output.contains("domain.verified  operator "))
                let removed = try commands.gatehouse(["domain", "remove", "acme.example", "--json"], in: directory)
                #expect(removed.json == ["domain": "acme.example", "removed": true])
                #expect(try commands.gatehouse(["domain", "list"], in: directory).output == "There is no domain.\n")
            }
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var arguments: [String]
        var says: String
        var testDescription: String { arguments.joined(separator: " ") }
    }

    @Test(
        "what cannot be done is said on the standard error",
        arguments: [
            Refusal(arguments: ["add", "https://acme.example/"], says: "has the form example.com"),
            Refusal(arguments: ["add", "www.acme.example"], says: "without www"),
            Refusal(arguments: ["add", "企业.example"], says: "xn--"),
            Refusal(arguments: ["check", "acme.example"], says: "has not claimed this domain"),
            Refusal(arguments: ["remove", "acme.example"], says: "has not claimed this domain"),
            Refusal(arguments: ["list", "--dns-servers", "ns.example"], says: "dns.servers holds up to three"),
            Refusal(
                arguments: ["list", "--dns-servers", "10.0.0.1,10.0.0.2,10.0.0.3,10.0.0.4"], says: "holds up to three"),
        ])
    func refuses(_ refusal: Refusal) async throws {
        try await commands.withTenant { directory, _ in
            let outcome = try commands.gatehouse(["domain"] + refusal.arguments, in: directory)
            #expect(outcome.status == 1)
            #expect(outcome.output == "")
            #expect(outcome.errors.contains(refusal.says), "\(outcome.errors)")
        }
    }

    @Test("every result of a check is a sentence that says what to do")
    func words() {
        let claim = ClaimedDomain(DomainName(stored: "acme.example"), of: "t", token: "k", now: FixedClock.start)
        let faults = DomainFailure.unproved(file: .redirected, record: .different)
        let failed = claim.checked(faults, now: FixedClock.start)
        #expect(
            failed.report.prefix(3) == [
                "The domain acme.example is not verified.",
                "File:  the web server redirects this address to another, which is not followed",
                "CNAME: the record has another target",
            ])
        #expect(failed.report.contains("    target   k.gatehouse.acme.example"))
        let gone = claim.checked(nil, now: FixedClock.start).checked(faults, now: FixedClock.start)
        #expect(gone.report[0] == "The domain acme.example stays verified, but its proof is not there any more.")
        #expect(gone.stateName == "verified, proof missing")
        let elsewhere = claim.checked(.verifiedElsewhere, now: FixedClock.start)
        #expect(
            elsewhere.report == [
                "The domain acme.example is not verified.",
                "The proof is there, but another tenant has verified this domain before.",
            ])
        #expect(elsewhere.json["failure"] == ["reason": "verified_elsewhere"])
    }
}
