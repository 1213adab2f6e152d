import Directory
import Identity
import Storage
import Wire

/// What lets somebody in a browser act as an administrator. It is asked in the transaction of the act itself: role and
/// session may have been taken away since the page was shown, or a moment ago.
struct Warrant: Sendable {
    let environment: ServerEnvironment
    let call: Call
    /// As the request found them.
    let person: SignedIn
    /// What was shown besides; nil for nothing.
    let proof: StepUp.Proof?

    /// What per-address limits count the person by.
    var limitKey: String? { environment.limitKey(of: call) }

    /// Lets the person do this now.
    /// - Parameter permission: nil for acts that no role allows.
    /// - Throws: ``PageProblem/formExpired`` without the session, ``PageProblem/notPermitted`` without the role.
    func admit(_ permission: Permission?, _ db: any Connection) throws {
        let present = try db.signedIn(call, environment.keys.sealing)
        guard present?.session.id == person.session.id, present?.user.id == person.user.id else {
            throw PageProblem.formExpired
        }
        guard let permission, try db.userRoles.ofUser(person.user.id).allow(permission) else {
            throw PageProblem.notPermitted
        }
    }

    /// Whether the proof would hold as things are; nothing is written. What takes long is not done for one that would not.
    func mayHold(_ db: any Connection) throws -> Bool {
        guard case .code(let proof) = proof else { return true }
        let throttle = try db.throttles.peek(Throttle.key(ofUser: person.user.id))
        guard throttle?.isFrozen(call.policy.identity.throttle, now: call.now) != true else { return false }
        let index = Users.index(of: proof.phone, in: call.tenant.id, key: environment.keys.sealing)
        let stored = try db.smsChallenges.stored(proof.purpose, phoneIndex: index, in: call.tenant.id)
        let trial = stored?.trial(
            of: proof.code, in: person.session.codeOwner, limits: call.policy.identity.code,
            key: environment.keys.smsCodes, now: call.now)
        return trial?.outcome == .accepted(userID: person.user.id)
    }

    /// Tries the proof. What the trial writes has to be committed, whatever it says.
    /// - Returns: Whether it holds; never without one.
    func prove(_ db: any Connection) throws -> Bool {
        switch proof {
        case nil: false
        case .password(let version): try db.credentials.ofUser(person.user.id)?.version == version
        case .code(let proof): try db.trial(of: proof, person, environment, call)
        }
    }
}

/// The proof that an act asks for was wrong or is used up; only the attempt was written.
struct ProofRefused: Error, Equatable {}

extension ServerEnvironment {
    /// The acts of somebody who has signed in, in whose name the audit log tells of them.
    func administration(
        by person: SignedIn, showing proof: StepUp.Proof? = nil, _ call: Call
    ) -> Administration {
        let (pages, commonPasswords) = (pages, commonPasswords)
        let administrator = Administrator(
            actor: .user(person.user.id), address: call.client.description, requestID: call.requestID)
        var administration = Administration(
            database: database, keys: keys, passwords: passwords, commonPasswords: { commonPasswords },
            policy: settings.policy, messenger: sms.messenger { pages }, domainProbe: domainProbe, by: administrator)
        administration.warrant = Warrant(environment: self, call: call, person: person, proof: proof)
        return administration
    }

    /// Who wants to see a page of the console; nil when nobody is signed in.
    /// - Throws: ``PageProblem/notPermitted`` for somebody without the role.
    func administering(_ permission: Permission, _ call: Call) async throws -> SignedIn? {
        guard let person = try await signedIn(call) else { return nil }
        guard person.roles.allow(permission) else { throw PageProblem.notPermitted }
        return person
    }

    /// Who sent a form of the console, and the form.
    func administeringForm(
        _ permission: Permission, _ call: Call
    ) async throws -> (person: SignedIn, form: RequestParameters) {
        let form = try await call.pageForm()
        guard let person = try await administering(permission, call) else { throw PageProblem.formExpired }
        try FormGuard(environment: self).check(form, .session(person.session.id), call)
        return (person, form)
    }
}
