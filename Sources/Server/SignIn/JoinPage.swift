import Directory
import HTTPTypes
import HummingbirdCore
import Identity
import Wire

/// `/join`: somebody without an account comes in by an invitation. One form: the invitation's code, a name, the phone and
/// the code that was sent to it. It is a step of an interaction, so the person goes on to where they were going.
struct JoinPage: Sendable {
    let environment: ServerEnvironment

    private var paused: PausedRequests { PausedRequests(environment: environment) }

    /// What a person typed, and where they are.
    private struct View {
        var invitation: String?
        var name: String?
        var username: String?
        var entry = CodeForm.View()
    }

    /// Characters of what was typed that come back.
    private static let typedLength = 128

    /// The address of this page for an interaction.
    static func location(of interaction: Interaction, code: String? = nil) -> String {
        let code = code.map { [FormURLEncoded.Pair("code", $0)] } ?? []
        return FormURLEncoded.adding([FormURLEncoded.Pair("i", interaction.id)] + code, toQueryOf: Path.join)
    }

    /// GET: the page. A link brings the code along; it is not looked at before the form is sent, or following links
    /// would be a way to try codes that costs nothing.
    func show(_ call: Call) async throws -> Response {
        let parameters = try call.queryParameters()
        let code = try parameters.single("code").map { String($0.prefix(Self.typedLength)) }
        guard let id = try parameters.single("i") else { return try await begin(code, call) }
        let interaction = try await paused.admitted(id, call)
        guard interaction.state == .choosingMethod else { return .seeOther(SignInPage.location(of: interaction)) }
        return try await page(View(invitation: code), interaction, call).rememberingLanguage(of: call)
    }

    /// Somebody followed a link: afterwards there is the portal.
    private func begin(_ code: String?, _ call: Call) async throws -> Response {
        let request = Interaction.Request(resume: Path.portal, requirement: .any)
        let (interaction, cookie) = try await paused.store(request, call)
        let response = Response.seeOther(Self.location(of: interaction, code: code)).rememberingLanguage(of: call)
        return cookie.map(response.settingCookie) ?? response
    }

    /// POST: the wish for a code, or everything.
    func submit(_ call: Call) async throws -> Response {
        let form = try await call.pageForm()
        guard let id = try form.single("i") else { throw PageProblem.signInExpired }
        let interaction = try await paused.admitted(id, call)
        try FormGuard(environment: environment).check(form, .interaction(interaction.id), call)
        guard interaction.state == .choosingMethod else { return .seeOther(SignInPage.location(of: interaction)) }
        let typed = { (name: String) in try form.single(name).map { String($0.prefix(Self.typedLength)) } }
        var view = View(
            invitation: try typed("invitation"), name: try typed("name"), username: try typed("username"),
            entry: try codes(call).view(form))
        do {
            let response =
                try form.single("action") == "send"
                ? try await send(form, &view, interaction, call) : try await register(form, &view, interaction, call)
            if let response { return response }
        } catch let barrier as SignInBarrier { environment.show(barrier, in: &view.entry, call) }
        return try await page(view, interaction, call)
    }

    // MARK: - The two things a person does here

    private func send(
        _ form: RequestParameters, _ view: inout View, _ interaction: Interaction, _ call: Call
    ) async throws -> Response? {
        let code = invitation(&view, call)
        guard let phone = codes(call).phone(&view.entry), view.entry.errors.isEmpty else { return nil }
        let solution = try PuzzleSolution(form)
        let checked = try await Registration(environment: environment, call: call).check(
            code, solution, in: interaction)
        guard checked.works else {
            refuseInvitation(&view, call)
            return nil
        }
        let request = CodeSending.Request(
            purpose: .register, phone: phone, boundTo: interaction.id, interaction: interaction,
            // Whosever it is: nobody is looked up, so that nobody can be told apart.
            recipient: { _ in .init(user: nil, isServed: true, isStranger: true) }, solution: solution,
            isSolved: checked.isSolved)
        try await codes(call).ask(request, &view.entry)
        return nil
    }

    /// - Returns: Where to go on; nil when the page is to be shown again.
    private func register(
        _ form: RequestParameters, _ view: inout View, _ interaction: Interaction, _ call: Call
    ) async throws -> Response? {
        let invitation = invitation(&view, call)
        let name = name(&view, call)
        let username = username(&view, call)
        let phone = codes(call).phone(&view.entry)
        guard let code = try codes(call).code(form, &view.entry), let phone, let name, view.entry.errors.isEmpty
        else { return nil }
        let applicant = Registration.Applicant(code: invitation, phone: phone, name: name, username: username)
        let attempt = SignInFlow.Attempt(
            isRemembered: false, solution: try PuzzleSolution(form), interaction: interaction)
        let outcome = try await Registration(environment: environment, call: call).register(applicant, code, attempt)
        return tell(outcome, in: &view, interaction, call)
    }

