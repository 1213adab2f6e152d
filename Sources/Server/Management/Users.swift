package import Directory
package import FoundationEssentials
import Identity
import Storage

/// A user beside the names of its groups, as a list shows it.
package struct ListedUser: Equatable, Sendable {
    package let user: User
    /// Sorted.
    package let groups: [String]
    /// Sorted.
    package let roles: [String]
    /// Codes, the primary one first.
    package let departments: [String]
    /// Whether the user has a password; one without can enter only by SMS code.
    package let hasPassword: Bool
}

extension Administration {
    /// Adds a user.
    /// - Throws: ``AdministrationError``, also when username, phone or e-mail belong to somebody else.
    package func addUser(_ draft: UserDraft, to tenantCode: String, now: Date) async throws -> User {
        let policy = try await tenantPolicy(of: tenantCode)
        let username = try draft.checkedUsername()
        try draft.credential?.check(for: username, policy: policy.identity.password, common: commonPasswords)
        var hash: String?
        if let credential = draft.credential { hash = try await passwords.hash(of: credential) }
        return try await act(now: now) { [hash] act in
            let tenant = try act.tenant(tenantCode)
            let user = try act.create(draft, in: tenant)
            if let hash { try act.setFirstPassword(hash, of: user, by: draft, in: tenant) }
            return user
        }
    }

    /// The users of a tenant by username.
    package func users(of tenantCode: String) async throws -> [ListedUser] {
        let keys = keys
        return try await database.read { db in
            guard let tenant = try db.tenants.coded(tenantCode) else { throw AdministrationError.noTenant }
            var users: [ListedUser] = []
            while true {
                let page = try db.users(keys.sealing)
                    .page(in: tenant.id, after: users.last?.user.username.key ?? "", limit: 500)
                for user in page { users.append(try db.listed(user)) }
                if page.count < 500 { return users }
            }
        }
    }

    /// One user of a tenant.
    package func user(_ username: String, of tenantCode: String) async throws -> ListedUser {
        let keys = keys
        return try await database.read { db in
            guard let tenant = try db.tenants.coded(tenantCode) else { throw AdministrationError.noTenant }
            guard let name = try? Username(username),
                let user = try db.users(keys.sealing).named(name, in: tenant.id)
            else { throw AdministrationError.noUser }
            return try db.listed(user)
        }
    }

    /// Changes what the draft says otherwise; its credential is not looked at.
    ///
    /// A new phone loses what hung on the old one: codes under way are void, and whoever has the old phone is told.
    /// - Returns: The names of the changed fields.
    package func changeUser(_ draft: UserDraft, of tenantCode: String, now: Date) async throws -> [String] {
        let pages = draft.phone == nil ? nil : try await messenger.pages()
        let (fields, notice) = try await act(now: now) { act in
            let tenant = try act.tenant(tenantCode)
            let user = try act.user(draft.username, in: tenant)
            let fields = try act.change(user, by: draft, in: tenant)
            guard fields.contains("phone"), let pages else { return (fields, SMSDelivery?.none) }
            return (fields, try act.tellOldPhone(of: user, pages, in: tenant))
        }
        if let notice { _ = await messenger.post.deliver(notice) }
        return fields
    }

    /// Disables a user and ends at once every session and grant.
    /// - Returns: Whether the user was enabled before.
    package func disableUser(_ username: String, of tenantCode: String, now: Date) async throws -> Bool {
        try await act(now: now) { act in
            let tenant = try act.tenant(tenantCode)
            return try act.disable(try act.user(username, in: tenant), in: tenant)
        }
    }

    /// Lets a disabled user in again. What was ended stays ended.
    /// - Returns: Whether the user was disabled before.
    package func enableUser(_ username: String, of tenantCode: String, now: Date) async throws -> Bool {
        try await act(now: now) { act in
            let tenant = try act.tenant(tenantCode)
            let user = try act.user(username, in: tenant)
            guard !user.isEnabled else { return false }
            try act.endAll(of: user, in: tenant)
            try act.users.setDisabled(nil, user.id)
            try act.note(.user(.enabled(userID: user.id)), in: tenant)
            return true
        }
    }

