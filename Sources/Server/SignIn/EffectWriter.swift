import Cryptography
import Directory
import FoundationEssentials
import HTTPTypes
import Identity
import Storage

/// Writes what ``SignIn`` decided, in the transaction in which it decided.
struct EffectWriter {
    let db: any Connection
    let environment: ServerEnvironment
    let call: Call
    let interaction: Interaction
    /// Whom the step is about, for the log.
    let user: User?
    /// The cookie of the session that was started, if one was.
    private(set) var sessionCookie: String?
    /// Messages to be queued when the transaction is through.
    private(set) var notices: [SMSDelivery] = []
    /// Of an authenticator app that was stored, to be shown once.
    private(set) var recoveryCodes: [RecoveryCode] = []

    init(db: any Connection, environment: ServerEnvironment, call: Call, in interaction: Interaction, about user: User?)
    {
        self.db = db
        self.environment = environment
        self.call = call
        self.interaction = interaction
        self.user = user
    }

    mutating func write(_ effects: [SignIn.Effect]) throws {
        for effect in effects { try write(effect) }
    }

    private mutating func write(_ effect: SignIn.Effect) throws {
        switch effect {
        case .clearThrottle(let userID): try db.throttles.clear(Throttle.key(ofUser: userID))
        case .activate(let userID):
            try db.users(environment.keys.sealing).activate(userID, now: call.now)
        case .upgradeHash(let userID, let upgrade):
            try db.credentials.upgrade(upgrade.new, from: upgrade.old, ofUser: userID)
        case .setCredential(let userID, let credential):
            // Another password was set between reading and writing: this step is stale.
            guard try db.credentials.put(credential, ofUser: userID) else { throw PageProblem.signInExpired }
        case .storeApp(let userID, let app): try storeApp(app, of: userID)
        case .endSessions(let userID, let cause): try endSessions(of: userID, cause: cause)
        case .startSession(let start): try startSession(start)
        case .notify(let userID, let purpose):
            if let notice = try db.notice(purpose, to: userID, environment, call) { notices.append(notice) }
        case .record(let event): try record(event)
        }
    }

    /// An app comes with recovery codes, or a lost phone would lock its person out.
    private mutating func storeApp(_ app: TOTPFactor, of userID: String) throws {
        try db.totpFactors(environment.keys.sealing).put(app, ofUser: userID)
        var random = SecureRandom()
        recoveryCodes = RecoveryCode.make(using: &random)
        let hashes = recoveryCodes.map { $0.hash(userID: userID, key: environment.keys.recoveryCodes) }
        try db.recoveryCodes.replace(ofUser: userID, with: hashes)
    }

    /// Ends every session of a user and every grant, those that outlive sessions too: whoever has them may be the
    /// reason for the new password.
    private func endSessions(of userID: String, cause: SessionEnd) throws {
        for session in try db.sessions.open(ofUser: userID) {
            try db.end(session, of: user, cause: cause, in: interaction, environment, call)
        }
        try db.grants.revoke(ofUser: userID, now: call.now)
    }

    /// Starts a session under a newly minted token, so that a token known before the sign-in is worth nothing after it.
    ///
    /// Somebody who signs in *again* keeps the session's id: their other applications hang on it, and `prompt=login`
    /// of one must not sign them out of the rest. Another person's session in the same browser ends.
    private mutating func startSession(_ start: SessionStart) throws {
        var random = SecureRandom()
        let token = OpaqueToken(using: &random)
        var session = Session(
            id: Identifier.make(using: &random), tenantID: call.tenant.id, tokenHash: token.hash, start: start,
            origin: Session.Origin(address: call.client.description, userAgent: call.header(.userAgent)),
            now: call.now)
        if let old = try start.replacedSessionID.flatMap({ try db.sessions.identified($0, in: call.tenant.id) }) {
            if old.userID == session.userID, old.isLive(call.policy.identity.session, now: call.now) {
                session.id = old.id
                if start.isRaise { session.createdAt = old.createdAt }
                try db.sessions.renew(session)
            } else {
                guard !start.isRaise else { throw PageProblem.signInExpired }
                try db.end(old, of: user, cause: .replaced, in: interaction, environment, call)
                try db.sessions.insert(session)
            }
        } else {
            guard !start.isRaise else { throw PageProblem.signInExpired }
            try db.sessions.insert(session)
        }
        let lifetime = session.isRemembered ? session.absoluteEnd(call.policy.identity.session) : nil
        let seconds = lifetime.map { Int($0.timeIntervalSince(call.now)) }
        sessionCookie = Cookie.session(secure: call.isSecure).storing(token.text, maximumAge: seconds)
    }

    private func record(_ event: Event) throws {
        if case .signIn(let event) = event { return try db.log(event, of: user, in: interaction, environment, call) }
        let actor = event.userID.map(Actor.user) ?? .anonymous
        try db.events.insert(EventRecord(event, by: actor, in: call))
    }
}
