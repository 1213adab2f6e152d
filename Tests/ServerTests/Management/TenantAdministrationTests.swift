import Cryptography
import Directory
import Foundation
import JOSE
import Server
import Storage
import TestSupport
import Testing

@Suite("Management: tenants")
struct TenantAdministrationTests {
    let now = TestInstallation.now

    @Test("a tenant is made with an RS256 and an ES256 key, each named by its thumbprint", arguments: Backend.available)
    func keys(_ backend: Backend) async throws {
        try await TestInstallation.empty(on: backend) { installation in
            let draft = TenantDraft(code: "acme", name: "Acme 企业", issuer: "https://sso.acme.example")
            let tenant = try await installation.administration.createTenant(draft, now: now)
            let entries = try await installation.database.read { [keys = installation.keys] db in
                try db.signingKeys(keys.sealing).all(in: tenant.id)
            }
            #expect(Set(entries.map(\.key.algorithm)) == [.rs256, .es256])
            #expect(entries.map(\.id) == entries.map { JWK.thumbprint(of: $0.key.verificationKey.components) })
            #expect(try await installation.tenant() == tenant)
            #expect(try await installation.events() == [#"tenant.created {"code":"acme"}"#])
        }
    }

    @Test("it answers at the issuer's host and at the further ones")
    func hosts() async throws {
        try await TestInstallation.empty { installation in
            let draft = TenantDraft(
                code: "acme", name: "Acme", issuer: "https://sso.acme.example:8443/id", hosts: ["Login.Acme.example."])
            let tenant = try await installation.administration.createTenant(draft, now: now)
            #expect(tenant.hosts == ["login.acme.example", "sso.acme.example"])
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var code = "new"
        var issuer = "https://sso.new.example"
        var hosts: [String] = []
        var settings: [String: String] = [:]
        var field: String
    }

    @Test(
        "refuses", .tags(.security),
        arguments: [
            Refusal(testDescription: "a code that is taken", code: "acme", field: "code"),
            Refusal(testDescription: "a code that is no code", code: "New", field: "code"),
            Refusal(testDescription: "an issuer that is taken", issuer: "https://sso.acme.example", field: "issuer"),
            Refusal(
                testDescription: "a plain issuer off this machine", issuer: "http://sso.new.example", field: "issuer"),
            Refusal(testDescription: "an issuer with a query", issuer: "https://sso.new.example?a=b", field: "issuer"),
            Refusal(
                testDescription: "an issuer at another tenant's host", issuer: "https://sso.acme.example/new",
                field: "hosts"),
            Refusal(testDescription: "a host that is taken", hosts: ["sso.acme.example"], field: "hosts"),
            Refusal(testDescription: "a host that is none", hosts: ["a b"], field: "hosts[0]"),
            Refusal(
                testDescription: "a setting that does not exist", settings: ["freeze.failure": "5"], field: "settings"),
            Refusal(
                testDescription: "a setting of the installation", settings: ["http.trustedProxies": "0.0.0.0/0"],
                field: "settings"),
            Refusal(
                testDescription: "giving back a setting that does not exist", settings: ["freeze.failure": "default"],
                field: "settings"),
            Refusal(testDescription: "a setting out of bounds", settings: ["freeze.failures": "0"], field: "settings"),
            Refusal(
                testDescription: "settings that contradict each other",
                settings: ["password.minimumLength": "64", "password.maximumLength": "32"], field: "settings"),
        ])
    func refuses(_ refusal: Refusal) async throws {
        try await TestInstallation.empty { installation in
            let acme = TenantDraft(code: "acme", name: "Acme", issuer: "https://sso.acme.example")
            _ = try await installation.administration.createTenant(acme, now: now)
            let before = try await installation.administration.tenants()
            let draft = TenantDraft(
                code: refusal.code, name: "New", issuer: refusal.issuer, hosts: refusal.hosts,
                settings: refusal.settings)
            let error = await #expect(throws: AdministrationError.self) {
                try await installation.administration.createTenant(draft, now: now)
            }
            #expect(error?.field == refusal.field)
            #expect(try await installation.administration.tenants() == before)
            #expect(try await installation.events().count == 1)
        }
    }

    @Test("of tenants made at the same time with one code, one wins", .tags(.security), arguments: Backend.available)
    func race(_ backend: Backend) async throws {
        try await TestInstallation.empty(on: backend) { installation in
            let made = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<6 {
                    group.addTask {
                        let draft = TenantDraft(code: "acme", name: "Acme", issuer: "https://sso\(number).acme.example")
                        do {
                            _ = try await installation.administration.createTenant(draft, now: now)
                            return true
                        } catch { return false }
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(made == 1)
            let tenants = try await installation.administration.tenants()
            #expect(tenants.count == 1)
        }
    }
}
