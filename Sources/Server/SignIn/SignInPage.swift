import Directory
import HTTPTypes
import HummingbirdCore
import Identity
import Storage
import Wire

/// `/login`: the one page at which people sign in, for every protocol and the portal.
struct SignInPage: Sendable {
    let environment: ServerEnvironment

    private var paused: PausedRequests { PausedRequests(environment: environment) }
    private var forms: FormGuard { FormGuard(environment: environment) }

    /// What a person typed and where they are on the page.
    private struct View {
        var tab: Tab
        var username: String?
        var isRemembered = false
        /// Names a sentence above the form.
        var notice: String?
        /// The phone tab, and how the page as a whole answers.
        var entry = CodeForm.View()
    }

    private enum Tab { case password, phone }

    /// The address of this page for an interaction.
    static func location(of interaction: Interaction) -> String {
        FormURLEncoded.adding([FormURLEncoded.Pair("i", interaction.id)], toQueryOf: Path.signIn)
    }

    /// GET: the page; or straight on for somebody who is signed in already.
    func show(_ call: Call) async throws -> Response {
        let parameters = try call.queryParameters()
        guard let id = try parameters.single("i") else {
            return try await showWithoutRequest(try parameters.single("username"), call)
        }
        let interaction = try await paused.admitted(id, call)
        if let next = try await nextStep(of: interaction, call) { return .seeOther(next) }
        var view = View(tab: tab(try parameters.single("tab"), call))
        view.username = try parameters.single("username").map { String($0.prefix(128)) }
        view.notice = try parameters.single("notice")
        return try await page(view, interaction, call).rememberingLanguage(of: call)
    }

    /// Nobody asked: to the portal, by way of signing in.
    /// - Parameter account: Whom the shared address was told.
    private func showWithoutRequest(_ account: String?, _ call: Call) async throws -> Response {
        guard try await environment.signedIn(call) == nil else { return .seeOther(Path.portal) }
        var hints = PausedRequests.PageHints()
        hints.account = account.map { String($0.unicodeScalars.prefix(128)) }
        return try await paused.begin(Path.portal, hints: hints, call: call)
    }

    /// Where an interaction goes on that needs no credential here; nil when it does.
    private func nextStep(of interaction: Interaction, _ call: Call) async throws -> String? {
        guard interaction.state == .choosingMethod else { return PausedRequests.location(in: interaction) }
        guard let person = try await environment.signedIn(call) else { return nil }
        let authentication = person.session.authentication
        if interaction.requirement.isSatisfied(by: authentication, in: interaction.id, now: call.now) {
            return PausedRequests.location(after: interaction)
        }
        guard interaction.requirement.isFresh(authentication, now: call.now) else { return nil }
        var raised = interaction
        raised.state = try await SignInFactorFlow(environment: environment, call: call).raise(person, interaction)
        return raised.state == .choosingMethod ? nil : PausedRequests.location(in: raised)
    }

    /// POST: one attempt, or the wish for a code.
    func submit(_ call: Call) async throws -> Response {
        let form = try await call.pageForm()
        guard let id = try form.single("i") else { throw PageProblem.signInExpired }
        let interaction = try await paused.admitted(id, call)
        try forms.check(form, .interaction(interaction.id), call)
        // A form sent twice goes on to where it led; as an attempt it would be counted and never taken back.
        if interaction.state != .choosingMethod, let next = try await nextStep(of: interaction, call) {
            return .seeOther(next)
        }
        if try form.single("tab") == "passkey" { return try await passkey(form, interaction, call) }
        let phone = PhoneCodeForm(environment: environment, call: call, purpose: .signIn, interaction: interaction)
        var view = View(tab: tab(try form.single("tab"), call))
        view.username = try form.single("username").map { String($0.prefix(128)) }
        view.isRemembered = try form.single("remember") != nil && call.policy.identity.session.offersToRemember
        view.entry = try phone.view(form)
        switch (view.tab, try form.single("action")) {
        case (.password, _): return try await password(form, view, interaction, call)
        case (.phone, "send"):
            view.entry = try await phone.send(form)
            return try await page(view, interaction, call)
        case (.phone, _): return try await verify(form, phone, view, call)
        }
    }

    // MARK: - The two ways in

    private func password(
        _ form: RequestParameters, _ view: View, _ interaction: Interaction, _ call: Call
    ) async throws -> Response {
        var view = view
        let typed = try form.value("password") ?? ""
        if view.username == nil { view.entry.errors.add(text("missingUsername", call), field: "username") }
        if typed.isEmpty { view.entry.errors.add(text("missingPassword", call), field: "password") }
        guard let username = try form.single("username"), view.entry.errors.isEmpty else {
            view.entry.status = .unprocessableContent
            return try await page(view, interaction, call)
        }
        let attempt = try attempt(form, view, interaction)
        return try await answer(view, interaction, call, refusal: "refusedPassword") {
            try await SignInFlow(environment: environment).tryPassword(
                try await environment.loginName(username, call), Password(typed), attempt, call: call)
        }
    }

    private func verify(
        _ form: RequestParameters, _ phone: PhoneCodeForm, _ view: View, _ call: Call
    ) async throws -> Response {
        var view = view
        guard let typed = try phone.typed(form, &view.entry) else {
            return try await page(view, phone.interaction, call)
        }
        let attempt = try attempt(form, view, phone.interaction)
        return try await answer(view, phone.interaction, call, refusal: "refusedCode") {
            try await SignInFlow(environment: environment).tryCode(
                typed.phone, typed.code, for: .signIn, attempt, call: call)
        }
    }

