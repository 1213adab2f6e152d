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
        var entry = CodeForm.View()
    }

    private func codes(_ call: Call) -> CodeForm { CodeForm(environment: environment, call: call) }

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
        var view = View(isProved: try await isProved(person, call), entry: try codes(call).view(form))
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
        try await send(.changePhone, phone, form, person, &view.entry, call) { _ in
            .init(user: person.user, isServed: true)
        }
    }

    private func prove(
        _ form: RequestParameters, _ person: SignedIn, _ view: inout View, _ call: Call
    ) async throws {
        guard let phone = person.user.profile.phone else {
            return try await provePassword(form, person, &view, call)
        }
        guard let code = try codes(call).code(form, &view.entry) else { return }
        let attempt = PhoneProof(purpose: .changePhone, phone: phone, code: code)
        if try await trial(attempt, person, call) {
            view.isProved = true
            // No code is on its way to the new phone yet.
            view.entry.codeSent = false
        } else {
            view.entry.refuse(text("refusedCode", call))
        }
    }

    /// Somebody without a phone binds the first one: the session alone must not be enough for that.
    private func provePassword(
        _ form: RequestParameters, _ person: SignedIn, _ view: inout View, _ call: Call
    ) async throws {
        let typed = try form.value("currentPassword") ?? ""
        guard !typed.isEmpty else {
            view.entry.refuse(text("missingCurrentPassword", call), field: "currentPassword")
            return
        }
        let check = OwnPassword(environment: environment, person: person, call: call)
        let verdict = try await environment.passwords.admitted(environment.limitKey(of: call)) {
            try await check.verdict(on: Password(typed))
        }
        switch verdict {
        case .right:
            view.isProved = true
            let environment = environment
            try await environment.database.write { db in
                try db.smsChallenges.put(Self.passwordProof(of: person, call))
            }
        case .wrong(let left):
            view.entry.refuse(check.refusal(left), field: "currentPassword")
        }
    }

    // MARK: - The new phone

    private func sendToNew(
        _ form: RequestParameters, _ person: SignedIn, _ view: inout View, _ call: Call
    ) async throws {
        guard let phone = newPhone(&view.entry, person, call) else { return }
        let environment = environment
        try await send(.bindPhone, phone, form, person, &view.entry, call) { db in
            // A number that is somebody else's gets no code, and nobody hears whose it is.
            let owner = try db.users(environment.keys.sealing).withPhone(phone, in: call.tenant.id)
            return CodeSending.Recipient(user: person.user, isServed: owner == nil)
        }
    }

    private func change(
        _ form: RequestParameters, _ person: SignedIn, _ view: inout View, _ call: Call
    ) async throws -> Bool {
        view.entry.codeSent = true
        guard let phone = newPhone(&view.entry, person, call), let code = try codes(call).code(form, &view.entry) else {
            return false
        }
        let proof = PhoneProof(purpose: .bindPhone, phone: phone, code: code)
        guard try await store(proof, person, call) else {
            view.entry.refuse(text("refusedCode", call))
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
                guard try db.trial(of: proof, person, environment, call) else { return (false, nil) }
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
        _ entry: inout CodeForm.View, _ call: Call,
        to recipient: @escaping @Sendable (any Connection) throws -> CodeSending.Recipient
    ) async throws {
        let request = CodeSending.Request(
            purpose: purpose, phone: phone, boundTo: person.session.codeOwner, recipient: recipient,
            solution: try PuzzleSolution(form))
        try await codes(call).ask(request, &entry)
    }

    private func trial(
        _ proof: PhoneProof, _ person: SignedIn, _ call: Call
    ) async throws -> Bool {
        let environment = environment
        return try await environment.database.write { db in try db.trial(of: proof, person, environment, call) }
    }

    private func newPhone(_ entry: inout CodeForm.View, _ person: SignedIn, _ call: Call) -> PhoneNumber? {
        guard let phone = codes(call).phone(&entry) else { return nil }
        guard phone != person.user.profile.phone else {
            entry.refuse(text("samePhone", call), field: "phone")
            return nil
        }
        var user = person.user
        user.profile.phone = phone
        guard (try? user.checkIdentifiers()) != nil else {
            entry.refuse(text("phoneIsUsername", call), field: "phone")
            return nil
        }
        return phone
    }

    private func page(_ view: View, _ person: SignedIn, _ call: Call) -> Response {
        let entry = view.entry
        var fields = codes(call).fields(entry)
        fields["atAccount"] = true
        fields["formAction"] = Path.accountPhone
        fields["asksNewPhone"] = view.isProved
        fields["asksCode"] = !view.isProved && person.user.profile.phone != nil
        fields["asksPassword"] = !view.isProved && person.user.profile.phone == nil
        fields["codeSentText"] = text(view.isProved ? "codeSentToNew" : "codeSentToOld", call)
        fields.set("oldPhone", person.user.profile.phone?.masked)
        let hasFocus = entry.errors.isEmpty
        fields["focusPhone"] = hasFocus && view.isProved && !entry.codeSent
        fields["focusCode"] = hasFocus && entry.codeSent
        fields.addPerson(person, environment, call)
        let frame = environment.pages.frame(of: call, at: Path.accountPhone)
        return environment.pages.render("account/phone", fields, in: frame, status: entry.status)
            .retrying(after: entry.retryAfter)
    }

    private func text(_ key: String, _ call: Call) -> String {
        environment.pages.text(key, environment.pages.language(of: call))
    }
}
