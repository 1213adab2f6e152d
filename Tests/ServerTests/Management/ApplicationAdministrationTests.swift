import Directory
import Foundation
import OAuth2
import Server
import Storage
import TestSupport
import Testing
import Wire

@Suite("Management: applications")
struct ApplicationAdministrationTests {
    let now = TestInstallation.now

    @Test("a confidential client gets an id and a secret, of which only a hash is kept", .tags(.security))
    func generated() async throws {
        try await TestInstallation.peopled { installation in
            let draft = ApplicationDraft(
                slug: "drive", side: .oauth(ClientDraft(redirectURIs: ["https://drive.example/cb"])))
            let (application, issued) = try await installation.administration.addApplication(
                draft, secret: nil, to: "acme", now: now)
            let credential = try #require(issued)
            let secret = try #require(credential.secret)
            #expect(secret.hasPrefix("gths_") && secret.utf8.count == 48)
            #expect("\(credential)" == "•••")
            let stored = try await installation.secrets(of: "drive")
            #expect(stored.map(\.hash) == [ClientSecretHash(generated: secret)])
            #expect(application.accessRule == .everyone)
            #expect(try await installation.authenticates(credential.clientID, secret))
        }
    }

    @Test("a public client gets no secret", .tags(.security))
    func publicClient() async throws {
        try await TestInstallation.peopled { installation in
            let draft = ApplicationDraft(
                slug: "app", side: .oauth(ClientDraft(isPublic: true, redirectURIs: ["http://127.0.0.1/cb"])))
            let (_, issued) = try await installation.administration.addApplication(
                draft, secret: nil, to: "acme", now: now)
            #expect(issued?.secret == nil)
            #expect(try await installation.secrets(of: "app") == [])
            await #expect(throws: AdministrationError.self) {
                try await installation.administration.addSecret(.generate(), to: "app", of: "acme", now: now)
            }
        }
    }

    @Test(
        "disabling ends every grant of the application's client at once, and no other tenant's", .tags(.security),
        arguments: Backend.available)
    func disabling(_ backend: Backend) async throws {
        try await TestInstallation.peopled(["acme", "other"], on: backend) { installation in
            let ids = try await installation.signIn()
            let others = try await installation.signIn("lin.mei", in: "other")
            #expect(try await installation.administration.disableApplication("wiki", of: "acme", now: now))
            #expect(try await installation.holds(ids) == (true, false))
            #expect(try await installation.holds(others, in: "other") == (true, true))
            #expect(try await installation.administration.enableApplication("wiki", of: "acme", now: now))
            #expect(try await installation.holds(ids) == (true, false))
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var slug = "new"
        var access: AccessDraft = .everyone
        var release: [ReleaseDraft]?
        var launchURL: String?
        var side: ApplicationDraft.Side = .oauth(ClientDraft(redirectURIs: ["https://new.example/cb"]))
        var field: String
    }

    static func client(_ change: (inout ClientDraft) -> Void) -> ApplicationDraft.Side {
        var draft = ClientDraft(redirectURIs: ["https://new.example/cb"])
        change(&draft)
        return .oauth(draft)
    }

    @Test(
        "refuses, and writes nothing", .tags(.security),
        arguments: [
            Refusal(testDescription: "a taken short name", slug: "wiki", field: "slug"),
            Refusal(testDescription: "a bad short name", slug: "../x", field: "slug"),
            Refusal(
                testDescription: "access for a user who is not there", access: .selected(users: ["nobody"], groups: []),
                field: "access.users"),
            Refusal(
                testDescription: "access for a group that is not there",
                access: .selected(users: [], groups: ["salse"]),
                field: "access.groups"),
            Refusal(
                testDescription: "an attribute that is never released",
                release: [ReleaseDraft("passwordHash", as: "x")],
                side: .cas(ServicesDraft(urls: ["https://new.example/"])), field: "attributes[0]"),
            Refusal(
                testDescription: "an attribute name that is markup", release: [ReleaseDraft("name", as: "x><y")],
                side: .cas(ServicesDraft(urls: ["https://new.example/"])), field: "attributes[0]"),
            Refusal(
                testDescription: "attributes of an OAuth application, which would never be told",
                release: [ReleaseDraft("name", as: "x")], field: "attributes"),
            Refusal(
                testDescription: "a tile that runs a script", launchURL: "javascript:alert(1)", field: "launchURL"),
            Refusal(testDescription: "no redirect URI", side: .oauth(ClientDraft()), field: "redirectURIs"),
            Refusal(
                testDescription: "a redirect URI with a fragment",
                side: client { $0.redirectURIs = ["https://new.example/cb", "https://new.example/#x"] },
                field: "redirectURIs[1]"),
            Refusal(
                testDescription: "a redirect URI without TLS",
                side: client { $0.redirectURIs = ["http://new.example/cb"] }, field: "redirectURIs[0]"),
            Refusal(
                testDescription: "a post-logout URI with a wildcard",
                side: client { $0.postLogoutRedirectURIs = ["https://*.example/"] }, field: "postLogoutRedirectURIs[0]"),
            Refusal(
                testDescription: "a back-channel URI without TLS",
                side: client { $0.backChannelLogoutURI = "http://10.0.0.1/logout" }, field: "backChannelLogoutURI"),
            Refusal(
                testDescription: "a client id that is taken", side: client { $0.id = "wiki-client" }, field: "clientID"),
            Refusal(testDescription: "a client id with a quote", side: client { $0.id = "a\"b" }, field: "clientID"),
            Refusal(
                testDescription: "an unknown scope", side: client { $0.scopes = ["openid", "admin"] }, field: "scopes"),
            Refusal(
                testDescription: "an algorithm that signs nothing", side: client { $0.idTokenAlgorithm = "none" },
                field: "idTokenAlgorithm"),
            Refusal(
                testDescription: "a CAS application without service", side: .cas(ServicesDraft()), field: "services"),
            Refusal(
                testDescription: "a service without TLS", side: .cas(ServicesDraft(urls: ["http://new.example/"])),
                field: "services[0]"),
            Refusal(
                testDescription: "a service that brings its own ticket",
                side: .cas(ServicesDraft(urls: ["https://new.example/?ticket=ST-1"])), field: "services[0]"),
            Refusal(
                testDescription: "a service that another application has",
                side: .cas(ServicesDraft(urls: ["https://new.example/", "https://cas.example/"])), field: "services[1]"),
        ])
    func refuses(_ refusal: Refusal) async throws {
        try await TestInstallation.peopled { installation in
            let cas = ApplicationDraft(slug: "cas", side: .cas(ServicesDraft(urls: ["https://cas.example/"])))
            _ = try await installation.administration.addApplication(cas, secret: nil, to: "acme", now: now)
            let before = try await installation.administration.applications(of: "acme")
            let draft = ApplicationDraft(
                slug: refusal.slug, launchURL: refusal.launchURL, access: refusal.access, release: refusal.release,
                side: refusal.side)
            let error = await #expect(throws: AdministrationError.self) {
                try await installation.administration.addApplication(draft, secret: nil, to: "acme", now: now)
            }
            #expect(error?.field == refusal.field)
            #expect(try await installation.administration.applications(of: "acme") == before)
        }
    }

    @Test("another tenant may have the same short name, client id and services", .tags(.security))
    func tenantsApart() async throws {
        try await TestInstallation.peopled(["acme", "other"]) { installation in
            let cas = ApplicationDraft(slug: "cas", side: .cas(ServicesDraft(urls: ["https://cas.example/"])))
            _ = try await installation.administration.addApplication(cas, secret: nil, to: "acme", now: now)
            _ = try await installation.administration.addApplication(cas, secret: nil, to: "other", now: now)
            #expect(try await installation.administration.applications(of: "other").count == 2)
        }
    }
}

