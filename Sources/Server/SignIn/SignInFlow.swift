import Cryptography
import Directory
import FoundationEssentials
import Gateways
import Identity
import Storage

/// What a step of signing in led to, once it is committed.
struct SignInOutcome: Sendable {
    let step: SignIn.Step
    /// The cookie of a session that was started.
    let sessionCookie: String?
    /// Messages that tell the person what was done; in the ledger already.
    var notices: [SMSDelivery] = []
    /// Of an authenticator app that was set up, to be shown once.
    var recoveryCodes: [RecoveryCode] = []
}

/// Carries out the steps of signing in: loads facts, lets ``SignIn`` decide, writes its effects in the same
/// transaction. What takes time (Argon2) runs between transactions.
struct SignInFlow: Sendable {
    let environment: ServerEnvironment

    // MARK: - Password

    /// What comes with every credential.
    struct Attempt: Sendable {
        var isRemembered: Bool
        /// What was shown against a puzzle.
        var solution: PuzzleSolution?
        var interaction: Interaction
    }

    /// Tries a password.
    /// - Throws: ``SignInBarrier``, when nothing was tried.
    func tryPassword(
        _ name: LoginName, _ password: Password, _ attempt: Attempt, call: Call
    ) async throws -> SignInOutcome {
        let environment = environment
        let tried = try await environment.passwords.admitted(environment.limitKey(of: call)) {
            try await verify(name, password, attempt, call)
        }
        // Before the transaction that decides, which takes the same time for everybody again.
        if tried.matchedVersion == nil { try await environment.passwords.hold(since: tried.start) }
        let outcome = try await commit(attempt.interaction, at: .credential, call) { db in
            let account = try db.lockedAccount(tried.reserved.account?.user.id ?? nobody, environment, call)
            return .password(
                SignIn.PasswordAttempt(
                    account: account, reservation: tried.reserved.reservation, matchedVersion: tried.matchedVersion,
                    upgradedHash: tried.upgradedHash, isRemembered: attempt.isRemembered))
        }
        if outcome.step.message != nil { try await environment.passwords.hold(since: tried.start) }
        return outcome
    }

    /// A password that was counted and verified.
    private struct Tried: Sendable {
        let reserved: Reserved
        /// When the verification began.
        let start: ContinuousClock.Instant
        var matchedVersion: Int?
        var upgradedHash: String?
    }

    private func verify(
        _ name: LoginName, _ password: Password, _ attempt: Attempt, _ call: Call
    ) async throws -> Tried {
        let reserved = try await reserve(name, attempt, call)
        // An unknown, frozen or disabled account costs the same hash as any other (peers' class 19).
        let stored = reserved.isAllowed ? reserved.account?.credential : nil
        let verified = try await environment.passwords.verify(password.bytes, against: stored?.hash)
        var tried = Tried(reserved: reserved, start: verified.start)
        guard verified.isRight, let stored, let hash = stored.hash else { return tried }
        tried.matchedVersion = stored.version
        if environment.passwords.isOutdated(hash) {
            tried.upgradedHash = try await environment.passwords.hash(password.bytes)
        }
        return tried
    }

    /// Whom a name belongs to, and the attempt counted before it is evaluated.
    private struct Reserved: Sendable {
        let account: SignIn.Account?
        let reservation: Throttle.Reservation
        /// Whether the stored hash is looked at at all.
        var isAllowed: Bool {
            if case .allowed = reservation { return account?.user.isEnabled == true }
            return false
        }
    }

    private func reserve(_ name: LoginName, _ attempt: Attempt, _ call: Call) async throws -> Reserved {
        let environment = environment
        return try await environment.database.write { db in
            try db.reserveAddress(attempt.solution, in: attempt.interaction.id, environment, call)
            let user = try db.users(environment.keys.sealing).soleMatch(name.candidates, in: call.tenant.id)
            let account = try db.account(user, environment)
            let decoy = Throttle.decoyKey(tenantID: call.tenant.id, typed: name.canonical)
            return Reserved(account: account, reservation: try db.reserve(user, orDecoy: decoy, call))
        }
    }

    // MARK: - SMS code

