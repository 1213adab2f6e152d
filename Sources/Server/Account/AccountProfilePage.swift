import Directory
import FoundationEssentials
import HTTPTypes
import HummingbirdCore
import Identity
import Storage
import Wire

/// `/account/profile`: what is known of the person, and what of it the tenant lets them change.
struct AccountProfilePage: Sendable {
    let environment: ServerEnvironment

    private var forms: FormGuard { FormGuard(environment: environment) }

    /// What a person typed; nil before they did.
    private struct View {
        var typed: [ProfileField: String]?
        var errors = FormErrors()
        var status = HTTPResponse.Status.ok
    }

    /// GET: the page.
    func show(_ call: Call) async throws -> Response {
        guard let person = try await environment.signedIn(call) else {
            return try await PausedRequests(environment: environment).begin(Path.accountProfile, call: call)
        }
        return try await page(View(), person, call).rememberingLanguage(of: call)
    }

    /// POST: stores what was changed.
    func submit(_ call: Call) async throws -> Response {
        let form = try await call.pageForm()
        guard let person = try await environment.signedIn(call) else { throw PageProblem.formExpired }
        try forms.check(form, .session(person.session.id), call)
        var typed: [ProfileField: String] = [:]
        for field in ProfileField.allCases { typed[field] = try form.value(field.rawValue) }
        do {
            let changed = try await store(typed, person, call)
            let answer = Response.seeOther("\(Path.accountProfile)?notice=profileSaved")
            // What was chosen last holds: in this browser a choice by link would go on holding otherwise.
            guard changed.contains(.language) else { return answer }
            return answer.settingCookie(Cookie.language(secure: call.isSecure).removal)
        } catch let refusal as ProfileRefusal {
            var view = View(typed: typed.mapValues { String($0.prefix(300)) }, status: .unprocessableContent)
            let key = refusal.field == .language ? "profileLanguageUnknown" : "profileNameRefused"
            view.errors.add(text(key, call), field: refusal.field.rawValue)
            return try await page(view, person, call)
        }
    }

    private func store(
        _ typed: [ProfileField: String], _ person: SignedIn, _ call: Call
    ) async throws -> [ProfileField] {
        let environment = environment
        return try await environment.database.write { db in
            let users = db.users(environment.keys.sealing)
            try users.lock(person.user.id)
            guard let present = try db.signedIn(call, environment.keys.sealing), present.session.id == person.session.id
            else { throw PageProblem.formExpired }
            var user = present.user
            let profile = try user.profile.changed(
                by: typed, open: call.policy.editable, languages: Language.allCases.map(\.rawValue))
            let changed = profile.changes(from: user.profile)
            guard !changed.isEmpty else { return [] }
            user.profile = profile
            user.updatedAt = call.now
            try users.update(user)
            let changes = changed.map { Change(concealed: $0.rawValue) }
            let event = Event.user(.changed(userID: user.id, changes: changes))
            try db.events.insert(EventRecord(event, by: .user(user.id), in: call))
            return changed
        }
    }

    // MARK: - The page

    private func page(_ view: View, _ person: SignedIn, _ call: Call) async throws -> Response {
        let groups = try await environment.database.read { db in try db.groups.ofUser(person.user.id) }
        let language = environment.pages.language(of: call)
        let (open, profile) = (call.policy.editable, person.user.profile)
        var fields = view.errors.fields
        fields["atAccount"] = true
        fields["formAction"] = Path.accountProfile
        fields["profile"] = facts(person.user, groups, language)
        fields["canChange"] = !open.isEmpty
        fields["canChangeName"] = open.contains(.name)
        fields["canChangeNickname"] = open.contains(.nickname)
        fields["canChangeLanguage"] = open.contains(.language)
        fields.set("name", view.typed?[.name] ?? profile.name)
        fields.set("nickname", view.typed?[.nickname] ?? profile.nickname)
        fields["choices"] = choices(view.typed?[.language] ?? profile.language ?? "", language)
        fields.addPerson(person, environment, call)
        let frame = environment.pages.frame(of: call, at: Path.accountProfile)
        return environment.pages.render("account/profile", fields, in: frame, status: view.status)
    }

    private func facts(_ user: User, _ groups: [Group], _ language: Language) -> [String: String] {
        var facts = ["name": user.profile.name, "username": user.username.text]
        facts["nickname"] = user.profile.nickname
        facts["phone"] = user.profile.phone?.masked
        facts["email"] = user.profile.email?.text
        facts["employeeID"] = user.profile.employeeID
        if !groups.isEmpty {
            facts["groups"] = groups.map(\.name).joined(separator: language == .chinese ? "、" : ", ")
        }
        if let own = user.language { facts["language"] = environment.pages.text("languageName", own) }
        return facts
    }

    /// The browser's language first, then each of ours by its own name.
    private func choices(_ chosen: String, _ language: Language) -> [PageFields] {
        let all =
            [("", environment.pages.text("profileLanguageBrowser", language))]
            + Language.allCases.map { ($0.rawValue, environment.pages.text("languageName", $0)) }
        return all.map { value, name in
            var fields: PageFields = ["choiceName": name, "choiceIsChosen": value == chosen]
            // Without a value the radio button sends an empty text, not "on".
            fields["choiceID"] = value.isEmpty ? "browser" : value
            fields.set("choiceValue", value.isEmpty ? nil : value)
            return fields
        }
    }

    private func text(_ key: String, _ call: Call) -> String {
        environment.pages.text(key, environment.pages.language(of: call))
    }
}
