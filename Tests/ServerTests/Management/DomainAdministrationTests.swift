import Directory
import Foundation
import Server
import Storage
import TestSupport
import Testing

@Suite("Management: domains", .timeLimit(.minutes(10)))
struct DomainAdministrationTests {
    let now = TestInstallation.now

    @Test("a domain is added, proved, replaced and removed, and each is told", arguments: Backend.available)
    func story(_ backend: Backend) async throws {
        let proofs = PublishedProofs()
        try await proofs.serve { probe in
            try await TestInstallation.peopled(on: backend, domainProbe: probe) { installation in
                let administration = installation.administration
                let before = try await installation.events().count
                let added = try await administration.addDomain("Acme.Example", to: "acme", now: now)
                #expect(added.state == .pending && added.name.text == "acme.example")
                let failed = try await administration.checkDomain("acme.example", of: "acme", now: now)
                #expect(failed.state == .failed(.unproved(file: .missing, record: .missing)))
                proofs.publish(recordOf: added, target: "elsewhere.example")
                let wrong = try await administration.checkDomain("acme.example", of: "acme", now: now)
                #expect(wrong.state == .failed(.unproved(file: .missing, record: .different)))
                proofs.publish(fileOf: added)
                let verified = try await administration.checkDomain("ACME.example", of: "acme", now: now + 60)
                #expect(verified.state == .verified)
                _ = try await administration.addDomain("acme2.example", to: "acme", now: now)
                try await administration.removeDomain("acme.example", from: "acme", now: now)
                #expect(try await administration.domains(of: "acme", now: now).map(\.name.text) == ["acme2.example"])
                #expect(
                    try await installation.events().dropFirst(before).sorted() == [
                        #"domain.added {"domain":"acme.example"}"#, #"domain.added {"domain":"acme2.example"}"#,
                        #"domain.failed {"domain":"acme.example","file":"missing","cname":"different"}"#,
                        #"domain.failed {"domain":"acme.example","file":"missing","cname":"missing"}"#,
                        #"domain.removed {"domain":"acme.example"}"#, #"domain.verified {"domain":"acme.example"}"#,
                    ])
            }
        }
    }

    @Test(
        "a domain that is removed and added again has another token, and the old proof is worth nothing",
        .tags(.security))
    func again() async throws {
        let proofs = PublishedProofs()
        try await proofs.serve { probe in
            try await TestInstallation.peopled(domainProbe: probe) { installation in
                let administration = installation.administration
                let old = try await administration.addDomain("acme.example", to: "acme", now: now)
                proofs.publish(fileOf: old)
                proofs.publish(recordOf: old)
                try await administration.removeDomain("acme.example", from: "acme", now: now)
                let new = try await administration.addDomain("acme.example", to: "acme", now: now)
                #expect(new.token != old.token)
                let checked = try await administration.checkDomain("acme.example", of: "acme", now: now)
                #expect(checked.state == .failed(.unproved(file: .missing, record: .missing)))
            }
        }
    }

    @Test(
        "another tenant's domain can be neither seen nor checked nor removed", .tags(.security),
        arguments: Backend.available)
    func isolation(_ backend: Backend) async throws {
        let proofs = PublishedProofs()
        try await proofs.serve { probe in
            try await TestInstallation.peopled(["acme", "globex"], on: backend, domainProbe: probe) { installation in
                let administration = installation.administration
                let acme = try await administration.addDomain("acme.example", to: "acme", now: now)
                proofs.publish(recordOf: acme)
                #expect(try await administration.checkDomain("acme.example", of: "acme", now: now).state == .verified)
                #expect(try await administration.domains(of: "globex", now: now) == [])
                await Self.expectNotFound {
                    _ = try await administration.checkDomain("acme.example", of: "globex", now: now)
                }
                await Self.expectNotFound {
                    try await administration.removeDomain("acme.example", from: "globex", now: now)
                }
                // Claiming it tells nothing either; what Acme published is no proof for anybody else.
                let globex = try await administration.addDomain("acme.example", to: "globex", now: now)
                #expect(globex.token != acme.token)
                let checked = try await administration.checkDomain("acme.example", of: "globex", now: now)
                #expect(checked.state == .failed(.unproved(file: .missing, record: .missing)))
                try await administration.removeDomain("acme.example", from: "globex", now: now)
                #expect(try await administration.domains(of: "acme", now: now).map(\.state) == [.verified])
            }
        }
    }

    private static func expectNotFound(_ act: () async throws -> Void) async {
        let error = await #expect(throws: AdministrationError.self) { try await act() }
        #expect(error?.kind == .notFound && error?.field == "domain")
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var domain = "new.example"
        var tenant = "acme"
        var field: String
        var kind: AdministrationError.Kind
    }

    @Test(
        "refuses to add",
        arguments: [
            Refusal(testDescription: "an address", domain: "https://new.example", field: "domain", kind: .invalid),
            Refusal(testDescription: "a www name", domain: "www.new.example", field: "domain", kind: .invalid),
            Refusal(testDescription: "a name of nobody", domain: "new.internal", field: "domain", kind: .invalid),
            Refusal(testDescription: "one that is there", domain: "acme.example", field: "domain", kind: .conflict),
            Refusal(testDescription: "to a tenant that is not", tenant: "none", field: "tenant", kind: .notFound),
        ])
    func refuses(_ refusal: Refusal) async throws {
        try await TestInstallation.peopled { installation in
            let administration = installation.administration
            _ = try await administration.addDomain("acme.example", to: "acme", now: now)
            let before = try await installation.events()
            let error = await #expect(throws: AdministrationError.self) {
                try await administration.addDomain(refusal.domain, to: refusal.tenant, now: now)
            }
            #expect(error?.field == refusal.field && error?.kind == refusal.kind)
            #expect(try await administration.domains(of: "acme", now: now).map(\.name.text) == ["acme.example"])
            #expect(try await installation.events() == before)
        }
    }
}