    /// A passkey's answer; script alone can give one.
    private func passkey(
        _ form: RequestParameters, _ interaction: Interaction, _ call: Call
    ) async throws -> Response {
        var view = View(tab: tab(nil, call))
        guard let answer = try form.value("credential"), !answer.isEmpty else {
            view.entry.refuse(text("passkeyNothing", call))
            return try await page(view, interaction, call)
        }
        let attempt = try attempt(form, view, interaction)
        return try await self.answer(view, interaction, call, refusal: "refusedPasskey") {
            try await SignInFactorFlow(environment: environment, call: call).signIn(answer, attempt)
        }
    }

    private func attempt(
        _ form: RequestParameters, _ view: View, _ interaction: Interaction
    ) throws -> SignInFlow.Attempt {
        SignInFlow.Attempt(
            isRemembered: view.isRemembered, solution: try PuzzleSolution(form), interaction: interaction)
    }

    /// On to the next step, or the page again with the one sentence for whatever was wrong.
    private func answer(
        _ view: View, _ interaction: Interaction, _ call: Call, refusal: String,
        _ attempt: () async throws -> SignInOutcome
    ) async throws -> Response {
        let answer = SignInAnswer(environment: environment, call: call, interaction: interaction)
        var view = view
        if let response = try await answer.onward(from: &view.entry, refusal: refusal, attempt) { return response }
        return try await page(view, interaction, call)
    }

    // MARK: - The page

    private func page(_ view: View, _ interaction: Interaction, _ call: Call) async throws -> Response {
        let form = PhoneCodeForm(environment: environment, call: call, purpose: .signIn, interaction: interaction)
        let policy = call.policy.identity
        var fields = try await form.fields(view.entry)
        fields["formAction"] = Path.signIn
        fields["offersPassword"] = policy.methods.contains(.password)
        fields["offersPhone"] = policy.methods.contains(.sms)
        fields["offersBoth"] = policy.methods.isSuperset(of: [.password, .sms])
        if policy.methods.contains(.passkey), let relyingParty = RelyingParty(of: call.tenant) {
            let question = PasskeyQuestion(interaction, of: nil, environment)
            fields["passkeyOptions"] = PasskeyAssertion.options(challenge: question.text, relyingParty).text
        }
        fields["passwordSelected"] = view.tab == .password
        fields["phoneSelected"] = view.tab == .phone
        fields["offersRemember"] = policy.session.offersToRemember
        fields["remember"] = view.isRemembered
        fields.set("username", view.username)
        if view.notice == "passwordSaved" { fields["notice"] = text("passwordSaved", call) }
        if policy.password.offersReset, policy.methods.contains(.password) {
            fields["forgottenHref"] = ForgottenPasswordPage.location(of: interaction)
        }
        if call.served.offersJoining { fields["joinHref"] = JoinPage.location(of: interaction) }
        let hasFocus = view.entry.errors.isEmpty
        fields["focusUsername"] = hasFocus && view.tab == .password
        fields["focusPhone"] = hasFocus && view.tab == .phone && !view.entry.codeSent
        fields["focusCode"] = hasFocus && view.tab == .phone && view.entry.codeSent
        fields.set("continueText", try await continueText(interaction, call))
        return environment.pages.render(
            "sign-in/login", fields, in: frame(view, interaction, call), status: view.entry.status
        ).retrying(after: view.entry.retryAfter)
    }

    private func frame(_ view: View, _ interaction: Interaction, _ call: Call) -> Pages.Frame {
        var frame = environment.pages.frame(of: call, at: Path.signIn)
        frame.addressParameters = [
            FormURLEncoded.Pair("i", interaction.id),
            FormURLEncoded.Pair("tab", view.tab == .phone ? "phone" : "password"),
        ]
        frame.formTargets = [interaction.destinationOrigin].compactMap(\.self)
        return frame
    }

    private func continueText(_ interaction: Interaction, _ call: Call) async throws -> String? {
        guard let id = interaction.applicationID else { return nil }
        let application = try await environment.database.read { db in
            try db.applications.identified(id, in: call.tenant.id)
        }
        return application.map { text("signInContinue", call, ["application": $0.name]) }
    }

    /// The tab that was asked for, if the tenant offers it; otherwise the first one it offers.
    private func tab(_ name: String?, _ call: Call) -> Tab {
        let methods = call.policy.identity.methods
        guard methods.isSuperset(of: [.password, .sms]) else { return methods.contains(.sms) ? .phone : .password }
        return name == "phone" ? .phone : .password
    }

    private func text(_ key: String, _ call: Call, _ values: [String: String] = [:]) -> String {
        environment.pages.text(key, environment.pages.language(of: call), filling: values)
    }
}

extension PageFields {
    /// Sets a field that may have no value; it is left out then, since a template takes any value for "yes".
    mutating func set(_ name: String, _ value: String?) {
        if let value, !value.isEmpty { self[name] = value }
    }
}

extension Pages {
    /// What a page of a call needs besides its own fields.
    func frame(of call: Call, at address: String) -> Frame {
        Frame(language: language(of: call), tenantName: call.tenant.name, address: address)
    }
}