    /// Tries a code. Counting, comparing and deciding are one transaction.
    /// - Parameter purpose: ``SMSPurpose/signIn`` or ``SMSPurpose/forgottenPassword``.
    /// - Throws: ``SignInBarrier``, when nothing was tried.
    func tryCode(
        _ phone: PhoneNumber, _ code: SMSCode, for purpose: SMSPurpose, _ attempt: Attempt, call: Call
    ) async throws -> SignInOutcome {
        let environment = environment
        return try await commit(attempt.interaction, at: .credential, call) { db in
            let users = db.users(environment.keys.sealing)
            try users.lock(try users.withPhone(phone, in: call.tenant.id)?.id ?? nobody)
            let user = try users.withPhone(phone, in: call.tenant.id)
            try db.reserveAddress(attempt.solution, in: attempt.interaction.id, environment, call)
            let decoy = Throttle.decoyKey(tenantID: call.tenant.id, typed: phone.e164)
            let reservation = try db.reserve(user, orDecoy: decoy, call)
            var outcome: SMSChallenge.Outcome?
            if case .allowed = reservation {
                outcome = try db.trial(
                    of: code, for: purpose, phone: phone, in: attempt.interaction.id, environment, call)
            }
            return .code(
                SignIn.CodeAttempt(
                    purpose: purpose, account: try db.decisiveAccount(user, environment, call),
                    reservation: reservation,
                    outcome: outcome,
                    isRemembered: attempt.isRemembered))
        }
    }

    // MARK: - New password

    /// Judges, hashes and stores a new password.
    func setPassword(
        _ password: Password, step: SignIn.SetPassword, interaction: Interaction, call: Call
    ) async throws -> SignInOutcome {
        let environment = environment
        let account = try await environment.database.read { db in try db.account(step.userID, environment, call) }
        let judge = NewPasswordJudge(environment: environment)
        let judged = try await environment.passwords.admitted(environment.limitKey(of: call)) {
            try await judge.judge(password, for: account, call)
        }
        return try await commit(interaction, at: .newPassword, call) { db in
            let current = try db.lockedAccount(step.userID, environment, call)
            return .newPassword(
                SignIn.NewPassword(account: current, hash: judged.hash, violations: judged.violations))
        }
    }

    // MARK: - Deciding and writing

    /// What a person does in a step.
    enum Stage {
        /// Presents a first credential.
        case credential
        /// Presents another; counted like the first.
        case secondFactor
        case setUp
        case newPassword
        /// Comes with a session that is not sure enough.
        case raise

        /// Whether an attempt was counted for the address, to be taken back when it is right.
        var isCounted: Bool { self == .credential || self == .secondFactor }

        /// Whether an interaction is where this can be done. A form sent twice must not undo what it led to: in an
        /// interaction that has gone on, a credential is no longer looked at.
        func isDue(_ state: SignIn.State) -> Bool {
            switch (self, state) {
            case (.credential, .choosingMethod), (.raise, .choosingMethod), (.secondFactor, .secondFactor),
                (.setUp, .secondFactor), (.newPassword, _):
                true
            default: false
            }
        }
    }

    /// One step: the facts, the decision and its effects in one transaction.
    func commit(
        _ interaction: Interaction, at stage: Stage, _ call: Call,
        facts: @escaping @Sendable (any Connection) throws -> SignIn.Input
    ) async throws -> SignInOutcome {
        let environment = environment
        let paused = PausedRequests(environment: environment)
        let outcome = try await environment.database.write { db in
            guard let current = try db.interactions.locked(interaction.id), paused.isAdmitted(current, call) else {
                throw PageProblem.signInExpired
            }
            guard stage.isDue(current.state) else {
                return SignInOutcome(step: SignIn.Step(current.state), sessionCookie: nil)
            }
            // First, since it waits for the user's row: what holds that may end the session.
            let input = try facts(db)
            let presented = try call.sessionTokenHash.flatMap { try db.sessions.withToken($0, in: call.tenant.id) }
            let situation = SignIn.Situation(
                interactionID: current.id, tenantID: call.tenant.id, policy: call.policy.identity,
                requirement: current.requirement, presentedSessionID: presented?.id,
                liveSessionID: presented?.isLive(call.policy.identity.session, now: call.now) == true
                    ? presented?.id : nil)
            let step = SignIn.next(current.state, input, in: situation, now: call.now)
            try db.interactions.setState(step.state, of: current.id)
            // Before the account's count, as where both are reserved: rows are locked in one order.
            if stage.isCounted, step.message == nil { try db.releaseAddress(environment, call) }
            var writer = EffectWriter(
                db: db, environment: environment, call: call, in: current, about: input.user)
            try writer.write(step.effects)
            return SignInOutcome(
                step: step, sessionCookie: writer.sessionCookie, notices: writer.notices,
                recoveryCodes: writer.recoveryCodes)
        }
        // A full queue loses a notice; what it tells of is in the log.
        for notice in outcome.notices { _ = environment.sms.enqueue(notice) }
        return outcome
    }
}

