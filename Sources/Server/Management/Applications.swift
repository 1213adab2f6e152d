import CAS
import Cryptography
package import Directory
package import FoundationEssentials
package import OAuth2
import Storage

/// An application with its protocol side, as it is shown.
package struct ApplicationDetails: Equatable, Sendable {
    package let application: Application
    /// Who may open it, in names rather than ids; ids of users that are gone are left out.
    package let access: AccessDraft
    package let client: Client?
    /// Registered service URLs; empty for an OAuth application.
    package let services: [String]
}

extension Administration {
    /// Adds an application. A confidential client gets its first secret.
    /// - Parameter secret: A secret that the enterprise brings along; nil has one generated.
    /// - Returns: The application, and what is shown this once; nil for a CAS application.
    package func addApplication(
        _ draft: ApplicationDraft, secret: NewClientSecret?, to tenantCode: String, now: Date
    ) async throws -> (application: Application, credential: IssuedCredential?) {
        let generated = NewClientSecret.generate()
        return try await act(now: now) { act in
            let tenant = try act.tenant(tenantCode)
            let (application, client) = try act.create(draft, in: tenant)
            guard let client else { return (application, nil) }
            guard client.kind == .confidential else {
                if secret != nil { throw AdministrationError.publicClient }
                return (application, IssuedCredential(tenant, application, client, secret: nil))
            }
            try act.add(secret ?? generated, to: client, of: application, in: tenant)
            let shown = secret == nil ? generated.text : nil
            return (application, IssuedCredential(tenant, application, client, secret: shown))
        }
    }

    /// The applications of a tenant by name.
    package func applications(of tenantCode: String) async throws -> [ApplicationDetails] {
        let keys = keys
        return try await database.read { db in
            guard let tenant = try db.tenants.coded(tenantCode) else { throw AdministrationError.noTenant }
            return try db.applications.all(in: tenant.id).map { try db.details(of: $0, users: db.users(keys.sealing)) }
        }
    }

    /// One application of a tenant.
    package func application(_ slug: String, of tenantCode: String) async throws -> ApplicationDetails {
        let keys = keys
        return try await database.read { db in
            guard let tenant = try db.tenants.coded(tenantCode) else { throw AdministrationError.noTenant }
            guard let application = try db.applications.named(slug, in: tenant.id) else {
                throw AdministrationError.noApplication
            }
            return try db.details(of: application, users: db.users(keys.sealing))
        }
    }

    /// Disables an application and ends at once every grant of its client; tickets are refused from then on.
    /// - Returns: Whether the application was enabled before.
    package func disableApplication(_ slug: String, of tenantCode: String, now: Date) async throws -> Bool {
        try await act(now: now) { act in
            let tenant = try act.tenant(tenantCode)
            var application = try act.application(slug, in: tenant)
            let wasEnabled = application.isEnabled
            if wasEnabled {
                application.disabledAt = now
                try act.db.applications.update(application)
            }
            try act.endGrants(of: application)
            guard wasEnabled else { return false }
            try act.note(.application(.disabled(applicationID: application.id)), in: tenant)
            return true
        }
    }

    /// Lets a disabled application in again. What was ended stays ended.
    /// - Returns: Whether the application was disabled before.
    package func enableApplication(_ slug: String, of tenantCode: String, now: Date) async throws -> Bool {
        try await act(now: now) { act in
            let tenant = try act.tenant(tenantCode)
            var application = try act.application(slug, in: tenant)
            guard !application.isEnabled else { return false }
            try act.endGrants(of: application)
            application.disabledAt = nil
            try act.db.applications.update(application)
            try act.note(.application(.enabled(applicationID: application.id)), in: tenant)
            return true
        }
    }
}

extension AdministrativeAct {
    /// Ends every grant of an application's client, if it has one.
    func endGrants(of application: Application) throws {
        guard let client = try db.clients.ofApplication(application.id) else { return }
        try db.grants.revoke(ofClient: client.id, in: application.tenantID, now: now)
    }

    func application(_ slug: String, in tenant: Tenant) throws -> Application {
        guard let application = try db.applications.named(slug, in: tenant.id) else {
            throw AdministrationError.noApplication
        }
        return application
    }

    /// - Returns: The application, and its client if it speaks OAuth.
    func create(_ draft: ApplicationDraft, in tenant: Tenant) throws -> (application: Application, client: Client?) {
        let rule = try draft.access.map { try accessRule($0, in: tenant) }
        let application = try draft.application(replacing: nil, rule: rule, in: tenant, now: now)
        guard try db.applications.named(application.slug, in: tenant.id) == nil else {
            throw AdministrationError(.conflict, "slug", "another application has this short name")
        }
        try db.applications.insert(application)
        try note(
            .application(.created(applicationID: application.id, protocolKind: application.protocolKind)), in: tenant)
        switch draft.side {
        case .oauth(let draft):
            let client = try draft.client(replacing: nil, of: application)
            guard try db.clients.identified(client.id, in: tenant.id) == nil else {
                throw AdministrationError(.conflict, "clientID", "another application has this client id")
            }
            try db.clients.insert(client)
            return (application, client)
        case .cas(let draft):
            let service = try draft.service(replacing: nil, of: application)
            try checkServices(of: service, in: tenant)
            try db.registeredServices.insert(service, in: tenant.id)
            return (application, nil)
        }
    }

