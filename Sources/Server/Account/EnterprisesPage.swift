import Directory
import FoundationEssentials
import HTTPTypes
import HummingbirdCore
import Identity
import Storage
import Wire

/// `/account/enterprises`: the other enterprises of this installation in which the person's phone is a member's, and the
/// way into a further one by an invitation.
///
/// What it lists is about whoever has the phone, not about whoever has the account: an administrator can enter any phone
/// for a member. So it asks for a code to the phone first, and remembers that for this session a while. Nothing is handed
/// over between tenants: each link leads to the other one's own sign-in.
struct EnterprisesPage: Sendable {
    let environment: ServerEnvironment

    /// Seconds after which the code is asked for again.
    static let proofLifetime: TimeInterval = 600
    private static let typedLength = 128

    private func codes(_ call: Call) -> CodeForm { CodeForm(environment: environment, call: call) }

    /// GET: the page.
    func show(_ call: Call) async throws -> Response {
        guard let person = try await environment.signedIn(call) else {
            return try await PausedRequests(environment: environment).begin(Path.enterprises, call: call)
        }
        return try await page(CodeForm.View(), invitation: nil, person, call).rememberingLanguage(of: call)
    }

    /// POST: the wish for a code, or the code.
    func submit(_ call: Call) async throws -> Response {
        let (person, form) = try await person(call)
        var view = try codes(call).view(form)
        guard isProof(call), let phone = person.user.profile.phone else {
            return try await page(view, invitation: nil, person, call)
        }
        if try form.single("action") == "send" {
            let user = person.user
            let request = CodeSending.Request(
                purpose: .enterprises, phone: phone, boundTo: person.session.codeOwner,
                recipient: { _ in .init(user: user, isServed: true) }, solution: try PuzzleSolution(form))
            try await codes(call).ask(request, &view)
        } else if let code = try codes(call).code(form, &view) {
            let proof = PhoneProof(purpose: .enterprises, phone: phone, code: code)
            let environment = environment
            let isRight = try await environment.database.write { db in
                try db.trial(of: proof, person, environment, call)
            }
            if isRight { return .seeOther(Path.enterprises) }
            view.refuse(text("refusedCode", call))
        }
        return try await page(view, invitation: nil, person, call)
    }

    /// Whether a code proves the phone to the whole installation. A tenant that sends through an account of its own can
    /// read its codes, and its administrators enter phones: it could learn of other tenants.
    private func isProof(_ call: Call) -> Bool { call.policy.sms.gateways == environment.settings.policy.sms.gateways }

    /// POST: the code of an invitation into another enterprise.
    func join(_ call: Call) async throws -> Response {
        let (person, form) = try await person(call)
        let typed = try form.single("invitation").map { String($0.prefix(Self.typedLength)) }
        var view = CodeForm.View()
        let entrance = InvitationEntrance(environment: environment, call: call)
        let response = try await entrance.onward(typed, try PuzzleSolution(form), in: person.session.codeOwner, &view)
        if let response { return response }
        return try await page(view, invitation: typed ?? "", person, call)
    }

    private func person(_ call: Call) async throws -> (SignedIn, RequestParameters) {
        let form = try await call.pageForm()
        guard let person = try await environment.signedIn(call) else { throw PageProblem.formExpired }
        try FormGuard(environment: environment).check(form, .session(person.session.id), call)
        return (person, form)
    }

    // MARK: - What is shown

    /// The other tenants, by name; nil before the phone is proved.
    private func others(_ person: SignedIn, _ call: Call) async throws -> [Tenant]? {
        let key = environment.keys.sealing
        guard isProof(call), let phone = person.user.profile.phone else { return nil }
        return try await environment.database.read { db in
            let index = Users.index(of: phone, in: call.tenant.id, key: key)
            let proof = try db.smsChallenges.stored(.enterprises, phoneIndex: index, in: call.tenant.id)
            guard let proof, proof.userID == person.user.id, proof.target.interactionID == person.session.codeOwner,
                let usedAt = proof.usedAt, call.now < usedAt + Self.proofLifetime
            else { return nil }
            return try db.tenants.all().filter { tenant in
                guard tenant.id != call.tenant.id else { return false }
                return try db.users(key).withPhone(phone, in: tenant.id)?.isEnabled == true
            }.sorted { ($0.name, $0.code) < ($1.name, $1.code) }
        }
    }

    /// - Parameter invitation: What was typed as a code of an invitation, where that form was sent.
    private func page(
        _ view: CodeForm.View, invitation: String?, _ person: SignedIn, _ call: Call
    ) async throws -> Response {
        let others = try await others(person, call)
        var fields = codes(call).fields(view)
        fields["atAccount"] = true
        fields["formAction"] = Path.enterprises
        fields["joinAction"] = Path.joinElsewhere
        fields["isProved"] = others != nil
        fields["cannotProve"] = !isProof(call)
        fields["asksCode"] = isProof(call) && others == nil && person.user.profile.phone != nil
        fields["hasEnterprises"] = others?.isEmpty == false
        fields["enterprises"] = (others ?? []).map { tenant -> PageFields in
            ["enterpriseName": tenant.name, "enterpriseHref": tenant.issuer + Path.signIn]
        }
        fields["codeSentText"] = text("codeSentToOld", call)
        fields["focusCode"] = view.errors.isEmpty && view.codeSent
        fields["puzzleAtJoin"] = invitation != nil
        fields.set("oldPhone", person.user.profile.phone?.masked)
        fields.set("invitation", invitation)
        fields.addPerson(person, environment, call)
        let frame = environment.pages.frame(of: call, at: Path.enterprises)
        return environment.pages.render("account/enterprises", fields, in: frame, status: view.status)
            .retrying(after: view.retryAfter)
    }

    private func text(_ key: String, _ call: Call) -> String {
        environment.pages.text(key, environment.pages.language(of: call))
    }
}
