import Directory
import FoundationEssentials
import Server
import Storage
import TestSupport
import Wire

/// Invitations as they are used in tests: into Sales of Acme.
enum JoinPath {
    static let join = "/join"
    static let list = "/admin/invitations"
    static let new = "/admin/invitations/new"
    static let open = "/admin/invitations/open"
    static let close = "/admin/invitations/close"
    static let accept = "/admin/invitations/accept"
    static let decline = "/admin/invitations/decline"
    static let revoke = "/admin/invitations/revoke"
    static let enterprises = "/account/enterprises"
    static let elsewhere = "/account/enterprises/join"
}

/// The one sentence for an invitation that does not work.
let badInvitation = [
    "This invitation code is not right, or it does not work any more. Check it, or ask whoever invited you."
]

extension TestServer {
    static let sales = Department(
        id: "department-sales", tenantID: Samples.acme.id, code: "sales", name: "Sales", invites: true,
        createdAt: FixedClock.start)

    /// Stores an invitation into Sales, which is made if it is not there.
    @discardableResult
    func invite(
        _ text: String = "ABCD-2345", into department: Department = sales,
        _ change: @escaping @Sendable (inout Invitation) -> Void = { _ in }
    ) async throws -> Invitation {
        guard let code = InvitationCode(typed: text) else { throw Browser.Missing("a code") }
        var invitation = Invitation(
            id: "invitation-\(code.text.prefix(2).lowercased())", tenantID: department.tenantID,
            departmentID: department.id,
            codeIndex: code.index(Samples.sealingKey), createdAt: clock.now, expiresAt: clock.now + 7 * 86_400)
        change(&invitation)
        try await self.change { [invitation] db in
            if try db.departments.coded(department.code, in: department.tenantID) == nil {
                try db.departments.insert(department)
            }
            try db.invitations.insert(invitation)
        }
        return invitation
    }

    /// Turns the switch of a department.
    func turn(_ isOn: Bool, _ department: Department = sales) async throws {
        try await change { db in
            var department = department
            department.invites = isOn
            try db.departments.update(department)
        }
    }

    func invitations(of tenant: Tenant = Samples.acme) async throws -> [Invitation] {
        try await database.read { db in try db.invitations.newest(100, in: tenant.id) }
    }

    func requests(of tenant: Tenant = Samples.acme) async throws -> [JoinRequest] {
        let now = clock.now
        return try await database.read { db in
            try db.joinRequests(Samples.sealingKey).all(in: tenant.id, limit: 100, now: now)
        }
    }

    func member(with phone: String, of tenant: Tenant = Samples.acme) async throws -> User? {
        let number = PhoneNumber(stored: phone)
        return try await database.read { db in
            try db.users(Samples.sealingKey).withPhone(number, in: tenant.id)
        }
    }

    /// All users of both enterprises.
    func everybody() async throws -> Int {
        try await database.read { db in try db.row("SELECT COUNT(*) FROM users") { try $0.next() } ?? 0 }
    }
}

extension Browser {
    /// The page to join by, from a link with a code, or empty.
    func openJoin(_ code: String? = "ABCD-2345") async throws -> Visit {
        try await visit(address(JoinPath.join, code.map { [("code", $0)] } ?? []))
    }

    /// Asks for the code to a phone.
    func askToJoin(_ phone: String, on page: Visit, _ changes: Changes = [:]) async throws -> Visit {
        let filling: Changes = ["phone": phone, "name": "Grace Gold"]
        return try await submit(
            try page.form(to: JoinPath.join), filling.merging(changes) { $1 }, pressing: "send")
    }

    /// Sends the whole form.
    func join(with code: String, on page: Visit, _ changes: Changes = [:]) async throws -> Visit {
        try await submit(
            try page.form(to: JoinPath.join), ["code": code].merging(changes) { $1 }, pressing: "verify")
    }

    /// The whole way by a link, up to the answer to the last form.
    func joinByLink(
        _ phone: String, _ server: TestServer, code: String = "ABCD-2345", _ changes: Changes = [:]
    ) async throws -> Visit {
        let sent = try await askToJoin(phone, on: try await openJoin(code))
        return try await join(with: try await server.lastCode(to: "+86" + phone), on: sent, changes)
    }
}
