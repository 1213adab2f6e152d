import Wire

/// What the audit log tells about a tenant as a whole.
package enum TenantEvent: Equatable, Sendable {
    case created(code: String)
    case changed(changes: [Change])
    /// Settings were applied; a setting that holds a secret is a concealed change.
    case settingsApplied(changes: [Change])
    /// The month's messages passed a mark of the quota; both figures as the vendor bills messages.
    case smsQuotaPassed(SMSQuotaMark, used: Int, limit: Int)
    case domain(DomainEvent)
    case department(DepartmentEvent)
    case invitation(InvitationEvent)

    var facts: EventFacts {
        switch self {
        case .created(let code): .init("tenant.created", ("code", .string(code)))
        case .changed(let changes): .init("tenant.changed", ("changes", .array(changes.map(\.json))))
        case .settingsApplied(let changes):
            .init("tenant.settings_applied", ("changes", .array(changes.map(\.json))))
        case .smsQuotaPassed(let mark, let used, let limit):
            .init(
                "sms.quota_passed", ("mark", .string(mark.rawValue)), ("used", .integer(Int64(used))),
                ("limit", .integer(Int64(limit))))
        case .domain(let event): event.facts
        case .department(let event): event.facts
        case .invitation(let event): event.facts
        }
    }
}

/// What an administrator is to hear about a month's quota of messages.
package enum SMSQuotaMark: String, Equatable, Sendable, CaseIterable {
    /// Four fifths are used.
    case nearlyUsed = "nearly_used"
    case used
}
