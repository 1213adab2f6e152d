import Cryptography
import Directory
import FoundationEssentials
import Identity
import Storage

/// Sends codes to an e-mail address that a signed-in person wants to prove: the same work and the same answer for an
/// address that is somebody else's.
struct EmailCodeSending: Sendable {
    let environment: ServerEnvironment
    let person: SignedIn
    let call: Call

    /// What a code is asked for.
    enum Request: Sendable {
        /// To an address, by somebody who shows who they are.
        case first(EmailAddress, StepUp.Proof)
        /// Once more to the address of the code that is under way.
        case again
    }

    /// What a wish for a code leads to.
    enum Outcome: Equatable, Sendable {
        /// On its way, if the address can be had.
        case sent
        case refused(SMSLimit, retryAfter: Int)
        /// No e-mail gets out at the moment.
        case outage
        /// The proof was wrong; only the attempt was written.
        case proofRefused
        /// There is no code under way that another could follow.
        case nothingUnderWay
    }

    /// Sends a code if nothing speaks against it.
    func send(_ request: Request) async throws -> Outcome {
        var random = SecureRandom()
        let code = SMSCode.make(digits: call.policy.identity.code.digits, using: &random)
        let environment = environment
        let (outcome, delivery): (Outcome, MailDelivery?) = try await environment.database.write { db in
            try decide(request, code, db)
        }
        guard let delivery else { return outcome }
        guard environment.mail.enqueue(delivery) else {
            let now = call.now
            try await environment.database.write { db in try db.mailSends.settle(delivery.id, .queueFull, now: now) }
            return .outage
        }
        return outcome
    }

    /// What speaks against a code is found before the proof is tried: a refusal leaves it unused.
    private func decide(
        _ request: Request, _ code: SMSCode, _ db: any Connection
    ) throws -> (Outcome, MailDelivery?) {
        let key = environment.keys.sealing
        try db.users(key).lock(person.user.id)
        guard let user = try db.signedIn(call, key).flatMap({ $0.session.id == person.session.id ? $0.user : nil })
        else { throw PageProblem.formExpired }
        guard let (email, provedAt) = try target(of: request, db) else { return (.nothingUnderWay, nil) }
        guard try !db.mailSends.isFailing(in: call.tenant.id, after: call.now - TimeInterval(SMSOutage.span)) else {
            return (.outage, nil)
        }
        if let outcome = try limit(email, db) { return (outcome, nil) }
        if case .first(_, let proof) = request {
            let warrant = Warrant(environment: environment, call: call, person: person, proof: proof)
            guard try warrant.prove(db) else { return (.proofRefused, nil) }
        }
        return (.sent, try put(code, email, of: user, provedAt: provedAt, db))
    }

    private func target(of request: Request, _ db: any Connection) throws -> (EmailAddress, Date)? {
        switch request {
        case .first(let email, _): return (email, call.now)
        case .again:
            let stored = try db.emailChallenges(environment.keys.sealing).ofUser(person.user.id)
            guard let stored, stored.isOpen(in: person.session.id, now: call.now) else { return nil }
            return (stored.target.email, stored.provedAt)
        }
    }

    /// The figures of codes by SMS hold: for the receiver, for the account, and for where the request comes from.
    private func limit(_ email: EmailAddress, _ db: any Connection) throws -> Outcome? {
        let history = try db.mailSends.history(
            emailIndex: Users.index(of: email, in: call.tenant.id, key: environment.keys.sealing),
            userID: person.user.id, address: call.client.limitKey, in: call.tenant.id, now: call.now)
        let isExempt = environment.limitKey(of: call) == nil
        let decision = call.policy.identity.sending.decide(history, isAddressExempt: isExempt, now: call.now)
        guard case .refused(let limit, let wait) = decision else { return nil }
        let event = Event.user(.emailCodeLimited(userID: person.user.id, limit: limit))
        try db.events.insert(EventRecord(event, by: .user(person.user.id), in: call))
        return .refused(limit, retryAfter: wait)
    }

    /// Stores a challenge, or a decoy, and the record of its sending.
    private func put(
        _ code: SMSCode, _ email: EmailAddress, of user: User, provedAt: Date, _ db: any Connection
    ) throws -> MailDelivery {
        let key = environment.keys.sealing
        let owner = try db.users(key).withEmail(email, in: call.tenant.id)
        let isDecoy = owner != nil && owner?.id != user.id
        let target = EmailChallenge.Target(
            tenantID: call.tenant.id, userID: user.id, sessionID: person.session.id, email: email)
        try db.emailChallenges(key).put(
            EmailChallenge.issue(
                code, for: target, isDecoy: isDecoy, provedAt: provedAt, limits: call.policy.identity.code,
                key: environment.keys.emailCodes, now: call.now))
        let event = Event.user(.emailCodeSent(userID: user.id, isWithheld: isDecoy))
        try db.events.insert(EventRecord(event, by: .user(user.id), in: call))
        let texts = MailTexts(
            pages: environment.pages, language: user.language ?? environment.pages.language(of: call),
            tenant: call.tenant)
        let message = texts.code(code, of: user, lifetime: call.policy.identity.code.lifetime, to: email)
        let entry = MailEntry(
            purpose: .verifyAddress, userID: user.id, email: email, address: call.client.limitKey,
            message: isDecoy ? nil : message)
        return try db.record(entry, call.policy.mail, in: call.tenant.id, key, now: call.now)
    }
}
