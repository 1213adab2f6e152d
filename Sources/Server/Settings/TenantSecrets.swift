package import Cryptography
package import Directory

/// The settings of a tenant that are secret: sealed where they are stored, in the clear only where they are used.
struct TenantSecrets {
    let key: SealingKey
    let tenantID: String

    /// The texts with every secret opened.
    /// - Throws: ``SettingRefusal`` for a secret that another key sealed.
    func opened(_ texts: [String: String]) throws(SettingRefusal) -> [String: String] {
        var opened = texts
        for (name, text) in texts where Self.isSecret(name) {
            guard let bytes = try? key.open(text, context: context(name)) else {
                throw SettingRefusal(name, "cannot be opened with this installation's key")
            }
            opened[name] = String(decoding: bytes, as: UTF8.self)
        }
        return opened
    }

    /// The texts as they are stored. A secret that has not changed keeps its sealed form, so that applying the same
    /// document again changes nothing.
    /// - Parameter old: As stored before.
    func sealed(_ texts: [String: String], replacing old: [String: String]) throws(SettingRefusal) -> [String: String] {
        let before = try opened(old)
        var sealed = texts
        for (name, text) in texts where Self.isSecret(name) {
            sealed[name] = before[name] == text ? old[name] : key.seal(Array(text.utf8), context: context(name))
        }
        return sealed
    }

    static func isSecret(_ name: String) -> Bool { SettingDefinition.named(name)?.isSecret == true }

    private func context(_ name: String) -> String { "setting/\(tenantID)/\(name)" }
}

extension TenantPolicy {
    /// What holds for a tenant: this policy with its settings.
    /// - Parameter tenant: As stored.
    package func of(_ tenant: Tenant, _ key: SealingKey) throws(SettingRefusal) -> TenantPolicy {
        try overridden(by: try TenantSecrets(key: key, tenantID: tenant.id).opened(tenant.settings))
    }
}
