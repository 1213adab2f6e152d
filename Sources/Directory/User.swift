package import FoundationEssentials

/// A member of a tenant.
package struct User: Equatable, Sendable {
    /// Where a user stands. *Frozen* is no status: it is a throttle's passing state.
    package enum Status: String, Equatable, Sendable, CaseIterable {
        /// Created, never signed in.
        case pending
        case active
        /// May do nothing; every session, token and ticket has ended.
        case disabled
    }

    /// The subject of tokens: opaque, never reused, not even after deletion.
    package var id: String
    package var tenantID: String
    package var username: Username
    package var profile: Profile
    /// The groups the user is a member of.
    package var groupIDs: Set<String>
    /// Whole seconds, like every time here.
    package var createdAt: Date
    /// The last change of username, profile or groups.
    package var updatedAt: Date
    /// The first successful sign-in; nil before.
    package var activatedAt: Date?
    /// nil while the user is enabled.
    package var disabledAt: Date?

    package init(
        id: String, tenantID: String, username: Username, profile: Profile, groupIDs: Set<String> = [],
        createdAt: Date
    ) {
        self.id = id
        self.tenantID = tenantID
        self.username = username
        self.profile = profile
        self.groupIDs = groupIDs
        self.createdAt = createdAt
        updatedAt = createdAt
    }

    /// The two times in one word. Someone who is enabled again is what they were before they were disabled.
    package var status: Status {
        if disabledAt != nil { return .disabled }
        return activatedAt == nil ? .pending : .active
    }

    /// Whether the user may sign in and use what earlier sign-ins gave.
    package var isEnabled: Bool { disabledAt == nil }

    /// Checks the rules between a user's identifiers; to be called before the user is stored.
    ///
    /// Signing in accepts username, phone and e-mail in one field. Were `13800001234` the username of one person and
    /// the phone of another, what the second types would lead to the account of the first.
    /// - Throws: `usernameIsForeignPhone`.
    package func checkIdentifiers() throws(DirectoryError) {
        guard let phone = try? PhoneNumber(username.text) else { return }
        guard phone == profile.phone else { throw .usernameIsForeignPhone }
    }
}
