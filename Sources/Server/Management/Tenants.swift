import Cryptography
package import Directory
package import FoundationEssentials
import Identity
import JOSE
import NIOPosix
import Storage

/// What an administrator says about a tenant. What is nil is left as it is, or has its default in a new tenant.
package struct TenantDraft: Equatable, Sendable {
    package var code: String
    package var name: String?
    package var issuer: String?
    /// Hosts beside the issuer's at which the tenant answers.
    package var hosts: [String]?
    /// Settings by key, as written; ``removal`` gives a setting back to the installation.
    package var settings: [String: String]

    /// The word that removes a tenant's own value of a setting.
    package static let removal = "default"

    package init(
        code: String, name: String? = nil, issuer: String? = nil, hosts: [String]? = nil,
        settings: [String: String] = [:]
    ) {
        self.code = code
        self.name = name
        self.issuer = issuer
        self.hosts = hosts
        self.settings = settings
    }

    /// The tenant as it is to be.
    /// - Parameters:
    ///   - old: The tenant as it is; nil for a new one.
    ///   - policy: The installation's, over which the settings must make sense.
    ///   - key: Seals the settings that are secret.
    func tenant(
        replacing old: Tenant?, policy: TenantPolicy, key: SealingKey, now: Date
    ) throws(AdministrationError) -> Tenant {
        let code = try checking("code") { () throws(DirectoryError) in try Slug.checked(self.code) }
        let issuer = try checkedIssuer(old)
        var tenant = Tenant(
            id: old?.id ?? AdministrativeAct.identifier(), code: code, name: try checkedName(old), issuer: issuer,
            hosts: try checkedHosts(old, issuer: issuer), createdAt: old?.createdAt ?? now)
        do throws(SettingRefusal) {
            let secrets = TenantSecrets(key: key, tenantID: tenant.id)
            tenant.settings = try checkedSettings(old?.settings ?? [:], policy, secrets)
        } catch { throw AdministrationError(error) }
        return tenant
    }

    /// What will hold for the tenant, but for the initial password, which is judged by it.
    func policy(
        replacing old: Tenant?, _ policy: TenantPolicy, _ key: SealingKey
    ) throws(AdministrationError) -> TenantPolicy {
        do throws(SettingRefusal) {
            let before = try old.map { tenant throws(SettingRefusal) in
                try TenantSecrets(key: key, tenantID: tenant.id).opened(tenant.settings)
            }
            var texts = (before ?? [:]).merging(settings) { _, new in new }.filter { $0.value != Self.removal }
            texts[SettingDefinition.initialPassword] = nil
            return try policy.overridden(by: texts)
        } catch { throw AdministrationError(error) }
    }

    /// The settings as they are to be stored.
    private func checkedSettings(
        _ old: [String: String], _ policy: TenantPolicy, _ secrets: TenantSecrets
    ) throws(SettingRefusal) -> [String: String] {
        for key in settings.keys where SettingDefinition.named(key)?.isPerTenant != true {
            throw SettingRefusal(key, "is not a setting that a tenant can have")
        }
        let texts = try secrets.opened(old).merging(settings) { _, new in new }.filter { $0.value != Self.removal }
        _ = try policy.overridden(by: texts)
        return try secrets.sealed(texts, replacing: old)
    }

    private func checkedName(_ old: Tenant?) throws(AdministrationError) -> String {
        guard let name = name ?? old?.name else {
            throw AdministrationError(.invalid, "name", "a new tenant needs a name")
        }
        return try checking("name") { () throws(DirectoryError) in try DisplayName.checked(name) }
    }

    private func checkedIssuer(_ old: Tenant?) throws(AdministrationError) -> String {
        guard let issuer = issuer ?? old?.issuer else {
            throw AdministrationError(
                .invalid, "issuer", "a new tenant needs an issuer, such as https://sso.example.com")
        }
        return try checking("issuer") { () throws(DirectoryError) in try Tenant.checkedIssuer(issuer) }
    }

    /// The issuer's host and the further ones. Where none are given, those the tenant has stay, without the host of an
    /// issuer that it no longer has.
    private func checkedHosts(_ old: Tenant?, issuer: String) throws(AdministrationError) -> [String] {
        let own = try Self.host(ofIssuer: issuer)
        var further: [String] = []
        if let hosts {
            for (index, host) in hosts.enumerated() {
                further.append(
                    try checking(.init("hosts", index)) { () throws(DirectoryError) in try HostName.checked(host) })
            }
        } else if let old {
            let former = try Self.host(ofIssuer: old.issuer)
            further = old.hosts.filter { $0 != former }
        }
        return Set(further + [own]).sorted()
    }

    private static func host(ofIssuer issuer: String) throws(AdministrationError) -> String {
        try checking("issuer") { () throws(DirectoryError) in try HostName.checked(WebURL(issuer).host) }
    }
}

/// The signing keys of a tenant that is to be made: one of each algorithm. Making them takes a tenth of a second of
/// CPU, so it is done before the transaction and off the cooperative pool.
struct TenantKeys: Sendable {
    let keys: [SigningKey]

    static func generate() async throws -> TenantKeys {
        try await NIOThreadPool.singleton.runIfActive {
            TenantKeys(keys: try SignatureAlgorithm.allCases.map(SigningKey.generate))
        }
    }
}

