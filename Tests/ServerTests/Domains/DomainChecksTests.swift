import Directory
import Foundation
import Gateways
import Storage
import TestSupport
import Testing

@testable import Server

@Suite("Domains: checked in the background", .timeLimit(.minutes(10)))
struct DomainChecksTests {
    private static func claim(
        _ name: String = "acme.example", of tenant: Tenant = Samples.acme, in server: TestServer
    ) async throws -> ClaimedDomain {
        let now = server.clock.now
        let token = "token-\(tenant.code)-\(name)".replacingOccurrences(of: ".", with: "-")
        let domain = ClaimedDomain(DomainName(stored: name), of: tenant.id, token: token, now: now)
        try await server.database.write { db in try db.domains.insert(domain) }
        return domain
    }

    private static func stored(_ domain: ClaimedDomain, in server: TestServer) async throws -> ClaimedDomain? {
        try await server.database.read { db in try db.domains.claim(domain.name, of: domain.tenantID) }
    }

    /// Lets time pass until the domain is due, and runs a round.
    private static func checkWhenDue(
        _ domain: ClaimedDomain, _ checks: DomainChecks, in server: TestServer
    ) async throws -> Bool {
        guard let due = try await stored(domain, in: server)?.nextCheckAt else { return false }
        server.clock.advance(by: due.timeIntervalSince(server.clock.now))
        try await checks.round(every: 60)
        return true
    }