    /// Changes what the draft says otherwise.
    /// - Returns: The names of the changed fields, and the client if it speaks OAuth.
    func change(
        _ old: Application, by draft: ApplicationDraft, in tenant: Tenant
    ) throws -> (fields: [String], client: Client?) {
        let rule = try draft.access.map { try accessRule($0, in: tenant) }
        let application = try draft.application(replacing: old, rule: rule, in: tenant, now: now)
        var changes = try Self.changes(from: old, to: application)
        if !changes.isEmpty { try db.applications.update(application) }
        var client: Client?
        switch draft.side {
        case .oauth(let draft):
            guard let before = try db.clients.ofApplication(application.id) else {
                throw DatabaseError.unexpectedValue(column: "clients")
            }
            let after = try draft.client(replacing: before, of: application)
            let sideChanges = Self.changes(from: before, to: after)
            if !sideChanges.isEmpty { try db.clients.update(after) }
            // What was granted under a wider scope must not go on under a narrower one.
            if !before.scope.isSubset(of: after.scope) { try endGrants(of: application) }
            changes += sideChanges
            client = after
        case .cas(let draft):
            let before = try db.registeredServices.ofApplication(application.id)
            let after = try draft.service(replacing: before, of: application)
            if let before, before.urls != after.urls {
                try checkServices(of: after, in: tenant)
                try db.registeredServices.update(after, in: tenant.id)
                changes.append(Change("services", before: Self.text(before), after: Self.text(after)))
            }
        }
        if !changes.isEmpty {
            try note(.application(.changed(applicationID: application.id, changes: changes)), in: tenant)
        }
        return (changes.map(\.field), client)
    }

    /// The ids behind the names of an access rule.
    /// - Throws: For a name of nobody: a rule that silently lets nobody in is found out by the person who stands there.
    private func accessRule(_ draft: AccessDraft, in tenant: Tenant) throws -> AccessRule {
        guard case .selected(let usernames, let groups) = draft else { return .everyone }
        var users: Set<String> = []
        for username in usernames {
            guard let name = try? Username(username), let user = try self.users.named(name, in: tenant.id) else {
                throw AdministrationError(.notFound, "access.users", "the tenant has no user with one of these names")
            }
            users.insert(user.id)
        }
        do {
            return .selected(users: users, groups: try groupIDs(groups, in: tenant))
        } catch let error as AdministrationError where error.kind == .notFound {
            throw AdministrationError(.notFound, "access.groups", "the tenant has no group with one of these names")
        }
    }

    /// The constraint would refuse this too; asking first lets the refusal name the field.
    private func checkServices(of service: RegisteredService, in tenant: Tenant) throws {
        for (index, url) in service.urls.enumerated() {
            let other = try db.registeredServices.at(url.text, in: tenant.id)
            guard other == nil || other?.applicationID == service.applicationID else {
                throw AdministrationError(
                    .conflict, .init("services", index), "another application has registered this service")
            }
        }
    }

    private static func changes(from old: Application, to new: Application) throws -> [Change] {
        let released = { (release: AttributeRelease) in
            release.entries.map { "\($0.attribute.rawValue) as \($0.name)" }.joined(separator: ", ")
        }
        return [
            Change("name", before: old.name, after: new.name),
            Change("icon", before: old.icon, after: new.icon),
            Change("launchURL", before: old.launchURL, after: new.launchURL),
            Change("access", before: Self.text(old.accessRule), after: Self.text(new.accessRule)),
            Change("attributes", before: released(old.attributeRelease), after: released(new.attributeRelease)),
        ].filter { $0.before != $0.after }
    }

    private static func changes(from old: Client, to new: Client) -> [Change] {
        let addresses = { (uris: [RedirectURI]) in uris.map(\.text).joined(separator: " ") }
        return [
            Change("redirectURIs", before: addresses(old.redirectURIs), after: addresses(new.redirectURIs)),
            Change(
                "postLogoutRedirectURIs", before: addresses(old.postLogoutRedirectURIs),
                after: addresses(new.postLogoutRedirectURIs)),
            Change("backChannelLogoutURI", before: old.backChannelLogoutURI, after: new.backChannelLogoutURI),
            Change("requirePKCE", before: "\(old.requiresPKCE)", after: "\(new.requiresPKCE)"),
            Change("scopes", before: old.scope.text, after: new.scope.text),
            Change("idTokenAlgorithm", before: old.idTokenAlgorithm.rawValue, after: new.idTokenAlgorithm.rawValue),
        ].filter { $0.before != $0.after }
    }

    /// A rule in ids, which is what stays true when names change.
    private static func text(_ rule: AccessRule) -> String {
        switch rule {
        case .everyone: "everyone"
        case .selected(let users, let groups):
            "users: \(users.sorted().joined(separator: " ")); groups: \(groups.sorted().joined(separator: " "))"
        }
    }

    private static func text(_ service: RegisteredService) -> String {
        service.urls.map(\.text).joined(separator: " ")
    }
}

extension AdministrationError {
    static let noApplication = AdministrationError(
        .notFound, "slug", "the tenant has no application with this short name")
    static let publicClient = AdministrationError(
        .invalid, "public", "a public client has no secret; it shows by PKCE alone that it is the one that asked")
}

extension Connection {
    fileprivate func details(of application: Application, users: Users) throws -> ApplicationDetails {
        let access: AccessDraft
        switch application.accessRule {
        case .everyone: access = .everyone
        case .selected(let userIDs, let groupIDs):
            access = .selected(
                users: try userIDs.compactMap { try users.identified($0, in: application.tenantID)?.username.text }
                    .sorted(),
                groups: try groups.all(in: application.tenantID).filter { groupIDs.contains($0.id) }.map(\.name))
        }
        return ApplicationDetails(
            application: application, access: access, client: try clients.ofApplication(application.id),
            services: try registeredServices.ofApplication(application.id)?.urls.map(\.text) ?? [])
    }
}
