import Cryptography
package import Directory
package import FoundationEssentials
import Identity
import Storage

/// What an administrator says about a new invitation.
package struct InvitationDraft: Equatable, Sendable {
    /// Code of the department.
    package var department: String
    package var label: String
    package var needsApproval: Bool
    /// nil for any number of people.
    package var useLimit: Int?
    /// Seconds; nil for what the tenant's settings say.
    package var lifetime: TimeInterval?

    package init(
        department: String, label: String = "", needsApproval: Bool = false, useLimit: Int? = nil,
        lifetime: TimeInterval? = nil
    ) {
        self.department = department
        self.label = label
        self.needsApproval = needsApproval
        self.useLimit = useLimit
        self.lifetime = lifetime
    }

    /// People whom one invitation may be for.
    package static let useLimits = 1...100_000
    /// Seconds for which one may work.
    package static let lifetimes: ClosedRange<TimeInterval> = 1...31_536_000
}

/// An invitation that was just made, with what nobody can see again. Prints as `•••`.
package struct IssuedInvitation: Equatable, Sendable, Concealed {
    package let invitation: Invitation
    package let department: Department
    package let code: InvitationCode
    /// Where whoever follows it registers.
    package let link: String
}

/// An invitation as a list shows it.
package struct ListedInvitation: Equatable, Sendable {
    package let invitation: Invitation
    package let department: Department
    package let state: Invitation.State
}

/// Somebody who waits for an administrator.
package struct ListedRequest: Equatable, Sendable, Concealed {
    package let request: JoinRequest
    package let department: Department
}

/// All that is to be seen of a tenant's invitations.
struct InvitationList: Sendable {
    var departments: [Department] = []
    var invitations: [ListedInvitation] = []
    var requests: [ListedRequest] = []
}

extension Administration {
    /// Makes an invitation; in a browser with a proof.
    /// - Returns: It, with the code, which is stored in no readable form.
    /// - Throws: ``AdministrationError``, also while the department's switch is off; ``ProofRefused``.
    package func invite(_ draft: InvitationDraft, to tenantCode: String, now: Date) async throws -> IssuedInvitation {
        var random = SecureRandom()
        let code = InvitationCode.make(using: &random)
        return try await provenAct(.manageInvitations, now: now) { act in
            let tenant = try act.tenant(tenantCode)
            return (tenant, try act.invitation(draft, code, in: tenant))
        } body: { act, plan in
            let (tenant, (invitation, department)) = plan
            try act.db.invitations.insert(invitation)
            let event = InvitationEvent.created(
                id: invitation.id, department: department.code, needsApproval: invitation.needsApproval,
                limit: invitation.useLimit)
            try act.note(.tenant(.invitation(event)), in: tenant)
            return IssuedInvitation(
                invitation: invitation, department: department, code: code,
                link: "\(tenant.issuer)\(Path.join)?code=\(code.text)")
        }
    }

    /// The newest invitations of a tenant.
    package func invitations(of tenantCode: String, now: Date) async throws -> [ListedInvitation] {
        try await invitationList(of: tenantCode, now: now).invitations
    }

    /// Who waits for an answer, the oldest first.
    package func joinRequests(of tenantCode: String, now: Date) async throws -> [ListedRequest] {
        try await invitationList(of: tenantCode, now: now).requests
    }

    /// Departments, invitations and requests of a tenant.
    func invitationList(of tenantCode: String, now: Date) async throws -> InvitationList {
        try await look(.manageInvitations, now: now) { act in
            let tenant = try act.tenant(tenantCode)
            var list = InvitationList(departments: try act.db.departments.all(in: tenant.id))
            let departments = Dictionary(list.departments.map { ($0.id, $0) }) { first, _ in first }
            list.invitations = try act.db.invitations.newest(200, in: tenant.id).compactMap { invitation in
                departments[invitation.departmentID].map {
                    ListedInvitation(
                        invitation: invitation, department: $0,
                        state: invitation.state(invites: $0.invites, now: now))
                }
            }
            let requests = try act.db.joinRequests(act.keys.sealing).all(in: tenant.id, limit: 200, now: now)
            list.requests = requests.compactMap { request in
                departments[request.departmentID].map { ListedRequest(request: request, department: $0) }
            }
            return list
        }
    }