    @Test(
        "a proof that appears later is found when it is looked for again, and is told once",
        arguments: Backend.available)
    func later(_ backend: Backend) async throws {
        let proofs = PublishedProofs()
        try await proofs.serve { probe in
            try await TestServer.run(on: backend, domainProbe: probe) { server in
                let checks = DomainChecks(server.environment)
                let domain = try await Self.claim(in: server)
                try await checks.round(every: 60)
                #expect(
                    try await Self.stored(domain, in: server)?.state
                        == .failed(.unproved(file: .missing, record: .missing)))
                proofs.publish(fileOf: domain)
                // Not due yet.
                server.clock.advance(by: 299)
                try await checks.round(every: 60)
                #expect(try await server.database.read { db in try db.domains.verified("acme.example") } == nil)
                server.clock.advance(by: 1)
                try await checks.round(every: 60)
                #expect(
                    try await server.database.read { db in try db.domains.verified("acme.example") } == Samples.acme.id)
                #expect(
                    try await server.events() == [
                        #"domain.failed {"domain":"acme.example","file":"missing","cname":"missing"}"#,
                        #"domain.verified {"domain":"acme.example"}"#,
                    ])
                let notices = server.log.lines.filter { $0.hasPrefix("notice") && $0.contains("domain") }
                #expect(
                    notices == [
                        "notice a domain's proof was not found domain=acme.example event=domain.failed "
                            + "reason=file:missing cname:missing tenant=acme",
                        "notice a domain is verified domain=acme.example event=domain.verified reason=none tenant=acme",
                    ])
            }
        }
    }

    @Test("the actor of its events is Gatehouse itself")
    func actor() async throws {
        try await PublishedProofs().serve { probe in
            try await TestServer.run(domainProbe: probe) { server in
                _ = try await Self.claim(in: server)
                try await DomainChecks(server.environment).round(every: 60)
                let kinds = try await server.database.read { db in
                    try db.rows("SELECT actor_kind FROM events") { try $0.next(String.self) }
                }
                #expect(kinds == ["system"])
            }
        }
    }

    @Test("after a week nobody looks any more by itself, and the log says so")
    func givesUp() async throws {
        try await PublishedProofs().serve { probe in
            try await TestServer.run(domainProbe: probe) { server in
                let checks = DomainChecks(server.environment)
                let domain = try await Self.claim(in: server)
                var count = 0
                while try await Self.checkWhenDue(domain, checks, in: server) { count += 1 }
                #expect(count == 45)
                #expect(server.clock.now.timeIntervalSince(FixedClock.start) == 9_920 * 60)
                #expect(try await server.events().count == 2)
            }
        }
    }

    @Test("a verified domain is looked at weekly, and stays verified when its proof is gone", .tags(.security))
    func weekly() async throws {
        let proofs = PublishedProofs()
        try await proofs.serve { probe in
            try await TestServer.run(domainProbe: probe) { server in
                let checks = DomainChecks(server.environment)
                let domain = try await Self.claim(in: server)
                proofs.publish(recordOf: domain)
                try await checks.round(every: 60)
                let verified = try await Self.stored(domain, in: server)
                #expect(verified?.nextCheckAt == FixedClock.start + 604_800)
                proofs.withdraw()
                for _ in 0..<3 { _ = try await Self.checkWhenDue(domain, checks, in: server) }
                let gone = try await Self.stored(domain, in: server)
                #expect(gone?.verifiedAt == FixedClock.start)
                #expect(gone?.failure == .unproved(file: .missing, record: .missing))
                #expect(
                    try await server.events() == [
                        #"domain.verified {"domain":"acme.example"}"#,
                        #"domain.proof_missing {"domain":"acme.example","file":"missing","cname":"missing"}"#,
                    ])
            }
        }
    }

    @Test(
        "of two tenants with a proof each, the first has the domain, and the second learns why not", .tags(.security),
        arguments: Backend.available)
    func elsewhere(_ backend: Backend) async throws {
        let proofs = PublishedProofs()
        try await proofs.serve { probe in
            try await TestServer.run(on: backend, domainProbe: probe) { server in
                let checks = DomainChecks(server.environment)
                let acme = try await Self.claim(of: Samples.acme, in: server)
                let globex = try await Self.claim(of: Samples.globex, in: server)
                proofs.publish(recordOf: acme)
                proofs.publish(recordOf: globex)
                // Both at the same time.
                try await checks.round(every: 60)
                let states = try await [acme, globex].asyncMap { try await Self.stored($0, in: server)?.state }
                #expect(Set(states.map { "\(String(describing: $0))" }).count == 2)
                #expect(states.contains(.verified) && states.contains(.failed(.verifiedElsewhere)))
                let told = try await server.events(of: Samples.acme.id) + server.events(of: Samples.globex.id)
                #expect(
                    told.sorted() == [
                        #"domain.failed {"domain":"acme.example","reason":"verified_elsewhere"}"#,
                        #"domain.verified {"domain":"acme.example"}"#,
                    ])
            }
        }
    }

    @Test("who cannot prove a domain does not learn that another tenant has it", .tags(.security))
    func silent() async throws {
        let proofs = PublishedProofs()
        try await proofs.serve { probe in
            try await TestServer.run(domainProbe: probe) { server in
                let checks = DomainChecks(server.environment)
                let acme = try await Self.claim(of: Samples.acme, in: server)
                proofs.publish(recordOf: acme)
                try await checks.round(every: 60)
                let globex = try await Self.claim(of: Samples.globex, in: server)
                try await checks.round(every: 60)
                #expect(
                    try await Self.stored(globex, in: server)?.failure == .unproved(file: .missing, record: .missing))
            }
        }
    }

    @Test("while another node holds the lease nothing is looked at", arguments: Backend.available)
    func lease(_ backend: Backend) async throws {
        try await PublishedProofs().serve { probe in
            try await TestServer.run(on: backend, domainProbe: probe) { server in
                let (first, second) = (
                    DomainChecks(server.environment), DomainChecks(server.environment)
                )
                let domain = try await Self.claim(in: server)
                try await first.round(every: 60)
                server.clock.advance(by: 179)
                let other = try await Self.claim("other.example", in: server)
                try await second.round(every: 60)
                #expect(try await Self.stored(other, in: server)?.checkedAt == nil)
                server.clock.advance(by: 1)
                try await second.round(every: 60)
                #expect(try await Self.stored(other, in: server)?.checkedAt == server.clock.now)
                #expect(try await Self.stored(domain, in: server)?.checkedAt == FixedClock.start)
            }
        }
    }

    @Test("a round checks so many and leaves the rest for the next")
    func bounded() async throws {
        try await PublishedProofs().serve { probe in
            try await TestServer.run(domainProbe: probe) { server in
                let checks = DomainChecks(server.environment)
                for number in 0..<45 { _ = try await Self.claim("d\(number).example", in: server) }
                try await checks.round(every: 60)
                let left = { @Sendable in
                    try await server.database.read { db in
                        try db.domains.due(limit: 100, now: FixedClock.start).count
                    }
                }
                #expect(try await left() == 5)
                try await checks.round(every: 60)
                #expect(try await left() == 0)
            }
        }
    }

    @Test("a domain that is removed while it is checked stays removed", .tags(.security))
    func removed() async throws {
        let proofs = PublishedProofs()
        try await proofs.serve { probe in
            try await TestServer.run(domainProbe: probe) { server in
                let domain = try await Self.claim(in: server)
                proofs.publish(recordOf: domain)
                let verification = DomainVerification(database: server.database, probe: probe)
                _ = try await server.database.write { db in try db.domains.remove(domain.name, from: domain.tenantID) }
                let result = try await verification.check(
                    domain, by: Administrator(actor: .system), now: server.clock.now)
                #expect(result == nil)
                #expect(try await server.events() == [])
            }
        }
    }

    /// What administrators were told, as receiver and text.
    private static func news(_ server: TestServer) async -> [String] {
        _ = await server.sentCodes()
        return server.sms.messages.filter { $0.purpose == "DOMAIN_SMS" }.map { "\($0.to) \($0.text)" }
    }

    @Test(
        "administrators hear of the proof, of its loss, and of the end of a search in vain", arguments: Backend.journeys
    )
    func news(backend: Backend) async throws {
        let proofs = PublishedProofs()
        try await proofs.serve { probe in
            try await TestServer.run(on: backend, domainProbe: probe) { server in
                let checks = DomainChecks(server.environment)
                // Who is disabled, has no role or is of another tenant hears nothing.
                try await server.give(to: Samples.frank.id)
                try await server.give(to: Samples.carol.id)
                try await server.give(to: Samples.alice.id)
                try await server.change { db in
                    // By e-mail hears who proved an address, and not who was given one.
                    for (user, isProved) in [(Samples.frank, true), (Samples.alice, false)] {
                        var user = user
                        user.profile.phone = isProved ? user.profile.phone : nil
                        user.profile.email = EmailAddress(stored: "\(user.username.text)@acme.example")
                        user.profile.emailVerifiedAt = isProved ? FixedClock.start : nil
                        try db.users(Samples.sealingKey).update(user)
                    }
                }
                let found = try await Self.claim(in: server)
                let vain = try await Self.claim("vain.example", in: server)
                try await checks.round(every: 60)
                #expect(await Self.news(server) == [])
                proofs.publish(fileOf: found)
                _ = try await Self.checkWhenDue(found, checks, in: server)
                let beginning = "+8613800000006 【Acme】域名 "
                let end = "。详情见 https://sso.acme.example/admin/domains"
                var expected = ["\(beginning)acme.example已通过验证\(end)"]
                #expect(await Self.news(server) == expected)
                let mails = await server.sentMails()
                #expect(mails.map(\.to.text) == ["frank@acme.example"])
                #expect(mails.map(\.subject) == ["Acme：域名 acme.example"])
                #expect(mails.allSatisfy { $0.text.contains("acme.example已通过验证") })
                while try await Self.checkWhenDue(vain, checks, in: server) {}
                expected.append("\(beginning)vain.example未能通过验证\(end)")
                #expect(await Self.news(server) == expected)
                proofs.withdraw()
                _ = try await Self.checkWhenDue(found, checks, in: server)
                expected.append("\(beginning)acme.example仍为已验证，但验证信息已消失\(end)")
                _ = try await Self.checkWhenDue(found, checks, in: server)
                #expect(await Self.news(server) == expected)
            }
        }
    }
}

extension Sequence where Element: Sendable {
    fileprivate func asyncMap<T>(_ transform: (Element) async throws -> T) async rethrows -> [T] {
        var values: [T] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
