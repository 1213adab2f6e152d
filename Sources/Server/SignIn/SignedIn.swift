import Cryptography
package import Directory
import FoundationEssentials
package import Identity
import Storage

/// A live session with its user: who is in front of the browser.
package struct SignedIn: Equatable, Sendable {
    package let session: Session
    package let user: User
    /// What the person may administer; read for pages, and empty where nobody asks.
    package var roles: Set<Role> = []
}

extension Call {
    /// The stored form of the session cookie's value; nil without a cookie.
    var sessionTokenHash: String? {
        cookie(.session(secure: isSecure)).map(OpaqueToken.hash(of:))
    }
}

extension Connection {
    /// Who is signed in at the browser of a call; nil for no session, one that has ended, and a disabled user.
    func signedIn(_ call: Call, _ key: SealingKey) throws -> SignedIn? {
        guard let hash = call.sessionTokenHash, let session = try sessions.withToken(hash, in: call.tenant.id),
            let user = try users(key).identified(session.userID, in: call.tenant.id),
            session.admits(user, call.policy.identity.session, now: call.now)
        else { return nil }
        return SignedIn(session: session, user: user)
    }
}

extension ServerEnvironment {
    /// Who is signed in at the browser of a call; a use worth remembering is written down.
    func signedIn(_ call: Call) async throws -> SignedIn? {
        guard call.sessionTokenHash != nil else { return nil }
        let key = keys.sealing
        let found = try await database.read { db -> SignedIn? in
            guard var person = try db.signedIn(call, key) else { return nil }
            person.roles = try db.userRoles.ofUser(person.user.id)
            return person
        }
        guard let person = found else { return nil }
        call.person.language = person.user.language
        if person.session.needsTouch(call.policy.identity.session, now: call.now) {
            try await database.write { db in try db.sessions.touch(person.session.id, now: call.now) }
        }
        return person
    }
}

extension EventRecord {
    /// An event of a call.
    init(_ event: Event, by actor: Actor, in call: Call) {
        var random = SecureRandom()
        self.init(
            id: Self.identifier(at: Date(), using: &random), tenantID: call.tenant.id, actor: actor,
            address: call.client.description, requestID: call.requestID, event: event, now: call.now)
    }
}

extension User {
    /// The language that the person chose.
    var language: Language? { profile.language.flatMap(Language.init(rawValue:)) }
}
