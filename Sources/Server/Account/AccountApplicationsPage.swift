import Directory
import FoundationEssentials
import HummingbirdCore
import Identity
import OAuth2
import Storage
import Wire

/// `/account/applications`: what applications may have of the person, and the way to take it back.
struct AccountApplicationsPage: Sendable {
    let environment: ServerEnvironment

    private var forms: FormGuard { FormGuard(environment: environment) }

    /// GET: the page.
    func show(_ call: Call) async throws -> Response {
        guard let person = try await environment.signedIn(call) else {
            return try await PausedRequests(environment: environment).begin(Path.accountApplications, call: call)
        }
        let (allowed, visited) = try await environment.database.read { db in
            (try db.allowedApplications(of: person, call), try db.visitedServices(of: person, call))
        }
        var fields: PageFields = [
            "atAccount": true, "hasAllowed": !allowed.isEmpty, "allowed": allowed.map { row($0, call) },
            "hasVisited": !visited.isEmpty,
            "visited": visited.map { application, visits -> PageFields in
                [
                    "visitedName": application.name, "visitedLast": visits.last.pageText,
                    "visitedLastISO": visits.last.formatted(.iso8601),
                ]
            },
        ]
        fields.addPerson(person, environment, call)
        let frame = environment.pages.frame(of: call, at: Path.accountApplications)
        return environment.pages.render("account/applications", fields, in: frame).rememberingLanguage(of: call)
    }

    /// POST: takes everything back that one application was given. Its codes and tokens point to the grants, and each
    /// use of one reads the grant, so they end with it on every node.
    func withdraw(_ call: Call) async throws -> Response {
        let form = try await call.pageForm()
        guard let person = try await environment.signedIn(call) else { throw PageProblem.formExpired }
        try forms.check(form, .session(person.session.id), call)
        guard let id = try form.single("application") else { return .seeOther(Path.accountApplications) }
        let environment = environment
        let isDone = try await environment.database.write { db in
            guard try db.signedIn(call, environment.keys.sealing)?.session.id == person.session.id else {
                throw PageProblem.formExpired
            }
            guard let application = try db.applications.identified(id, in: call.tenant.id),
                let client = try db.clients.ofApplication(application.id)
            else { return false }
            let count = try db.allowedApplications.withdraw(
                client.id, ofUser: person.user.id, in: call.tenant.id, now: call.now)
            guard count > 0 else { return false }
            let event = UserEvent.grantsWithdrawn(
                userID: person.user.id, applicationID: application.id, grants: count)
            try db.events.insert(EventRecord(.user(event), by: .user(person.user.id), in: call))
            return true
        }
        return .seeOther(Path.accountApplications + (isDone ? "?notice=applicationWithdrawn" : ""))
    }

    private func row(_ allowed: AllowedApplication, _ call: Call) -> PageFields {
        let language = environment.pages.language(of: call)
        let words = allowed.scope.filter { $0 != Scope.offlineAccess }.map { word -> PageFields in
            let key = Scope.supported.contains(word) ? Self.key(of: word) : nil
            return ["scopeText": key.map { environment.pages.text($0, language) } ?? word]
        }
        return [
            "allowedID": allowed.application.id, "allowedName": allowed.application.name, "scopes": words,
            "allowedSince": allowed.since.pageText, "allowedSinceISO": allowed.since.formatted(.iso8601),
            "allowedLast": allowed.lastUse.pageText, "allowedLastISO": allowed.lastUse.formatted(.iso8601),
            "allowedIsOffline": allowed.isOffline,
        ]
    }

    /// The text for a word of a scope.
    private static func key(of word: String) -> String {
        switch word {
        case "profile": "scopeProfile"
        case "email": "scopeEmail"
        case "phone": "scopePhone"
        case "groups": "scopeGroups"
        default: "scopeOpenID"
        }
    }
}

extension Connection {
    /// The CAS applications that a person went on into. They are handed a ticket each time and keep nothing here, so
    /// the sign-in log is all there is to tell of them.
    fileprivate func visitedServices(
        of person: SignedIn, _ call: Call
    ) throws -> [(Application, AllowedApplications.Visits)] {
        try allowedApplications.visits(ofUser: person.user.id, in: call.tenant.id).compactMap { visits in
            guard let application = try applications.identified(visits.applicationID, in: call.tenant.id),
                application.protocolKind == .cas
            else { return nil }
            return (application, visits)
        }
    }
}
