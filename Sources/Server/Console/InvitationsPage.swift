import Directory
import FoundationEssentials
import HTTPTypes
import HummingbirdCore
import Identity
import Wire

/// `/admin/invitations`: into which departments people are invited, by what, and who waits for an answer.
///
/// What gives a way in (a new invitation, a switch, a new member) has a page of its own that asks for a proof; what only
/// takes one away is done here.
struct InvitationsPage: Sendable {
    let environment: ServerEnvironment

    /// GET: the lists.
    func show(_ call: Call) async throws -> Response {
        guard let person = try await environment.administering(.manageInvitations, call) else {
            return try await PausedRequests(environment: environment).begin(Path.invitations, call: call)
        }
        let list = try await environment.administration(by: person, call).invitationList(
            of: call.tenant.code, now: call.now)
        var fields: PageFields = [
            "atAdministration": true, "atMembers": false, "atDomains": false, "atInvitations": true,
            "newHref": Path.newInvitation, "revokeAction": Path.revokeInvitation, "closeAction": Path.closeDepartment,
            "declineAction": Path.declineRequest,
            "hasDepartments": !list.departments.isEmpty, "hasInvitations": !list.invitations.isEmpty,
            "hasRequests": !list.requests.isEmpty, "mayInvite": list.departments.contains(where: \.invites),
            "departments": list.departments.map { Self.row($0) },
            "invitations": list.invitations.map { row($0, call) }, "requests": list.requests.map { Self.row($0) },
        ]
        fields.addPerson(person, environment, call)
        return environment.pages.render(
            "console/invitations", fields, in: environment.pages.frame(of: call, at: Path.invitations)
        ).rememberingLanguage(of: call)
    }

    /// POST: ends an invitation.
    func revoke(_ call: Call) async throws -> Response {
        try await act("invitationRevoked", call) { administration, form in
            _ = try await administration.revokeInvitation(
                try form.single("invitation") ?? "", of: call.tenant.code, now: call.now)
        }
    }

    /// POST: switches the invitations into a department off.
    func close(_ call: Call) async throws -> Response {
        try await act("departmentClosed", call) { administration, form in
            try await administration.closeDepartment(
                try form.single("department") ?? "", of: call.tenant.code, now: call.now)
        }
    }

    /// POST: declines a request.
    func decline(_ call: Call) async throws -> Response {
        try await act("requestDeclined", call) { administration, form in
            try await administration.declineRequest(
                try form.single("request") ?? "", of: call.tenant.code, now: call.now)
        }
    }

    /// Back to the list; what is gone, or was never there, is simply not on it.
    private func act(
        _ notice: String, _ call: Call, _ body: (Administration, RequestParameters) async throws -> Void
    ) async throws -> Response {
        let (person, form) = try await environment.administeringForm(.manageInvitations, call)
        do {
            try await body(environment.administration(by: person, call), form)
        } catch is AdministrationError { return .seeOther(Path.invitations) }
        return .seeOther("\(Path.invitations)?notice=\(notice)")
    }

    private static func row(_ department: Department) -> PageFields {
        [
            "departmentCode": department.code, "departmentName": department.name,
            "departmentInvites": department.invites,
            "openHref": FormURLEncoded.adding([.init("department", department.code)], toQueryOf: Path.openDepartment),
        ]
    }

    private static func row(_ listed: ListedRequest) -> PageFields {
        [
            "requestID": listed.request.id, "requestName": listed.request.name,
            "requestPhone": listed.request.phone.masked, "requestDepartment": listed.department.name,
            "requestAt": listed.request.createdAt.pageText,
            "requestAtISO": listed.request.createdAt.formatted(.iso8601),
            "acceptHref": FormURLEncoded.adding([.init("request", listed.request.id)], toQueryOf: Path.acceptRequest),
        ]
    }

    private func row(_ listed: ListedInvitation, _ call: Call) -> PageFields {
        let invitation = listed.invitation
        let values = ["uses": String(invitation.uses), "limit": invitation.useLimit.map { String($0) } ?? ""]
        let language = environment.pages.language(of: call)
        let uses = invitation.useLimit == nil ? "invitationUses" : "invitationUsesOf"
        var fields: PageFields = [
            "invitationID": invitation.id, "invitationDepartment": listed.department.name,
            "invitationState": environment.pages.text("invitation_\(listed.state.rawValue)", language),
            "invitationIsOpen": listed.state == .open, "invitationIsRevocable": listed.state != .revoked,
            "invitationNeedsApproval": invitation.needsApproval,
            "invitationUses": environment.pages.text(uses, language, filling: values),
            "invitationExpires": invitation.expiresAt.pageText,
            "invitationExpiresISO": invitation.expiresAt.formatted(.iso8601),
        ]
        fields.set("invitationLabel", invitation.label)
        return fields
    }
}
