import Cryptography
import Directory
import FoundationEssentials
import Storage

/// One check of a claimed domain: looks for the proof, decides, and writes the result with its event.
struct DomainVerification: Sendable {
    let database: any Database
    let probe: DomainProbe

    /// What a check came to.
    struct Result: Sendable {
        let domain: ClaimedDomain
        /// nil when nothing is new.
        let event: DomainEvent?
        /// The tenant's code.
        let tenant: String
    }

    /// Checks a domain. Nothing is written while web and name servers are asked.
    /// - Returns: nil when the claim was withdrawn in the meantime.
    /// - Parameter admit: Whether whoever asked still may, in the transaction that writes.
    func check(
        _ domain: ClaimedDomain, by administrator: Administrator, now: Date,
        admit: @escaping @Sendable (any Connection) throws -> Void = { _ in }
    ) async throws -> Result? {
        let failure = try await probe.failure(of: domain)
        do {
            return try await record(failure, of: domain, by: administrator, now: now, admit)
        } catch DatabaseError.uniqueViolation(constraint: "domains(name)") {
            return try await record(.verifiedElsewhere, of: domain, by: administrator, now: now, admit)
        }
    }

    private func record(
        _ failure: DomainFailure?, of domain: ClaimedDomain, by administrator: Administrator, now: Date,
        _ admit: @escaping @Sendable (any Connection) throws -> Void
    ) async throws -> Result? {
        try await database.write { db in
            try admit(db)
            // Two checks of one domain at a time would both find that it is newly verified.
            try db.lock(["domain \(domain.tenantID) \(domain.name.text)"])
            guard let tenant = try db.tenants.identified(domain.tenantID),
                let stored = try db.domains.claim(domain.name, of: domain.tenantID), stored.token == domain.token
            else { return nil }
            let checked = stored.checked(failure, now: now)
            guard try db.domains.record(checked) else { return nil }
            let event = checked.event(since: stored)
            if let event { try db.note(event, by: administrator, in: tenant, now: now) }
            return Result(domain: checked, event: event, tenant: tenant.code)
        }
    }
}

extension Connection {
    fileprivate func note(
        _ event: DomainEvent, by administrator: Administrator, in tenant: Tenant, now: Date
    ) throws {
        var random = SecureRandom()
        try events.insert(
            EventRecord(
                id: EventRecord.identifier(at: Date(), using: &random), tenantID: tenant.id,
                actor: administrator.actor, address: administrator.address, requestID: administrator.requestID,
                event: .tenant(.domain(event)), now: now))
    }
}
