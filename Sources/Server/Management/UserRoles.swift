import Directory
import Storage

extension AdministrativeAct {
    /// Gives a user these roles and no others.
    /// - Parameter names: nil to leave the roles as they are.
    /// - Returns: What the audit log tells; nil when nothing has changed.
    func setRoles(_ names: [String]?, of user: User) throws -> Change? {
        guard let names else { return nil }
        let before = try db.userRoles.ofUser(user.id)
        let after = try Self.roles(names)
        for role in before.subtracting(after) { try db.userRoles.remove(role, ofUser: user.id) }
        for role in after.subtracting(before) { try db.userRoles.put(role, ofUser: user.id) }
        guard before != after else { return nil }
        return Change("roles", before: before.text, after: after.text)
    }

    private static func roles(_ names: [String]) throws(AdministrationError) -> Set<Role> {
        var roles: Set<Role> = []
        for (index, name) in names.enumerated() {
            guard let role = Role(rawValue: name) else {
                throw AdministrationError(.invalid, .init("roles", index), "the only role is administrator")
            }
            roles.insert(role)
        }
        return roles
    }
}

extension Set<Role> {
    /// The names, sorted.
    var names: [String] { map(\.rawValue).sorted() }

    /// The names in one text, for the audit log.
    fileprivate var text: String { names.joined(separator: ", ") }
}
