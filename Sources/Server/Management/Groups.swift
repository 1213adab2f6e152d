package import Directory
package import FoundationEssentials
import Storage

extension AdministrativeAct {
    /// The ids of groups by name.
    /// - Throws: For a name that no group of the tenant has: a misspelt group would silently let nobody in.
    func groupIDs(_ names: [String], in tenant: Tenant) throws -> Set<String> {
        var ids: Set<String> = []
        for (index, name) in names.enumerated() {
            let checked = try checking(.init("groups", index)) { () throws(DirectoryError) in
                try DisplayName.checked(name)
            }
            guard let group = try db.groups.named(checked, in: tenant.id) else {
                throw AdministrationError(.notFound, "groups", "the tenant has no group with one of these names")
            }
            ids.insert(group.id)
        }
        return ids
    }

    /// Makes a group unless there is one with this name.
    /// - Returns: Whether it was made.
    func ensureGroup(_ name: String, in tenant: Tenant) throws -> Bool {
        let checked = try checking("groups") { () throws(DirectoryError) in try DisplayName.checked(name) }
        guard try db.groups.named(checked, in: tenant.id) == nil else { return false }
        let group = Group(id: Self.identifier(), tenantID: tenant.id, name: checked)
        try db.groups.insert(group)
        try note(.user(.groupCreated(groupID: group.id, name: group.name)), in: tenant)
        return true
    }
}

extension Administration {
    /// Makes a group unless there is one with this name.
    /// - Returns: Whether it was made.
    package func addGroup(_ name: String, to tenantCode: String, now: Date) async throws -> Bool {
        try await act(now: now) { act in try act.ensureGroup(name, in: try act.tenant(tenantCode)) }
    }

    /// The groups of a tenant by name.
    package func groups(of tenantCode: String) async throws -> [Group] {
        try await database.read { db in
            guard let tenant = try db.tenants.coded(tenantCode) else { throw AdministrationError.noTenant }
            return try db.groups.all(in: tenant.id)
        }
    }
}
