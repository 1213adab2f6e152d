import Cryptography
import Directory
import HTTPTypes
import HummingbirdCore
import Identity
import Storage
import Wire

/// `/login/second-factor`: somebody proved one factor and has to prove another, or to set one up.
struct SignInFactorPage: Sendable {
    let environment: ServerEnvironment

    private var paused: PausedRequests { PausedRequests(environment: environment) }
    private var forms: FormGuard { FormGuard(environment: environment) }

    /// A person at this step, and what is asked for.
    struct Stand: Sendable {
        var step: SignIn.SecondFactor
        var interaction: Interaction
        var account: SignIn.Account
        var demand: FactorDemand
        var passkeys: [Passkey]
        var user: User { account.user }

        /// What may be shown here, the handiest first.
        var factors: [Factor] {
            guard case .one(of: let factors) = demand else { return [] }
            return [.totp, .sms, .password, .passkey, .recoveryCode].filter(factors.contains)
        }
    }

    /// The address of this page for an interaction.
    static func location(of interaction: Interaction) -> String {
        FormURLEncoded.adding([FormURLEncoded.Pair("i", interaction.id)], toQueryOf: Path.signInFactor)
    }

    /// GET: the page; or where the interaction stands by now.
    func show(_ call: Call) async throws -> Response {
        let parameters = try call.queryParameters()
        guard let id = try parameters.single("i") else { throw PageProblem.signInExpired }
        let interaction = try await paused.admitted(id, call)
        guard let stand = try await stand(interaction, call) else {
            return .seeOther(PausedRequests.location(in: interaction))
        }
        let factor = factor(try parameters.single("factor"), stand)
        return try await page(CodeForm.View(), factor, stand, call)
    }

    /// POST: another factor, the wish for a code, or the way back.
    func submit(_ call: Call) async throws -> Response {
        let form = try await call.pageForm()
        guard let id = try form.single("i") else { throw PageProblem.signInExpired }
        let interaction = try await paused.admitted(id, call)
        try forms.check(form, .interaction(interaction.id), call)
        guard let stand = try await stand(interaction, call) else {
            return .seeOther(PausedRequests.location(in: interaction))
        }
        if try form.single("action") == "restart" { return try await startAgain(stand, call) }
        if stand.demand == .setUp { return try await setUp(form, stand, call) }
        let factor = factor(try form.single("factor"), stand)
        if factor == .sms, try form.single("action") == "send" {
            var view = CodeForm.View()
            try await sendCode(form, &view, stand, call)
            return try await page(view, factor, stand, call)
        }
        return try await attempt(form, factor, stand, call)
    }

    // MARK: - What is asked for

    /// Who is at this step; nil when the interaction is not at it.
    private func stand(_ interaction: Interaction, _ call: Call) async throws -> Stand? {
        guard case .secondFactor(let step) = interaction.state else { return nil }
        let environment = environment
        let situation = SignIn.Situation(
            interactionID: interaction.id, tenantID: call.tenant.id, policy: call.policy.identity,
            requirement: interaction.requirement, presentedSessionID: nil)
        return try await environment.database.read { db in
            let user = try db.users(environment.keys.sealing).identified(step.proof.userID, in: call.tenant.id)
            guard let account = try db.decisiveAccount(user, environment, call) else {
                throw PageProblem.signInExpired
            }
            let demand = SignIn.demand(of: step, account, in: situation, now: call.now)
            let passkeys = account.own.passkeys > 0 ? try db.passkeys.ofUser(account.user.id) : []
            return Stand(
                step: step, interaction: interaction, account: account, demand: demand, passkeys: passkeys)
        }
    }

    /// The factor that was chosen, if it is one of those asked for; otherwise the handiest.
    private func factor(_ name: String?, _ stand: Stand) -> Factor? {
        let wanted = name.flatMap(Factor.init(rawValue:))
        return stand.factors.first { $0 == wanted } ?? stand.factors.first
    }

    // MARK: - Answers

    private func attempt(
        _ form: RequestParameters, _ factor: Factor?, _ stand: Stand, _ call: Call
    ) async throws -> Response {
        var view = CodeForm.View()
        let flow = SignInFactorFlow(environment: environment, call: call)
        let attempt = SignInFactorFlow.Attempt(
            step: stand.step, solution: try PuzzleSolution(form), interaction: stand.interaction)
        let answer = SignInAnswer(environment: environment, call: call, interaction: stand.interaction)
        let response: Response?
        if factor == .password {
            let typed = try form.value("password") ?? ""
            guard !typed.isEmpty else {
                view.refuse(text("missingPassword", call), field: "password")
                return try await page(view, factor, stand, call)
            }
            response = try await answer.onward(from: &view, refusal: "factorRefused") {
                try await flow.attempt(Password(typed), attempt)
            }
        } else {
            guard let evidence = try evidence(form, factor, &view, call) else {
                return try await page(view, factor, stand, call)
            }
            response = try await answer.onward(from: &view, refusal: "factorRefused") {
                try await flow.attempt(evidence, attempt)
            }
        }
        if let response { return response }
        return try await page(view, factor, stand, call)
    }

