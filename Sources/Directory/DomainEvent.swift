import Wire

/// What the audit log tells about a tenant's domains.
package enum DomainEvent: Equatable, Sendable {
    case added(DomainName)
    /// From here on members sign in with it.
    case verified(DomainName)
    case failed(DomainName, DomainFailure)
    /// Members do not sign in with it any more.
    case removed(DomainName)
    /// It stays verified, but somebody should see whether it is still the tenant's.
    case proofMissing(DomainName, DomainFailure)

    var facts: EventFacts {
        switch self {
        case .added(let name): .init("domain.added", Self.member(name))
        case .verified(let name): .init("domain.verified", Self.member(name))
        case .failed(let name, let failure): Self.facts("domain.failed", name, failure)
        case .removed(let name): .init("domain.removed", Self.member(name))
        case .proofMissing(let name, let failure): Self.facts("domain.proof_missing", name, failure)
        }
    }

    private static func facts(_ event: String, _ name: DomainName, _ failure: DomainFailure) -> EventFacts {
        switch failure {
        case .unproved(let file, let record):
            .init(
                event, member(name), ("file", .string(file.rawValue)), ("cname", .string(record.rawValue)))
        case .verifiedElsewhere: .init(event, member(name), ("reason", .string(DomainFailure.elsewhere)))
        }
    }

    private static func member(_ name: DomainName) -> (String, JSON) { ("domain", .string(name.text)) }
}
