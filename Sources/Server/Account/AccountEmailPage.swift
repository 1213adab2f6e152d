import Directory
import FoundationEssentials
import HTTPTypes
import HummingbirdCore
import Identity
import Storage
import Wire

/// `/account/email`: the person gives the account an e-mail address, or proves the one it has.
///
/// Two steps: the address with a proof of who asks, in one form, and then the code that was sent to it. The second is
/// remembered by its challenge, which this session alone can use up.
struct AccountEmailPage: Sendable {
    let environment: ServerEnvironment

    private var forms: FormGuard { FormGuard(environment: environment) }

    /// What a person typed, and where they are.
    private struct View {
        var email: String?
        /// The code that is under way; nil in the first step.
        var challenge: EmailChallenge?
        var stepUp = StepUp.View()
    }

    /// GET: the page.
    func show(_ call: Call) async throws -> Response {
        guard let person = try await environment.signedIn(call) else {
            return try await PausedRequests(environment: environment).begin(Path.accountEmail, call: call)
        }
        return page(View(challenge: try await challenge(of: person, call)), person, call)
            .rememberingLanguage(of: call)
    }

    /// POST: one of the things a person can do here.
    func submit(_ call: Call) async throws -> Response {
        let form = try await call.pageForm()
        guard let person = try await environment.signedIn(call) else { throw PageProblem.formExpired }
        try forms.check(form, .session(person.session.id), call)
        // Nothing is sent, so there is nothing to type either.
        guard call.policy.mail.gateway != nil else { return page(View(), person, call) }
        let stepUp = StepUp(environment: environment, person: person, call: call)
        var view = View(email: try form.single("email").map { String($0.prefix(320)) })
        switch try form.single("action") {
        case "send":
            view.stepUp = try stepUp.view(form)
            try await stepUp.send(form, &view.stepUp)
        case "verify":
            view.challenge = try await challenge(of: person, call)
            if try await verify(form, &view, person, call) {
                return .seeOther("\(Path.account)?notice=emailVerified")
            }
        case "again":
            tell(try await sending(person, call).send(.again), in: &view, call)
            view.challenge = try await challenge(of: person, call)
        case "other": try await forget(person)
        default:
            // The other forms have a code too, which is none of the phone's.
            view.stepUp = try stepUp.view(form)
            try await begin(form, stepUp, &view, person, call)
        }
        return page(view, person, call)
    }

    private func sending(_ person: SignedIn, _ call: Call) -> EmailCodeSending {
        EmailCodeSending(environment: environment, person: person, call: call)
    }

    /// The code that is under way, in this session.
    private func challenge(of person: SignedIn, _ call: Call) async throws -> EmailChallenge? {
        let key = environment.keys.sealing
        let stored = try await environment.database.read { db in try db.emailChallenges(key).ofUser(person.user.id) }
        return stored.flatMap { $0.isOpen(in: person.session.id, now: call.now) ? $0 : nil }
    }

    // MARK: - The two steps

    private func begin(
        _ form: RequestParameters, _ stepUp: StepUp, _ view: inout View, _ person: SignedIn, _ call: Call
    ) async throws {
        guard let email = address(&view, person, call), let proof = try await stepUp.proof(form, &view.stepUp) else {
            return
        }
        let outcome = try await sending(person, call).send(.first(email, proof))
        guard outcome != .proofRefused else { return stepUp.refuseCode(&view.stepUp) }
        tell(outcome, in: &view, call)
        if outcome == .sent { view.challenge = try await challenge(of: person, call) }
    }

    private func address(_ view: inout View, _ person: SignedIn, _ call: Call) -> EmailAddress? {
        guard let typed = view.email, let email = try? EmailAddress(typed) else {
            view.stepUp.entry.refuse(text("emailMalformed", call), field: "email")
            return nil
        }
        guard email != person.user.profile.email || person.user.profile.emailVerifiedAt == nil else {
            view.stepUp.entry.refuse(text("emailSame", call), field: "email")
            return nil
        }
        return email
    }

    private func tell(_ outcome: EmailCodeSending.Outcome, in view: inout View, _ call: Call) {
        switch outcome {
        case .sent: view.stepUp.entry.resendSeconds = call.policy.identity.sending.interval.map { Int($0) }
        case .refused(let limit, let seconds):
            view.stepUp.entry.status = .tooManyRequests
            view.stepUp.entry.retryAfter = seconds
            if limit == .interval { view.stepUp.entry.resendSeconds = seconds }
            view.stepUp.entry.errors.add(
                environment.pages.text(
                    limit == .interval ? "codeTooSoon" : "codeTooManyHelp", environment.pages.language(of: call),
                    filling: ["seconds": String(seconds)]))
        case .outage:
            view.stepUp.entry.status = .serviceUnavailable
            view.stepUp.entry.retryAfter = SMSOutage.span
            view.stepUp.entry.errors.add(text("emailNotDelivered", call))
        case .nothingUnderWay, .proofRefused: view.stepUp.entry.refuse(text("emailCodeRefused", call))
        }
    }

    private func verify(
        _ form: RequestParameters, _ view: inout View, _ person: SignedIn, _ call: Call
    ) async throws -> Bool {
        let codes = CodeForm(environment: environment, call: call)
        guard let code = try codes.code(form, &view.stepUp.entry) else { return false }
        let verification = EmailVerification(environment: environment, person: person, call: call)
        if try await verification.verify(code) { return true }
        view.stepUp.entry.refuse(text("emailCodeRefused", call))
        return false
    }

    private func forget(_ person: SignedIn) async throws {
        let key = environment.keys.sealing
        try await environment.database.write { db in
            try db.users(key).lock(person.user.id)
            guard try db.emailChallenges(key).ofUser(person.user.id)?.target.sessionID == person.session.id else {
                return
            }
            try db.emailChallenges(key).remove(ofUser: person.user.id)
        }
    }

    // MARK: - The page

    private func page(_ view: View, _ person: SignedIn, _ call: Call) -> Response {
        let profile = person.user.profile
        let stepUp = StepUp(environment: environment, person: person, call: call)
        var fields = stepUp.fields(view.stepUp, address: Path.accountEmail)
        let hasErrors = !view.stepUp.entry.errors.isEmpty
        fields["atAccount"] = true
        fields["formAction"] = Path.accountEmail
        fields["isOff"] = call.policy.mail.gateway == nil
        fields["asksAddress"] = call.policy.mail.gateway != nil && view.challenge == nil
        fields["asksEmailCode"] = view.challenge != nil
        fields.set("currentEmail", profile.email?.text)
        fields["isVerified"] = profile.emailVerifiedAt != nil
        fields.set("verifiedAt", profile.emailVerifiedAt?.pageText)
        fields.set("verifiedAtISO", profile.emailVerifiedAt?.formatted(.iso8601))
        fields.set("email", view.email ?? (profile.emailVerifiedAt == nil ? profile.email?.text : nil))
        fields["focusEmail"] = !hasErrors && !view.stepUp.asksCode
        if let email = view.challenge?.target.email {
            fields["codeSent"] = true
            fields["codeSentText"] = environment.pages.text(
                "emailCodeSent", environment.pages.language(of: call), filling: ["email": email.text])
            fields["focusCode"] = !hasErrors
        }
        fields.addPerson(person, environment, call)
        let frame = environment.pages.frame(of: call, at: Path.accountEmail)
        return environment.pages.render("account/email", fields, in: frame, status: view.stepUp.entry.status)
            .retrying(after: view.stepUp.entry.retryAfter)
    }

    private func text(_ key: String, _ call: Call) -> String {
        environment.pages.text(key, environment.pages.language(of: call))
    }
}
