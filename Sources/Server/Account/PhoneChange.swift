import Directory
import FoundationEssentials
import Identity
import Storage

/// A code that a signed-in person typed for one of the two phones of a change.
struct PhoneProof: Sendable {
    let purpose: SMSPurpose
    let phone: PhoneNumber
    let code: SMSCode
}

extension Session {
    /// What codes that a signed-in person asks for are bound to.
    var codeOwner: String { "session \(id)" }
}

extension Connection {
    /// Tries a code. It counts for the account like one at sign-in, and only the person who asked can use it.
    /// - Returns: Whether it was right.
    func trial(
        of proof: PhoneProof, _ person: SignedIn, _ environment: ServerEnvironment, _ call: Call
    ) throws -> Bool {
        try users(environment.keys.sealing).lock(person.user.id)
        let key = Throttle.key(ofUser: person.user.id)
        let reservation = try reserve(person.user, orDecoy: key, call)
        guard let failure = try failure(of: proof, reservation, person, environment, call) else {
            try throttles.clear(key)
            return true
        }
        for event in reservation.refusal(of: person.user.id, by: .sms, failure) {
            try log(event, of: person.user, environment, call)
        }
        return false
    }

    /// Why a code does not count; nil when it does. A frozen account's is not even looked at.
    private func failure(
        of proof: PhoneProof, _ reservation: Throttle.Reservation, _ person: SignedIn,
        _ environment: ServerEnvironment, _ call: Call
    ) throws -> SignInFailure? {
        guard case .allowed = reservation else { return .frozen }
        let outcome = try trial(
            of: proof.code, for: proof.purpose, phone: proof.phone, in: person.session.codeOwner, environment, call)
        return SignInFailure(ofCode: outcome, for: person.user.id)
    }

    /// The proof that the first step of a phone change was done: with a code to the old phone, or without one with the
    /// password. nil when it was not, by another session, or too long ago.
    func phoneProof(
        of person: SignedIn, _ environment: ServerEnvironment, _ call: Call
    ) throws -> SMSChallenge? {
        let proof: SMSChallenge?
        if let phone = person.user.profile.phone {
            let index = Users.index(of: phone, in: call.tenant.id, key: environment.keys.sealing)
            proof = try smsChallenges.stored(.changePhone, phoneIndex: index, in: call.tenant.id)
        } else {
            let index = AccountPhonePage.passwordIndex(of: person)
            proof = try smsChallenges.stored(.bindPhone, phoneIndex: index, in: call.tenant.id)
        }
        guard let proof, proof.userID == person.user.id, proof.target.interactionID == person.session.codeOwner,
            let usedAt = proof.usedAt, call.now < usedAt + AccountPhonePage.proofLifetime
        else { return nil }
        return proof
    }
}

extension AccountPhonePage {
    /// Stands in the place of a phone that there is not.
    static func passwordIndex(of person: SignedIn) -> String { "password \(person.user.id)" }

    /// The first step done with the password, in the form in which codes are remembered; no code can use it.
    static func passwordProof(of person: SignedIn, _ call: Call) -> SMSChallenge {
        let target = SMSChallenge.Target(
            tenantID: call.tenant.id, purpose: .bindPhone, phoneIndex: passwordIndex(of: person),
            interactionID: person.session.codeOwner)
        return SMSChallenge(
            target: target, userID: person.user.id, codeHash: "", triesUsed: 0, createdAt: call.now,
            expiresAt: call.now + proofLifetime, usedAt: call.now)
    }
}

/// Puts a proved phone in the place of the old one.
struct PhoneChange {
    let environment: ServerEnvironment
    let person: SignedIn
    let call: Call

    /// Stores it, with what hangs on it, in the transaction that proved it.
    /// - Returns: The message for whoever has the old phone.
    /// - Throws: `uniqueViolation` when the number has become somebody else's.
    func store(_ phone: PhoneNumber, in db: any Connection) throws -> SMSDelivery? {
        let users = db.users(environment.keys.sealing)
        guard var user = try users.identified(person.user.id, in: call.tenant.id), user.isEnabled,
            try db.sessions.open(ofUser: user.id).contains(where: { $0.id == person.session.id })
        else { throw PageProblem.formExpired }
        // Before the change: it goes to the old phone.
        let notice = try db.notice(.phoneChanged, to: user.id, environment, call)
        user.profile.phone = phone
        user.updatedAt = call.now
        try users.update(user)
        try db.smsChallenges.void(ofUser: user.id)
        let event = Event.user(.changed(userID: user.id, changes: [Change(concealed: "phone")]))
        try db.events.insert(EventRecord(event, by: .user(user.id), in: call))
        return notice
    }
}
