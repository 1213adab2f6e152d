import Directory
import FoundationEssentials
import HTTPTypes
import HummingbirdCore
import Storage
import Wire

/// `/account/history`: what the sign-in log tells of the person who is signed in, and of nobody else.
struct AccountHistoryPage: Sendable {
    let environment: ServerEnvironment

    /// Events on one page.
    static let rows = 20

    /// GET: the newest events, or those before the one that the link of the page before names.
    func show(_ call: Call) async throws -> Response {
        guard let person = try await environment.signedIn(call) else {
            return try await PausedRequests(environment: environment).begin(Path.accountHistory, call: call)
        }
        let before = try Self.place(call)
        let history = try await history(of: person, before: before, call)
        let words = HistoryWords(
            pages: environment.pages, language: environment.pages.language(of: call), places: call.policy.places)
        var fields: PageFields = [
            "atAccount": true, "hasEvents": !history.events.isEmpty,
            "events": history.events.map { words.fields(of: $0, application: history.applications) },
        ]
        fields.set(
            "olderHref", history.next.map { FormURLEncoded.adding([Self.pair($0)], toQueryOf: Path.accountHistory) })
        fields.set("newestHref", before.map { _ in Path.accountHistory })
        fields.addPerson(person, environment, call)
        var frame = environment.pages.frame(of: call, at: Path.accountHistory)
        frame.addressParameters = before.map { [Self.pair($0)] } ?? []
        return environment.pages.render("account/history", fields, in: frame).rememberingLanguage(of: call)
    }

    /// The place that the address names; nil for the newest.
    private static func place(_ call: Call) throws -> EventCursor? {
        guard let text = try call.queryParameters().single("before") else { return nil }
        guard let place = EventCursor(text: text) else {
            throw PageProblem(.badRequest, .badRequest, detail: "before names no place in the sign-in history")
        }
        return place
    }

    private static func pair(_ place: EventCursor) -> FormURLEncoded.Pair { FormURLEncoded.Pair("before", place.text) }

    // MARK: - What is shown

    private struct History: Sendable {
        let events: [LoggedEvent]
        /// Names of the applications among them that are still there, by id.
        let applications: [String: String]
        /// Where the next page begins; nil when this is the last.
        let next: EventCursor?
    }

    private func history(of person: SignedIn, before: EventCursor?, _ call: Call) async throws -> History {
        let key = environment.keys.sealing
        var filter = EventLog.Filter(tenantID: call.tenant.id, log: .signIn)
        filter.userID = person.user.id
        return try await environment.database.read { [filter] db in
            let found = try db.eventLog(key).page(filter, after: before, limit: Self.rows + 1)
            let events = Array(found.prefix(Self.rows))
            var names: [String: String] = [:]
            for id in Set(events.compactMap(\.applicationID)) {
                names[id] = try db.applications.identified(id, in: call.tenant.id)?.name
            }
            let isLast = found.count <= Self.rows
            return History(events: events, applications: names, next: isLast ? nil : events.last?.cursor)
        }
    }
}
