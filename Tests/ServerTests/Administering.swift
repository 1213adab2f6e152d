import CAS
import Directory
import FoundationEssentials
import Identity
import Storage
import TestSupport

/// What an administrator does, written straight into the stores.
extension TestServer {
    func disable(_ application: Application) async throws {
        let now = clock.now
        try await change { db in
            var disabled = application
            disabled.disabledAt = now
            try db.applications.update(disabled)
        }
    }

    /// Writes only that the user is disabled: what depends on it must be refused even so.
    func disable(_ user: User) async throws {
        let now = clock.now
        try await change { db in try db.users(Samples.sealingKey).setDisabled(now, user.id) }
    }

    /// Overrides settings of a tenant; they hold after the few seconds for which a tenant is kept.
    func set(_ settings: [String: String], for tenant: Tenant = Samples.acme) async throws {
        try await change { db in
            var changed = tenant
            changed.settings = settings
            try db.tenants.update(changed)
        }
        clock.advance(by: 10)
    }

    /// The failures that stand against a user.
    func throttle(of user: User) async throws -> Throttle? {
        try await database.read { db in try db.throttles.peek(Throttle.key(ofUser: user.id)) }
    }
}

extension TestServer {
    /// Registers these services for Wiki in place of the ones it had.
    func register(_ services: [String]) async throws {
        try await change { db in
            var service = Samples.wikiService
            service.urls = services.map(ServiceURL.init(stored:))
            try db.registeredServices.update(service, in: Samples.acme.id)
        }
    }
}

extension TestServer {
    /// Gives a user ``Samples/password``.
    func setPassword(of user: User) async throws {
        let now = clock.now
        try await change { db in
            let old = try db.credentials.ofUser(user.id)
            let next = Credential.setting(Samples.passwordHash, replacing: old, policy: PasswordPolicy(), now: now)
            _ = try db.credentials.put(next, ofUser: user.id)
        }
    }
}

extension TestServer {
    /// A user as stored now.
    func user(_ user: User) async throws -> User? {
        try await database.read { db in try db.users(Samples.sealingKey).identified(user.id, in: user.tenantID) }
    }
}

extension TestServer {
    /// Lets nobody into these applications any more.
    func restrict(_ applications: [Application]) async throws {
        try await change { db in
            for var application in applications {
                application.accessRule = .selected(users: [], groups: [])
                try db.applications.update(application)
            }
        }
    }

    /// Revokes a client's secret, or lets it run out at a time.
    func endSecret(of clientID: String, at end: Date?) async throws {
        let now = clock.now
        try await change { db in
            _ = try db.clientSecrets.end("secret-\(clientID)", of: clientID, in: Samples.acme.id, at: end, now: now)
        }
    }
}
