import Directory
import HTTPTypes
import HummingbirdCore
import Identity
import Wire

/// `/admin/users/phone`: an administrator puts another phone in the place of a member's. Number, proof and act are one
/// form.
struct MemberPhonePage: Sendable {
    let environment: ServerEnvironment

    /// GET: whose phone, and what to.
    func show(_ call: Call) async throws -> Response {
        guard let person = try await environment.administering(.changePhones, call) else {
            return try await PausedRequests(environment: environment).begin(Path.members, call: call)
        }
        let parameters = try call.queryParameters()
        // Where everybody changes their own.
        guard try parameters.single("user") != person.user.id else { return .seeOther(Path.accountPhone) }
        let member = try await member(parameters, person, call)
        return page(StepUp.View(), member, person, call).rememberingLanguage(of: call)
    }

    /// POST: a wish for a code, or the act.
    func submit(_ call: Call) async throws -> Response {
        let (person, form) = try await environment.administeringForm(.changePhones, call)
        let member = try await member(form, person, call)
        let stepUp = StepUp(environment: environment, person: person, call: call)
        var view = try stepUp.view(form)
        if try form.single("action") == "send" {
            try await stepUp.send(form, &view)
        } else if try await change(form, stepUp, &view, member, person, call) {
            return .seeOther("\(Path.members)?notice=memberPhoneChanged")
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

    /// - Returns: Whether it was done; `view` tells why not.
    private func change(
        _ form: RequestParameters, _ stepUp: StepUp, _ view: inout StepUp.View, _ member: Member, _ person: SignedIn,
        _ call: Call
    ) async throws -> Bool {
        guard let phone = newPhone(&view, member, call), let proof = try await stepUp.proof(form, &view) else {
            return false
        }
        do {
            try await environment.administration(by: person, showing: proof, call).changePhone(
                ofMember: member.user.id, to: phone, in: call.tenant.code, now: call.now)
            return true
        } catch is ProofRefused {
            stepUp.refuseCode(&view)
        } catch let error as AdministrationError {
            guard error.kind != .notFound else { throw PageProblem(.notFound, .notFound) }
            view.entry.refuse(text("memberPhoneTaken", call), field: "phone")
        }
        return false
    }

    private func newPhone(_ view: inout StepUp.View, _ member: Member, _ call: Call) -> PhoneNumber? {
        guard view.entry.phone != nil else {
            view.entry.refuse(text("memberPhoneMissing", call), field: "phone")
            return nil
        }
        guard let phone = CodeForm(environment: environment, call: call).phone(&view.entry) else { return nil }
        guard phone != member.user.profile.phone else {
            view.entry.refuse(text("memberPhoneSame", call), field: "phone")
            return nil
        }
        var user = member.user
        user.profile.phone = phone
        // The only rule it can break: a username that is a phone number stays the phone's.
        guard (try? user.checkIdentifiers()) != nil else {
            view.entry.refuse(text("memberPhoneIsUsername", call), field: "phone")
            return nil
        }
        return phone
    }

    private func page(_ view: StepUp.View, _ member: Member, _ person: SignedIn, _ call: Call) -> Response {
        let pages = environment.pages
        let parameters = [FormURLEncoded.Pair("user", member.user.id)]
        var frame = pages.frame(of: call, at: Path.memberPhone)
        frame.addressParameters = parameters
        let stepUp = StepUp(environment: environment, person: person, call: call)
        let words = MemberWords(pages: pages, language: frame.language)
        var fields = stepUp.fields(view, address: FormURLEncoded.adding(parameters, toQueryOf: Path.memberPhone))
        fields.merge(words.row(member)) { $1 }
        fields["atAdministration"] = true
        fields["formAction"] = Path.memberPhone
        fields.addPerson(person, environment, call)
        return pages.render("console/member-phone", fields, in: frame, status: view.entry.status)
            .retrying(after: view.entry.retryAfter)
    }

    private func text(_ key: String, _ call: Call) -> String {
        environment.pages.text(key, environment.pages.language(of: call))
    }
}
