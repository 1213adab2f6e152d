import Wire

/// What the audit log tells about a tenant as a whole.
package enum TenantEvent: Equatable, Sendable {
    case created(code: String)
    case changed(changes: [Change])
    /// Settings were applied; a setting that holds a secret is a concealed change.
    case settingsApplied(changes: [Change])

    var facts: EventFacts {
        switch self {
        case .created(let code): .init("tenant.created", ("code", .string(code)))
        case .changed(let changes): .init("tenant.changed", ("changes", .array(changes.map(\.json))))
        case .settingsApplied(let changes):
            .init("tenant.settings_applied", ("changes", .array(changes.map(\.json))))
        }
    }
}
