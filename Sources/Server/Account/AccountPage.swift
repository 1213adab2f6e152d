import Directory
import FoundationEssentials
import HummingbirdCore
import Identity
import Storage
import Wire

/// `/account`: the person's profile and the sessions they have.
struct AccountPage: Sendable {
    let environment: ServerEnvironment

    private var forms: FormGuard { FormGuard(environment: environment) }

    /// GET: the page.
    func show(_ call: Call) async throws -> Response {
        guard let person = try await environment.signedIn(call) else {
            return try await PausedRequests(environment: environment).begin(
                Path.account, call: call)
        }
        let facts = try await facts(person, call)
        let language = environment.pages.language(of: call)
        var fields: PageFields = [
            "atAccount": true, "profile": profile(person.user, facts.groups, language),
            "sessions": facts.sessions.map { session($0, current: person.session, language) },
            "hasOtherSessions": facts.sessions.count > 1,
        ]
        if let changedAt = facts.credential?.changedAt {
            fields["passwordChanged"] = changedAt.pageText
            fields["passwordChangedISO"] = changedAt.formatted(.iso8601)
        }
        fields.addPerson(person, environment, call)
        fields.addWarning(of: facts.credential, environment, call)
        return environment.pages.render("account/home", fields, in: environment.pages.frame(of: call, at: Path.account))
            .rememberingLanguage(of: call)
    }

    /// POST: ends one of the person's sessions.
    func endOneSession(_ call: Call) async throws -> Response {
        let (person, form) = try await authorized(call)
        guard let id = try form.single("session") else { return .seeOther(Path.account) }
        try await end(person, call) { $0.id.isByteEqual(to: id) }
        let isOwn = person.session.id.isByteEqual(to: id)
        return .seeOther(isOwn ? Path.signIn : "\(Path.account)?notice=sessionEnded")
    }

    /// POST: ends all of the person's sessions but this one.
    func endOtherSessions(_ call: Call) async throws -> Response {
        let (person, _) = try await authorized(call)
        try await end(person, call) { $0.id != person.session.id }
        return .seeOther("\(Path.account)?notice=sessionsOthersEnded")
    }

    private func authorized(_ call: Call) async throws -> (SignedIn, RequestParameters) {
        let form = try await call.pageForm()
        guard let person = try await environment.signedIn(call) else { throw PageProblem.formExpired }
        try forms.check(form, .session(person.session.id), call)
        return (person, form)
    }

    /// Only sessions of the person themselves are looked at, so an id of somebody else's does nothing.
    private func end(
        _ person: SignedIn, _ call: Call, which isMeant: @escaping @Sendable (Session) -> Bool
    ) async throws {
        let environment = environment
        try await environment.database.write { db in
            for session in try db.sessions.open(ofUser: person.user.id).filter(isMeant) {
                let isOwn = session.id == person.session.id
                let cause: SessionEnd = isOwn ? .signedOut : .endedElsewhere
                try db.end(session, of: person.user, cause: cause, environment, call)
            }
        }
    }

    // MARK: - What is shown

    private struct Facts: Sendable {
        let groups: [Group]
        let sessions: [Session]
        let credential: Credential?
    }

    private func facts(_ person: SignedIn, _ call: Call) async throws -> Facts {
        let limits = call.policy.identity.session
        return try await environment.database.read { db in
            let live = try db.sessions.open(ofUser: person.user.id).filter { $0.isLive(limits, now: call.now) }
            let current = live.filter { $0.id == person.session.id }
            return Facts(
                groups: try db.groups.ofUser(person.user.id),
                sessions: current + live.filter { $0.id != person.session.id },
                credential: try db.credentials.ofUser(person.user.id))
        }
    }

    private func profile(_ user: User, _ groups: [Group], _ language: Language) -> [String: String] {
        var profile = ["name": user.profile.name, "username": user.username.text]
        profile["phone"] = user.profile.phone?.masked
        profile["email"] = user.profile.email?.text
        profile["employeeID"] = user.profile.employeeID
        if !groups.isEmpty {
            profile["groups"] = groups.map(\.name).joined(separator: language == .chinese ? "、" : ", ")
        }
        return profile
    }

    private func session(_ session: Session, current: Session, _ language: Language) -> PageFields {
        let device = session.origin.userAgent.flatMap(Device.init(userAgent:))?.description
        return [
            "sessionID": session.id, "sessionDevice": device ?? environment.pages.text("deviceUnknown", language),
            "sessionAddress": session.origin.address ?? "–", "sessionLastUse": session.lastUsedAt.pageText,
            "sessionLastUseISO": session.lastUsedAt.formatted(.iso8601),
            "sessionSignedIn": session.authentication.at.pageText,
            "sessionSignedInISO": session.authentication.at.formatted(.iso8601),
            "isCurrentSession": session.id == current.id,
        ]
    }
}

extension Date {
    /// `2026-11-21 13:00 UTC`; the page's script shows it in the reader's own time zone.
    var pageText: String {
        let text = formatted(.iso8601)
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) UTC"
    }
}
