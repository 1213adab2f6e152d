import Directory
import HTTPTypes
import HummingbirdCore
import Identity
import Wire

/// `/admin/users/factors`: an administrator takes second factors and passkeys from a member who has lost the device.
struct MemberFactorsPage: Sendable {
    let environment: ServerEnvironment

    /// GET: whose.
    func show(_ call: Call) async throws -> Response {
        guard let person = try await environment.administering(.removeFactors, call) else {
            return try await PausedRequests(environment: environment).begin(Path.members, call: call)
        }
        let parameters = try call.queryParameters()
        // Where everybody changes their own.
        guard try parameters.single("user") != person.user.id else { return .seeOther(Path.secondFactor) }
        let member = try await member(parameters, person, call)
        return page(StepUp.View(), member, person, call).rememberingLanguage(of: call)
    }

    /// POST: a wish for a code, or the act.
    func submit(_ call: Call) async throws -> Response {
        let (person, form) = try await environment.administeringForm(.removeFactors, call)
        let member = try await member(form, person, call)
        let stepUp = StepUp(environment: environment, person: person, call: call)
        var view = try stepUp.view(form)
        if try form.single("action") == "send" {
            try await stepUp.send(form, &view)
        } else if let proof = try await stepUp.proof(form, &view) {
            do {
                let removed = try await environment.administration(by: person, showing: proof, call).removeFactors(
                    ofMember: member.user.id, in: call.tenant.code, now: call.now)
                let notice = removed.isEmpty ? "memberFactorsNone" : "memberFactorsRemoved"
                return .seeOther("\(Path.members)?notice=\(notice)")
            } catch is ProofRefused {
                stepUp.refuseCode(&view)
            } catch let error as AdministrationError {
                throw error.kind == .notFound ? PageProblem(.notFound, .notFound) : .notPermitted
            }
        }
        return page(view, member, person, call)
    }

    /// Exactly one member, of this tenant, and not the administrator.
    private func member(_ parameters: RequestParameters, _ person: SignedIn, _ call: Call) async throws -> Member {
        let id = try parameters.single("user") ?? ""
        guard id != person.user.id else { throw PageProblem.notPermitted }
        let found = try await environment.administration(by: person, call).members(
            [id], of: call.tenant.code, now: call.now)
        guard let member = found.first else { throw PageProblem(.notFound, .notFound) }
        return member
    }

    private func page(_ view: StepUp.View, _ member: Member, _ person: SignedIn, _ call: Call) -> Response {
        let pages = environment.pages
        let parameters = ["user": member.user.id]
        let stepUp = StepUp(environment: environment, person: person, call: call)
        let address = FormURLEncoded.adding([.init("user", member.user.id)], toQueryOf: Path.memberFactors)
        let language = pages.language(of: call)
        let words = MemberWords(pages: pages, language: language)
        var fields = stepUp.fields(view, address: address)
        fields.merge(words.row(member)) { $1 }
        fields["atAdministration"] = true
        fields["formAction"] = Path.memberFactors
        fields["backHref"] = Path.members
        fields["hidden"] = [["hiddenName": "user", "hiddenValue": member.user.id] as PageFields]
        fields["concerned"] = member.user.username.text
        fields["actTitle"] = pages.text("memberFactorsTitle", language)
        fields["actLead"] = pages.text("memberFactorsLead", language)
        fields["actSubmit"] = pages.text("memberFactorsSubmit", language)
        fields.addPerson(person, environment, call)
        return environment.factorPage(fields, at: Path.memberFactors, parameters, view, call)
    }
}
