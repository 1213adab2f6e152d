/// What can be told to an application about a user. The list is closed: nothing else ever leaves.
package enum UserAttribute: String, Equatable, Sendable, CaseIterable {
    case id, username, name, email
    /// E.164, as OpenID Connect Core §5.1 recommends for `phone_number`.
    case phone
    case employeeID
    /// The names of the user's groups.
    case groups
    /// The tenant's code.
    case tenant

    /// The attribute's value; nil when the user has none.
    /// - Parameter groups: Groups of the tenant; only those that the user is a member of count.
    package func value(of user: User, groups: [Group], tenant: Tenant) -> AttributeValue? {
        switch self {
        case .id: .text(user.id)
        case .username: .text(user.username.text)
        case .name: .text(user.profile.name)
        case .email: user.profile.email.map { .text($0.text) }
        case .phone: user.profile.phone.map { .text($0.e164) }
        case .employeeID: user.profile.employeeID.map { .text($0) }
        case .groups: .list(groups.filter { user.groupIDs.contains($0.id) }.map(\.name).sorted())
        case .tenant: .text(tenant.code)
        }
    }
}

/// One released value: a text, or several for an attribute that can occur more than once.
package enum AttributeValue: Equatable, Sendable {
    case text(String)
    case list([String])
}
