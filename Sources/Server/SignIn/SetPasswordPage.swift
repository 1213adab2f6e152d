import Directory
import HTTPTypes
import HummingbirdCore
import Identity
import Storage
import Wire

/// `/login/password`: somebody proved who they are and has to set a password before anything else. There is no
/// session until it is set.
struct SetPasswordPage: Sendable {
    let environment: ServerEnvironment

    private var paused: PausedRequests { PausedRequests(environment: environment) }
    private var forms: FormGuard { FormGuard(environment: environment) }

    /// The address of this page for an interaction.
    static func location(of interaction: Interaction) -> String {
        FormURLEncoded.adding([FormURLEncoded.Pair("i", interaction.id)], toQueryOf: Path.setPassword)
    }

    /// GET: the page; or where the interaction stands by now.
    func show(_ call: Call) async throws -> Response {
        guard let id = try call.queryParameters().single("i") else { throw PageProblem.signInExpired }
        let interaction = try await paused.admitted(id, call)
        guard case .setPassword(let step) = interaction.state else {
            return .seeOther(PausedRequests.location(in: interaction))
        }
        return try await page(step, interaction, FormErrors(), [], call, status: .ok)
    }

    /// POST: a new password.
    func submit(_ call: Call) async throws -> Response {
        let form = try await call.pageForm()
        guard let id = try form.single("i") else { throw PageProblem.signInExpired }
        let interaction = try await paused.admitted(id, call)
        try forms.check(form, .interaction(interaction.id), call)
        guard case .setPassword(let step) = interaction.state else {
            return .seeOther(PausedRequests.location(in: interaction))
        }
        let typed = NewPasswordFields(
            new: try form.value("newPassword") ?? "", repeated: try form.value("repeatedPassword") ?? "")
        var errors = FormErrors()
        typed.check(&errors) { text($0, call) }
        guard errors.isEmpty else {
            return try await page(step, interaction, errors, [], call, status: .unprocessableContent)
        }
        let outcome = try await SignInFlow(environment: environment).setPassword(
            Password(typed.new), step: step, interaction: interaction, call: call)
        return try await answer(outcome, step, interaction, call)
    }

    private func answer(
        _ outcome: SignInOutcome, _ step: SignIn.SetPassword, _ interaction: Interaction, _ call: Call
    ) async throws -> Response {
        switch outcome.step.message {
        case .passwordViolations(let violations):
            var errors = FormErrors()
            errors.add(text("refusedNewPassword", call), field: "newPassword")
            return try await page(step, interaction, errors, violations, call, status: .unprocessableContent)
        case .refused, .startAgain: throw PageProblem.signInExpired
        case .passwordSaved:
            let address = SignInPage.location(of: interaction)
            return .seeOther(FormURLEncoded.adding([.init("notice", "passwordSaved")], toQueryOf: address))
        case nil:
            var interaction = interaction
            interaction.state = outcome.step.state
            let response = Response.seeOther(PausedRequests.location(in: interaction))
            return outcome.sessionCookie.map(response.settingCookie) ?? response
        }
    }

    private func page(
        _ step: SignIn.SetPassword, _ interaction: Interaction, _ errors: FormErrors,
        _ violations: [PasswordViolation], _ call: Call, status: HTTPResponse.Status
    ) async throws -> Response {
        let key = environment.keys.sealing
        let user = try await environment.database.read { db in
            try db.users(key).identified(step.userID, in: call.tenant.id)
        }
        guard let user else { throw PageProblem.signInExpired }
        var frame = environment.pages.frame(of: call, at: Path.setPassword)
        frame.addressParameters = [FormURLEncoded.Pair("i", interaction.id)]
        frame.formTargets = [interaction.destinationOrigin].compactMap(\.self)
        let rules = PasswordRules(
            policy: call.policy.identity.password, pages: environment.pages, language: frame.language)
        var fields = errors.fields.merging(rules.fields(violations: violations)) { first, _ in first }
        fields["csrf"] = forms.token(.interaction(interaction.id), call)
        fields["i"] = interaction.id
        fields["formAction"] = Path.setPassword
        fields["username"] = user.username.text
        fields["reasonText"] = text(Self.reasonKey(step.reason), call)
        return environment.pages.render("sign-in/set-password", fields, in: frame, status: status)
    }

    private static func reasonKey(_ reason: SignIn.SetPassword.Reason) -> String {
        switch reason {
        case .first: "setPasswordReasonFirst"
        case .cleared: "setPasswordReasonCleared"
        case .forcedChange: "setPasswordReasonRequired"
        case .expired: "setPasswordReasonExpired"
        case .forgotten: "setPasswordReasonForgotten"
        }
    }

    private func text(_ key: String, _ call: Call) -> String {
        environment.pages.text(key, environment.pages.language(of: call))
    }
}
