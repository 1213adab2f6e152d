/// One thing that somebody may do for a tenant. The list is closed: it names what there is and nothing that may come.
package enum Permission: Hashable, Sendable, CaseIterable {
    /// See who is a member, in which state, with the phone in part.
    case readMembers
    case resetPasswords
    /// End a freeze before its time.
    case unfreeze
    /// Put another phone in the place of a member's.
    case changePhones
    /// Claim domains, have them looked for, and give them up.
    case manageDomains
    /// Take second factors and passkeys from a member who has lost the device.
    case removeFactors
    /// Invite people into departments, and accept or decline who asks to come in.
    case manageInvitations
}

/// What a user may do for the tenant beside being a member: a named set of permissions.
///
/// ```swift
/// let roles: Set<Role> = [.administrator]
/// roles.allow(.resetPasswords)   // true
/// ```
package enum Role: String, Hashable, Sendable, CaseIterable {
    /// May do everything that is done for a tenant in the browser.
    case administrator

    /// All that the role allows.
    package var permissions: Set<Permission> {
        switch self {
        case .administrator: Set(Permission.allCases)
        }
    }
}

extension Set<Role> {
    /// Whether one of the roles allows it. Nobody without a role may do anything.
    package func allow(_ permission: Permission) -> Bool {
        contains { $0.permissions.contains(permission) }
    }
}
