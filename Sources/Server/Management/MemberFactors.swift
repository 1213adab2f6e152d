import Directory
package import FoundationEssentials
package import Identity
import Storage

extension Administration {
    /// What a user can show besides a password.
    package func factors(of username: String, in tenantCode: String) async throws -> SecondFactors {
        let keys = keys
        return try await database.read { db in
            guard let tenant = try db.tenants.coded(tenantCode) else { throw AdministrationError.noTenant }
            guard let name = try? Username(username),
                let user = try db.users(keys.sealing).named(name, in: tenant.id)
            else { throw AdministrationError.noUser }
            return try db.secondFactors(ofUser: user.id)
        }
    }

    /// Takes every second factor, the recovery codes and the passkeys from a user who has lost the device. All sessions
    /// end, and the person is told.
    /// - Returns: What there was; nothing is done for somebody who has none.
    package func removeFactors(of username: String, in tenantCode: String, now: Date) async throws -> SecondFactors {
        try await removeFactors(in: tenantCode, now: now) { act, tenant in
            try act.checkedOthers([act.user(username, in: tenant)])
        }
    }

    /// The same for a member by id, who is not the administrator.
    /// - Throws: ``AdministrationError``; ``ProofRefused``.
    func removeFactors(ofMember id: String, in tenantCode: String, now: Date) async throws -> SecondFactors {
        try await removeFactors(in: tenantCode, now: now) { act, tenant in try act.others([id], in: tenant) }
    }

    private func removeFactors(
        in tenantCode: String, now: Date, member: @escaping @Sendable (AdministrativeAct, Tenant) throws -> [User]
    ) async throws -> SecondFactors {
        let pages = try await messenger.pages()
        let (removed, notice) = try await provenAct(.removeFactors, now: now) { act in
            let tenant = try act.tenant(tenantCode)
            return (tenant, try member(act, tenant))
        } body: { act, plan -> (SecondFactors, SMSDelivery?) in
            let (tenant, users) = plan
            var (removed, notice) = (SecondFactors(), SMSDelivery?.none)
            for user in users { (removed, notice) = try act.removeFactors(of: user, pages, in: tenant) }
            return (removed, notice)
        }
        if let notice { _ = await messenger.post.deliver(notice) }
        return removed
    }
}

extension AdministrativeAct {
    fileprivate func removeFactors(
        of found: User, _ pages: Pages, in tenant: Tenant
    ) throws -> (SecondFactors, SMSDelivery?) {
        let user = try locked(found, in: tenant)
        let removed = try db.removeSecondFactors(ofUser: user.id, now: now)
        guard !removed.isEmpty else { return (removed, nil) }
        try endAll(of: user, cause: .factorsReset, in: tenant)
        try note(.user(.factorsReset(userID: user.id, factors: removed.kinds)), in: tenant)
        guard let phone = user.profile.phone, try mayTell(phone, .factorChanged, in: tenant) else {
            return (removed, nil)
        }
        let texts = MessageTexts(pages: pages, language: pages.standardLanguage, tenant: tenant)
        let message = texts.notice(.factorChanged, of: user, to: phone)
        return (removed, try enter(message, .factorChanged, to: phone, userID: user.id, in: tenant))
    }
}

extension SecondFactors {
    /// Those that there are.
    var kinds: [FactorKind] {
        var kinds: [FactorKind] = []
        if hasApp { kinds.append(.app) }
        if hasSMS { kinds.append(.sms) }
        if passkeys > 0 { kinds.append(.passkey) }
        return kinds
    }
}
