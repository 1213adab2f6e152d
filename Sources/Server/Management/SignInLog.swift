package import Directory
package import FoundationEssentials
import Identity
package import Storage

/// What a reader of a log asks for, in the words of people; what is nil or empty asks for everything.
package struct LogQuery: Equatable, Sendable {
    /// Whom it is about: username, phone or e-mail of somebody who is there, or the id of anybody who ever was.
    package var user: String?
    /// The first instant.
    package var from: Date?
    /// The first instant that no longer counts.
    package var until: Date?
    /// Names of events of the log.
    package var events: [String] = []
    package var method: Factor?
    /// The short name of an application.
    package var application: String?
    /// The client's whole IP address.
    package var address: String?
    /// A part of the device's text.
    package var device: String?
    /// ``LogPage/next`` of the page before.
    package var after: String?
    /// Events at most.
    package var limit = 50

    package init() {}
}

/// A page of a log, newest first.
package struct LogPage: Equatable, Sendable {
    package let entries: [LogEntry]
    /// For ``LogQuery/after``; nil when there is nothing more.
    package let next: String?
}

/// An event with what its ids stand for today.
package struct LogEntry: Equatable, Sendable {
    package let event: LoggedEvent
    /// The username of whom it is about: as it was then where the log tells, otherwise as it is; nil for nobody, and for
    /// somebody who is gone and of whom the log kept nothing.
    package let account: String?
    /// The short name of the application; nil for none, and for one that is gone.
    package let application: String?
    /// Who did it, by username, short name or account of the operating system.
    package let actor: String?
}

extension Administration {
    /// The sign-in log of a tenant.
    /// - Throws: ``AdministrationError`` for a tenant, user or application that is not there, and for an address, event,
    ///   limit or place that is none.
    package func signInLog(of tenantCode: String, matching query: LogQuery) async throws -> LogPage {
        try await page(of: .signIn, of: tenantCode, matching: query)
    }

    /// The audit log of a tenant, which has no ``LogQuery/method`` and no ``LogQuery/device``.
    /// - Throws: As ``signInLog(of:matching:)``.
    package func auditLog(of tenantCode: String, matching query: LogQuery) async throws -> LogPage {
        try await page(of: .audit, of: tenantCode, matching: query)
    }

    private func page(of log: Event.Log, of tenantCode: String, matching query: LogQuery) async throws -> LogPage {
        let after = try query.place()
        let address = try query.checkedAddress()
        try query.check(for: log)
        let keys = keys
        return try await database.read { db in
            guard let tenant = try db.tenants.coded(tenantCode) else { throw AdministrationError.noTenant }
            var reading = LogReading(db: db, keys: keys, tenantID: tenant.id)
            var filter = EventLog.Filter(tenantID: tenant.id, log: log)
            filter.userID = try query.user.map(reading.userID)
            filter.applicationID = try query.application.map(reading.applicationID)
            (filter.from, filter.until, filter.names) = (query.from, query.until, query.events)
            (filter.method, filter.device, filter.address) = (query.method, query.device, address)
            let found = try db.eventLog(keys.sealing).page(filter, after: after, limit: query.limit + 1)
            let events = found.prefix(query.limit)
            let next = found.count > query.limit ? events.last?.cursor.text : nil
            return LogPage(entries: try events.map { try reading.entry($0) }, next: next)
        }
    }
}

extension LogQuery {
    fileprivate func place() throws(AdministrationError) -> EventCursor? {
        guard let after else { return nil }
        guard let place = EventCursor(text: after) else {
            throw AdministrationError(.invalid, "after", "this is no place that the log gave out")
        }
        return place
    }

    /// In the form in which the log has it.
    fileprivate func checkedAddress() throws(AdministrationError) -> String? {
        guard let address else { return nil }
        guard let known = IPAddress(address) else {
            throw AdministrationError(.invalid, "address", "an IP address is given whole, such as 203.0.113.7")
        }
        return known.description
    }

    fileprivate func check(for log: Event.Log) throws(AdministrationError) {
        guard (1...1_000).contains(limit) else {
            throw AdministrationError(.invalid, "limit", "one page of a log has 1 to 1000 events")
        }
        guard Set(events).isSubset(of: Event.names(in: log)) else {
            throw AdministrationError(.invalid, "event", "the log has no event of this name")
        }
    }
}

/// Finds ids for names before a log is read, and names for ids afterwards.
private struct LogReading {
    let db: any Connection
    let keys: InstallationKeys
    let tenantID: String
    private var usernames: [String: String?] = [:]
    private var slugs: [String: String?] = [:]

    init(db: any Connection, keys: InstallationKeys, tenantID: String) {
        self.db = db
        self.keys = keys
        self.tenantID = tenantID
    }

    /// Exact identifiers only: what is sealed cannot be searched.
    func userID(_ text: String) throws -> String {
        let users = db.users(keys.sealing)
        if let user = try users.soleMatch(LoginName(text).candidates, in: tenantID) { return user.id }
        guard try users.identified(text, in: tenantID) != nil || isLogged(text) else {
            throw AdministrationError(.notFound, "user", "the tenant has no user with this identifier or id")
        }
        return text
    }

    /// Whether either log tells of a user who may be gone.
    private func isLogged(_ userID: String) throws -> Bool {
        for log in Event.Log.allCases {
            var filter = EventLog.Filter(tenantID: tenantID, log: log)
            filter.userID = userID
            if try !db.eventLog(keys.sealing).page(filter, limit: 1).isEmpty { return true }
        }
        return false
    }

    func applicationID(_ slug: String) throws -> String {
        guard let application = try db.applications.named(slug, in: tenantID) else {
            throw AdministrationError.noApplication
        }
        return application.id
    }

    mutating func entry(_ event: LoggedEvent) throws -> LogEntry {
        let account = try event.person?.account ?? event.userID.flatMap { try username($0) }
        let application = try event.applicationID.flatMap { try slug($0) }
        let actor: String? =
            switch event.actorKind {
            case "user": try event.actorName.flatMap { $0 == event.userID ? account : try username($0) }
            case "application": try event.actorName.flatMap { try slug($0) }
            default: event.actorName
            }
        return LogEntry(event: event, account: account, application: application, actor: actor ?? event.actorName)
    }

    private mutating func username(_ id: String) throws -> String? {
        if let known = usernames[id] { return known }
        let name = try db.users(keys.sealing).identified(id, in: tenantID)?.username.text
        usernames[id] = .some(name)
        return name
    }

    private mutating func slug(_ id: String) throws -> String? {
        if let known = slugs[id] { return known }
        let slug = try db.applications.identified(id, in: tenantID)?.slug
        slugs[id] = .some(slug)
        return slug
    }
}