extension Administration {
    /// Makes a tenant with its signing keys.
    /// - Throws: ``AdministrationError``, also when there is a tenant with this code, issuer or host.
    package func createTenant(_ draft: TenantDraft, now: Date) async throws -> Tenant {
        let draft = try await hashingInitialPassword(of: draft)
        _ = try draft.tenant(replacing: nil, policy: policy, key: keys.sealing, now: now)
        let keys = try await TenantKeys.generate()
        return try await act(now: now) { try $0.create(draft, keys: keys) }
    }

    /// Changes what the draft says otherwise.
    /// - Returns: The tenant as it is now, and the names of the changed fields.
    /// - Throws: ``AdministrationError``, also when there is no tenant with this code.
    package func changeTenant(_ draft: TenantDraft, now: Date) async throws -> (tenant: Tenant, fields: [String]) {
        let draft = try await hashingInitialPassword(of: draft)
        return try await act(now: now) { act in try act.change(try act.tenant(draft.code), by: draft) }
    }

    /// The draft with a hash in the place of the initial password it brings: nothing is hashed in a transaction, and
    /// nobody needs the text again. The hash that the tenant has stays if it is of the same password.
    func hashingInitialPassword(of draft: TenantDraft) async throws -> TenantDraft {
        let key = SettingDefinition.initialPassword
        guard let text = draft.settings[key], text != TenantDraft.removal else { return draft }
        let (policy, keys) = (policy, keys)
        let (next, current) = try await database.read { db in
            let old = try db.tenants.coded(draft.code)
            let current = try old.map { try policy.of($0, keys.sealing).initialPassword }
            return (try draft.policy(replacing: old, policy, keys.sealing), current ?? nil)
        }
        let common = try commonPasswords()
        let broken = next.identity.password
            .violations(of: Password(text), for: Username(stored: ""), common: common, isReused: false)
        if let violation = broken.first { throw AdministrationError("settings.password.initial", violation) }
        var draft = draft
        if let old = current, try await passwords.matches(Password(text).bytes, anyOf: [old]) {
            draft.settings[key] = old
        } else {
            draft.settings[key] = try await passwords.hash(Password(text).bytes)
        }
        return draft
    }

    /// All tenants by code; their secret settings stay sealed.
    package func tenants() async throws -> [Tenant] {
        try await database.read { try $0.tenants.all() }
    }
}

extension AdministrativeAct {
    func create(_ draft: TenantDraft, keys made: TenantKeys) throws -> Tenant {
        let tenant = try draft.tenant(replacing: nil, policy: policy, key: keys.sealing, now: now)
        guard try db.tenants.coded(tenant.code) == nil else {
            throw AdministrationError(.conflict, "code", "another tenant has this code")
        }
        try checkHosts(of: tenant)
        try db.tenants.insert(tenant)
        for key in made.keys {
            let id = JWK.thumbprint(of: key.verificationKey.components)
            try db.signingKeys(keys.sealing).insert(id: id, key, in: tenant.id, now: now)
        }
        try note(.tenant(.created(code: tenant.code)), in: tenant)
        return tenant
    }

    /// Changes what the draft says otherwise.
    /// - Returns: The tenant as it is now, and the names of the changed fields.
    func change(_ old: Tenant, by draft: TenantDraft) throws -> (tenant: Tenant, fields: [String]) {
        let tenant = try draft.tenant(replacing: old, policy: policy, key: keys.sealing, now: now)
        let changes = Self.changes(from: old, to: tenant)
        let settings = Self.settingChanges(from: old.settings, to: tenant.settings)
        guard !changes.isEmpty || !settings.isEmpty else { return (old, []) }
        try checkHosts(of: tenant)
        try db.tenants.update(tenant)
        if !changes.isEmpty { try note(.tenant(.changed(changes: changes)), in: tenant) }
        if !settings.isEmpty { try note(.tenant(.settingsApplied(changes: settings)), in: tenant) }
        return (tenant, changes.map(\.field) + settings.map { "settings." + $0.field })
    }

    /// The constraints would refuse these too; asking first lets the refusal name the field.
    private func checkHosts(of tenant: Tenant) throws {
        for other in try db.tenants.all() where other.id != tenant.id {
            guard other.issuer != tenant.issuer else {
                throw AdministrationError(.conflict, "issuer", "another tenant has this issuer")
            }
            guard Set(other.hosts).isDisjoint(with: tenant.hosts) else {
                throw AdministrationError(.conflict, "hosts", "another tenant answers at one of these hosts")
            }
        }
    }

    private static func changes(from old: Tenant, to new: Tenant) -> [Change] {
        [
            Change("name", before: old.name, after: new.name),
            Change("issuer", before: old.issuer, after: new.issuer),
            Change("hosts", before: old.hosts.joined(separator: " "), after: new.hosts.joined(separator: " ")),
        ].filter { $0.before != $0.after }
    }

    private static func settingChanges(from old: [String: String], to new: [String: String]) -> [Change] {
        Set(old.keys).union(new.keys).sorted().compactMap { key in
            guard old[key] != new[key] else { return nil }
            let isSecret = SettingDefinition.named(key)?.isSecret ?? true
            return isSecret ? Change(concealed: key) : Change(key, before: old[key], after: new[key])
        }
    }
}
