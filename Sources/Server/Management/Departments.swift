package import Directory
package import FoundationEssentials
import Storage

/// What an administrator says about a department. What is nil is left as it is.
package struct DepartmentDraft: Equatable, Sendable {
    package var code: String
    /// A new department without one is shown by its code.
    package var name: String?
    package var parent: Place?
    package var invites: Bool?

    /// Where a department stands.
    package enum Place: Equatable, Sendable {
        case top
        /// Below the department with this code.
        case below(String)
    }

    package init(code: String, name: String? = nil, parent: Place? = nil, invites: Bool? = nil) {
        self.code = code
        self.name = name
        self.parent = parent
        self.invites = invites
    }
}

/// A department as a list shows it.
package struct ListedDepartment: Equatable, Sendable {
    package let department: Department
    /// Code of the department above; nil at the top.
    package let parent: String?
    package let memberCount: Int
}

extension Administration {
    /// Adds a department.
    /// - Throws: ``AdministrationError``, also for a code that the tenant has already.
    package func addDepartment(
        _ draft: DepartmentDraft, to tenantCode: String, now: Date
    ) async throws -> Department {
        try await act(now: now) { act in try act.create(draft, in: try act.tenant(tenantCode)) }
    }

    /// The departments of a tenant by code.
    package func departments(of tenantCode: String) async throws -> [ListedDepartment] {
        try await database.read { db in
            guard let tenant = try db.tenants.coded(tenantCode) else { throw AdministrationError.noTenant }
            let all = try db.departments.all(in: tenant.id)
            let codes = Dictionary(all.map { ($0.id, $0.code) }) { first, _ in first }
            return try all.map { department in
                ListedDepartment(
                    department: department, parent: department.parentID.flatMap { codes[$0] },
                    memberCount: try db.departments.memberCount(department.id))
            }
        }
    }

    /// Changes what the draft says otherwise.
    /// - Returns: The names of the changed fields.
    package func changeDepartment(
        _ draft: DepartmentDraft, of tenantCode: String, now: Date
    ) async throws -> [String] {
        try await act(now: now) { act in
            let tenant = try act.tenant(tenantCode)
            return try act.change(try act.department(draft.code, in: tenant), by: draft, in: tenant)
        }
    }

    /// Removes a department that nobody is in and that has none below it, with its invitations.
    package func removeDepartment(_ code: String, of tenantCode: String, now: Date) async throws {
        try await act(now: now) { act in
            let tenant = try act.tenant(tenantCode)
            let department = try act.department(code, in: tenant)
            guard try act.db.departments.memberCount(department.id) == 0 else {
                throw AdministrationError(.conflict, "department", "a department with members is not removed")
            }
            guard try !act.db.departments.all(in: tenant.id).contains(where: { $0.parentID == department.id }) else {
                throw AdministrationError(.conflict, "department", "a department with others below is not removed")
            }
            try act.db.departments.remove(department.id)
            try act.note(.tenant(.department(.removed(code: department.code))), in: tenant)
        }
    }
}

extension AdministrativeAct {
    /// The department with this code.
    func department(_ code: String, in tenant: Tenant) throws -> Department {
        guard let department = try db.departments.coded(code, in: tenant.id) else {
            throw AdministrationError(.notFound, "department", "the tenant has no department with this code")
        }
        return department
    }

    func create(_ draft: DepartmentDraft, in tenant: Tenant) throws -> Department {
        let code = try checking("department") { () throws(DirectoryError) in try Slug.checked(draft.code) }
        guard try db.departments.coded(code, in: tenant.id) == nil else {
            throw AdministrationError(.conflict, "department", "the tenant has a department with this code")
        }
        let name = try checking("name") { () throws(DirectoryError) in try DisplayName.checked(draft.name ?? code) }
        let department = Department(
            id: Self.identifier(), tenantID: tenant.id, parentID: try parent(draft.parent ?? .top, in: tenant),
            code: code, name: name, invites: draft.invites ?? false, createdAt: now)
        try checkPlace(of: department, in: tenant)
        try db.departments.insert(department)
        try note(.tenant(.department(.added(code: code, name: name))), in: tenant)
        if department.invites { try note(switched(department), in: tenant) }
        return department
    }

    /// Changes what the draft says otherwise.
    /// - Returns: The names of the changed fields.
    func change(_ old: Department, by draft: DepartmentDraft, in tenant: Tenant) throws -> [String] {
        var department = old
        if let name = draft.name {
            department.name = try checking("name") { () throws(DirectoryError) in try DisplayName.checked(name) }
        }
        if let parent = draft.parent { department.parentID = try self.parent(parent, in: tenant) }
        department.invites = draft.invites ?? old.invites
        let changes = try changes(from: old, to: department, in: tenant)
        guard !changes.isEmpty else { return [] }
        try checkPlace(of: department, in: tenant)
        try db.departments.update(department)
        try note(.tenant(.department(.changed(code: department.code, changes: changes))), in: tenant)
        return changes.map(\.field)
    }

    /// Puts a user into these departments and no others.
    /// - Parameter codes: The primary one first; nil to leave them as they are.
    /// - Returns: What the audit log tells; nil when nothing has changed.
    func setDepartments(_ codes: [String]?, of user: User, in tenant: Tenant) throws -> Change? {
        guard let codes else { return nil }
        var seen: Set<String> = []
        let after = try codes.filter { seen.insert($0).inserted }.map { try department($0, in: tenant) }
        let before = try db.departments.ofUser(user.id)
        guard before.map(\.id) != after.map(\.id) else { return nil }
        try db.departments.set(after.map(\.id), ofUser: user.id)
        let text = { (departments: [Department]) in departments.map(\.code).joined(separator: ", ") }
        return Change("departments", before: text(before), after: text(after))
    }

    private func parent(_ place: DepartmentDraft.Place, in tenant: Tenant) throws -> String? {
        guard case .below(let code) = place else { return nil }
        guard let parent = try db.departments.coded(code, in: tenant.id) else {
            throw AdministrationError(.notFound, "parent", "the tenant has no department with this code")
        }
        return parent.id
    }

    private func checkPlace(of department: Department, in tenant: Tenant) throws {
        let all = try db.departments.all(in: tenant.id)
        guard Department.mayStand(department.id, below: department.parentID, among: all) else {
            throw AdministrationError(
                .conflict, "parent", "a department stands below itself, or the tree becomes deeper than 20 levels")
        }
    }

    private func changes(from old: Department, to new: Department, in tenant: Tenant) throws -> [Change] {
        var changes: [Change] = []
        if old.name != new.name { changes.append(Change("name", before: old.name, after: new.name)) }
        if old.parentID != new.parentID {
            let code = { (id: String?) in try id.flatMap { try db.departments.identified($0, in: tenant.id) }?.code }
            changes.append(Change("parent", before: try code(old.parentID), after: try code(new.parentID)))
        }
        if old.invites != new.invites { changes.append(Self.switching(from: old.invites, to: new.invites)) }
        return changes
    }

    private func switched(_ department: Department) -> Event {
        .tenant(
            .department(
                .changed(code: department.code, changes: [Self.switching(from: false, to: department.invites)])))
    }

    private static func switching(from old: Bool, to new: Bool) -> Change {
        Change("invites", before: old ? "on" : "off", after: new ? "on" : "off")
    }
}