extension Users {
    /// The user that a typed name belongs to; nil when its readings find nobody, or two people.
    func soleMatch(_ candidates: [LoginName.Candidate], in tenantID: String) throws -> User? {
        var found: User?
        for candidate in candidates {
            guard let user = try matching(candidate, in: tenantID) else { continue }
            guard found == nil || found?.id == user.id else { return nil }
            found = user
        }
        return found
    }

    /// The user whom one reading of a name finds.
    func matching(_ candidate: LoginName.Candidate, in tenantID: String) throws -> User? {
        switch candidate {
        case .username(let key): try named(Username(stored: key), in: tenantID)
        case .phone(let phone): try withPhone(phone, in: tenantID)
        case .email(let key): try withEmail(EmailAddress(stored: key), in: tenantID)
        case .employeeID(let key): try withEmployeeKey(key, in: tenantID)
        }
    }
}

extension ServerEnvironment {
    /// What was typed into the account field, as this tenant reads it: what may stand behind a username is the
    /// tenant's code, and any domain that it has proved.
    func loginName(_ typed: String, _ call: Call) async throws -> LoginName {
        // Most names have nothing behind them, and do not wait for a reader.
        let domains =
            TypedText.plain(typed).contains("@")
            ? try await database.read { db in try db.domains.verifiedNames(of: call.tenant.id) } : []
        return LoginName(typed, accepting: call.policy.identity.identifiers, at: [call.tenant.code] + domains)
    }
}

/// An id that no user has: what is looked up and locked for a name or a phone that belongs to nobody, so that it costs
/// the same statements (peers' class 19).
let nobody = ""

extension Connection {
    /// A user with their password, as stored now.
    func account(_ userID: String, _ environment: ServerEnvironment, _ call: Call) throws -> SignIn.Account? {
        try account(try users(environment.keys.sealing).identified(userID, in: call.tenant.id), environment)
    }

    /// The same for a user that was read already, or was not found.
    func account(_ user: User?, _ environment: ServerEnvironment) throws -> SignIn.Account? {
        let credential = try credentials.ofUser(user?.id ?? nobody)
        guard let user else { return nil }
        let index = user.profile.phone.map { phone in
            Users.index(of: phone, in: user.tenantID, key: environment.keys.sealing)
        }
        return SignIn.Account(user: user, credential: credential, phoneIndex: index)
    }

    /// The same with all that decides what else is to be proved.
    func decisiveAccount(
        _ user: User?, _ environment: ServerEnvironment, _ call: Call
    ) throws -> SignIn.Account? {
        let own = try secondFactors(ofUser: user?.id ?? nobody)
        // Read only where it matters, which is the same for all accounts of a tenant.
        let asksForRoles = call.policy.identity.secondFactor.demand == .administrators
        let roles = asksForRoles ? try userRoles.ofUser(user?.id ?? nobody) : []
        var account = try account(user, environment)
        account?.own = own
        account?.isAdministrator = !roles.isEmpty
        return account
    }

    /// The same with the user's row locked until the transaction ends, for whoever decides by it.
    func lockedAccount(_ userID: String, _ environment: ServerEnvironment, _ call: Call) throws -> SignIn.Account? {
        let users = users(environment.keys.sealing)
        try users.lock(userID)
        return try decisiveAccount(try users.identified(userID, in: call.tenant.id), environment, call)
    }

    /// Counts an attempt before it is evaluated; an unknown account's under a decoy key, with the same writes.
    func reserve(_ user: User?, orDecoy decoy: String, _ call: Call) throws -> Throttle.Reservation {
        let key = user.map { Throttle.key(ofUser: $0.id) } ?? decoy
        let limits = call.policy.identity.throttle
        let stored = try throttles.locked(key, now: call.now)
        let reservation = Throttle.reserve(stored, key: key, limits: limits, now: call.now)
        if case .allowed(let row?, _) = reservation {
            try throttles.put(row, expiresAt: row.expiresAt(limits))
        }
        return reservation
    }

    /// Tries a code against the phone's challenge and stores what the try made of it.
    func trial(
        of code: SMSCode, for purpose: SMSPurpose, phone: PhoneNumber, in interactionID: String,
        _ environment: ServerEnvironment, _ call: Call
    ) throws -> SMSChallenge.Outcome? {
        let index = Users.index(of: phone, in: call.tenant.id, key: environment.keys.sealing)
        guard let challenge = try smsChallenges.locked(purpose, phoneIndex: index, in: call.tenant.id) else {
            return nil
        }
        let trial = challenge.trial(
            of: code, in: interactionID, limits: call.policy.identity.code, key: environment.keys.smsCodes,
            now: call.now)
        try smsChallenges.put(trial.challenge)
        return trial.outcome
    }
}
