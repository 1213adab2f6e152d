import Directory
import FoundationEssentials
import HummingbirdCore
import Identity
import Storage
import Wire

/// `/account/sessions`: where the person is signed in, and the way to end it.
struct AccountSessionsPage: Sendable {
    let environment: ServerEnvironment

    private var forms: FormGuard { FormGuard(environment: environment) }

    /// GET: the page.
    func show(_ call: Call) async throws -> Response {
        guard let person = try await environment.signedIn(call) else {
            return try await PausedRequests(environment: environment).begin(Path.accountSessions, call: call)
        }
        let limits = call.policy.identity.session
        let live = try await environment.database.read { db in
            try db.sessions.open(ofUser: person.user.id).filter { $0.isLive(limits, now: call.now) }
        }
        let current = live.filter { $0.id == person.session.id }
        let sessions = current + live.filter { $0.id != person.session.id }
        var fields: PageFields = [
            "atAccount": true, "sessions": sessions.map { session($0, current: person.session, call) },
            "hasOtherSessions": sessions.count > 1,
        ]
        fields.addPerson(person, environment, call)
        let frame = environment.pages.frame(of: call, at: Path.accountSessions)
        return environment.pages.render("account/sessions", fields, in: frame).rememberingLanguage(of: call)
    }

    /// POST: ends one of the person's sessions.
    func endOne(_ call: Call) async throws -> Response {
        let (person, form) = try await authorized(call)
        guard let id = try form.single("session") else { return .seeOther(Path.accountSessions) }
        try await end(person, call) { $0.id.isByteEqual(to: id) }
        let isOwn = person.session.id.isByteEqual(to: id)
        return .seeOther(isOwn ? Path.signIn : "\(Path.accountSessions)?notice=sessionEnded")
    }

    /// POST: ends all of the person's sessions but this one.
    func endOthers(_ call: Call) async throws -> Response {
        let (person, _) = try await authorized(call)
        try await end(person, call) { $0.id != person.session.id }
        return .seeOther("\(Path.accountSessions)?notice=sessionsOthersEnded")
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

    private func session(_ session: Session, current: Session, _ call: Call) -> PageFields {
        let device = session.origin.userAgent.flatMap(Device.init(userAgent:))?.description
        let unknown = environment.pages.text("deviceUnknown", environment.pages.language(of: call))
        var fields: PageFields = [
            "sessionID": session.id, "sessionDevice": device ?? unknown,
            "sessionAddress": session.origin.address ?? "–", "sessionLastUse": session.lastUsedAt.pageText,
            "sessionLastUseISO": session.lastUsedAt.formatted(.iso8601),
            "sessionSignedIn": session.authentication.at.pageText,
            "sessionSignedInISO": session.authentication.at.formatted(.iso8601),
            "isCurrentSession": session.id == current.id,
        ]
        fields.set("sessionPlace", call.policy.places.name(of: session.origin.address))
        return fields
    }
}
