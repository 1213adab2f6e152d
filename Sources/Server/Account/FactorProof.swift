import Directory
import HTTPTypes
import Identity
import Storage
import Wire

/// The proof with which a person changes how they prove who they are.
///
/// Whoever has a password shows it. A code to the phone is enough only for somebody without one: whoever holds the phone
/// and a session that was left open must not be able to take away the factor that does not hang on the phone.
struct FactorProof {
    let environment: ServerEnvironment
    let person: SignedIn
    let call: Call
    /// Whether the person has a password, when the page was asked for.
    let hasPassword: Bool

    private var stepUp: StepUp { StepUp(environment: environment, person: person, call: call) }

    /// Who wants to see such a page; nil when nobody is signed in.
    static func ofVisitor(_ environment: ServerEnvironment, _ call: Call) async throws -> FactorProof? {
        guard let person = try await environment.signedIn(call) else { return nil }
        let credential = try await environment.database.read { db in try db.credentials.ofUser(person.user.id) }
        return FactorProof(
            environment: environment, person: person, call: call, hasPassword: credential?.hash != nil)
    }

    /// Who sent a form of such a page, and the form.
    static func ofForm(
        _ environment: ServerEnvironment, _ call: Call
    ) async throws -> (proof: FactorProof, form: RequestParameters) {
        let form = try await call.pageForm()
        guard let proof = try await ofVisitor(environment, call) else { throw PageProblem.formExpired }
        try FormGuard(environment: environment).check(form, .session(proof.person.session.id), call)
        return (proof, form)
    }

    // MARK: - The form

    /// Where the person is before anything was sent.
    var firstView: StepUp.View { StepUp.View(asksCode: !hasPassword) }

    /// Where the person is, by the form that they sent.
    func view(_ form: RequestParameters) throws -> StepUp.View {
        var view = try stepUp.view(form)
        view.asksCode = !hasPassword
        return view
    }

    /// Sends a code to somebody without a password.
    func send(_ form: RequestParameters, _ view: inout StepUp.View) async throws {
        guard !hasPassword else { return }
        try await stepUp.send(form, &view)
    }

    /// Reads what was shown; nil when it can be no proof, which `view` then tells.
    func shown(_ form: RequestParameters, _ view: inout StepUp.View) async throws -> StepUp.Proof? {
        guard hasPassword else {
            guard form.contains("code") else {
                view.entry.refuse(text("missingCode"))
                return nil
            }
            return try await stepUp.proof(form, &view)
        }
        // A code that was sent along is not looked at.
        return try await stepUp.proof(RequestParameters(form.all.filter { $0.name != "code" }), &view)
    }

    /// The page again, with the sentence for a proof that did not do.
    func refuse(_ view: inout StepUp.View) {
        if hasPassword {
            view.entry.refuse(text("stepUpOvertaken"))
        } else {
            stepUp.refuseCode(&view)
        }
    }

    /// The template's fields.
    /// - Parameter address: Of this page.
    func fields(_ view: StepUp.View, address: String) -> PageFields {
        var fields = stepUp.fields(view, address: address)
        fields["offersCode"] = !hasPassword && person.user.profile.phone != nil
        // There is only one way to prove.
        fields["passwordHref"] = nil
        if view.asksCode, !view.entry.codeSent, let phone = person.user.profile.phone {
            // Nobody has asked for one yet.
            fields["hidesCode"] = view.entry.status == .ok
            fields["stepUpPhone"] = environment.pages.text(
                "stepUpToPhone", environment.pages.language(of: call), filling: ["phone": phone.masked])
        }
        fields["atAccount"] = true
        fields.addPerson(person, environment, call)
        return fields
    }

    // MARK: - The act

    /// Tries the proof in the transaction of the act. What the trial writes has to be committed, whatever it says.
    /// - Returns: Whether the act may be done.
    /// - Throws: ``PageProblem/formExpired`` when the session has ended meanwhile.
    func admits(_ shown: StepUp.Proof, _ db: any Connection) throws -> Bool {
        try db.users(environment.keys.sealing).lock(person.user.id)
        let present = try db.signedIn(call, environment.keys.sealing)
        guard present?.session.id == person.session.id, present?.user.id == person.user.id else {
            throw PageProblem.formExpired
        }
        // A password may have been set since the page was shown.
        if case .code = shown, try db.credentials.ofUser(person.user.id)?.hash != nil { return false }
        return try Warrant(environment: environment, call: call, person: person, proof: shown).prove(db)
    }

    func text(_ key: String, _ values: [String: String] = [:]) -> String {
        environment.pages.text(key, environment.pages.language(of: call), filling: values)
    }
}
