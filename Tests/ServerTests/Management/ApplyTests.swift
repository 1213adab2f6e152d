import Cryptography
import Directory
import Foundation
import Identity
import OAuth2
import Server
import Storage
import TestSupport
import Testing
import Wire

@Suite("Apply file: applying")
struct ApplyTests {
    let now = TestInstallation.now

    /// One tenant with everything in it.
    static let whole: JSON = [
        "tenants": [
            tenant(
                ("settings", ["freeze.failures": "5"]),
                (
                    "users",
                    [
                        ["username": "lin.mei", "name": "林梅", "phone": "13800138000", "groups": ["sales"]],
                        ["username": "wang", "password": "Quiet-Harbour-42"],
                        ["username": "chen", "passwordHash": .string(UserAdministrationTests.foreignHash)],
                    ]
                ),
                (
                    "applications",
                    [
                        [
                            "slug": "wiki", "name": "Wiki", "protocol": "oauth", "clientID": "wiki-client",
                            "clientSecret": "brought along 1", "redirectURIs": ["https://wiki.example/callback"],
                            "access": ["users": ["wang"], "groups": ["sales"]],
                        ],
                        ["slug": "drive", "protocol": "oauth", "redirectURIs": ["https://drive.example/cb"]],
                        [
                            "slug": "cas", "protocol": "cas", "services": ["https://cas.example/"],
                            "attributes": [["attribute": "name", "name": "displayName"]],
                        ],
                    ]
                ))
        ]
    ]

    @Test("a second run says that nothing changed, and changes nothing", arguments: Backend.available)
    func idempotent(_ backend: Backend) async throws {
        try await TestInstallation.empty(on: backend) { installation in
            let first = try await installation.apply(Self.whole)
            #expect(first.lines.allSatisfy { $0.outcome == .created })
            #expect(first.lines.count == 10)
            #expect(first.credentials.map(\.application) == ["wiki", "drive"])
            #expect(first.credentials.map { $0.secret == nil } == [true, false])
            let (users, events) = (
                try await installation.administration.users(of: "acme"), try await installation.events()
            )
            let second = try await installation.apply(Self.whole, now: now + 60)
            #expect(second.isUnchanged)
            #expect(second.lines.count == 10)
            #expect(second.credentials == [])
            #expect(try await installation.administration.users(of: "acme") == users)
            #expect(try await installation.events() == events)
        }
    }

    @Test("the credentials that were brought along and generated work", .tags(.security))
    func credentials() async throws {
        try await TestInstallation.empty { installation in
            let report = try await installation.apply(Self.whole)
            #expect(try await installation.authenticates("wiki-client", "brought along 1"))
            let drive = try #require(report.credentials.last)
            #expect(try await installation.authenticates(drive.clientID, drive.secret ?? ""))
            let hash = try await installation.credential("chen")?.hash
            #expect(hash == UserAdministrationTests.foreignHash)
        }
    }

    @Test("a rehearsal says what would happen and writes nothing", .tags(.security), arguments: Backend.available)
    func rehearsal(_ backend: Backend) async throws {
        try await TestInstallation.empty(on: backend) { installation in
            let rehearsed = try await installation.apply(Self.whole, isRehearsal: true)
            let tenants = try await installation.administration.tenants()
            #expect(tenants.isEmpty)
            let applied = try await installation.apply(Self.whole)
            #expect(rehearsed.lines == applied.lines)
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var tenant: JSON
        var path: String
    }

    private static func other(_ members: (String, JSON)...) -> JSON {
        .object(
            [.init("code", "other"), .init("name", "Other"), .init("issuer", "https://sso.other.example")]
                + members.map { .init($0.0, $0.1) })
    }

    @Test(
        "a document whose last tenant cannot be applied changes nothing at all", .tags(.security),
        arguments: [
            Refusal(
                testDescription: "a host that the first tenant takes", tenant: other(("hosts", ["sso.acme.example"])),
                path: "tenants[1].hosts"),
            Refusal(
                testDescription: "a setting that does not exist", tenant: other(("settings", ["freeze.failure": "5"])),
                path: "tenants[1].settings"),
            Refusal(
                testDescription: "no phone number", tenant: other(("users", [["username": "a", "phone": "1"]])),
                path: "tenants[1].users[0].phone"),
            Refusal(
                testDescription: "one phone number for two",
                tenant: other(
                    (
                        "users",
                        [["username": "a", "phone": "13800138000"], ["username": "b", "phone": "+8613800138000"]]
                    )),
                path: "tenants[1].users[1].phone"),
            Refusal(
                testDescription: "a weak password",
                tenant: other(("users", [["username": "a", "password": "secret"]])),
                path: "tenants[1].users[0].password"),
            Refusal(
                testDescription: "a common password",
                tenant: other(("users", [["username": "a", "password": "Correct-Horse-1"]])),
                path: "tenants[1].users[0].password"),
            Refusal(
                testDescription: "a foreign hash",
                tenant: other(("users", [["username": "a", "passwordHash": "$2b$12$abc"]])),
                path: "tenants[1].users[0].passwordHash"),
            Refusal(
                testDescription: "a group that is not there",
                tenant: other(("users", [["username": "a", "groups": ["sales"]]])), path: "tenants[1].users[0].groups"),
            Refusal(
                testDescription: "access for a person of the first tenant",
                tenant: other(
                    (
                        "applications",
                        [
                            [
                                "slug": "a", "protocol": "cas", "services": ["https://a.example/"],
                                "access": ["users": ["lin.mei"]],
                            ]
                        ]
                    )), path: "tenants[1].applications[0].access.users"),
            Refusal(
                testDescription: "a redirect URI with a fragment",
                tenant: other(
                    ("applications", [["slug": "a", "protocol": "oauth", "redirectURIs": ["https://a.example/#b"]]])),
                path: "tenants[1].applications[0].redirectURIs[0]"),
            Refusal(
                testDescription: "a secret that is too short",
                tenant: other(
                    (
                        "applications",
                        [
                            [
                                "slug": "a", "protocol": "oauth", "redirectURIs": ["https://a.example/b"],
                                "clientSecret": "short",
                            ]
                        ]
                    )), path: "tenants[1].applications[0].clientSecret"),
        ])
    func wholeOrNothing(_ refusal: Refusal) async throws {
        try await TestInstallation.empty { installation in
            guard let acme = Self.whole["tenants"]?.array?.first else { return }
            let error = await #expect(throws: DocumentRefusal.self) {
                try await installation.apply(["tenants": [acme, refusal.tenant]])
            }
            #expect(error?.place.path == refusal.path)
            let tenants = try await installation.administration.tenants()
            #expect(tenants.isEmpty)
        }
    }

