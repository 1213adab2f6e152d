import Directory
import HTTPTypes
import HummingbirdCore
import Identity
import Wire

/// `/login/forgotten`: somebody who forgot the password proves to have the account's phone, and then sets another one.
/// It is a step of the same interaction, so the application that asked is entered afterwards.
struct ForgottenPasswordPage: Sendable {
    let environment: ServerEnvironment

    private var paused: PausedRequests { PausedRequests(environment: environment) }

    /// The address of this page for an interaction.
    static func location(of interaction: Interaction) -> String {
        FormURLEncoded.adding([FormURLEncoded.Pair("i", interaction.id)], toQueryOf: Path.forgottenPassword)
    }

    /// GET: the page; or where the interaction stands by now.
    func show(_ call: Call) async throws -> Response {
        try checkOffer(call)
        guard let id = try call.queryParameters().single("i") else { throw PageProblem.signInExpired }
        let interaction = try await paused.admitted(id, call)
        if interaction.state != .choosingMethod {
            return .seeOther(PausedRequests.location(in: interaction))
        }
        return try await page(CodeForm.View(), interaction, call)
    }

    /// POST: the wish for a code, or the code.
    func submit(_ call: Call) async throws -> Response {
        try checkOffer(call)
        let form = try await call.pageForm()
        guard let id = try form.single("i") else { throw PageProblem.signInExpired }
        let interaction = try await paused.admitted(id, call)
        try FormGuard(environment: environment).check(form, .interaction(interaction.id), call)
        let phone = phone(interaction, call)
        if try form.single("action") == "send" {
            return try await page(try await phone.send(form), interaction, call)
        }
        var view = try phone.view(form)
        guard let typed = try phone.typed(form, &view) else { return try await page(view, interaction, call) }
        let attempt = SignInFlow.Attempt(
            isRemembered: false, solution: try PuzzleSolution(form), interaction: interaction)
        let answer = SignInAnswer(environment: environment, call: call, interaction: interaction)
        let response = try await answer.onward(from: &view, refusal: "refusedCode") {
            try await SignInFlow(environment: environment).tryCode(
                typed.phone, typed.code, for: .forgottenPassword, attempt, call: call)
        }
        if let response { return response }
        return try await page(view, interaction, call)
    }

    /// Where a tenant does not offer it, the address does not exist.
    private func checkOffer(_ call: Call) throws {
        guard call.policy.identity.password.offersReset else { throw RequestRefusal.notFound }
    }

    private func phone(_ interaction: Interaction, _ call: Call) -> PhoneCodeForm {
        PhoneCodeForm(environment: environment, call: call, purpose: .forgottenPassword, interaction: interaction)
    }

    private func page(
        _ view: CodeForm.View, _ interaction: Interaction, _ call: Call
    ) async throws -> Response {
        var fields = try await phone(interaction, call).fields(view)
        fields["formAction"] = Path.forgottenPassword
        fields["backHref"] = SignInPage.location(of: interaction)
        let hasFocus = view.errors.isEmpty
        fields["focusPhone"] = hasFocus && !view.codeSent
        fields["focusCode"] = hasFocus && view.codeSent
        var frame = environment.pages.frame(of: call, at: Path.forgottenPassword)
        frame.addressParameters = [FormURLEncoded.Pair("i", interaction.id)]
        frame.formTargets = [interaction.destinationOrigin].compactMap(\.self)
        return environment.pages.render("sign-in/forgotten-password", fields, in: frame, status: view.status)
            .retrying(after: view.retryAfter)
    }
}
