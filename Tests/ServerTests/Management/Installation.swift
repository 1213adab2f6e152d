import Cryptography
import Directory
import Foundation
import Identity
import OAuth2
import Server
import Storage
import TestSupport

/// An installation with one tenant, one person and one application of each kind, for tests of administrative acts.
struct TestInstallation: Sendable {
    static let now = Date(timeIntervalSince1970: 1_700_000_000)

    let database: any Database
    let keys: InstallationKeys
    let administration: Administration
    /// What was sent.
    let sms: SMSInbox

    /// Runs `body` on an empty installation.
    static func empty(
        on backend: Backend = .sqliteMemory, policy: TenantPolicy = .standard,
        domainProbe: DomainProbe = .nowhere, _ body: (TestInstallation) async throws -> Void
    ) async throws {
        try await backend.withDatabase { database in
            try await database.migrate(now: now)
            var random = SecureRandom()
            let keys = InstallationKeys(SealingKey.generate(using: &random))
            let sms = SMSInbox()
            let administration = Administration(
                database: database, keys: keys, passwords: hashing, commonPasswords: { ["correct-horse-1"] },
                policy: policy, messenger: .toInbox(sms, database, now: now),
                domainProbe: domainProbe, by: Administrator(actor: .operator("root")))
            try await body(
                TestInstallation(database: database, keys: keys, administration: administration, sms: sms))
        }
    }

    /// Runs `body` on an installation with these tenants, in each the person `lin.mei` and the application `wiki`.
    static func peopled(
        _ tenants: [String] = ["acme"], on backend: Backend = .sqliteMemory,
        domainProbe: DomainProbe = .nowhere, _ body: (TestInstallation) async throws -> Void
    ) async throws {
        try await empty(on: backend, domainProbe: domainProbe) { installation in
            for code in tenants {
                let tenant = TenantDraft(code: code, name: code, issuer: "https://sso.\(code).example")
                _ = try await installation.administration.createTenant(tenant, now: now)
                _ = try await installation.administration.addGroup("sales", to: code, now: now)
                let person = UserDraft(
                    username: "lin.mei", name: "林梅", phone: "13800138000", email: "lin.mei@\(code).example",
                    groups: ["sales"])
                _ = try await installation.administration.addUser(person, to: code, now: now)
                _ = try await installation.administration.addApplication(wiki, secret: nil, to: code, now: now)
            }
            try await body(installation)
        }
    }

    static let wiki = ApplicationDraft(
        slug: "wiki", name: "Wiki",
        side: .oauth(ClientDraft(id: "wiki-client", redirectURIs: ["https://wiki.example/callback"])))

    /// Cheap parameters: what is tested here is where a hash goes, not what it costs. One for all tests: its threads
    /// live as long as the process.
    private static let hashing: PasswordHashing = {
        let parameters = Argon2id.Parameters(memoryKiB: 8, iterations: 1, parallelism: 1)
        do {
            return try PasswordHashing(parameters: parameters, threads: 2, capacity: .max)
        } catch {
            preconditionFailure("Argon2id cannot be computed: \(error)")
        }
    }()

    // MARK: - What is stored

    func tenant(_ code: String = "acme") async throws -> Tenant? {
        try await database.read { try $0.tenants.coded(code) }
    }

    func user(_ username: String = "lin.mei", in code: String = "acme") async throws -> User {
        try await administration.user(username, of: code).user
    }

    func credential(_ username: String = "lin.mei", in code: String = "acme") async throws -> Credential? {
        let user = try await user(username, in: code)
        return try await database.read { try $0.credentials.ofUser(user.id) }
    }

    func secrets(of slug: String = "wiki", in code: String = "acme") async throws -> [ClientSecret] {
        try await administration.secrets(of: slug, of: code)
    }

    /// The events of a tenant, oldest first, as `name detail`.
    func events(in code: String = "acme") async throws -> [String] {
        guard let tenant = try await tenant(code) else { return [] }
        return try await database.read { db in
            try db.rows("SELECT name, detail FROM events WHERE tenant_id = \(tenant.id) ORDER BY at, id") { row in
                let name: String = try row.next()
                return "\(name) \(try row.next(String.self))"
            }
        }
    }

    /// Signs a person in: a session, and a grant of the wiki's client in it.
    /// - Returns: The ids of session and grant.
    func signIn(_ username: String = "lin.mei", in code: String = "acme") async throws -> (
        session: String, grant: String
    ) {
        let user = try await user(username, in: code)
        let (session, grant) = ("session-\(code)-\(username)", "grant-\(code)-\(username)")
        try await database.write { db in
            let authentication = Authentication(userID: user.id, at: Self.now, amr: [.password], interactionID: "i-1")
            let start = SessionStart(authentication: authentication, isRemembered: false, replacedSessionID: nil)
            try db.sessions.insert(
                Session(
                    id: session, tenantID: user.tenantID, tokenHash: "hash of \(session)", start: start,
                    origin: .init(address: nil, userAgent: nil), now: Self.now))
            try db.grants.insert(
                Grant(
                    id: grant, tenantID: user.tenantID, clientID: "wiki-client", userID: user.id, sessionID: session,
                    scope: try Scope(parsing: "openid offline_access"),
                    authentication: .init(time: Self.now, methods: ["pwd"], level: nil), createdAt: Self.now))
        }
        return (session, grant)
    }

    /// Whether session and grant still hold.
    func holds(_ ids: (session: String, grant: String), in code: String = "acme") async throws -> (
        session: Bool, grant: Bool
    ) {
        let tenantID = try await tenant(code)?.id ?? ""
        return try await database.read { db in
            let session = try db.sessions.identified(ids.session, in: tenantID)
            let grant = try db.grants.identified(ids.grant)
            return (session?.endedAt == nil, grant?.revokedAt == nil)
        }
    }
}