    /// What was typed; nil when something is missing, which `view` then tells.
    private func evidence(
        _ form: RequestParameters, _ factor: Factor?, _ view: inout CodeForm.View, _ call: Call
    ) throws -> SignInFactorFlow.Evidence? {
        switch factor {
        case nil, .password: return SignInFactorFlow.Evidence.none
        case .sms: return try codes(call).code(form, &view).map { .sms($0) }
        case .totp: return try typed(form, &view, call).map { .totp($0) }
        case .recoveryCode: return try typed(form, &view, call).map { .recoveryCode($0) }
        case .passkey:
            if let answer = try form.value("credential"), !answer.isEmpty { return .passkey(answer) }
            view.refuse(text("passkeyNothing", call))
            return nil
        }
    }

    private func typed(
        _ form: RequestParameters, _ view: inout CodeForm.View, _ call: Call
    ) throws -> String? {
        if let code = try form.single("code") { return code }
        view.refuse(text("missingCode", call), field: "code")
        return nil
    }

    private func sendCode(
        _ form: RequestParameters, _ view: inout CodeForm.View, _ stand: Stand, _ call: Call
    ) async throws {
        guard let phone = stand.user.profile.phone else { return }
        let user = stand.user
        let request = CodeSending.Request(
            purpose: .secondFactor, phone: phone, boundTo: stand.interaction.id, interaction: stand.interaction,
            recipient: { _ in .init(user: user, isServed: user.isEnabled) }, solution: try PuzzleSolution(form))
        try await codes(call).ask(request, &view)
    }

    private func startAgain(_ stand: Stand, _ call: Call) async throws -> Response {
        try await SignInFactorFlow(environment: environment, call: call).startAgain(stand.interaction)
        return .seeOther(SignInPage.location(of: stand.interaction))
    }

    // MARK: - Setting up

    private func setUp(_ form: RequestParameters, _ stand: Stand, _ call: Call) async throws -> Response {
        let (owner, key) = (stand.interaction.setupOwner(stand.user.id), environment.keys.sealing)
        guard let sent = try form.single("setup"), let setup = TOTPSetup(sent, for: owner, key: key, now: call.now)
        else { throw PageProblem.formExpired }
        var view = CodeForm.View()
        guard let code = try typed(form, &view, call) else {
            return try await page(view, nil, stand, call, offering: setup)
        }
        let attempt = SignInFactorFlow.Attempt(step: stand.step, solution: nil, interaction: stand.interaction)
        let outcome = try await SignInFactorFlow(environment: environment, call: call).setUp(setup.totp, code, attempt)
        guard outcome.step.message == nil else {
            view.refuse(text("factorCodeWrong", call), field: "code")
            return try await page(view, nil, stand, call, offering: setup)
        }
        guard !outcome.recoveryCodes.isEmpty else {
            var interaction = stand.interaction
            interaction.state = outcome.step.state
            return .seeOther(PausedRequests.location(in: interaction))
        }
        return recoveryCodes(outcome, stand, call)
    }

    /// The codes, this once; the way on is a link, so that nobody passes them by.
    private func recoveryCodes(_ outcome: SignInOutcome, _ stand: Stand, _ call: Call) -> Response {
        var interaction = stand.interaction
        interaction.state = outcome.step.state
        let fields: PageFields = [
            "codes": outcome.recoveryCodes.map { ["recoveryCode": $0.text] as PageFields },
            "onwardHref": PausedRequests.location(in: interaction),
        ]
        let response = environment.pages.render("sign-in/recovery-codes", fields, in: frame(stand, nil, call))
        return outcome.sessionCookie.map(response.settingCookie) ?? response
    }

    // MARK: - The page

    private func page(
        _ view: CodeForm.View, _ factor: Factor?, _ stand: Stand, _ call: Call, offering setup: TOTPSetup? = nil
    ) async throws -> Response {
        var view = view
        if view.puzzle == nil { view.puzzle = try await environment.puzzleAhead(in: stand.interaction.id, call) }
        var fields = codes(call).fields(view)
        fields["csrf"] = forms.token(.interaction(stand.interaction.id), call)
        fields["i"] = stand.interaction.id
        fields["formAction"] = Path.signInFactor
        fields["username"] = stand.user.username.text
        fields["canRestart"] = stand.step.proof.sessionID == nil
        let words = SignInFactorWords(environment: environment, call: call)
        words.add(factor, stand, hasFocus: view.errors.isEmpty, to: &fields)
        if stand.demand == .setUp { words.addSetUp(setup, stand, to: &fields) }
        return environment.pages.render(
            "sign-in/second-factor", fields, in: frame(stand, factor, call), status: view.status
        ).retrying(after: view.retryAfter)
    }

    private func frame(_ stand: Stand, _ factor: Factor?, _ call: Call) -> Pages.Frame {
        var frame = environment.pages.frame(of: call, at: Path.signInFactor)
        frame.addressParameters = [FormURLEncoded.Pair("i", stand.interaction.id)]
        if let factor { frame.addressParameters.append(FormURLEncoded.Pair("factor", factor.rawValue)) }
        frame.formTargets = [stand.interaction.destinationOrigin].compactMap(\.self)
        return frame
    }

    private func codes(_ call: Call) -> CodeForm { CodeForm(environment: environment, call: call) }

    private func text(_ key: String, _ call: Call) -> String {
        environment.pages.text(key, environment.pages.language(of: call))
    }
}
