package import FoundationEssentials

/// Somebody without an account may become a member of a department with its code.
package struct Invitation: Equatable, Sendable {
    package var id: String
    package var tenantID: String
    package var departmentID: String
    /// ``InvitationCode/index(_:)``.
    package var codeIndex: String
    /// What administrators tell it by; empty for none.
    package var label: String
    /// Whether an administrator accepts or declines each person.
    package var needsApproval: Bool
    /// How many people it is for; nil for any number.
    package var useLimit: Int?
    package var uses: Int
    /// Whole seconds, as all times here.
    package var createdAt: Date
    /// The first instant at which it does not work any more.
    package var expiresAt: Date
    package var revokedAt: Date?

    package init(
        id: String, tenantID: String, departmentID: String, codeIndex: String, label: String = "",
        needsApproval: Bool = false, useLimit: Int? = nil, uses: Int = 0, createdAt: Date, expiresAt: Date,
        revokedAt: Date? = nil
    ) {
        self.id = id
        self.tenantID = tenantID
        self.departmentID = departmentID
        self.codeIndex = codeIndex
        self.label = label
        self.needsApproval = needsApproval
        self.useLimit = useLimit
        self.uses = uses
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
    }

    /// Whether it works, and why not. For administrators: whoever types the code hears one sentence for all but `open`.
    package enum State: String, Equatable, Sendable, CaseIterable {
        case open, revoked, expired
        case usedUp = "used-up"
        /// The department's switch is off.
        case switchedOff = "switched-off"
    }

    /// - Parameter invites: Whether the department's switch is on.
    package func state(invites: Bool, now: Date) -> State {
        if revokedAt != nil { return .revoked }
        if now >= expiresAt { return .expired }
        if let useLimit, uses >= useLimit { return .usedUp }
        return invites ? .open : .switchedOff
    }
}

/// Somebody who used an invitation that an administrator has to agree to. Holds personal data: prints as `•••`.
package struct JoinRequest: Equatable, Sendable, Concealed {
    package var id: String
    package var tenantID: String
    package var invitationID: String
    package var departmentID: String
    /// Checked by ``DisplayName``.
    package var name: String
    /// Proved by a code.
    package var phone: PhoneNumber
    /// What the person wants to be called; nil where one is to be made.
    package var username: Username?
    package var createdAt: Date

    package init(
        id: String, tenantID: String, invitationID: String, departmentID: String, name: String, phone: PhoneNumber,
        username: Username?, createdAt: Date
    ) {
        self.id = id
        self.tenantID = tenantID
        self.invitationID = invitationID
        self.departmentID = departmentID
        self.name = name
        self.phone = phone
        self.username = username
        self.createdAt = createdAt
    }

    /// Seconds after which a request that nobody answered is forgotten, and may be made again.
    package static let lifetime: TimeInterval = 30 * 86_400
}