@Suite("Management: client secrets")
struct ClientSecretAdministrationTests {
    let now = TestInstallation.now

    @Test(
        "several live side by side, and revoking one leaves the others", .tags(.security), arguments: Backend.available)
    func rotation(_ backend: Backend) async throws {
        try await TestInstallation.peopled(on: backend) { installation in
            let old = try #require(try await installation.secrets().first)
            let new = NewClientSecret.generate(label: "2024")
            let added = try await installation.administration.addSecret(new, to: "wiki", of: "acme", now: now)
            #expect(try await installation.secrets().filter { $0.isLive(now: now) }.count == 2)
            try await installation.administration.revokeSecret(old.id, of: "wiki", of: "acme", at: nil, now: now)
            #expect(try await installation.secrets().filter { $0.isLive(now: now) }.map(\.id) == [added.id])
            #expect(try await installation.authenticates("wiki-client", new.text))
        }
    }

    @Test("a secret with a given end lives until the second before it", .tags(.security))
    func overlap() async throws {
        try await TestInstallation.peopled { installation in
            let old = try #require(try await installation.secrets().first)
            let end = now + 86_400
            try await installation.administration.revokeSecret(old.id, of: "wiki", of: "acme", at: end, now: now)
            let secret = try #require(try await installation.secrets().first)
            #expect(secret.isLive(now: end - 1))
            #expect(secret.isLive(now: end) == false)
        }
    }

