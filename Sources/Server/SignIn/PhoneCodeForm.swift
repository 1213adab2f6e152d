import Directory
import Identity
import Wire

/// A ``CodeForm`` of somebody who is not signed in, on the sign-in page and on the page for a forgotten password. It
/// answers the same for every phone.
struct PhoneCodeForm {
    let environment: ServerEnvironment
    let call: Call
    let purpose: SMSPurpose
    let interaction: Interaction

    private var codes: CodeForm {
        let hasPassword = purpose == .signIn && call.policy.identity.methods.contains(.password)
        return CodeForm(environment: environment, call: call, hasPasswordInstead: hasPassword)
    }

    /// Reads the phone that was typed.
    func view(_ form: RequestParameters) throws -> CodeForm.View { try codes.view(form) }

    /// Asks for a code.
    func send(_ form: RequestParameters) async throws -> CodeForm.View {
        var view = try view(form)
        guard let phone = codes.phone(&view) else { return view }
        let (environment, call, purpose) = (environment, call, purpose)
        let request = CodeSending.Request(
            purpose: purpose, phone: phone, boundTo: interaction.id, interaction: interaction,
            recipient: { db in try db.recipient(at: phone, for: purpose, environment, call) },
            solution: try PuzzleSolution(form))
        try await codes.ask(request, &view)
        return view
    }

    /// Phone and code of an attempt; nil when something is missing, which `view` then tells.
    func typed(_ form: RequestParameters, _ view: inout CodeForm.View) throws -> (phone: PhoneNumber, code: SMSCode)? {
        let phone = codes.phone(&view)
        guard let code = try codes.code(form, &view), let phone else { return nil }
        return (phone, code)
    }

    /// The template's fields.
    func fields(_ view: CodeForm.View) async throws -> PageFields {
        var view = view
        if view.puzzle == nil { view.puzzle = try await environment.puzzleAhead(in: interaction.id, call) }
        var fields = codes.fields(view)
        fields["csrf"] = FormGuard(environment: environment).token(.interaction(interaction.id), call)
        fields["i"] = interaction.id
        return fields
    }
}
