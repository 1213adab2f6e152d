import Directory
import FoundationEssentials
import HTTPTypes
import HummingbirdCore
import Identity
import Storage
import Wire

/// `/account/second-factor/app`: the person sets up an authenticator app, or another one in place of it. The secret, a
/// code of the app and the person's proof are one form.
struct AuthenticatorAppPage: Sendable {
    let environment: ServerEnvironment

    /// GET: a new secret as a QR code and as text.
    func show(_ call: Call) async throws -> Response {
        guard let proof = try await FactorProof.ofVisitor(environment, call) else {
            return try await PausedRequests(environment: environment).begin(Path.authenticatorApp, call: call)
        }
        return page(proof, proof.firstView, newSetup(proof, call), call).rememberingLanguage(of: call)
    }

    /// POST: the app's first code, with the proof.
    func submit(_ call: Call) async throws -> Response {
        let (proof, form) = try await FactorProof.ofForm(environment, call)
        var view = try proof.view(form)
        let sent = try form.single("setup") ?? ""
        guard let setup = TOTPSetup(sent, for: proof.person.setupOwner, key: environment.keys.sealing, now: call.now)
        else {
            view.entry.refuse(proof.text("appSetupExpired"))
            return page(proof, view, newSetup(proof, call), call)
        }
        if try form.single("action") == "send" {
            try await proof.send(form, &view)
        } else if let answer = try await confirm(form, setup, proof, &view, call) {
            return answer
        }
        return page(proof, view, setup, call)
    }

    private func newSetup(_ proof: FactorProof, _ call: Call) -> TOTPSetup {
        TOTPSetup(for: proof.person.setupOwner, key: environment.keys.sealing, now: call.now)
    }

    private enum Outcome: Sendable {
        case done(FactorChange.Done)
        case refused
        /// The form was sent before.
        case used
    }

    /// - Returns: nil when the page has to be shown again; `view` tells why.
    private func confirm(
        _ form: RequestParameters, _ setup: TOTPSetup, _ proof: FactorProof, _ view: inout StepUp.View, _ call: Call
    ) async throws -> Response? {
        let typed = try form.single("appCode")
        guard let typed, let step = setup.totp.step(matching: typed, after: nil, now: call.now) else {
            let key = typed == nil ? "missingAppCode" : "refusedAppCode"
            view.entry.refuse(proof.text(key), field: "appCode")
            return nil
        }
        guard let shown = try await proof.shown(form, &view) else { return nil }
        let factor = TOTPFactor(totp: setup.totp, confirmedAt: call.now, lastStep: step)
        let change = FactorChange(environment: environment, person: proof.person, call: call)
        let outcome: Outcome = try await environment.database.write { db in
            guard try proof.admits(shown, db) else { return .refused }
            guard try db.spentPuzzles.spend(setup.id, expiresAt: setup.expiresAt) else { return .used }
            return .done(try change.put(factor, in: db))
        }
        switch outcome {
        case .done(let done):
            return environment.answer(done, to: proof.person, address: Path.secondFactor, notice: "appSet", call)
        case .used: throw PageProblem.formExpired
        case .refused:
            proof.refuse(&view)
            return nil
        }
    }

    private func page(_ proof: FactorProof, _ view: StepUp.View, _ setup: TOTPSetup, _ call: Call) -> Response {
        let pages = environment.pages
        var fields = proof.fields(view, address: Path.authenticatorApp)
        fields["formAction"] = Path.authenticatorApp
        fields["backHref"] = Path.secondFactor
        let account = proof.person.user.username.text
        fields.merge(setup.fields(issuer: call.tenant.name, account: account)) { $1 }
        let frame = pages.frame(of: call, at: Path.authenticatorApp)
        return pages.render("account/authenticator-app", fields, in: frame, status: view.entry.status)
            .retrying(after: view.entry.retryAfter)
    }
}