    /// Ends a freeze, and forgets the wrong attempts that led to it.
    /// - Returns: Whether any were counted.
    package func unfreezeUser(_ username: String, of tenantCode: String, now: Date) async throws -> Bool {
        try await act(now: now) { act in
            let tenant = try act.tenant(tenantCode)
            return try act.unfreeze(try act.user(username, in: tenant), in: tenant)
        }
    }

    /// Deletes a user with everything that is theirs. The logs keep what they tell; the id never comes back.
    package func deleteUser(_ username: String, of tenantCode: String, now: Date) async throws {
        try await act(now: now) { act in
            let tenant = try act.tenant(tenantCode)
            let user = try act.user(username, in: tenant)
            try act.users.setDisabled(now, user.id)
            try act.endAll(of: user, cause: .userDeleted, in: tenant)
            try act.db.deletedUsers.insert(user.id, in: tenant.id, now: now)
            try act.db.throttles.clear(Throttle.key(ofUser: user.id))
            try act.users.delete(user.id)
            try act.note(.user(.deleted(userID: user.id, username: user.username.text)), in: tenant)
        }
    }

    /// The installation's policy with the tenant's settings.
    func tenantPolicy(of tenantCode: String) async throws -> TenantPolicy {
        let (policy, keys) = (policy, keys)
        return try await database.read { db in
            guard let tenant = try db.tenants.coded(tenantCode) else { throw AdministrationError.noTenant }
            return try policy.of(tenant, keys.sealing)
        }
    }
}

extension AdministrativeAct {
    func user(_ username: String, in tenant: Tenant) throws -> User {
        guard let name = try? Username(username), let user = try users.named(name, in: tenant.id) else {
            throw AdministrationError.noUser
        }
        return user
    }

    /// - Parameter givesPassword: Whether the tenant's initial password is given to who has none.
    func create(_ draft: UserDraft, in tenant: Tenant, givesPassword: Bool = true) throws -> User {
        let user = try checkNew(draft, in: tenant)
        guard try !db.deletedUsers.contains(user.id) else { throw DatabaseError.failed("an id came twice") }
        try users.insert(user)
        try note(.user(.created(userID: user.id)), in: tenant)
        let changes = [
            try setRoles(draft.roles, of: user), try setDepartments(draft.departments, of: user, in: tenant),
        ].compactMap(\.self)
        if !changes.isEmpty { try note(.user(.changed(userID: user.id, changes: changes)), in: tenant) }
        if givesPassword, draft.credential == nil { try giveInitialPassword(to: user, in: tenant) }
        return user
    }

    /// A user as drafted, not stored yet.
    /// - Throws: What speaks against it.
    @discardableResult
    func checkNew(_ draft: UserDraft, in tenant: Tenant) throws -> User {
        let username = try draft.checkedUsername()
        guard try users.named(username, in: tenant.id) == nil else {
            throw AdministrationError(.conflict, "username", "another user has this username")
        }
        let user = User(
            id: Self.identifier(), tenantID: tenant.id, username: username, profile: try draft.profile(replacing: nil),
            groupIDs: try groupIDs(draft.groups ?? [], in: tenant), createdAt: now)
        try checkIdentifiers(of: user, replacing: nil)
        return user
    }

    /// A new member gets the tenant's initial password, if it has one; it has to be changed at the first sign-in.
    private func giveInitialPassword(to user: User, in tenant: Tenant) throws {
        let policy = try policy.of(tenant, keys.sealing)
        guard let hash = policy.initialPassword else { return }
        let credential = Credential.setting(
            hash, replacing: nil, mustChange: true, policy: policy.identity.password, now: now)
        guard try db.credentials.put(credential, ofUser: user.id) else { return }
        try note(.user(.passwordSet(userID: user.id, cause: .initial)), in: tenant)
    }

