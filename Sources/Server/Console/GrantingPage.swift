import Directory
import FoundationEssentials
import HTTPTypes
import HummingbirdCore
import Identity
import Wire

/// `/admin/invitations/open` and `/admin/invitations/accept`: an administrator lets invitations into a department work, or
/// makes a member of somebody who asked. Both give a way in, so each is one form with its proof.
struct GrantingPage: Sendable {
    let environment: ServerEnvironment
    let act: Act

    enum Act: Sendable {
        case open, accept

        /// The parameter that names what it is about.
        var name: String { self == .open ? "department" : "request" }
        var path: String { self == .open ? Path.openDepartment : Path.acceptRequest }
        /// Of the texts for title, lead and button.
        var key: String { self == .open ? "openDepartment" : "acceptRequest" }
        var notice: String { self == .open ? "departmentOpened" : "requestAccepted" }
    }

    /// What it is about.
    private struct Subject {
        let id: String
        let title: String
        /// Label and value.
        var facts: [(label: String, value: String)]
    }

    /// GET: what it is about.
    func show(_ call: Call) async throws -> Response {
        guard let person = try await environment.administering(.manageInvitations, call) else {
            return try await PausedRequests(environment: environment).begin(Path.invitations, call: call)
        }
        let subject = try await subject(try call.queryParameters(), person, call)
        return page(StepUp.View(), subject, person, call).rememberingLanguage(of: call)
    }

    /// POST: a wish for a code, or the act.
    func submit(_ call: Call) async throws -> Response {
        let (person, form) = try await environment.administeringForm(.manageInvitations, call)
        let subject = try await subject(form, person, call)
        let stepUp = StepUp(environment: environment, person: person, call: call)
        var view = try stepUp.view(form)
        if try form.single("action") == "send" {
            try await stepUp.send(form, &view)
        } else if try await grant(form, stepUp, &view, subject, person, call) {
            return .seeOther("\(Path.invitations)?notice=\(act.notice)")
        }
        return page(view, subject, person, call)
    }

    /// - Returns: Whether it was done; `view` tells why not.
    private func grant(
        _ form: RequestParameters, _ stepUp: StepUp, _ view: inout StepUp.View, _ subject: Subject,
        _ person: SignedIn, _ call: Call
    ) async throws -> Bool {
        guard let proof = try await stepUp.proof(form, &view) else { return false }
        let administration = environment.administration(by: person, showing: proof, call)
        do {
            switch act {
            case .open:
                try await administration.openDepartment(subject.id, of: call.tenant.code, now: call.now)
            case .accept:
                _ = try await administration.acceptRequest(subject.id, of: call.tenant.code, now: call.now)
            }
            return true
        } catch is ProofRefused {
            stepUp.refuseCode(&view)
        } catch let error as AdministrationError {
            guard error.kind != .notFound else { throw PageProblem(.notFound, .notFound) }
            view.entry.refuse(text("acceptRequestTaken", call))
        }
        return false
    }

    private func subject(_ parameters: RequestParameters, _ person: SignedIn, _ call: Call) async throws -> Subject {
        let id = try parameters.single(act.name) ?? ""
        let administration = environment.administration(by: person, call)
        do {
            switch act {
            case .open:
                let list = try await administration.invitationList(of: call.tenant.code, now: call.now)
                guard let found = list.departments.first(where: { $0.code.isByteEqual(to: id) }) else {
                    throw PageProblem(.notFound, .notFound)
                }
                return Subject(id: id, title: found.name, facts: [])
            case .accept:
                let found = try await administration.joinRequest(id, of: call.tenant.code, now: call.now)
                let facts = [
                    (text("phone", call), found.request.phone.masked),
                    (text("invitationDepartment", call), found.department.name),
                ]
                return Subject(id: id, title: found.request.name, facts: facts)
            }
        } catch is AdministrationError { throw PageProblem(.notFound, .notFound) }
    }

    private func page(_ view: StepUp.View, _ subject: Subject, _ person: SignedIn, _ call: Call) -> Response {
        let parameters = [FormURLEncoded.Pair(act.name, subject.id)]
        var frame = environment.pages.frame(of: call, at: act.path)
        frame.addressParameters = parameters
        let stepUp = StepUp(environment: environment, person: person, call: call)
        var fields = stepUp.fields(view, address: FormURLEncoded.adding(parameters, toQueryOf: act.path))
        fields["atAdministration"] = true
        fields["formAction"] = act.path
        fields["subjectField"] = act.name
        fields["subjectID"] = subject.id
        fields["subjectTitle"] = subject.title
        fields["facts"] = subject.facts.map { fact -> PageFields in ["factLabel": fact.label, "factValue": fact.value] }
        fields["grantTitle"] = text(act.key + "Title", call)
        fields["grantLead"] = text(act.key + "Lead", call)
        fields["grantSubmit"] = text(act.key + "Submit", call)
        fields.addPerson(person, environment, call)
        return environment.pages.render("console/granting", fields, in: frame, status: view.entry.status)
            .retrying(after: view.entry.retryAfter)
    }

    private func text(_ key: String, _ call: Call) -> String {
        environment.pages.text(key, environment.pages.language(of: call))
    }
}
