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
}

/// Carries out the steps of signing in: loads facts, lets ``SignIn`` decide, writes its effects in the same
/// transaction. What takes time (Argon2) runs between transactions.
struct SignInFlow: Sendable {
    let environment: ServerEnvironment

    // MARK: - Password

    /// Tries a password.
    func tryPassword(
        _ name: LoginName, _ password: Password, isRemembered: Bool, interaction: Interaction, call: Call
    ) async throws -> SignInOutcome {
        try await environment.passwords.admitted(environment.limitKey(of: call)) {
            try await evaluate(name, password, isRemembered: isRemembered, interaction: interaction, call: call)
        }
    }

    private func evaluate(
        _ name: LoginName, _ password: Password, isRemembered: Bool, interaction: Interaction, call: Call
    ) async throws -> SignInOutcome {
        let reserved = try await reserve(name, call)
        let stored = reserved.isAllowed ? reserved.account?.credential : nil
        // An unknown, frozen or disabled account costs the same hash as any other (peers' class 19).
        let matches = try await environment.passwords.verify(password.bytes, against: stored?.hash)
        var upgraded: String?
        if matches, let hash = stored?.hash, environment.passwords.isOutdated(hash) {
            upgraded = try await environment.passwords.hash(password.bytes)
        }
        let (matchedVersion, upgradedHash) = (matches ? stored?.version : nil, upgraded)
        return try await commit(interaction, call) { db in
            let account = try reserved.account.flatMap { try db.lockedAccount($0.user.id, environment, call) }
            return .password(
                SignIn.PasswordAttempt(
                    account: account, reservation: reserved.reservation, matchedVersion: matchedVersion,
                    upgradedHash: upgradedHash, isRemembered: isRemembered))
        }
    }

    /// Whom a name belongs to, and the attempt counted before it is evaluated.
    private struct Reserved: Sendable {
        let account: SignIn.Account?
        let reservation: Throttle.Reservation
        var isAllowed: Bool {
            if case .allowed = reservation { return true }
            return false
        }
    }

    private func reserve(_ name: LoginName, _ call: Call) async throws -> Reserved {
        let environment = environment
        return try await environment.database.write { db in
            let user = try db.users(environment.keys.sealing).firstMatch(name.candidates, in: call.tenant.id)
            let account = try user.map {
                SignIn.Account(user: $0, credential: try db.credentials.ofUser($0.id))
            }
            let decoy = Throttle.decoyKey(tenantID: call.tenant.id, typed: name.canonical)
            return Reserved(account: account, reservation: try db.reserve(user, orDecoy: decoy, call))
        }
    }

    // MARK: - SMS code

    /// Tries a code. Counting, comparing and deciding are one transaction.
    func tryCode(
        _ phone: PhoneNumber, _ code: SMSCode, isRemembered: Bool, interaction: Interaction, call: Call
    ) async throws -> SignInOutcome {
        let environment = environment
        return try await commit(interaction, call) { db in
            let users = db.users(environment.keys.sealing)
            if let found = try users.withPhone(phone, in: call.tenant.id) { try users.lock(found.id) }
            let user = try users.withPhone(phone, in: call.tenant.id)
            let decoy = Throttle.decoyKey(tenantID: call.tenant.id, typed: phone.e164)
            let reservation = try db.reserve(user, orDecoy: decoy, call)
            var outcome: SMSChallenge.Outcome?
            if case .allowed = reservation {
                outcome = try db.trial(of: code, phone: phone, in: interaction.id, environment, call)
            }
            let account = try user.map { SignIn.Account(user: $0, credential: try db.credentials.ofUser($0.id)) }
            return .code(
                SignIn.CodeAttempt(
                    account: account, reservation: reservation, outcome: outcome, isRemembered: isRemembered))
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
        return try await commit(interaction, call, isFirstStep: false) { db in
            let current = try db.lockedAccount(step.userID, environment, call)
            return .newPassword(
                SignIn.NewPassword(account: current, hash: judged.hash, violations: judged.violations))
        }
    }

    // MARK: - Deciding and writing

    /// One step: the facts, the decision and its effects in one transaction.
    /// - Parameter isFirstStep: Whether a credential is presented. A form sent twice must not undo what it led to: in an
    ///   interaction that has gone on, a credential is no longer looked at.
    private func commit(
        _ interaction: Interaction, _ call: Call, isFirstStep: Bool = true,
        facts: @escaping @Sendable (any Connection) throws -> SignIn.Input
    ) async throws -> SignInOutcome {
        let environment = environment
        let paused = PausedRequests(environment: environment)
        return try await environment.database.write { db in
            guard let current = try db.interactions.locked(interaction.id), paused.isAdmitted(current, call) else {
                throw PageProblem.signInExpired
            }
            if isFirstStep, current.state != .choosingMethod {
                return SignInOutcome(step: SignIn.Step(current.state), sessionCookie: nil)
            }
            let presented = try call.sessionTokenHash.flatMap { try db.sessions.withToken($0, in: call.tenant.id) }
            let situation = SignIn.Situation(
                interactionID: current.id, tenantID: call.tenant.id, policy: call.policy.identity,
                presentedSessionID: presented?.id)
            let step = SignIn.next(current.state, try facts(db), in: situation, now: call.now)
            try db.interactions.setState(step.state, of: current.id)
            var writer = EffectWriter(db: db, environment: environment, call: call)
            try writer.write(step.effects)
            return SignInOutcome(step: step, sessionCookie: writer.sessionCookie)
        }
    }
}

extension Users {
    /// The user that the first matching reading of a typed name belongs to.
    func firstMatch(_ candidates: [LoginName.Candidate], in tenantID: String) throws -> User? {
        for candidate in candidates {
            let user =
                switch candidate {
                case .username(let key): try named(Username(stored: key), in: tenantID)
                case .phone(let phone): try withPhone(phone, in: tenantID)
                case .email(let key): try withEmail(EmailAddress(stored: key), in: tenantID)
                }
            if let user { return user }
        }
        return nil
    }
}

extension Connection {
    /// A user with their password, as stored now.
    func account(_ userID: String, _ environment: ServerEnvironment, _ call: Call) throws -> SignIn.Account? {
        guard let user = try users(environment.keys.sealing).identified(userID, in: call.tenant.id) else { return nil }
        return SignIn.Account(user: user, credential: try credentials.ofUser(userID))
    }

    /// The same with the user's row locked until the transaction ends, for whoever decides by it.
    func lockedAccount(_ userID: String, _ environment: ServerEnvironment, _ call: Call) throws -> SignIn.Account? {
        try users(environment.keys.sealing).lock(userID)
        return try account(userID, environment, call)
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
    fileprivate func trial(
        of code: SMSCode, phone: PhoneNumber, in interactionID: String, _ environment: ServerEnvironment, _ call: Call
    ) throws -> SMSChallenge.Outcome? {
        let index = Users.index(of: phone, in: call.tenant.id, key: environment.keys.sealing)
        guard let challenge = try smsChallenges.locked(.signIn, phoneIndex: index, in: call.tenant.id) else {
            return nil
        }
        let trial = challenge.trial(
            of: code, in: interactionID, limits: call.policy.identity.code, key: environment.keys.smsCodes,
            now: call.now)
        try smsChallenges.put(trial.challenge)
        return trial.outcome
    }
}