    /// Changes what the draft says otherwise; the credential is not looked at.
    /// - Returns: The names of the changed fields.
    func change(_ old: User, by draft: UserDraft, in tenant: Tenant) throws -> [String] {
        var user = old
        user.username = try draft.checkedUsername()
        user.profile = try draft.profile(replacing: old.profile)
        if let groups = draft.groups { user.groupIDs = try groupIDs(groups, in: tenant) }
        var changes = try changes(from: old, to: user, in: tenant)
        if let change = try setRoles(draft.roles, of: user) { changes.append(change) }
        if let change = try setDepartments(draft.departments, of: user, in: tenant) { changes.append(change) }
        guard !changes.isEmpty else { return [] }
        user.updatedAt = now
        try checkIdentifiers(of: user, replacing: old)
        try users.update(user)
        if user.profile.phone != old.profile.phone { try db.smsChallenges.void(ofUser: user.id) }
        try note(.user(.changed(userID: user.id, changes: changes)), in: tenant)
        return changes.map(\.field)
    }

    /// The message that tells whoever has the old phone that the account has another one now.
    func tellOldPhone(of old: User, _ pages: Pages, in tenant: Tenant) throws -> SMSDelivery? {
        guard let phone = old.profile.phone else { return nil }
        let texts = MessageTexts(pages: pages, language: old.language ?? pages.standardLanguage, tenant: tenant)
        return try enter(
            texts.notice(.phoneChanged, of: old, to: phone), .phoneChanged, to: phone, userID: old.id, in: tenant)
    }

    /// Gives a user who never had a password one. The caller has asked ``lacksPassword(_:)`` in this transaction, or
    /// has just made the user.
    func setFirstPassword(_ hash: String, of user: User, by draft: UserDraft, in tenant: Tenant) throws {
        let policy = try policy.of(tenant, keys.sealing).identity.password
        let mustChange = draft.credential?.mustChange ?? true
        let credential = Credential.setting(hash, replacing: nil, mustChange: mustChange, policy: policy, now: now)
        guard try db.credentials.put(credential, ofUser: user.id) else {
            throw AdministrationError(.conflict, "username", "the user has set a password in the meantime")
        }
        try note(.user(.passwordSet(userID: user.id, cause: .administrator)), in: tenant)
    }

    /// Whether the user never had a password. One whose password was cleared had one: only an SMS code lets that user
    /// in again, and no initial password from a file.
    func lacksPassword(_ user: User) throws -> Bool {
        try db.credentials.ofUser(user.id) == nil
    }

    /// - Returns: Whether the user was enabled before; what depends on the user is ended in either case.
    func disable(_ user: User, in tenant: Tenant) throws -> Bool {
        // First, so that a sign-in that comes at the same time waits for this and then finds the user disabled.
        if user.isEnabled { try users.setDisabled(now, user.id) }
        try endAll(of: user, in: tenant)
        guard user.isEnabled else { return false }
        try note(.user(.disabled(userID: user.id)), in: tenant)
        return true
    }

    /// Ends every session and grant of a user.
    func endAll(of user: User, cause: SessionEnd = .userDisabled, in tenant: Tenant) throws {
        for session in try db.sessions.open(ofUser: user.id) where try db.sessions.end(session.id, now: now) {
            let ended = SignInEvent.sessionEnded(userID: user.id, sessionID: session.id, cause: cause)
            try note(.signIn(ended), of: user, in: tenant)
        }
        try db.grants.revoke(ofUser: user.id, now: now)
    }

    /// The constraints would refuse these too; asking first lets the refusal name the field.
    private func checkIdentifiers(of user: User, replacing old: User?) throws {
        try checking("username") { () throws(DirectoryError) in try user.checkIdentifiers() }
        if let phone = user.profile.phone, let other = try users.withPhone(phone, in: user.tenantID),
            other.id != user.id
        {
            throw AdministrationError(.conflict, "phone", "another user has this phone number")
        }
        if let email = user.profile.email, let other = try users.withEmail(email, in: user.tenantID),
            other.id != user.id
        {
            throw AdministrationError(.conflict, "email", "another user has this e-mail address")
        }
        try checkDomainName(of: user, replacing: old)
        try checkEmployeeID(of: user, replacing: old)
    }

