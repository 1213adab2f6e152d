import Directory
import FoundationEssentials
import HummingbirdCore
import Identity
import Storage

/// `/account`: the entrance to everything that a person can see and change of their own.
struct AccountPage: Sendable {
    let environment: ServerEnvironment

    /// GET: the page.
    func show(_ call: Call) async throws -> Response {
        guard let person = try await environment.signedIn(call) else {
            return try await PausedRequests(environment: environment).begin(Path.account, call: call)
        }
        let state = try await state(of: person, call)
        var fields: PageFields = [
            "atAccount": true,
            "sections": AccountSection.all.map { section -> PageFields in
                [
                    "sectionHref": section.path, "sectionTitle": state.text(section.titleKey),
                    "sectionState": section.state(state),
                ]
            },
        ]
        fields.addPerson(person, environment, call)
        fields.addWarning(of: state.credential, environment, call)
        return environment.pages.render("account/home", fields, in: environment.pages.frame(of: call, at: Path.account))
            .rememberingLanguage(of: call)
    }

    private func state(of person: SignedIn, _ call: Call) async throws -> AccountState {
        let limits = call.policy.identity.session
        let (pages, language) = (environment.pages, environment.pages.language(of: call))
        return try await environment.database.read { db in
            let live = try db.sessions.open(ofUser: person.user.id).filter { $0.isLive(limits, now: call.now) }
            return AccountState(
                user: person.user, credential: try db.credentials.ofUser(person.user.id),
                factors: try db.secondFactors(ofUser: person.user.id), sessions: live.count,
                applications: try db.allowedApplications(of: person, call).count, pages: pages, language: language)
        }
    }
}

extension Date {
    /// `2026-11-21 13:00 UTC`; the page's script shows it in the reader's own time zone.
    var pageText: String {
        let text = formatted(.iso8601)
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) UTC"
    }
}
