import Directory
package import FoundationEssentials
import Identity
import OAuth2
import Storage

extension Administration {
    /// Brings the installation to what a document says.
    ///
    /// Everything is tried in a transaction that is rolled back before anything is written, so a document that cannot
    /// be applied as a whole changes nothing. Then each tenant is written in a transaction of its own. What the document
    /// does not mention stays as it is; a password is given only to users who never had one.
    /// - Parameters:
    ///   - directory: Where relative paths of `clientSecretFile` begin.
    ///   - isRehearsal: Whether to stop before writing; nothing is generated then.
    /// - Throws: ``DocumentRefusal`` with the place in the document.
    package func apply(
        _ document: ApplyDocument, relativeTo directory: String, isRehearsal: Bool = false, now: Date
    ) async throws -> ApplyReport {
        let files = try SecretFiles(of: document, relativeTo: directory)
        var document = document
        for (index, entry) in document.tenants.enumerated() {
            document.tenants[index].value.tenant = try await placing(entry.place) {
                try await hashingInitialPassword(of: entry.value.tenant)
            }
        }
        let rehearsed = try await rehearse(document, files, now: now)
        if isRehearsal { return rehearsed.report }
        var report = ApplyReport()
        var preparation = ApplyPreparation(secrets: try files.complete())
        preparation.hashes = try await hashes(for: document, at: rehearsed.unhashed)
        for entry in document.tenants {
            if rehearsed.newTenants.contains(entry.value.tenant.code) {
                preparation.tenantKeys = try await TenantKeys.generate()
            }
            let lines = try await placing(entry.place) { [preparation] in
                try await act(now: now) { act in
                    var session = ApplySession(act: act, preparation: preparation)
                    try session.apply(entry)
                    return session.report
                }
            }
            report.lines += lines.lines
            report.credentials += lines.credentials
        }
        return report
    }

    /// Applies everything and takes it back.
    private func rehearse(
        _ document: ApplyDocument, _ files: SecretFiles, now: Date
    ) async throws -> ApplyRehearsal {
        let preparation = ApplyPreparation(secrets: files.found, isRehearsal: true)
        // A long list, and once is enough for any number of users.
        let isNeeded = document.tenants.flatMap(\.value.users).contains { $0.value.credential?.mustChange == true }
        let common = isNeeded ? try commonPasswords() : []
        do {
            return try await act(now: now) { act -> ApplyRehearsal in
                var session = ApplySession(act: act, preparation: preparation, commonPasswords: { common })
                for entry in document.tenants { try session.apply(entry) }
                session.rehearsal.report = session.report
                // Thrown, because that is what rolls a transaction back.
                throw session.rehearsal
            }
        } catch let rehearsal as ApplyRehearsal {
            return rehearsal
        } catch let error as AdministrationError {
            throw DocumentRefusal(DocumentPlace(path: "tenants", line: document.tenants.first?.place.line ?? 1), error)
        }
    }

    /// Hashes outside every transaction, each some 20 ms of one processor.
    private func hashes(for document: ApplyDocument, at paths: Set<String>) async throws -> [String: String] {
        var hashes: [String: String] = [:]
        for user in document.tenants.flatMap(\.value.users) where paths.contains(user.place.path) {
            guard let credential = user.value.credential else { continue }
            hashes[user.place.path] = try await passwords.hash(of: credential)
        }
        return hashes
    }

    private func placing<T>(_ place: DocumentPlace, _ body: () async throws -> T) async throws -> T {
        do { return try await body() } catch let error as AdministrationError { throw DocumentRefusal(place, error) }
    }
}

/// What a transaction needs that must not be made inside it; by the path of the entry in the document.
struct ApplyPreparation: Sendable {
    /// Of the tenant that is made next.
    var tenantKeys = TenantKeys(keys: [])
    var hashes: [String: String] = [:]
    /// Secrets that the document gives or names the file of.
    var secrets: [String: NewClientSecret]
    var isRehearsal = false
}

/// What the rehearsal found out.
struct ApplyRehearsal: Error {
    var report = ApplyReport()
    /// Users who are to get a password.
    var unhashed: Set<String> = []
    /// Codes of tenants that are not there yet.
    var newTenants: Set<String> = []
}

/// A document being applied inside one transaction.
struct ApplySession {
    let act: AdministrativeAct
    let preparation: ApplyPreparation
    var commonPasswords: () throws -> Set<String> = { [] }
    var report = ApplyReport()
    var rehearsal = ApplyRehearsal()

    init(
        act: AdministrativeAct, preparation: ApplyPreparation,
        commonPasswords: @escaping () throws -> Set<String> = { [] }
    ) {
        self.act = act
        self.preparation = preparation
        self.commonPasswords = commonPasswords
    }

    /// One tenant: itself, its groups, its people, and then what may name them.
    mutating func apply(_ entry: ApplyDocument.Placed<ApplyDocument.TenantEntry>) throws {
        let tenant = try placed(entry.place) { try $0.apply(entry.value.tenant) }
        for group in entry.value.groups {
            try placed(group.place) { session in
                let isNew = try session.act.ensureGroup(group.value, in: tenant)
                session.note(.group, group.value, in: tenant, isNew ? .created : .unchanged)
            }
        }
        for department in entry.value.departments {
            try placed(department.place) { try $0.apply(department.value, in: tenant) }
        }
        for user in entry.value.users {
            try placed(user.place) { try $0.apply(user, in: tenant) }
        }
        for application in entry.value.applications {
            try placed(application.place) { try $0.apply(application, in: tenant) }
        }
    }