    @Test(
        "neither an end in the future nor a second revocation brings a dead secret back", .tags(.security),
        arguments: [true, false])
    func noRevival(_ isRevoked: Bool) async throws {
        try await TestInstallation.peopled { installation in
            let old = try #require(try await installation.secrets().first)
            try await installation.administration.revokeSecret(
                old.id, of: "wiki", of: "acme", at: isRevoked ? nil : now + 10, now: now)
            let later = now + 20
            for end in [later + 3_600, nil] {
                await #expect(throws: AdministrationError.self) {
                    try await installation.administration.revokeSecret(
                        old.id, of: "wiki", of: "acme", at: end, now: later)
                }
            }
            #expect(try await installation.secrets().allSatisfy { !$0.isLive(now: later) })
        }
    }

    @Test("a secret of another tenant's application cannot be revoked by its id", .tags(.security))
    func foreign() async throws {
        try await TestInstallation.peopled(["acme", "other"]) { installation in
            let other = try #require(try await installation.secrets(in: "other").first)
            let error = await #expect(throws: AdministrationError.self) {
                try await installation.administration.revokeSecret(other.id, of: "wiki", of: "acme", at: nil, now: now)
            }
            #expect(error?.kind == .notFound)
            #expect(try await installation.secrets(in: "other").allSatisfy { $0.isLive(now: now) })
        }
    }

    @Test("a secret is not added twice, not even after it was revoked", .tags(.security))
    func repeated() async throws {
        try await TestInstallation.peopled { installation in
            let secret = NewClientSecret.importing("brought along 1")
            let added = try await installation.administration.addSecret(secret, to: "wiki", of: "acme", now: now)
            try await installation.administration.revokeSecret(added.id, of: "wiki", of: "acme", at: nil, now: now)
            await #expect(throws: AdministrationError.self) {
                try await installation.administration.addSecret(secret, to: "wiki", of: "acme", now: now)
            }
            #expect(try await installation.authenticates("wiki-client", "brought along 1") == false)
        }
    }

    @Test(
        "a secret that is brought along is refused when it is too short to be one", .tags(.security),
        arguments: ["1234567", "with a tab\t", "密密密密密密密密"])
    func weak(_ text: String) async throws {
        try await TestInstallation.peopled { installation in
            let error = await #expect(throws: AdministrationError.self) {
                try await installation.administration.addSecret(.importing(text), to: "wiki", of: "acme", now: now)
            }
            #expect(error?.field == "clientSecret")
        }
    }

    @Test("what is stored and logged does not hold the secret", .tags(.security))
    func concealed() async throws {
        try await TestInstallation.peopled { installation in
            let new = NewClientSecret.generate()
            let added = try await installation.administration.addSecret(new, to: "wiki", of: "acme", now: now)
            #expect(added.hash.text.contains(new.text) == false)
            #expect(try await installation.events().allSatisfy { !$0.contains(new.text) })
            #expect("\(new) \(String(reflecting: new))" == "••• •••")
        }
    }
}

extension TestInstallation {
    /// Whether the token endpoint's check takes a client's secret.
    func authenticates(_ clientID: String, _ secret: String, in code: String = "acme") async throws -> Bool {
        guard let tenant = try await tenant(code) else { return false }
        let (client, secrets) = try await database.read { db in
            (try db.clients.identified(clientID, in: tenant.id), try db.clientSecrets.ofClient(clientID, in: tenant.id))
        }
        let basic = Data("\(clientID):\(secret)".utf8).base64EncodedString()
        do {
            _ = try ClientAuthentication(authorization: "Basic \(basic)", body: RequestParameters(query: nil))
                .verify(as: client, secrets: secrets, importKey: keys.importedSecrets, now: Self.now)
            return true
        } catch { return false }
    }
}
