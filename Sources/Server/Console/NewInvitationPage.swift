import Directory
import FoundationEssentials
import HTTPTypes
import HummingbirdCore
import Identity
import Wire

/// `/admin/invitations/new`: an administrator makes an invitation, and is shown its code, link and QR code once.
struct NewInvitationPage: Sendable {
    let environment: ServerEnvironment

    /// What was typed.
    private struct View {
        var department: String?
        var label: String?
        var days: String?
        var limit: String?
        var needsApproval = false
        var stepUp = StepUp.View()
    }

    private static let typedLength = 128
    private static let day: TimeInterval = 86_400

    /// GET: the form.
    func show(_ call: Call) async throws -> Response {
        guard let person = try await environment.administering(.manageInvitations, call) else {
            return try await PausedRequests(environment: environment).begin(Path.invitations, call: call)
        }
        let lifetime = call.policy.identity.invitationLifetime
        let view = View(days: String(max(1, Int(lifetime / Self.day))))
        return try await page(view, person, call).rememberingLanguage(of: call)
    }

    /// POST: a wish for a code, or the act.
    func submit(_ call: Call) async throws -> Response {
        let (person, form) = try await environment.administeringForm(.manageInvitations, call)
        let stepUp = StepUp(environment: environment, person: person, call: call)
        let typed = { (name: String) in try form.single(name).map { String($0.prefix(Self.typedLength)) } }
        var view = View(
            department: try typed("department"), label: try typed("label"), days: try typed("days"),
            limit: try typed("limit"), needsApproval: try form.single("approval") != nil,
            stepUp: try stepUp.view(form))
        if try form.single("action") == "send" {
            try await stepUp.send(form, &view.stepUp)
        } else if let issued = try await issue(form, stepUp, &view, person, call) {
            return done(issued, person, call)
        }
        return try await page(view, person, call)
    }

    /// - Returns: nil when nothing was made, which `view` then tells.
    private func issue(
        _ form: RequestParameters, _ stepUp: StepUp, _ view: inout View, _ person: SignedIn, _ call: Call
    ) async throws -> IssuedInvitation? {
        guard let draft = draft(&view, call), let proof = try await stepUp.proof(form, &view.stepUp) else { return nil }
        do {
            return try await environment.administration(by: person, showing: proof, call).invite(
                draft, to: call.tenant.code, now: call.now)
        } catch is ProofRefused {
            stepUp.refuseCode(&view.stepUp)
        } catch let error as AdministrationError {
            let field = error.field == "department" || error.field == "label" ? error.field : nil
            view.stepUp.entry.refuse(text(Self.key(of: error), call), field: field)
        }
        return nil
    }

    private static func key(of error: AdministrationError) -> String {
        switch error.field {
        case "department": "invitationDepartmentClosed"
        case "label": "invitationLabelMalformed"
        default: "invitationTooMany"
        }
    }

    private func draft(_ view: inout View, _ call: Call) -> InvitationDraft? {
        guard let department = view.department else {
            view.stepUp.entry.refuse(text("invitationDepartmentMissing", call), field: "department")
            return nil
        }
        var draft = InvitationDraft(
            department: department, label: view.label ?? "", needsApproval: view.needsApproval)
        let days = view.days.flatMap { Int(TypedText.plain($0)) }
        guard let days, (1...365).contains(days) else {
            view.stepUp.entry.refuse(text("invitationDaysMalformed", call), field: "days")
            return nil
        }
        draft.lifetime = TimeInterval(days) * Self.day
        if let typed = view.limit {
            guard let limit = Int(TypedText.plain(typed)), InvitationDraft.useLimits.contains(limit) else {
                view.stepUp.entry.refuse(text("invitationLimitMalformed", call), field: "limit")
                return nil
            }
            draft.useLimit = limit
        }
        return draft
    }

    private func page(_ view: View, _ person: SignedIn, _ call: Call) async throws -> Response {
        let list = try await environment.administration(by: person, call).invitationList(
            of: call.tenant.code, now: call.now)
        let open = list.departments.filter(\.invites)
        let stepUp = StepUp(environment: environment, person: person, call: call)
        var fields = stepUp.fields(view.stepUp, address: Path.newInvitation)
        fields["atAdministration"] = true
        fields["formAction"] = Path.newInvitation
        fields["mayInvite"] = !open.isEmpty
        fields["departments"] = open.map { department -> PageFields in
            [
                "departmentCode": department.code, "departmentName": department.name,
                "departmentIsChosen": department.code == view.department,
            ]
        }
        fields.set("label", view.label)
        fields.set("days", view.days)
        fields.set("limit", view.limit)
        fields["needsApproval"] = view.needsApproval
        fields.addPerson(person, environment, call)
        let frame = environment.pages.frame(of: call, at: Path.newInvitation)
        return environment.pages.render(
            "console/new-invitation", fields, in: frame, status: view.stepUp.entry.status
        ).retrying(after: view.stepUp.entry.retryAfter)
    }

    /// Shown once: the code is stored in no readable form.
    private func done(_ issued: IssuedInvitation, _ person: SignedIn, _ call: Call) -> Response {
        let frame = environment.pages.frame(of: call, at: Path.invitations)
        let label = environment.pages.text(
            "invitationPicture", frame.language, filling: ["tenant": call.tenant.name])
        var fields: PageFields = [
            "atAdministration": true, "code": issued.code.shown, "link": issued.link,
            "departmentName": issued.department.name, "expires": issued.invitation.expiresAt.pageText,
            "expiresISO": issued.invitation.expiresAt.formatted(.iso8601),
            "needsApproval": issued.invitation.needsApproval,
        ]
        fields.set("picture", QRCode(issued.link)?.imageURL)
        fields["pictureLabel"] = label
        fields.addPerson(person, environment, call)
        return environment.pages.render("console/invitation-made", fields, in: frame)
    }

    private func text(_ key: String, _ call: Call) -> String {
        environment.pages.text(key, environment.pages.language(of: call))
    }
}