    private func tell(
        _ outcome: Registration.Outcome, in view: inout View, _ interaction: Interaction, _ call: Call
    ) -> Response? {
        switch outcome {
        case .entered(let outcome):
            return SignInAnswer(environment: environment, call: call, interaction: interaction).location(outcome)
        case .requested: return result("joinRequested", interaction, call)
        case .waits: return result("joinWaits", interaction, call)
        case .isMember: return result("joinIsMember", interaction, call)
        case .badInvitation: refuseInvitation(&view, call)
        case .badCode: view.entry.refuse(text("refusedCode", call))
        case .badUsername(let isTaken):
            view.entry.refuse(text(isTaken ? "joinUsernameTaken" : "joinUsernameMalformed", call), field: "username")
        }
        return nil
    }

    // MARK: - What was typed

    /// The code; one that can be none is refused later, with the words and the count of one that is none.
    private func invitation(_ view: inout View, _ call: Call) -> InvitationCode? {
        if view.invitation == nil { view.entry.refuse(text("missingInvitation", call), field: "invitation") }
        return view.invitation.flatMap(InvitationCode.init(typed:))
    }

    private func refuseInvitation(_ view: inout View, _ call: Call) {
        view.entry.refuse(text("refusedInvitation", call), field: "invitation")
    }

    private func name(_ view: inout View, _ call: Call) -> String? {
        if let name = view.name.flatMap({ try? DisplayName.checked($0) }) { return name }
        view.entry.refuse(text(view.name == nil ? "missingName" : "malformedName", call), field: "name")
        return nil
    }

    private func username(_ view: inout View, _ call: Call) -> Username? {
        guard let typed = view.username else { return nil }
        let username = try? Username(typed)
        if username == nil { view.entry.refuse(text("joinUsernameMalformed", call), field: "username") }
        return username
    }

    // MARK: - The page

    private func codes(_ call: Call) -> CodeForm { CodeForm(environment: environment, call: call) }

    private func page(_ view: View, _ interaction: Interaction, _ call: Call) async throws -> Response {
        var entry = view.entry
        if entry.puzzle == nil { entry.puzzle = try await environment.puzzleAhead(in: interaction.id, call) }
        var fields = codes(call).fields(entry)
        fields["csrf"] = FormGuard(environment: environment).token(.interaction(interaction.id), call)
        fields["i"] = interaction.id
        fields["formAction"] = Path.join
        fields["backHref"] = SignInPage.location(of: interaction)
        fields["leadText"] = environment.pages.text(
            "joinLead", environment.pages.language(of: call), filling: ["tenant": call.tenant.name])
        fields["codeSentText"] = text("codeSentToOld", call)
        fields.set("invitation", view.invitation)
        fields.set("name", view.name)
        fields.set("username", view.username)
        let hasFocus = entry.errors.isEmpty
        fields["focusInvitation"] = hasFocus && !entry.codeSent && view.invitation == nil
        fields["focusName"] = hasFocus && !entry.codeSent && view.invitation != nil
        fields["focusPhone"] = false
        fields["focusCode"] = hasFocus && entry.codeSent
        return environment.pages.render("sign-in/join", fields, in: frame(interaction, call), status: entry.status)
            .retrying(after: entry.retryAfter)
    }

    /// - Parameter key: Of a triple of texts: title, message, and what to do.
    private func result(_ key: String, _ interaction: Interaction, _ call: Call) -> Response {
        let fields: PageFields = [
            "resultTitle": text(key + "Title", call), "resultMessage": text(key + "Message", call),
            "signInHref": SignInPage.location(of: interaction),
        ]
        return environment.pages.render("sign-in/join-result", fields, in: frame(interaction, call))
    }

    private func frame(_ interaction: Interaction, _ call: Call) -> Pages.Frame {
        var frame = environment.pages.frame(of: call, at: Path.join)
        frame.addressParameters = [FormURLEncoded.Pair("i", interaction.id)]
        frame.formTargets = [interaction.destinationOrigin].compactMap(\.self)
        return frame
    }

    private func text(_ key: String, _ call: Call) -> String {
        environment.pages.text(key, environment.pages.language(of: call))
    }
}
