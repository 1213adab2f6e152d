/// Who may open an application.
package enum AccessRule: Equatable, Sendable {
    /// Every user of the tenant.
    case everyone
    /// These users, and the members of these groups; by id.
    case selected(users: Set<String>, groups: Set<String>)

    /// Decides for one person; their own naming is the stronger explanation than a group's.
    package func decide(userID: String, groupIDs: Set<String>) -> AccessDecision {
        switch self {
        case .everyone: return .everyone
        case .selected(let users, let groups):
            if users.contains(userID) { return .named }
            let shared = groups.intersection(groupIDs)
            return shared.isEmpty ? .notSelected : .member(groupIDs: shared)
        }
    }
}

/// Whether a person may open an application, and why.
package enum AccessDecision: Equatable, Sendable {
    /// Allowed: the application is open to everyone in the tenant.
    case everyone
    /// Allowed: the rule names this user.
    case named
    /// Allowed: the rule names these groups of which the user is a member.
    case member(groupIDs: Set<String>)
    /// Refused: neither the user nor one of their groups is named.
    case notSelected
    /// Refused: the user is disabled.
    case userDisabled
    /// Refused: the application is disabled.
    case applicationDisabled
    /// Refused: user and application belong to different tenants. To be shown as if the application did not exist.
    case otherTenant

    /// Whether the person may enter.
    package var isAllowed: Bool {
        switch self {
        case .everyone, .named, .member: true
        case .notSelected, .userDisabled, .applicationDisabled, .otherTenant: false
        }
    }

    /// Stable name for logs and message catalogues.
    package var key: String {
        switch self {
        case .everyone: "everyone"
        case .named: "named"
        case .member: "member"
        case .notSelected: "not_selected"
        case .userDisabled: "user_disabled"
        case .applicationDisabled: "application_disabled"
        case .otherTenant: "other_tenant"
        }
    }
}
