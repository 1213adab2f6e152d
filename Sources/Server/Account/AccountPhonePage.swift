import Directory
import FoundationEssentials
import HTTPTypes
import HummingbirdCore
import Identity
import Storage
import Wire

/// `/account/phone`: the person changes the account's phone, with a code to the old one and then a code to the new one.
///
/// Who has no phone yet proves with the password instead. Two small steps, so that no code has to stay on a page. The
/// first is remembered by its challenge, which this session alone could use up.
struct AccountPhonePage: Sendable {
    let environment: ServerEnvironment

    /// Seconds after which the first step has to be done again.
    static let proofLifetime: TimeInterval = 600

    private var forms: FormGuard { FormGuard(environment: environment) }

    /// What a person typed, and where they are.
    private struct View {
        /// Whether the old phone is proved, so that the new one is asked for.
        var isProved: Bool
        var phone: String?
        var codeSent = false
        var resendSeconds: Int?
        var puzzle: PuzzleDemand?
        var errors = FormErrors()
        var status = HTTPResponse.Status.ok
        var retryAfter: Int?
    }

    /// GET: the page.
    func show(_ call: Call) async throws -> Response {
        guard let person = try await environment.signedIn(call) else {
            return try await PausedRequests(environment: environment).begin(Path.accountPhone, call: call)
        }
        return page(View(isProved: try await isProved(person, call)), person, call)
    }

    /// POST: one of the four things a person can do here.
    func submit(_ call: Call) async throws -> Response {
        let form = try await call.pageForm()
        guard let person = try await environment.signedIn(call) else { throw PageProblem.formExpired }
        try forms.check(form, .session(person.session.id), call)
        var view = View(isProved: try await isProved(person, call))
        view.phone = try form.single("phone").map { String($0.prefix(64)) }
        switch (view.isProved, try form.single("action")) {
        case (false, "send"): try await sendToOld(form, person, &view, call)
        case (false, _): try await prove(form, person, &view, call)
        case (true, "send"): try await sendToNew(form, person, &view, call)
        case (true, _):
            if try await change(form, person, &view, call) {
                return .seeOther("\(Path.account)?notice=phoneChanged")
            }
        }
        return page(view, person, call)
    }

    // MARK: - The old phone

    private func sendToOld(
        _ form: RequestParameters, _ person: SignedIn, _ view: inout View, _ call: Call
    ) async throws {
        guard let phone = person.user.profile.phone else { return }
        try await send(.changePhone, phone, form, person, &view, call) { _ in .init(user: person.user, isServed: true) }
    }

    private func prove(
        _ form: RequestParameters, _ person: SignedIn, _ view: inout View, _ call: Call
    ) async throws {
        guard let phone = person.user.profile.phone else {
            return try await provePassword(form, person, &view, call)
        }
        guard let code = try code(form, &view, call) else { return }
        let attempt = PhoneProof(purpose: .changePhone, phone: phone, code: code)
        if case .accepted = try await trial(attempt, person, call) {
            view.isProved = true
            // No code is on its way to the new phone yet.
            view.codeSent = false
        } else {
            refuse(&view, "refusedCode", call)
        }
    }

    /// Somebody without a phone binds the first one: the session alone must not be enough for that.
    private func provePassword(
        _ form: RequestParameters, _ person: SignedIn, _ view: inout View, _ call: Call
    ) async throws {
        let typed = try form.value("currentPassword") ?? ""
        guard !typed.isEmpty else {
            view.errors.add(text("missingCurrentPassword", call), field: "currentPassword")
            view.status = .unprocessableContent
            return
        }
        let check = OwnPassword(environment: environment, person: person, call: call)
        switch try await environment.passwords.admitted(
            environment.limitKey(of: call),
            {
                try await check.verdict(on: Password(typed))
            })
        {
        case .right:
            view.isProved = true
            let environment = environment
            try await environment.database.write { db in
                try db.smsChallenges.put(Self.passwordProof(of: person, call))
            }
        case .wrong(let left):
            view.errors.add(check.refusal(left), field: "currentPassword")
            view.status = .unprocessableContent
        }
    }

    // MARK: - The new phone

    private func sendToNew(
        _ form: RequestParameters, _ person: SignedIn, _ view: inout View, _ call: Call
    ) async throws {
        guard let phone = newPhone(&view, person, call) else { return }
        let environment = environment
        try await send(.bindPhone, phone, form, person, &view, call) { db in
            // A number that is somebody else's gets no code, and nobody hears whose it is.
            let owner = try db.users(environment.keys.sealing).withPhone(phone, in: call.tenant.id)
            return CodeSending.Recipient(user: person.user, isServed: owner == nil)
        }
    }

    private func change(
        _ form: RequestParameters, _ person: SignedIn, _ view: inout View, _ call: Call
    ) async throws -> Bool {
        view.codeSent = true
        guard let phone = newPhone(&view, person, call), let code = try code(form, &view, call) else { return false }
        let proof = PhoneProof(purpose: .bindPhone, phone: phone, code: code)
        guard try await store(proof, person, call) else {
            refuse(&view, "refusedCode", call)
            return false
        }
        return true
    }