    private mutating func apply(_ draft: TenantDraft) throws -> Tenant {
        guard let old = try act.db.tenants.coded(draft.code) else {
            rehearsal.newTenants.insert(draft.code)
            let tenant = try act.create(draft, keys: preparation.tenantKeys)
            note(.tenant, tenant.code, in: tenant, .created)
            return tenant
        }
        let (tenant, fields) = try act.change(old, by: draft)
        note(.tenant, tenant.code, in: tenant, fields.isEmpty ? .unchanged : .changed, fields)
        return tenant
    }

    private mutating func apply(_ draft: DepartmentDraft, in tenant: Tenant) throws {
        guard let old = try act.db.departments.coded(draft.code, in: tenant.id) else {
            let department = try act.create(draft, in: tenant)
            return note(.department, department.code, in: tenant, .created)
        }
        let fields = try act.change(old, by: draft, in: tenant)
        note(.department, draft.code, in: tenant, fields.isEmpty ? .unchanged : .changed, fields)
    }

    // MARK: - Users

    private mutating func apply(_ entry: ApplyDocument.Placed<UserDraft>, in tenant: Tenant) throws {
        let draft = entry.value
        let old = try act.users.named(try draft.checkedUsername(), in: tenant.id)
        let fields = try old.map { try act.change($0, by: draft, in: tenant) } ?? []
        let user = try old ?? act.create(draft, in: tenant)
        let isGiven = try givePassword(to: user, entry, in: tenant)
        let changes = fields + (isGiven ? ["password"] : [])
        let outcome: ApplyReport.Outcome = old == nil ? .created : changes.isEmpty ? .unchanged : .changed
        note(.user, draft.username, in: tenant, outcome, old == nil ? [] : changes)
    }

    /// - Returns: Whether the user gets the document's password. A user who has or had one keeps what is.
    private mutating func givePassword(
        to user: User, _ entry: ApplyDocument.Placed<UserDraft>, in tenant: Tenant
    ) throws -> Bool {
        guard let credential = entry.value.credential, try act.lacksPassword(user) else { return false }
        if preparation.isRehearsal {
            let policy = try act.policy.of(tenant, act.keys.sealing).identity.password
            try credential.check(for: user.username, policy: policy, common: commonPasswords)
            rehearsal.unhashed.insert(entry.place.path)
            return true
        }
        guard let hash = preparation.hashes[entry.place.path] else {
            throw AdministrationError(
                .conflict, "username", "the user changed while the file was being applied; try again")
        }
        try act.setFirstPassword(hash, of: user, by: entry.value, in: tenant)
        return true
    }

    // MARK: - Applications

    private mutating func apply(
        _ entry: ApplyDocument.Placed<ApplyDocument.ApplicationEntry>, in tenant: Tenant
    ) throws {
        let draft = entry.value.application
        if let old = try act.db.applications.named(draft.slug, in: tenant.id) {
            let (fields, client) = try act.change(old, by: draft, in: tenant)
            note(.application, draft.slug, in: tenant, fields.isEmpty ? .unchanged : .changed, fields)
            if let client { try settleSecret(of: client, entry, of: old, in: tenant, isNew: false) }
        } else {
            let (application, client) = try act.create(draft, in: tenant)
            note(.application, draft.slug, in: tenant, .created)
            if let client { try settleSecret(of: client, entry, of: application, in: tenant, isNew: true) }
        }
    }

    /// Gives a client the secret that the document names, or its first one.
    private mutating func settleSecret(
        of client: Client, _ entry: ApplyDocument.Placed<ApplyDocument.ApplicationEntry>,
        of application: Application, in tenant: Tenant, isNew: Bool
    ) throws {
        guard client.kind == .confidential else {
            guard entry.value.secret == .generated else { throw AdministrationError.publicClient }
            if isNew { report.credentials.append(IssuedCredential(tenant, application, client, secret: nil)) }
            return
        }
        let known = try act.db.clientSecrets.ofClient(client.id, in: tenant.id)
        let named = preparation.secrets[entry.place.path]
        guard let secret = try missingSecret(named, entry.value.secret, among: known) else {
            note(.clientSecret, application.slug, in: tenant, .unchanged)
            return
        }
        try act.add(secret, to: client, of: application, in: tenant)
        note(.clientSecret, application.slug, in: tenant, .created)
        let shown = entry.value.secret == .generated ? secret.text : nil
        var credential = IssuedCredential(tenant, application, client, secret: shown)
        if case .file(let path) = entry.value.secret { credential.file = path }
        // A secret that the document brought along is known to whoever wrote it.
        if isNew || shown != nil || credential.file != nil { report.credentials.append(credential) }
    }

    /// The secret that is to be added; nil when the client has it.
    private func missingSecret(
        _ named: NewClientSecret?, _ source: ApplyDocument.SecretSource, among known: [ClientSecret]
    ) throws -> NewClientSecret? {
        guard let named else {
            // In a rehearsal no file has been made yet; the client will get what is generated for it.
            return source == .generated && !known.isEmpty ? nil : .generate()
        }
        guard let stored = try known.first(where: { try named.isStored(as: $0, act.keys) }) else { return named }
        guard stored.isLive(now: act.now) else {
            throw AdministrationError(
                .conflict, "clientSecret",
                "this secret was revoked or has expired and is not brought back; give the client another one")
        }
        return nil
    }

    // MARK: - Report

    private mutating func note(
        _ kind: ApplyReport.Kind, _ name: String, in tenant: Tenant, _ outcome: ApplyReport.Outcome,
        _ fields: [String] = []
    ) {
        report.lines.append(.init(tenant: tenant.code, kind: kind, name: name, outcome: outcome, fields: fields))
    }

    private mutating func placed<T>(
        _ place: DocumentPlace, _ body: (inout ApplySession) throws -> T
    ) throws -> T {
        do { return try body(&self) } catch let error as AdministrationError { throw DocumentRefusal(place, error) }
    }
}