    /// Ends an invitation at once. It only takes a way in away, so a session is proof enough.
    /// - Returns: Whether it was not revoked before.
    package func revokeInvitation(_ id: String, of tenantCode: String, now: Date) async throws -> Bool {
        try await act(.manageInvitations, now: now) { act in
            let tenant = try act.tenant(tenantCode)
            guard try act.db.invitations.contains(id, in: tenant.id) else {
                throw AdministrationError(.notFound, "invitation", "the tenant has no invitation with this id")
            }
            guard try act.db.invitations.revoke(id, in: tenant.id, now: now) else { return false }
            try act.note(.tenant(.invitation(.revoked(id: id))), in: tenant)
            return true
        }
    }

    /// Lets invitations into a department work; in a browser with a proof.
    func openDepartment(_ code: String, of tenantCode: String, now: Date) async throws {
        try await provenAct(.manageInvitations, now: now) { act in
            let tenant = try act.tenant(tenantCode)
            return (tenant, try act.department(code, in: tenant))
        } body: { act, plan in
            _ = try act.change(plan.1, by: DepartmentDraft(code: code, invites: true), in: plan.0)
        }
    }

    /// Switches all invitations into a department off. It only takes a way in away, so a session is proof enough.
    func closeDepartment(_ code: String, of tenantCode: String, now: Date) async throws {
        try await act(.manageInvitations, now: now) { act in
            let tenant = try act.tenant(tenantCode)
            let draft = DepartmentDraft(code: code, invites: false)
            _ = try act.change(try act.department(code, in: tenant), by: draft, in: tenant)
        }
    }

    // MARK: - Requests

    /// One open request.
    func joinRequest(_ id: String, of tenantCode: String, now: Date) async throws -> ListedRequest {
        try await look(.manageInvitations, now: now) { act in
            let tenant = try act.tenant(tenantCode)
            let (request, department) = try act.request(id, in: tenant)
            return ListedRequest(request: request, department: department)
        }
    }

    /// Makes somebody a member who asked for it, and tells them; in a browser with a proof.
    /// - Throws: ``AdministrationError``, also when the phone has become somebody else's; ``ProofRefused``.
    package func acceptRequest(_ id: String, of tenantCode: String, now: Date) async throws -> User {
        let pages = try await messenger.pages()
        let (user, notice) = try await provenAct(.manageInvitations, now: now) { act in
            let tenant = try act.tenant(tenantCode)
            let (request, department) = try act.request(id, in: tenant)
            guard try act.users.withPhone(request.phone, in: tenant.id) == nil else {
                throw AdministrationError(.conflict, "phone", "the phone has become a member's; decline the request")
            }
            return (tenant, request, department)
        } body: { act, plan -> (User, SMSDelivery?) in
            let (tenant, request, department) = plan
            guard try act.db.joinRequests(act.keys.sealing).take(id, in: tenant.id) else {
                throw AdministrationError.noRequest
            }
            let user = try act.join(request, department, in: tenant)
            try act.note(.tenant(.invitation(.accepted(requestID: id, userID: user.id))), in: tenant)
            return (user, try act.tell(.memberAdded, request.phone, of: user, pages, in: tenant))
        }
        if let notice { _ = await messenger.post.deliver(notice) }
        return user
    }

    /// Declines somebody who asked to become a member, and tells them. The use of the invitation is not given back.
    package func declineRequest(_ id: String, of tenantCode: String, now: Date) async throws {
        let pages = try await messenger.pages()
        let notice = try await act(.manageInvitations, now: now) { act -> SMSDelivery? in
            let tenant = try act.tenant(tenantCode)
            let (request, _) = try act.request(id, in: tenant)
            guard try act.db.joinRequests(act.keys.sealing).take(id, in: tenant.id) else {
                throw AdministrationError.noRequest
            }
            try act.note(.tenant(.invitation(.declined(requestID: id))), in: tenant)
            return try act.tell(.requestDeclined, request.phone, of: nil, pages, in: tenant)
        }
        if let notice { _ = await messenger.post.deliver(notice) }
    }
}

