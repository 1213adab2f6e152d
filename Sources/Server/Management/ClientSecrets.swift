import Cryptography
import Directory
package import FoundationEssentials
package import OAuth2
import Storage

/// A secret that is about to be added to a client. Prints as `•••`.
package struct NewClientSecret: Equatable, Sendable, Concealed {
    /// The secret itself: to be shown or filed once, never stored.
    package let text: String
    /// Whether we made it; a foreign secret may be guessable and is hashed with a key.
    let isGenerated: Bool
    /// What an administrator calls it.
    package var label: String
    /// Seconds until it ends by itself; nil for no planned end.
    package var lifetime: TimeInterval?

    /// The label of a secret that nobody named.
    package static let standardLabel = "secret"

    /// A fresh secret of 256 random bits.
    package static func generate(label: String = standardLabel, lifetime: TimeInterval? = nil) -> NewClientSecret {
        var random = SecureRandom()
        return NewClientSecret(
            text: ClientSecret.text(of: OpaqueToken(using: &random)), isGenerated: true, label: label,
            lifetime: lifetime)
    }

    /// A secret that the enterprise brings along.
    package static func importing(_ text: String, label: String = standardLabel) -> NewClientSecret {
        NewClientSecret(text: text, isGenerated: false, label: label, lifetime: nil)
    }

    func hash(_ keys: InstallationKeys) throws(AdministrationError) -> ClientSecretHash {
        if isGenerated { return ClientSecretHash(generated: text) }
        return try checking("clientSecret") { () throws(ClientSecretHash.ImportProblem) in
            try ClientSecretHash(importing: text, importKey: keys.importedSecrets)
        }
    }

    /// Whether a stored secret is this one, however it came to be stored: a secret that we made and that comes back in
    /// a file is the same secret.
    func isStored(as secret: ClientSecret, _ keys: InstallationKeys) throws(AdministrationError) -> Bool {
        let imported = NewClientSecret.importing(text)
        let hash = try imported.hash(keys)
        return secret.hash == hash || secret.hash == ClientSecretHash(generated: text)
    }
}

/// What an application has to be told so that it can sign people in; shown once. Prints as `•••`.
package struct IssuedCredential: Equatable, Sendable, Concealed {
    /// Code of the tenant.
    package let tenant: String
    /// Short name of the application.
    package let application: String
    package let clientID: String
    /// The new secret; nil for a public client, and for a secret that the enterprise brought along or filed.
    package let secret: String?
    /// Where a generated secret was written to instead of being shown.
    package var file: String?

    init(_ tenant: Tenant, _ application: Application, _ client: Client, secret: String?, file: String? = nil) {
        self.tenant = tenant.code
        self.application = application.slug
        clientID = client.id
        self.secret = secret
        self.file = file
    }
}

extension Administration {
    /// Adds a secret to an application's client. The others stay, so that the application can change over without a
    /// refused request.
    package func addSecret(
        _ new: NewClientSecret, to slug: String, of tenantCode: String, now: Date
    ) async throws -> ClientSecret {
        try await act(now: now) { act in
            let tenant = try act.tenant(tenantCode)
            let application = try act.application(slug, in: tenant)
            return try act.add(new, to: try act.client(of: application), of: application, in: tenant)
        }
    }

    /// The secrets of an application's client, dead ones too, oldest first.
    package func secrets(of slug: String, of tenantCode: String) async throws -> [ClientSecret] {
        try await database.read { db in
            guard let tenant = try db.tenants.coded(tenantCode) else { throw AdministrationError.noTenant }
            guard let application = try db.applications.named(slug, in: tenant.id) else {
                throw AdministrationError.noApplication
            }
            guard let client = try db.clients.ofApplication(application.id) else { throw AdministrationError.noClient }
            return try db.clientSecrets.ofClient(client.id, in: tenant.id)
        }
    }

    /// Ends a secret at once, or sets the time at which it ends.
    /// - Parameter end: nil for at once. A secret that has ended cannot be brought back by an end in the future.
    package func revokeSecret(
        _ id: String, of slug: String, of tenantCode: String, at end: Date?, now: Date
    ) async throws {
        try await act(now: now) { act in
            let tenant = try act.tenant(tenantCode)
            let application = try act.application(slug, in: tenant)
            let client = try act.client(of: application)
            let secrets = try act.db.clientSecrets.ofClient(client.id, in: tenant.id)
            guard let secret = secrets.first(where: { $0.id == id }) else {
                throw AdministrationError(.notFound, "secret", "the application has no secret with this id")
            }
            guard secret.isLive(now: now) else {
                throw AdministrationError(.conflict, "secret", "the secret has ended already; add another one")
            }
            guard try act.db.clientSecrets.end(id, of: client.id, in: tenant.id, at: end, now: now) else {
                throw AdministrationError(.conflict, "secret", "the secret has ended already; add another one")
            }
            try act.noteEnd(of: secret, at: end, application, in: tenant)
        }
    }
}

extension AdministrativeAct {
    func client(of application: Application) throws -> Client {
        guard let client = try db.clients.ofApplication(application.id) else { throw AdministrationError.noClient }
        return client
    }

    @discardableResult
    func add(
        _ new: NewClientSecret, to client: Client, of application: Application, in tenant: Tenant
    ) throws -> ClientSecret {
        guard client.kind == .confidential else { throw AdministrationError.publicClient }
        let label = try checking("label") { () throws(DirectoryError) in try DisplayName.checked(new.label) }
        for known in try db.clientSecrets.ofClient(client.id, in: tenant.id) {
            guard try !new.isStored(as: known, keys) else {
                throw AdministrationError(.conflict, "clientSecret", "the client has or had this secret already")
            }
        }
        var secret = ClientSecret(
            id: Self.identifier(), clientID: client.id, hash: try new.hash(keys), label: label, createdAt: now)
        secret.expiresAt = new.lifetime.map { now + $0 }
        try db.clientSecrets.insert(secret, in: tenant.id)
        try note(
            .application(.secretAdded(applicationID: application.id, secretID: secret.id, label: label)), in: tenant)
        return secret
    }

    /// An end at once is a revocation; a later one a change, so that the log tells the two apart.
    fileprivate func noteEnd(
        of secret: ClientSecret, at end: Date?, _ application: Application, in tenant: Tenant
    ) throws {
        guard let end else {
            let revoked = ApplicationEvent.secretRevoked(
                applicationID: application.id, secretID: secret.id, label: secret.label)
            return try note(.application(revoked), in: tenant)
        }
        let text = { (date: Date?) in date.map { "\(Int($0.timeIntervalSince1970))" } }
        let change = Change("secrets.\(secret.id).end", before: text(secret.expiresAt), after: text(end))
        try note(.application(.changed(applicationID: application.id, changes: [change])), in: tenant)
    }
}

extension AdministrationError {
    static let noClient = AdministrationError(
        .invalid, "slug", "the application speaks CAS, which knows no client secrets")
}
