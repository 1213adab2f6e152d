import Cryptography
package import Directory
package import FoundationEssentials
import Storage

extension Administration {
    /// Claims a domain for a tenant; it is checked by itself from then on.
    /// - Returns: The claim, which says what to put where.
    /// - Throws: ``AdministrationError``, also when the tenant has the domain already. Whether another tenant has it is
    ///   not told: that is for who has proved it to know.
    package func addDomain(_ name: String, to tenantCode: String, now: Date) async throws -> ClaimedDomain {
        let name = try Self.domainName(name)
        var random = SecureRandom()
        let token = ClaimedDomain.mintToken(using: &random)
        return try await act(.manageDomains, now: now) { act in
            let tenant = try act.tenant(tenantCode)
            // Each is looked for during a week.
            guard try act.db.domains.all(of: tenant.id).count < Self.greatestCount else {
                throw AdministrationError(.conflict, "domain", "a tenant claims 100 domains at most")
            }
            let domain = ClaimedDomain(name, of: tenant.id, token: token, now: now)
            try act.db.domains.insert(domain)
            try act.note(.tenant(.domain(.added(name))), in: tenant)
            return domain
        }
    }

    /// The domains of a tenant by name.
    package func domains(of tenantCode: String, now: Date) async throws -> [ClaimedDomain] {
        try await look(.manageDomains, now: now) { act in try act.db.domains.all(of: try act.tenant(tenantCode).id) }
    }

    /// Looks for the proof of a domain right now, whenever it is due.
    /// - Parameter pause: Seconds after the beginning of a check in which it is not done again, and half of it for the
    ///   tenant's other domains: other people's servers are asked, and there are few threads for it.
    /// - Returns: The domain as it is now.
    /// - Throws: ``AdministrationError`` when the tenant has not claimed the domain, or not any more.
    package func checkDomain(
        _ name: String, of tenantCode: String, pause: TimeInterval = 0, now: Date
    ) async throws -> ClaimedDomain {
        let name = try Self.domainName(name)
        let begun = try await act(.manageDomains, now: now) { act in
            try act.beginCheck(of: name, in: try act.tenant(tenantCode), pause: pause)
        }
        guard begun.isDue else { return begun.domain }
        let verification = DomainVerification(database: database, probe: domainProbe)
        let warrant = warrant
        let result = try await verification.check(begun.domain, by: administrator, now: now) { db in
            try warrant?.admit(.manageDomains, db)
        }
        guard let result else { throw AdministrationError.noDomain }
        return result.domain
    }

    /// Takes a domain from a tenant: at once nobody signs in with it any more.
    /// - Throws: ``AdministrationError`` when the tenant has not claimed the domain.
    package func removeDomain(_ name: String, from tenantCode: String, now: Date) async throws {
        let name = try Self.domainName(name)
        try await act(.manageDomains, now: now) { act in
            let tenant = try act.tenant(tenantCode)
            guard try act.db.domains.remove(name, from: tenant.id) else { throw AdministrationError.noDomain }
            try act.note(.tenant(.domain(.removed(name))), in: tenant)
        }
    }

    private static let greatestCount = 100

    private static func domainName(_ text: String) throws(AdministrationError) -> DomainName {
        try checking("domain") { () throws(DirectoryError) in try DomainName(text) }
    }
}

extension AdministrativeAct {
    /// A domain that was asked about, and whether it is to be looked for now.
    fileprivate struct BegunCheck: Sendable {
        let domain: ClaimedDomain
        let isDue: Bool
    }

    /// Notes that a domain is looked for from now on, unless it, or another of the tenant's, was a moment ago.
    fileprivate func beginCheck(of name: DomainName, in tenant: Tenant, pause: TimeInterval) throws -> BegunCheck {
        let domains = try db.domains.all(of: tenant.id)
        guard let domain = domains.first(where: { $0.name == name }) else { throw AdministrationError.noDomain }
        let isRecent = domains.contains { other in
            other.checkedAt.map { now < $0 + (other.name == name ? pause : pause / 2) } ?? false
        }
        if !isRecent { try db.domains.beginCheck(of: domain, now: now) }
        return BegunCheck(domain: domain, isDue: !isRecent)
    }
}

extension AdministrationError {
    fileprivate static let noDomain = AdministrationError(
        .notFound, "domain", "the tenant has not claimed this domain")
}