    /// Tries the code for the new phone and, if it is right, stores the phone in the same transaction.
    private func store(_ proof: PhoneProof, _ person: SignedIn, _ call: Call) async throws -> Bool {
        let environment = environment
        let change = PhoneChange(environment: environment, person: person, call: call)
        do {
            let (isStored, notice): (Bool, SMSDelivery?) = try await environment.database.write { db in
                guard case .accepted = try db.trial(of: proof, person, environment, call) else { return (false, nil) }
                guard try db.phoneProof(of: person, environment, call) != nil else { throw PageProblem.formExpired }
                return (true, try change.store(proof.phone, in: db))
            }
            if let notice { _ = environment.sms.enqueue(notice) }
            return isStored
        } catch DatabaseError.uniqueViolation {
            // It became somebody else's in this moment.
            return false
        }
    }

    // MARK: - What both have in common

    private func isProved(_ person: SignedIn, _ call: Call) async throws -> Bool {
        let environment = environment
        return try await environment.database.read { db in try db.phoneProof(of: person, environment, call) != nil }
    }

    private func send(
        _ purpose: SMSPurpose, _ phone: PhoneNumber, _ form: RequestParameters, _ person: SignedIn,
        _ view: inout View, _ call: Call,
        to recipient: @escaping @Sendable (any Connection) throws -> CodeSending.Recipient
    ) async throws {
        let request = CodeSending.Request(
            purpose: purpose, phone: phone, boundTo: person.session.codeOwner, recipient: recipient,
            solution: try PuzzleSolution(form))
        switch try await CodeSending(environment: environment).send(request, call) {
        case .sent:
            view.codeSent = true
            view.resendSeconds = call.policy.identity.sending.interval.map { Int($0) }
        case .refused(let limit, let seconds):
            view.codeSent = limit == .interval
            view.resendSeconds = limit == .interval ? seconds : nil
            view.status = .tooManyRequests
            let key = limit == .interval ? "codeTooSoon" : "codeTooManyHelp"
            view.errors.add(text(key, call, ["seconds": String(seconds)]))
        case .puzzle(let demand):
            view.puzzle = demand
            refuse(&view, "puzzleFirst", call)
        case .outage:
            view.status = .serviceUnavailable
            view.retryAfter = SMSOutage.span
            view.errors.add(text("codeNotDeliveredHelp", call))
        }
    }

    private func trial(
        _ proof: PhoneProof, _ person: SignedIn, _ call: Call
    ) async throws -> SMSChallenge.Outcome? {
        let environment = environment
        return try await environment.database.write { db in try db.trial(of: proof, person, environment, call) }
    }

    private func newPhone(_ view: inout View, _ person: SignedIn, _ call: Call) -> PhoneNumber? {
        // Why a text is no phone number does not matter to the person: it is one, or it is to be checked.
        guard let typed = view.phone, let phone = try? PhoneNumber(typed) else {
            let key = view.phone == nil ? "missingPhone" : "malformedPhone"
            view.errors.add(text(key, call), field: "phone")
            view.status = .unprocessableContent
            return nil
        }
        guard phone != person.user.profile.phone else {
            view.errors.add(text("samePhone", call), field: "phone")
            view.status = .unprocessableContent
            return nil
        }
        var user = person.user
        user.profile.phone = phone
        guard (try? user.checkIdentifiers()) != nil else {
            view.errors.add(text("phoneIsUsername", call), field: "phone")
            view.status = .unprocessableContent
            return nil
        }
        return phone
    }

    private func code(_ form: RequestParameters, _ view: inout View, _ call: Call) throws -> SMSCode? {
        view.codeSent = true
        let typed = try form.single("code")
        if let code = typed.flatMap(SMSCode.init(typed:)) { return code }
        view.errors.add(text(typed == nil ? "missingCode" : "malformedCode", call), field: "code")
        view.status = .unprocessableContent
        return nil
    }

    private func refuse(_ view: inout View, _ key: String, _ call: Call) {
        view.errors.add(text(key, call))
        view.status = .unprocessableContent
    }

    private func page(_ view: View, _ person: SignedIn, _ call: Call) -> Response {
        var fields = view.errors.fields
        fields["atAccount"] = true
        fields["formAction"] = Path.accountPhone
        fields["asksNewPhone"] = view.isProved
        fields["asksCode"] = !view.isProved && person.user.profile.phone != nil
        fields["asksPassword"] = !view.isProved && person.user.profile.phone == nil
        fields["codeSent"] = view.codeSent
        fields.set("oldPhone", person.user.profile.phone?.masked)
        fields.set("phone", view.phone)
        if let seconds = view.resendSeconds, seconds > 0 {
            fields["resendSeconds"] = seconds
            fields["resendText"] = text("codeResendIn", call, ["seconds": String(seconds)])
        }
        if let puzzle = view.puzzle { fields.merge(puzzle.fields { text($0, call, $1) }) { $1 } }
        fields["sendsWhenSolved"] = view.puzzle != nil
        let hasFocus = view.errors.isEmpty
        fields["focusPhone"] = hasFocus && view.isProved && !view.codeSent
        fields["focusCode"] = hasFocus && view.codeSent
        fields.addPerson(person, environment, call)
        let frame = environment.pages.frame(of: call, at: Path.accountPhone)
        return environment.pages.render("account/phone", fields, in: frame, status: view.status)
            .retrying(after: view.retryAfter)
    }

    private func text(_ key: String, _ call: Call, _ values: [String: String] = [:]) -> String {
        environment.pages.text(key, environment.pages.language(of: call), filling: values)
    }
}
