import Directory
import HTTPTypes
import HummingbirdCore
import Identity
import Storage
import Wire

/// The part of a form in which an administrator shows, beyond the session, who they are: the current password, or a code
/// sent to their own phone. It goes with the act in one form and serves it alone.
struct StepUp {
    let environment: ServerEnvironment
    let person: SignedIn
    let call: Call

    /// What was shown.
    enum Proof: Sendable {
        /// The right password, by the version of the credential that was verified.
        case password(version: Int)
        /// A code that is yet to be tried, in the transaction of the act.
        case code(PhoneProof)
    }

    /// What a person typed, and where they are.
    struct View {
        /// Whether a code is asked for instead of the password.
        var asksCode = false
        var entry = CodeForm.View()
    }

    private var codes: CodeForm { CodeForm(environment: environment, call: call) }

    /// Where the person is, by the form that they sent.
    func view(_ form: RequestParameters) throws -> View {
        View(asksCode: form.contains("code"), entry: try codes.view(form))
    }

    /// Sends a code to the administrator's own phone.
    func send(_ form: RequestParameters, _ view: inout View) async throws {
        guard let phone = person.user.profile.phone else { return }
        let user = person.user
        let request = CodeSending.Request(
            purpose: .confirmAct, phone: phone, boundTo: person.session.codeOwner,
            recipient: { _ in .init(user: user, isServed: true) }, solution: try PuzzleSolution(form))
        try await codes.ask(request, &view.entry)
        if view.entry.codeSent { view.asksCode = true }
    }

    /// Reads what was shown. A password is verified here, since that takes time; the attempt is counted like one at
    /// sign-in. Where both were sent it is the code that counts: a browser fills in passwords by itself.
    /// - Returns: nil when it can be no proof, which `view` then tells.
    func proof(_ form: RequestParameters, _ view: inout View) async throws -> Proof? {
        guard form.contains("code") else { return try await password(form, &view) }
        guard let code = try codes.code(form, &view.entry) else { return nil }
        guard let phone = person.user.profile.phone else {
            refuseCode(&view)
            return nil
        }
        return .code(PhoneProof(purpose: .confirmAct, phone: phone, code: code))
    }

    private func password(_ form: RequestParameters, _ view: inout View) async throws -> Proof? {
        let typed = try form.value("currentPassword") ?? ""
        guard !typed.isEmpty else {
            view.entry.refuse(text("missingCurrentPassword"), field: "currentPassword")
            return nil
        }
        let check = OwnPassword(environment: environment, person: person, call: call)
        let verdict = try await environment.passwords.admitted(environment.limitKey(of: call)) {
            try await check.verdict(on: Password(typed))
        }
        switch verdict {
        case .right(let account):
            guard let version = account.credential?.version else { return nil }
            return .password(version: version)
        case .wrong(let left):
            view.entry.refuse(check.refusal(left), field: "currentPassword")
            return nil
        }
    }

    /// The page again, with the sentence for a code that did not do.
    func refuseCode(_ view: inout View) {
        view.asksCode = true
        view.entry.codeSent = true
        view.entry.refuse(text("stepUpRefused"))
    }

    /// The template's fields.
    /// - Parameter address: Of the page with the password in place of the code.
    func fields(_ view: View, address: String) -> PageFields {
        var fields = codes.fields(view.entry)
        fields["asksCode"] = view.asksCode
        fields["codeSentText"] = text("codeSentToOld")
        fields["offersCode"] = person.user.profile.phone != nil
        fields["passwordHref"] = address
        fields["focusCode"] = view.asksCode && view.entry.errors.isEmpty
        if let phone = person.user.profile.phone {
            fields["stepUpPhone"] = environment.pages.text(
                "stepUpPhone", environment.pages.language(of: call), filling: ["phone": phone.masked])
        }
        return fields
    }

    private func text(_ key: String) -> String {
        environment.pages.text(key, environment.pages.language(of: call))
    }
}