    // MARK: - What is not reset

    @Test("a password that a user has set stays", .tags(.security))
    func ownPassword() async throws {
        try await TestInstallation.empty { installation in
            _ = try await installation.apply(Self.whole)
            let own = Credential(hash: "their own", version: 2, changedAt: now)
            try await installation.put(own, of: "wang")
            let report = try await installation.apply(Self.whole)
            #expect(report.isUnchanged)
            #expect(try await installation.credential("wang") == own)
        }
    }

    @Test("a password that was cleared does not come back from the file", .tags(.security))
    func clearedPassword() async throws {
        try await TestInstallation.empty { installation in
            _ = try await installation.apply(Self.whole)
            let cleared = Credential(hash: nil, version: 2, changedAt: now)
            try await installation.put(cleared, of: "wang")
            _ = try await installation.apply(Self.whole)
            #expect(try await installation.credential("wang") == cleared)
        }
    }

    @Test("a disabled user and a disabled application stay disabled", .tags(.security))
    func disabled() async throws {
        try await TestInstallation.empty { installation in
            _ = try await installation.apply(Self.whole)
            _ = try await installation.administration.disableUser("lin.mei", of: "acme", now: now)
            _ = try await installation.administration.disableApplication("wiki", of: "acme", now: now)
            let changed: JSON = [
                "tenants": [
                    tenant(
                        ("users", [["username": "lin.mei", "name": "Lin"]]),
                        (
                            "applications",
                            [
                                [
                                    "slug": "wiki", "name": "Pages", "protocol": "oauth",
                                    "redirectURIs": ["https://wiki.example/new"],
                                ]
                            ]
                        ))
                ]
            ]
            let report = try await installation.apply(changed)
            #expect(
                report.lines.filter { $0.outcome == .changed }.map(\.fields) == [["name"], ["name", "redirectURIs"]])
            let (user, wiki) = (
                try await installation.user(), try await installation.administration.application("wiki", of: "acme")
            )
            #expect(user.isEnabled == false)
            #expect(wiki.application.isEnabled == false)
        }
    }

    @Test("what the file does not mention stays as it is")
    func unmentioned() async throws {
        try await TestInstallation.empty { installation in
            _ = try await installation.apply(Self.whole)
            let (user, wiki, tenant) = (
                try await installation.user(), try await installation.administration.application("wiki", of: "acme"),
                try await installation.tenant()
            )
            let bare: JSON = [
                "tenants": [
                    [
                        "code": "acme", "users": [["username": "lin.mei"]],
                        "applications": [["slug": "wiki", "protocol": "oauth"]],
                    ]
                ]
            ]
            let report = try await installation.apply(bare)
            #expect(report.isUnchanged)
            #expect(try await installation.user() == user)
            #expect(try await installation.administration.application("wiki", of: "acme") == wiki)
            #expect(try await installation.tenant() == tenant)
        }
    }

    @Test("a tenant's setting is given back to the installation by the word default")
    func settingRemoved() async throws {
        try await TestInstallation.empty { installation in
            _ = try await installation.apply(Self.whole)
            let report = try await installation.apply([
                "tenants": [tenant(("settings", ["freeze.failures": "default"]))]
            ])
            #expect(report.lines.first?.fields == ["settings.freeze.failures"])
            let settings = try await installation.tenant()?.settings
            #expect(settings == [:])
        }
    }

    @Test("a new issuer takes the old one's host along")
    func movedIssuer() async throws {
        try await TestInstallation.empty { installation in
            _ = try await installation.apply(["tenants": [tenant(("hosts", ["login.acme.example"]))]])
            _ = try await installation.apply(["tenants": [["code": "acme", "issuer": "https://id.acme.example"]]])
            let hosts = try await installation.tenant()?.hosts
            #expect(hosts == ["id.acme.example", "login.acme.example"])
        }
    }

    // MARK: - Fixed things and secrets

    @Test(
        "what tokens and secrets hang on cannot change", .tags(.security),
        arguments: [
            ["slug": "wiki", "protocol": "cas", "services": ["https://wiki.example/"]],
            ["slug": "wiki", "protocol": "oauth", "clientID": "wiki-other"],
            ["slug": "wiki", "protocol": "oauth", "public": true],
        ] as [JSON])
    func fixed(_ application: JSON) async throws {
        try await TestInstallation.empty { installation in
            _ = try await installation.apply(Self.whole)
            await #expect(throws: DocumentRefusal.self) {
                try await installation.apply(["tenants": [tenant(("applications", [application]))]])
            }
        }
    }

    @Test("a secret that was revoked is not brought back by the file that names it", .tags(.security))
    func revokedSecret() async throws {
        try await TestInstallation.empty { installation in
            _ = try await installation.apply(Self.whole)
            let secret = try #require(try await installation.secrets().first)
            try await installation.administration.revokeSecret(secret.id, of: "wiki", of: "acme", at: nil, now: now)
            let error = await #expect(throws: DocumentRefusal.self) { try await installation.apply(Self.whole) }
            #expect(error?.place.path == "tenants[0].applications[0].clientSecret")
            #expect(try await installation.authenticates("wiki-client", "brought along 1") == false)
        }
    }

    @Test("another secret in the file joins the one that is there")
    func secondSecret() async throws {
        try await TestInstallation.empty { installation in
            _ = try await installation.apply(Self.whole)
            let next: JSON = [
                "tenants": [
                    tenant(
                        ("applications", [["slug": "wiki", "protocol": "oauth", "clientSecret": "brought along 2"]]))
                ]
            ]
            _ = try await installation.apply(next)
            #expect(try await installation.authenticates("wiki-client", "brought along 1"))
            #expect(try await installation.authenticates("wiki-client", "brought along 2"))
        }
    }

    @Test(
        "a secret file that is missing is made for its owner only, and is not printed; later it is read",
        .tags(.security))
    func secretFile() async throws {
        try await TestInstallation.withDirectory { directory in
            try await TestInstallation.empty { installation in
                let named = Self.wiki(["clientSecretFile": "secrets/wiki"])
                _ = try await installation.apply(named, in: directory, isRehearsal: true)
                let path = directory + "/secrets/wiki"
                #expect(FileManager.default.fileExists(atPath: path) == false)
                let report = try await installation.apply(named, in: directory)
                #expect(report.credentials.map(\.secret) == [nil])
                let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
                #expect(mode == 0o600)
                let secret = try String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(in: .newlines)
                #expect(try await installation.authenticates("wiki-client", secret))
                let again = try await installation.apply(named, in: directory)
                #expect(again.isUnchanged)
                #expect(try String(contentsOfFile: path, encoding: .utf8) == secret + "\n")
            }
        }
    }

    @Test("a secret file that everybody can read is refused", .tags(.security))
    func openSecretFile() async throws {
        try await TestInstallation.withDirectory { directory in
            try await TestInstallation.empty { installation in
                let path = directory + "/wiki"
                try Data("brought along 1".utf8).write(to: URL(filePath: path))
                try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
                await #expect(throws: DocumentRefusal.self) {
                    try await installation.apply(Self.wiki(["clientSecretFile": "wiki"]), in: directory)
                }
            }
        }
    }

    private static func wiki(_ more: JSON) -> JSON {
        let members: [JSON.Member] = [
            .init("slug", "wiki"), .init("protocol", "oauth"), .init("clientID", "wiki-client"),
            .init("redirectURIs", ["https://wiki.example/callback"]),
        ]
        return ["tenants": [tenant(("applications", [.object(members + (more.members ?? []))]))]]
    }
}

extension TestInstallation {
    /// Applies a document.
    @discardableResult
    func apply(
        _ json: JSON, in directory: String = "/nowhere", isRehearsal: Bool = false, now: Date = TestInstallation.now
    ) async throws -> ApplyReport {
        try await administration.apply(
            try ApplyDocument(document(json)), relativeTo: directory, isRehearsal: isRehearsal, now: now)
    }

    /// Gives a user the next credential, as signing in does.
    func put(_ credential: Credential, of username: String) async throws {
        let user = try await user(username)
        let isStored = try await database.write { try $0.credentials.put(credential, ofUser: user.id) }
        precondition(isStored, "the version does not follow")
    }

    /// Runs `body` with an empty directory.
    static func withDirectory(_ body: (String) async throws -> Void) async throws {
        var random = SecureRandom()
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "gatehouse-apply-" + Identifier.make(using: &random)).path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await body(directory)
    }
}
