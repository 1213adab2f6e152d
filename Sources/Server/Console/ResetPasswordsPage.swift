import Directory
import HTTPTypes
import HummingbirdCore
import Identity
import Wire

/// `/admin/users/reset`: an administrator resets passwords, one or several at once. Way, proof and act are one form.
struct ResetPasswordsPage: Sendable {
    let environment: ServerEnvironment

    /// What the page is about, and what was typed.
    private struct View {
        let selection: Selection
        /// Those of the selection who can be reset here.
        let members: [Member]
        let offered: [PasswordReset]
        var way: PasswordReset?
        var stepUp = StepUp.View()
    }

    /// GET: whom it concerns, and how.
    func show(_ call: Call) async throws -> Response {
        guard let person = try await environment.administering(.resetPasswords, call) else {
            return try await PausedRequests(environment: environment).begin(Path.members, call: call)
        }
        let selection = try Selection(try call.queryParameters())
        var view = try await view(selection, person, call)
        tellMissing(in: &view, person, call)
        // The page itself is all right.
        view.stepUp.entry.status = .ok
        return page(view, person, call).rememberingLanguage(of: call)
    }

    /// POST: a selection from the list, a wish for a code, or the act.
    func submit(_ call: Call) async throws -> Response {
        let (person, form) = try await environment.administeringForm(.resetPasswords, call)
        let selection = try Selection(form)
        guard let action = try form.single("action") else {
            // By GET, so that reloading the page asks nothing and its languages keep the selection.
            return .seeOther(FormURLEncoded.adding(selection.parameters, toQueryOf: Path.resetPasswords))
        }
        var view = try await view(selection, person, call)
        let stepUp = StepUp(environment: environment, person: person, call: call)
        view.stepUp = try stepUp.view(form)
        view.way = try form.single("way").flatMap(PasswordReset.init(rawValue:))
        if action == "send" {
            try await stepUp.send(form, &view.stepUp)
        } else if let results = try await reset(form, stepUp, &view, person, call) {
            return done(results, person, call)
        }
        return page(view, person, call)
    }

    /// - Returns: nil when nothing was done, which `view` then tells.
    private func reset(
        _ form: RequestParameters, _ stepUp: StepUp, _ view: inout View, _ person: SignedIn, _ call: Call
    ) async throws -> [PasswordResetResult]? {
        tellMissing(in: &view, person, call)
        guard view.stepUp.entry.errors.isEmpty else { return nil }
        guard let way = view.way, view.offered.contains(way) else {
            view.stepUp.entry.refuse(text("missingWay", call), field: "way-\(view.offered.first?.rawValue ?? "")")
            return nil
        }
        guard let proof = try await stepUp.proof(form, &view.stepUp) else { return nil }
        do {
            return try await environment.administration(by: person, showing: proof, call).resetPasswords(
                ofMembers: view.selection.ids, in: call.tenant.code, by: way, now: call.now)
        } catch is ProofRefused {
            stepUp.refuseCode(&view.stepUp)
        } catch let error as AdministrationError {
            view.stepUp.entry.refuse(text(error.kind == .notFound ? "memberGone" : "resetRefused", call))
        }
        return nil
    }

    private func view(_ selection: Selection, _ person: SignedIn, _ call: Call) async throws -> View {
        let members = try await environment.administration(by: person, call).members(
            selection.ids, of: call.tenant.code, now: call.now)
        return View(
            selection: selection, members: members.filter { $0.user.id != person.user.id },
            offered: PasswordReset.offered(by: call.policy.identity))
    }

    /// Tells of everybody in the selection who cannot be reset here; nothing is done then for the others either.
    private func tellMissing(in view: inout View, _ person: SignedIn, _ call: Call) {
        let isSelfNamed = view.selection.ids.contains(person.user.id)
        if isSelfNamed { view.stepUp.entry.refuse(text("ownPasswordElsewhere", call)) }
        if view.members.count + (isSelfNamed ? 1 : 0) < view.selection.ids.count {
            view.stepUp.entry.refuse(text("memberGone", call))
        }
        if view.selection.ids.isEmpty { view.stepUp.entry.refuse(text("noneSelected", call)) }
    }

    private func page(_ view: View, _ person: SignedIn, _ call: Call) -> Response {
        let pages = environment.pages
        var frame = pages.frame(of: call, at: Path.resetPasswords)
        frame.addressParameters = view.selection.parameters
        let address = FormURLEncoded.adding(view.selection.parameters, toQueryOf: Path.resetPasswords)
        let words = MemberWords(pages: pages, language: frame.language)
        let stepUp = StepUp(environment: environment, person: person, call: call)
        var fields = stepUp.fields(view.stepUp, address: address)
        fields["atAdministration"] = true
        fields["formAction"] = Path.resetPasswords
        fields["hasMembers"] = !view.members.isEmpty
        fields["members"] = view.members.map { words.row($0) }
        fields["concernedTitle"] = pages.text(
            "resetConcerned", frame.language, filling: ["count": String(view.members.count)])
        fields["ways"] = ways(view, call, frame.language)
        fields.addPerson(person, environment, call)
        return pages.render("console/reset-passwords", fields, in: frame, status: view.stepUp.entry.status)
            .retrying(after: view.stepUp.entry.retryAfter)
    }

    private func ways(_ view: View, _ call: Call, _ language: Language) -> [PageFields] {
        let chosen = view.way.flatMap { view.offered.contains($0) ? $0 : nil } ?? view.offered.first
        let hours = max(1, Int(call.policy.identity.password.oneTimeLifetime / 3_600))
        return view.offered.map { way in
            let key = way == .clear ? "resetClear" : "resetOneTime"
            return [
                "wayValue": way.rawValue, "wayName": environment.pages.text(key, language),
                "wayIsChosen": way == chosen,
                "wayHint": environment.pages.text(key + "Hint", language, filling: ["hours": String(hours)]),
            ]
        }
    }

    private func done(_ results: [PasswordResetResult], _ person: SignedIn, _ call: Call) -> Response {
        let pages = environment.pages
        let frame = pages.frame(of: call, at: Path.members)
        var fields: PageFields = [
            "atAdministration": true,
            "results": results.map { result -> PageFields in
                [
                    "resultUsername": result.username, "resultIsAlarming": result.outcome != .reset,
                    "resultText": pages.text(Self.key(of: result.outcome), frame.language),
                ]
            },
        ]
        fields.addPerson(person, environment, call)
        return pages.render("console/reset-done", fields, in: frame)
    }

    private static func key(of outcome: PasswordResetResult.Outcome) -> String {
        switch outcome {
        case .reset: "resetDone"
        case .noPhone: "resetNoPhone"
        case .overLimit: "resetOverLimit"
        case .notSent: "resetNotSent"
        }
    }

    private func text(_ key: String, _ call: Call) -> String {
        environment.pages.text(key, environment.pages.language(of: call))
    }
}
