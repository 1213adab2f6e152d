import Directory
import FoundationEssentials
import HTTPTypes
import HummingbirdCore
import Identity
import Storage
import Wire

/// `/account/password`: the person changes their own password, with the old one.
struct AccountPasswordPage: Sendable {
    let environment: ServerEnvironment

    private var forms: FormGuard { FormGuard(environment: environment) }

    /// GET: the page.
    func show(_ call: Call) async throws -> Response {
        guard let person = try await environment.signedIn(call) else {
            return try await PausedRequests(environment: environment).begin(
                Path.accountPassword, call: call)
        }
        return page(person, FormErrors(), [], call, status: .ok)
    }

    /// POST: old and new password.
    func submit(_ call: Call) async throws -> Response {
        let form = try await call.pageForm()
        guard let person = try await environment.signedIn(call) else { throw PageProblem.formExpired }
        try forms.check(form, .session(person.session.id), call)
        let current = try form.value("currentPassword") ?? ""
        let typed = NewPasswordFields(
            new: try form.value("newPassword") ?? "", repeated: try form.value("repeatedPassword") ?? "")
        var errors = FormErrors()
        if current.isEmpty { errors.add(text("missingCurrentPassword", call), field: "currentPassword") }
        typed.check(&errors) { text($0, call) }
        guard errors.isEmpty else { return page(person, errors, [], call, status: .unprocessableContent) }
        return try await environment.passwords.admitted(environment.limitKey(of: call)) {
            try await change(person, from: Password(current), to: Password(typed.new), call)
        }
    }

    private func change(
        _ person: SignedIn, from current: Password, to new: Password, _ call: Call
    ) async throws -> Response {
        let account: SignIn.Account
        let check = OwnPassword(environment: environment, person: person, call: call)
        switch try await check.verdict(on: current) {
        case .right(let found): account = found
        case .wrong(let left):
            var errors = FormErrors()
            errors.add(check.refusal(left), field: "currentPassword")
            return page(person, errors, [], call, status: .unprocessableContent)
        }
        let judged = try await NewPasswordJudge(environment: environment).judge(new, for: account, call)
        guard let hash = judged.hash else {
            var errors = FormErrors()
            errors.add(text("refusedNewPassword", call), field: "newPassword")
            return page(person, errors, judged.violations, call, status: .unprocessableContent)
        }
        guard try await store(hash, account, person, call) else { throw PageProblem.formExpired }
        return .seeOther("\(Path.account)?notice=passwordSaved")
    }

    /// Stores the new password unless another one was set meanwhile; every other session and every grant ends.
    private func store(_ hash: String, _ account: SignIn.Account, _ person: SignedIn, _ call: Call) async throws -> Bool
    {
        let environment = environment
        let notice: SMSDelivery?? = try await environment.database.write { db in
            let current = try db.lockedAccount(person.user.id, environment, call)?.credential
            // Whoever was disabled, or whose session ended, while the hashes were computed changes nothing any more.
            guard try db.signedIn(call, environment.keys.sealing)?.session.id == person.session.id else { return nil }
            guard current?.version == account.credential?.version else { return nil }
            let next = Credential.setting(
                hash, replacing: current, policy: call.policy.identity.password, now: call.now)
            guard try db.credentials.put(next, ofUser: person.user.id) else { return nil }
            for session in try db.sessions.open(ofUser: person.user.id) where session.id != person.session.id {
                try db.end(session, of: person.user, cause: .passwordChanged, environment, call)
            }
            try db.grants.revoke(ofUser: person.user.id, now: call.now)
            let event = Event.user(.passwordSet(userID: person.user.id, cause: .ownChange))
            try db.events.insert(EventRecord(event, by: .user(person.user.id), in: call))
            return .some(try db.notice(.passwordChanged, to: person.user.id, environment, call))
        }
        guard let notice else { return false }
        if let notice { _ = environment.sms.enqueue(notice) }
        return true
    }

    private func page(
        _ person: SignedIn, _ errors: FormErrors, _ violations: [PasswordViolation], _ call: Call,
        status: HTTPResponse.Status
    ) -> Response {
        let frame = environment.pages.frame(of: call, at: Path.accountPassword)
        let rules = PasswordRules(
            policy: call.policy.identity.password, pages: environment.pages, language: frame.language)
        var fields = errors.fields.merging(rules.fields(violations: violations)) { first, _ in first }
        fields["atAccount"] = true
        fields["formAction"] = Path.accountPassword
        fields["username"] = person.user.username.text
        fields.addPerson(person, environment, call)
        return environment.pages.render("account/password", fields, in: frame, status: status)
    }

    private func text(_ key: String, _ call: Call) -> String {
        environment.pages.text(key, environment.pages.language(of: call))
    }
}
