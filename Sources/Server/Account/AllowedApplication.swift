import Directory
import FoundationEssentials
import Identity
import OAuth2
import OIDC
import Storage

/// What one application may have of a person, as long as its grants hold.
struct AllowedApplication: Sendable {
    let application: Application
    let clientID: String
    /// The words of all grants, each once.
    var scope: [String]
    /// When the first of the grants was given.
    var since: Date
    /// When it last asked for something: a grant, or a token.
    var lastUse: Date
    /// Whether it goes on when the person signs out.
    var isOffline: Bool
}

extension Connection {
    /// The applications that hold something of a person now, in the order of their names.
    func allowedApplications(of person: SignedIn, _ call: Call) throws -> [AllowedApplication] {
        let store = allowedApplications
        let tokens = try store.lastTokens(ofUser: person.user.id)
        var found: [String: AllowedApplication] = [:]
        for grant in try store.grants(ofUser: person.user.id, in: call.tenant.id) {
            guard let application = try holder(of: grant, person, call) else { continue }
            let lastUse = max(grant.createdAt, tokens[grant.id] ?? grant.createdAt)
            var entry =
                found[grant.clientID]
                ?? AllowedApplication(
                    application: application, clientID: grant.clientID, scope: [], since: grant.createdAt,
                    lastUse: lastUse, isOffline: false)
            entry.scope += grant.scope.tokens.filter { !entry.scope.contains($0) }
            entry.since = min(entry.since, grant.createdAt)
            entry.lastUse = max(entry.lastUse, lastUse)
            entry.isOffline = entry.isOffline || grant.survivesSession
            found[grant.clientID] = entry
        }
        return found.values.sorted { ($0.application.name, $0.clientID) < ($1.application.name, $1.clientID) }
    }

    /// The application of a grant that holds; nil for one that has lapsed.
    private func holder(of grant: Grant, _ person: SignedIn, _ call: Call) throws -> Application? {
        guard let id = try clients.applicationID(of: grant.clientID, in: call.tenant.id),
            let application = try applications.identified(id, in: call.tenant.id)
        else { return nil }
        let session = try sessions.identified(grant.sessionID, in: call.tenant.id)
        let standing = GrantStanding(user: person.user, application: application, session: session)
        let lapse = standing.lapse(of: grant, limits: call.policy.identity.session, now: call.now)
        return lapse == nil ? application : nil
    }
}