    /// `username@domain` is the account's name where the tenant has proved the domain: a new username must not make
    /// somebody else's e-mail address ambiguous, or that person could not sign in by it any more.
    private func checkDomainName(of user: User, replacing old: User?) throws {
        guard old?.username.key != user.username.key else { return }
        for domain in try db.domains.verifiedNames(of: user.tenantID) {
            guard let email = try? EmailAddress("\(user.username.text)@\(domain)"),
                let other = try users.withEmail(email, in: user.tenantID), other.id != user.id
            else { continue }
            throw AdministrationError(.conflict, "username", "another user signs in by this name at a proved domain")
        }
    }

    /// An employee id is a way in where the tenant says so: it must not read as somebody else's account, nor the other
    /// way round. What stays is not asked about: it may have been so before there was this rule.
    private func checkEmployeeID(of user: User, replacing old: User?) throws {
        for (field, text) in Self.identifiers(of: user) where old.map({ !Self.has($0, text) }) ?? true {
            guard let key = Profile.employeeKey(of: text),
                let other = try users.withEmployeeKey(key, in: user.tenantID), other.id != user.id
            else { continue }
            throw AdministrationError(.conflict, field, "another user has this as employee id")
        }
        guard let id = user.profile.employeeID, id != old?.profile.employeeID, let key = Profile.employeeKey(of: id)
        else { return }
        if let other = try users.withEmployeeKey(key, in: user.tenantID), other.id != user.id {
            throw AdministrationError(.conflict, "employeeID", "another user has this employee id")
        }
        let names = LoginName(id).candidates
        if let other = try users.soleMatch(names, in: user.tenantID), other.id != user.id {
            throw AdministrationError(.conflict, "employeeID", "another user signs in by this text")
        }
    }

    /// What a person types to be found, by field; a phone as it is written at home and with its country code.
    private static func identifiers(of user: User) -> [(field: AdministrationError.Field, text: String)] {
        let texts: [(AdministrationError.Field, String?)] = [
            ("username", user.username.text), ("phone", user.profile.phone?.national),
            ("phone", user.profile.phone?.e164), ("email", user.profile.email?.key),
        ]
        return texts.compactMap { field, text in text.map { (field, $0) } }
    }

    private static func has(_ user: User, _ identifier: String) -> Bool {
        identifiers(of: user).contains { $0.text == identifier }
    }

    private func changes(from old: User, to new: User, in tenant: Tenant) throws -> [Change] {
        var changes: [Change] = []
        if old.username.text != new.username.text {
            changes.append(Change("username", before: old.username.text, after: new.username.text))
        }
        if old.profile.name != new.profile.name { changes.append(Change(concealed: "name")) }
        if old.profile.phone != new.profile.phone { changes.append(Change(concealed: "phone")) }
        if old.profile.email?.text != new.profile.email?.text { changes.append(Change(concealed: "email")) }
        if old.profile.employeeID != new.profile.employeeID { changes.append(Change(concealed: "employeeID")) }
        if old.groupIDs != new.groupIDs {
            let names = Dictionary(try db.groups.all(in: tenant.id).map { ($0.id, $0.name) }) { first, _ in first }
            let text = { (ids: Set<String>) in ids.compactMap { names[$0] }.sorted().joined(separator: ", ") }
            changes.append(Change("groups", before: text(old.groupIDs), after: text(new.groupIDs)))
        }
        return changes
    }
}

extension AdministrationError {
    static let noTenant = AdministrationError(.notFound, "tenant", "there is no tenant with this code")
    static let noUser = AdministrationError(.notFound, "username", "the tenant has no user with this username")
}

extension Connection {
    fileprivate func listed(_ user: User) throws -> ListedUser {
        ListedUser(
            user: user, groups: try groups.ofUser(user.id).map(\.name).sorted(),
            roles: try userRoles.ofUser(user.id).names,
            departments: try departments.ofUser(user.id).map(\.code),
            hasPassword: try credentials.ofUser(user.id)?.hash != nil)
    }
}
