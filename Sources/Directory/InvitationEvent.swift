import Wire

/// What the audit log tells about a tenant's departments.
package enum DepartmentEvent: Equatable, Sendable {
    case added(code: String, name: String)
    case changed(code: String, changes: [Change])
    case removed(code: String)

    var facts: EventFacts {
        switch self {
        case .added(let code, let name):
            .init("department.added", ("department", .string(code)), ("name", .string(name)))
        case .changed(let code, let changes):
            .init(
                "department.changed", ("department", .string(code)), ("changes", .array(changes.map(\.json))))
        case .removed(let code): .init("department.removed", ("department", .string(code)))
        }
    }
}

/// What the audit log tells about invitations and about who came by one. Codes have no place in it.
package enum InvitationEvent: Equatable, Sendable {
    /// - limit: How many people it is for; nil for any number.
    case created(id: String, department: String, needsApproval: Bool, limit: Int?)
    case revoked(id: String)
    /// Somebody became a member by it.
    case used(id: String, userID: String)
    /// Somebody asks to become one.
    case requested(id: String, requestID: String)
    case accepted(requestID: String, userID: String)
    case declined(requestID: String)

    var facts: EventFacts {
        switch self {
        case .created(let id, let department, let needsApproval, let limit):
            .init(
                "invitation.created", ("invitation", .string(id)), ("department", .string(department)),
                ("approval", .bool(needsApproval)), ("limit", limit.map { .integer(Int64($0)) } ?? .null))
        case .revoked(let id): .init("invitation.revoked", ("invitation", .string(id)))
        case .used(let id, let user): .init("invitation.used", user: user, ("invitation", .string(id)))
        case .requested(let id, let request):
            .init("join.requested", ("invitation", .string(id)), ("request", .string(request)))
        case .accepted(let request, let user): .init("join.accepted", user: user, ("request", .string(request)))
        case .declined(let request): .init("join.declined", ("request", .string(request)))
        }
    }
}
