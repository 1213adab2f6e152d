import Directory
import FoundationEssentials
import Identity
import Storage

/// Tries a code that was sent by e-mail and, if it is right, makes its address the account's, proved.
struct EmailVerification: Sendable {
    let environment: ServerEnvironment
    let person: SignedIn
    let call: Call

    /// What is to be queued when the transaction is through: word to whoever had the account's address before.
    private struct Notices: Sendable {
        var sms: SMSDelivery?
        var mail: MailDelivery?
    }

    /// - Returns: Whether the address was taken over.
    func verify(_ code: SMSCode) async throws -> Bool {
        let environment = environment
        do {
            let notices: Notices? = try await environment.database.write { db in try attempt(code, db) }
            guard let notices else { return false }
            if let sms = notices.sms { _ = environment.sms.enqueue(sms) }
            if let mail = notices.mail { _ = environment.mail.enqueue(mail) }
            return true
        } catch DatabaseError.uniqueViolation {
            // It became somebody else's since the code was sent.
            return false
        }
    }

    /// - Returns: nil for a code that does not do; the attempt counts for the account like one at sign-in.
    private func attempt(_ code: SMSCode, _ db: any Connection) throws -> Notices? {
        let challenges = db.emailChallenges(environment.keys.sealing)
        try db.users(environment.keys.sealing).lock(person.user.id)
        let key = Throttle.key(ofUser: person.user.id)
        let reservation = try db.reserve(person.user, orDecoy: key, call)
        guard case .allowed = reservation else { return try refuse(.frozen, reservation, db) }
        guard let challenge = try challenges.ofUser(person.user.id) else {
            return try refuse(.noCode, reservation, db)
        }
        let outcome = challenge.trial(
            of: code, in: person.session.id, limits: call.policy.identity.code, key: environment.keys.emailCodes,
            now: call.now)
        switch outcome {
        case .refused(let reason, let counted):
            try challenges.put(counted)
            return try refuse(reason, reservation, db)
        case .accepted:
            try challenges.remove(ofUser: person.user.id)
            try db.throttles.clear(key)
            return try store(challenge.target.email, db)
        }
    }

    private func refuse(
        _ reason: SignInFailure, _ reservation: Throttle.Reservation, _ db: any Connection
    ) throws -> Notices? {
        let event = Event.user(.emailCodeRefused(userID: person.user.id, reason: reason))
        try db.events.insert(EventRecord(event, by: .user(person.user.id), in: call))
        if let freeze = reservation.freeze(of: person.user.id) {
            try db.log(freeze, of: person.user, environment, call)
        }
        return nil
    }

    private func store(_ email: EmailAddress, _ db: any Connection) throws -> Notices {
        let users = db.users(environment.keys.sealing)
        guard var user = try db.signedIn(call, environment.keys.sealing)?.user, user.id == person.user.id else {
            throw PageProblem.formExpired
        }
        let old = user.profile.email
        // Before the change: who has the old address hears of it, and who has none hears it on the phone.
        var notices = Notices()
        if let old, old.key != email.key {
            notices.mail = try db.notice(ofNewEmailOf: user, toOld: old, environment, call)
        } else if old == nil {
            notices.sms = try db.notice(.emailChanged, to: user.id, environment, call)
        }
        user.profile.email = email
        user.profile.emailVerifiedAt = call.now
        user.updatedAt = call.now
        try users.update(user)
        var events: [UserEvent] = [.emailVerified(userID: user.id)]
        if old != email { events.insert(.changed(userID: user.id, changes: [Change(concealed: "email")]), at: 0) }
        for event in events {
            try db.events.insert(EventRecord(.user(event), by: .user(user.id), in: call))
        }
        return notices
    }
}
