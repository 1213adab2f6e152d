import Directory
import FoundationEssentials
import Identity
import Storage

/// A member as an administrator sees one in a list.
struct Member: Equatable, Sendable {
    let user: User
    let roles: Set<Role>
    let isFrozen: Bool
}

/// One page of members.
struct MemberPage: Equatable, Sendable {
    let members: [Member]
    /// The id after which the next page begins; nil on the last.
    let next: String?
}

extension Administration {
    /// Members by username.
    ///
    /// People are sealed, so they are found by the whole of a username, phone, e-mail address or employee id, and by the
    /// beginning of a username.
    /// - Parameters:
    ///   - search: What was typed; nil for everybody.
    ///   - after: The id of the last member of the page before. One that is gone begins anew: a link that was good a
    ///     moment ago must not become an error.
    ///   - limit: Members at most; on the first page of a search also whoever is found by something else than the name.
    func members(
        of tenantCode: String, search: String? = nil, after: String? = nil, limit: Int, now: Date
    ) async throws -> MemberPage {
        try await look(.readMembers, now: now) { act in
            let tenant = try act.tenant(tenantCode)
            let last = try after.flatMap { try act.users.identified($0, in: tenant.id) }?.username.key
            let exact = try last == nil ? act.found(by: search, in: tenant) : []
            var named = try act.named(search, after: last ?? "", limit: limit + 1, in: tenant)
            let next = named.count > limit ? named[limit - 1].id : nil
            named = named.prefix(limit).filter { user in !exact.contains { $0.id == user.id } }
            return MemberPage(members: try act.members(exact + named, in: tenant), next: next)
        }
    }

    /// The members with these ids, in their order; those that are none are left out.
    func members(_ ids: [String], of tenantCode: String, now: Date) async throws -> [Member] {
        try await look(.readMembers, now: now) { act in
            let tenant = try act.tenant(tenantCode)
            let users = try ids.compactMap { try act.users.identified($0, in: tenant.id) }
            return try act.members(users, in: tenant)
        }
    }

    /// Ends the freezes of members: either all of them are known, or nothing is changed.
    func unfreeze(members ids: [String], in tenantCode: String, now: Date) async throws {
        try await act(.unfreeze, now: now) { act in
            let tenant = try act.tenant(tenantCode)
            for user in try act.others(ids, in: tenant) { _ = try act.unfreeze(user, in: tenant) }
        }
    }

    /// Puts another phone in the place of a member's. Codes under way are void, and whoever has the old phone is told.
    /// - Throws: ``AdministrationError``, also when the number is somebody else's; ``ProofRefused``.
    func changePhone(ofMember id: String, to number: PhoneNumber, in tenantCode: String, now: Date) async throws {
        let pages = try await messenger.pages()
        let notice = try await provenAct(.changePhones, now: now) { act in
            let tenant = try act.tenant(tenantCode)
            return (tenant, try act.others([id], in: tenant))
        } body: { act, plan -> SMSDelivery? in
            let (tenant, users) = plan
            var notice: SMSDelivery?
            for found in users {
                let user = try act.locked(found, in: tenant)
                let draft = UserDraft(username: user.username.text, phone: number.e164)
                guard try act.change(user, by: draft, in: tenant).contains("phone") else { continue }
                guard let old = user.profile.phone, try act.mayTell(old, .phoneChanged, in: tenant) else { continue }
                notice = try act.tellOldPhone(of: user, pages, in: tenant)
            }
            return notice
        }
        if let notice { _ = await messenger.post.deliver(notice) }
    }
}

extension AdministrativeAct {
    /// The members with these ids, none of them the administrator.
    ///
    /// What administrators may do to others would take away, from whoever has got hold of their session, what protects
    /// their own account: its freeze, its phone, its password.
    func others(_ ids: [String], in tenant: Tenant) throws -> [User] {
        try checkedOthers(
            ids.map { id in
                guard let user = try users.identified(id, in: tenant.id) else { throw AdministrationError.noUser }
                return user
            })
    }

    /// - Throws: ``AdministrationError/ownAccount``.
    func checkedOthers(_ users: [User]) throws -> [User] {
        guard users.allSatisfy({ administrator.actor != .user($0.id) }) else { throw AdministrationError.ownAccount }
        return users
    }

    /// A member that was read before, as stored now, with the row locked until the transaction ends: a phone that was
    /// changed a moment ago must not get what is meant for its owner.
    func locked(_ user: User, in tenant: Tenant) throws -> User {
        try users.lock(user.id)
        guard let current = try users.identified(user.id, in: tenant.id) else { throw AdministrationError.noUser }
        return current
    }

    /// - Returns: Whether any wrong attempts were counted.
    func unfreeze(_ user: User, in tenant: Tenant) throws -> Bool {
        let key = Throttle.key(ofUser: user.id)
        guard try db.throttles.locked(key, now: now) != nil else { return false }
        try db.throttles.clear(key)
        try note(.user(.unfrozen(userID: user.id)), in: tenant)
        return true
    }

    fileprivate func members(_ users: [User], in tenant: Tenant) throws -> [Member] {
        let limits = try policy.of(tenant, keys.sealing).identity.throttle
        return try users.map { user in
            let throttle = try db.throttles.peek(Throttle.key(ofUser: user.id))
            return Member(
                user: user, roles: try db.userRoles.ofUser(user.id),
                isFrozen: throttle?.isFrozen(limits, now: now) == true)
        }
    }

    /// Whoever a text names by one of the ways to name an account.
    fileprivate func found(by search: String?, in tenant: Tenant) throws -> [User] {
        guard let search else { return [] }
        let suffixes = [tenant.code] + (try db.domains.verifiedNames(of: tenant.id))
        let name = LoginName(search, accepting: Set(LoginIdentifier.allCases), at: suffixes)
        var found: [User] = []
        for candidate in name.candidates {
            guard let user = try users.matching(candidate, in: tenant.id) else { continue }
            if !found.contains(where: { $0.id == user.id }) { found.append(user) }
        }
        return found
    }

    /// Members by username, with a search those whose names begin with it.
    fileprivate func named(_ search: String?, after: String, limit: Int, in tenant: Tenant) throws -> [User] {
        guard let search else { return try users.page(in: tenant.id, after: after, limit: limit) }
        guard let start = try? Username(search) else { return [] }
        return try users.page(in: tenant.id, startingWith: start.key, after: after, limit: limit)
    }
}

extension AdministrationError {
    /// Administrators change their own account where everybody does.
    static let ownAccount = AdministrationError(.conflict, "user", "nobody does this to their own account")
}
