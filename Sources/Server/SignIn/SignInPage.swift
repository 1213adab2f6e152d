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
        var tab: SignInMethod
        var username: String?
        var phone: String?
        var isRemembered = false
        var codeSent = false
        var resendSeconds: Int?
        var errors = FormErrors()
    }

    /// GET: the page; or straight on for somebody who is signed in already.
    func show(_ call: Call) async throws -> Response {
        let parameters = try call.queryParameters()
        guard let id = try parameters.single("i") else { return try await showWithoutRequest(call) }
        let interaction = try await paused.admitted(id, call)
        if let next = try await nextStep(of: interaction, call) { return .seeOther(next) }
        var view = View(tab: tab(try parameters.single("tab"), call))
        view.username = try parameters.single("username").map { String($0.prefix(128)) }
        return try await page(view, interaction, call, status: .ok).rememberingLanguage(of: call)
    }

    /// Nobody asked: to the portal, by way of signing in.
    private func showWithoutRequest(_ call: Call) async throws -> Response {
        guard try await environment.signedIn(call) == nil else { return .seeOther(Path.portal) }
        return try await paused.begin(Path.portal, call: call)
    }

    /// Where an interaction goes on that needs no credential here; nil when it does.
    private func nextStep(of interaction: Interaction, _ call: Call) async throws -> String? {
        switch interaction.state {
        case .setPassword: return SetPasswordPage.location(of: interaction)
        case .completed: return PausedRequests.location(after: interaction)
        case .choosingMethod:
            guard let person = try await environment.signedIn(call) else { return nil }
            let isEnough = interaction.requirement.isSatisfied(
                by: person.session.authentication, in: interaction.id, now: call.now)
            return isEnough ? PausedRequests.location(after: interaction) : nil
        }
    }

    /// POST: one attempt, or the wish for a code.
    func submit(_ call: Call) async throws -> Response {
        let form = try await call.pageForm()
        guard let id = try form.single("i") else { throw PageProblem.signInExpired }
        let interaction = try await paused.admitted(id, call)
        try forms.check(form, .interaction(interaction.id), call)
        var view = View(tab: tab(try form.single("tab"), call))
        view.username = try form.single("username").map { String($0.prefix(128)) }
        view.phone = try form.single("phone").map { String($0.prefix(64)) }
        view.isRemembered = try form.single("remember") != nil && call.policy.identity.session.offersToRemember
        switch (view.tab, try form.single("action")) {
        case (.password, _): return try await password(form, view, interaction, call)
        case (.sms, "send"): return try await send(view, interaction, call)
        case (.sms, _): return try await verify(form, view, interaction, call)
        }
    }

    // MARK: - The three things a person can do

    private func password(
        _ form: RequestParameters, _ view: View, _ interaction: Interaction, _ call: Call
    ) async throws -> Response {
        var view = view
        let typed = try form.value("password") ?? ""
        if view.username == nil { view.errors.add(text("missingUsername", call), field: "username") }
        if typed.isEmpty { view.errors.add(text("missingPassword", call), field: "password") }
        guard let username = try form.single("username"), view.errors.isEmpty else {
            return try await page(view, interaction, call, status: .unprocessableContent)
        }
        let outcome = try await SignInFlow(environment: environment).tryPassword(
            LoginName(username), Password(typed), isRemembered: view.isRemembered, interaction: interaction, call: call)
        return try await answer(outcome, view, interaction, call, refusal: "refusedPassword")
    }

    private func send(_ view: View, _ interaction: Interaction, _ call: Call) async throws -> Response {
        var view = view
        guard let phone = phone(&view, call) else {
            return try await page(view, interaction, call, status: .unprocessableContent)
        }
        let decision = try await CodeSending(environment: environment).send(
            to: phone, language: environment.pages.language(of: call), interaction: interaction, call: call)
        switch decision {
        case .allowed:
            view.codeSent = true
            view.resendSeconds = call.policy.identity.sending.interval.map { Int($0) }
            return try await page(view, interaction, call, status: .ok)
        case .refused(.interval, let seconds):
            view.codeSent = true
            view.resendSeconds = seconds
            view.errors.add(text("codeTooSoon", call, ["seconds": String(seconds)]))
        case .refused(_, _): view.errors.add(text("codeTooMany", call))
        }
        return try await page(view, interaction, call, status: .tooManyRequests)
    }

    private func verify(
        _ form: RequestParameters, _ view: View, _ interaction: Interaction, _ call: Call
    ) async throws -> Response {
        var view = view
        view.codeSent = true
        let phone = phone(&view, call)
        let typed = try form.single("code")
        let code = typed.flatMap(SMSCode.init(typed:))
        if typed == nil {
            view.errors.add(text("missingCode", call), field: "code")
        } else if code == nil {
            view.errors.add(text("malformedCode", call), field: "code")
        }
        guard let phone, let code else {
            return try await page(view, interaction, call, status: .unprocessableContent)
        }
        let outcome = try await SignInFlow(environment: environment).tryCode(
            phone, code, isRemembered: view.isRemembered, interaction: interaction, call: call)
        return try await answer(outcome, view, interaction, call, refusal: "refusedCode")
    }

    /// On to the next step, or the page again with the one sentence for whatever was wrong.
    private func answer(
        _ outcome: SignInOutcome, _ view: View, _ interaction: Interaction, _ call: Call, refusal: String
    ) async throws -> Response {
        var interaction = interaction
        interaction.state = outcome.step.state
        guard outcome.step.message == nil else {
            var view = view
            view.errors.add(text(refusal, call))
            return try await page(view, interaction, call, status: .unprocessableContent)
        }
        let location =
            if case .setPassword = interaction.state {
                SetPasswordPage.location(of: interaction)
            } else {
                PausedRequests.location(after: interaction)
            }
        let response = Response.seeOther(location)
        return outcome.sessionCookie.map(response.settingCookie) ?? response
    }

    // MARK: - The page

    private func page(
        _ view: View, _ interaction: Interaction, _ call: Call, status: HTTPResponse.Status
    ) async throws -> Response {
        let methods = call.policy.identity.methods
        var fields = view.errors.fields
        fields["csrf"] = forms.token(.interaction(interaction.id), call)
        fields["i"] = interaction.id
        fields["formAction"] = Path.signIn
        fields["offersPassword"] = methods.contains(.password)
        fields["offersPhone"] = methods.contains(.sms)
        fields["offersBoth"] = methods.count == 2
        fields["passwordSelected"] = view.tab == .password
        fields["phoneSelected"] = view.tab == .sms
        fields["offersRemember"] = call.policy.identity.session.offersToRemember
        fields["remember"] = view.isRemembered
        fields["codeSent"] = view.codeSent
        fields.set("username", view.username)
        fields.set("phone", view.phone)
        if let seconds = view.resendSeconds, seconds > 0 {
            fields["resendSeconds"] = seconds
            fields["resendText"] = text("codeResendIn", call, ["seconds": String(seconds)])
        }
        let hasFocus = view.errors.isEmpty
        fields["focusUsername"] = hasFocus && view.tab == .password
        fields["focusPhone"] = hasFocus && view.tab == .sms && !view.codeSent
        fields["focusCode"] = hasFocus && view.tab == .sms && view.codeSent
        fields.set("continueText", try await continueText(interaction, call))
        return environment.pages.render("sign-in/login", fields, in: frame(view, interaction, call), status: status)
    }

    private func frame(_ view: View, _ interaction: Interaction, _ call: Call) -> Pages.Frame {
        var frame = environment.pages.frame(of: call, at: Path.signIn)
        frame.addressParameters = [
            FormURLEncoded.Pair("i", interaction.id),
            FormURLEncoded.Pair("tab", view.tab == .sms ? "phone" : "password"),
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
    private func tab(_ name: String?, _ call: Call) -> SignInMethod {
        let wanted: SignInMethod = name == "phone" ? .sms : .password
        let methods = call.policy.identity.methods
        return methods.contains(wanted) ? wanted : (wanted == .sms ? .password : .sms)
    }

    private func phone(_ view: inout View, _ call: Call) -> PhoneNumber? {
        guard let typed = view.phone else {
            view.errors.add(text("missingPhone", call), field: "phone")
            return nil
        }
        // Why a text is no phone number does not matter to the person: it is one, or it is to be checked.
        guard let phone = try? PhoneNumber(typed) else {
            view.errors.add(text("malformedPhone", call), field: "phone")
            return nil
        }
        return phone
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