extension AdministrativeAct {
    /// Invitations that work at a time, at most: each is a code that could be guessed.
    private static var greatestCount: Int { 500 }

    fileprivate func invitation(
        _ draft: InvitationDraft, _ code: InvitationCode, in tenant: Tenant
    ) throws -> (Invitation, Department) {
        let department = try department(draft.department, in: tenant)
        guard department.invites else {
            throw AdministrationError(
                .conflict, "department", "the department's switch is off, so that no invitation into it works")
        }
        if let limit = draft.useLimit, !InvitationDraft.useLimits.contains(limit) {
            throw AdministrationError(.invalid, "useLimit", "an invitation is for 1 to 100000 people")
        }
        let lifetime = try draft.lifetime ?? policy.of(tenant, keys.sealing).identity.invitationLifetime
        guard InvitationDraft.lifetimes.contains(lifetime) else {
            throw AdministrationError(.invalid, "lifetime", "an invitation works for a second to a year")
        }
        guard try db.invitations.countOpen(in: tenant.id, now: now) < Self.greatestCount else {
            throw AdministrationError(.conflict, "invitation", "a tenant has 500 open invitations at most")
        }
        var label = ""
        if !draft.label.isEmpty {
            label = try checking("label") { () throws(DirectoryError) in try DisplayName.checked(draft.label) }
        }
        let invitation = Invitation(
            id: Self.identifier(), tenantID: tenant.id, departmentID: department.id,
            codeIndex: code.index(keys.sealing), label: label, needsApproval: draft.needsApproval,
            useLimit: draft.useLimit, createdAt: now, expiresAt: now + lifetime)
        return (invitation, department)
    }

    fileprivate func request(_ id: String, in tenant: Tenant) throws -> (JoinRequest, Department) {
        guard let request = try db.joinRequests(keys.sealing).identified(id, in: tenant.id, now: now),
            let department = try db.departments.identified(request.departmentID, in: tenant.id)
        else { throw AdministrationError.noRequest }
        return (request, department)
    }

    /// Makes a member of somebody whose phone is proved. A username that was asked for and is somebody's by now gives way
    /// to one that is made.
    func join(_ request: JoinRequest, _ department: Department, in tenant: Tenant) throws -> User {
        var draft = UserDraft(
            username: request.username?.text ?? "", name: request.name, phone: request.phone.e164,
            departments: [department.code])
        if try request.username == nil || objection(to: draft, in: tenant) != nil {
            draft.username = try freeUsername(in: tenant).text
        }
        // The phone is proved: nobody who knows the initial password may come first.
        return try create(draft, in: tenant, givesPassword: false)
    }

    /// Why somebody could not become a member as drafted; nil when nothing speaks against it. Nothing is written.
    func objection(to draft: UserDraft, in tenant: Tenant) throws -> AdministrationError? {
        do {
            try checkNew(draft, in: tenant)
            return nil
        } catch let error as AdministrationError { return error }
    }

    /// A username that nobody has: `m` and seven characters without look-alikes, 35 bits.
    private func freeUsername(in tenant: Tenant) throws -> Username {
        var random = SecureRandom()
        let letters = Array("abcdefghjkmnpqrstuvwxyz23456789".utf8)
        while true {
            let drawn = (0..<7).map { _ in letters[Int.random(in: 0..<letters.count, using: &random)] }
            let name = Username(stored: "m" + String(decoding: drawn, as: UTF8.self))
            if try objection(to: UserDraft(username: name.text), in: tenant) == nil { return name }
        }
    }

    /// A message to somebody who came by an invitation.
    func tell(
        _ purpose: SMSPurpose, _ phone: PhoneNumber, of user: User?, _ pages: Pages, in tenant: Tenant
    ) throws -> SMSDelivery? {
        guard try mayTell(phone, purpose, in: tenant) else { return nil }
        let texts = MessageTexts(pages: pages, language: pages.standardLanguage, tenant: tenant)
        let message = user.map { texts.notice(purpose, of: $0, to: phone) } ?? texts.declined(to: phone)
        return try enter(message, purpose, to: phone, userID: user?.id, in: tenant)
    }
}

extension AdministrationError {
    static let noRequest = AdministrationError(.notFound, "request", "nobody waits under this id")
}
