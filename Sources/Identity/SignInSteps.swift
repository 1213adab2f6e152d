import Directory
package import FoundationEssentials

extension SignIn {
    /// Decides one step.
    ///
    /// - Parameters:
    ///   - state: As stored with the interaction. Once completed, further input changes nothing: a form sent twice
    ///     just goes on.
    ///   - input: Facts read in this transaction, but for what Argon2 said.
    ///   - now: The current time; whole seconds.
    /// - Returns: What to write and show. Failures are returned, not thrown, since they are recorded.
    package static func next(_ state: State, _ input: Input, in situation: Situation, now: Date) -> Step {
        if case .completed = state { return Step(state) }
        switch (input, state) {
        case (.password(let attempt), _): return password(attempt, situation, now: now)
        case (.code(let attempt), _): return code(attempt, situation, now: now)
        case (.passkey(let attempt), _): return passkey(attempt, situation, now: now)
        case (.factor(let attempt), .secondFactor(let step)): return factor(attempt, step, situation, now: now)
        case (.setUp(let app), .secondFactor(let step)): return setUp(app, step, situation, now: now)
        case (.session(let live), .choosingMethod): return raise(live, situation, now: now)
        case (.session, _): return Step(state)
        case (.newPassword(let new), .setPassword(let step)): return newPassword(new, step, situation, now: now)
        case (.newPassword, _), (.factor, _), (.setUp, _): return Step(.choosingMethod, message: .startAgain)
        }
    }

    // MARK: - Password

    private static func password(_ attempt: PasswordAttempt, _ situation: Situation, now: Date) -> Step {
        let account = attempt.account.flatMap { situation.owns($0) ? $0 : nil }
        if let failure = failure(of: attempt, account, situation, now: now) {
            return refused(account, .password, failure, attempt.reservation)
        }
        guard let account else { return refused(nil, .password, .unknownUser, attempt.reservation) }
        let proof = Proof(of: .password, for: account, isRemembered: attempt.isRemembered, now: now)
        var step = proved(proof, account, situation, now: now)
        if let old = account.credential?.hash, let new = attempt.upgradedHash {
            step.effects.append(.upgradeHash(userID: account.user.id, HashUpgrade(old: old, new: new)))
        }
        return step
    }

    /// The first reason against a password, nil when there is none. Whichever it is, the page says the same.
    private static func failure(
        of attempt: PasswordAttempt, _ account: Account?, _ situation: Situation, now: Date
    ) -> SignInFailure? {
        guard situation.policy.methods.contains(.password) else { return .methodOff }
        guard let account else { return .unknownUser }
        guard !attempt.reservation.isFrozen else { return .frozen }
        guard account.user.isEnabled else { return .disabled }
        guard let credential = account.credential, credential.hash != nil else { return .noPassword }
        guard let matched = attempt.matchedVersion else { return .wrongPassword }
        guard matched == account.version else { return .stale }
        return credential.isUsable(now: now) ? nil : .expiredPassword
    }

    // MARK: - SMS code

    private static func code(_ attempt: CodeAttempt, _ situation: Situation, now: Date) -> Step {
        let account = attempt.account.flatMap { situation.owns($0) ? $0 : nil }
        if let failure = failure(of: attempt, account, situation) {
            return refused(account, .sms, failure, attempt.reservation)
        }
        guard let account else { return refused(nil, .sms, .unknownUser, attempt.reservation) }
        let wish: SetPassword.Reason? = attempt.purpose == .forgottenPassword ? .forgotten : nil
        let proof = Proof(of: .sms, for: account, isRemembered: attempt.isRemembered, now: now)
        return proved(proof, account, wish: wish, situation, now: now)
    }

    private static func failure(
        of attempt: CodeAttempt, _ account: Account?, _ situation: Situation
    ) -> SignInFailure? {
        guard attempt.isOffered(by: situation.policy) else { return .methodOff }
        guard let account else { return .unknownUser }
        guard !attempt.reservation.isFrozen else { return .frozen }
        guard account.user.isEnabled else { return .disabled }
        return SignInFailure(ofCode: attempt.outcome, for: account.user.id)
    }

    // MARK: - New password

    private static func newPassword(
        _ new: NewPassword, _ step: SetPassword, _ situation: Situation, now: Date
    ) -> Step {
        guard let account = new.account, step.proof.holds(of: account, in: situation) else {
            return startAgain(step.proof, new.account)
        }
        // A factor that was set up meanwhile comes before the password.
        let pending = SecondFactor(step.proof, wish: step.reason)
        guard demand(of: pending, account, in: situation, now: now) == .nothing else {
            return Step(.secondFactor(pending))
        }
        guard new.violations.isEmpty, let hash = new.hash else {
            return Step(.setPassword(step), message: .passwordViolations(new.violations))
        }
        let credential = Credential.setting(
            hash, replacing: account.credential, policy: situation.policy.password, now: now)
        let effects: [Effect] = [
            .setCredential(userID: step.userID, credential),
            .endSessions(userID: step.userID, cause: .passwordChanged),
            .record(.user(.passwordSet(userID: step.userID, cause: step.reason.cause))),
        ]
        var done = Step(.choosingMethod, message: .passwordSaved)
        // Where codes are no way in, a password that was set by one has to be used first: whatever the reason was, as
        // somebody without a password may well say that it was forgotten.
        if situation.policy.methods.contains(where: { $0.factor == step.proof.first }) {
            done = completed(account.user, step.proof, situation)
        }
        done.effects.insert(contentsOf: effects + notices(about: step), at: 0)
        return done
    }

    /// A first password is no news to whoever sets it; the others may be.
    private static func notices(about step: SetPassword) -> [Effect] {
        switch step.reason {
        case .forgotten, .expired, .forcedChange: [.notify(userID: step.userID, .passwordChanged)]
        case .first, .cleared: []
        }
    }

    // MARK: - Shared endings

    /// A person proved something: on to what is still missing, to the password that has to be set, or done.
    ///
    /// Another factor comes before a new password, or a stolen phone would be enough to set one. Failures are forgotten
    /// only when nothing is missing: who knows the password could otherwise guess codes without end.
    static func proved(
        _ proof: Proof, _ account: Account, wish: SetPassword.Reason? = nil, _ situation: Situation, now: Date
    ) -> Step {
        let user = account.user
        let pending = SecondFactor(proof, wish: wish)
        guard demand(of: pending, account, in: situation, now: now) == .nothing else {
            let due = SignInEvent.factorDue(userID: user.id, method: proof.first)
            return Step(.secondFactor(pending), [.record(.signIn(due))])
        }
        var step: Step
        // A session that is raised was let in with its password before.
        let reason =
            proof.sessionID == nil
            ? reasonToSetPassword(account.credential, situation.policy.password, now: now) ?? wish : nil
        if let reason {
            let due = SignInEvent.passwordDue(userID: user.id, method: proof.first, cause: reason.cause)
            step = Step(.setPassword(SetPassword(proof, reason: reason)), [.record(.signIn(due))])
        } else {
            step = completed(user, proof, situation)
        }
        step.effects.insert(.clearThrottle(userID: user.id), at: 0)
        return step
    }

    static func reasonToSetPassword(
        _ credential: Credential?, _ policy: PasswordPolicy, now: Date
    ) -> SetPassword.Reason? {
        guard let credential else { return .first }
        if credential.hash == nil { return .cleared }
        if credential.mustChangeSince != nil { return .forcedChange }
        return credential.isExpired(policy, now: now) ? .expired : nil
    }

    private static func completed(_ user: User, _ proof: Proof, _ situation: Situation) -> Step {
        let authentication = Authentication(
            userID: user.id, at: proof.since, amr: proof.factors.amr, interactionID: situation.interactionID)
        let start = SessionStart(
            authentication: authentication,
            isRemembered: proof.isRemembered && situation.policy.session.offersToRemember,
            replacedSessionID: situation.presentedSessionID, isRaise: proof.sessionID != nil)
        let isFirst = user.status == .pending
        return Step(
            .completed(authentication),
            (isFirst ? [.activate(userID: user.id)] : []) + [
                .startSession(start), .record(.signIn(success(proof, isFirst: isFirst))),
            ])
    }

    /// In a session that was raised, only what was added to it.
    private static func success(_ proof: Proof, isFirst: Bool) -> SignInEvent {
        let told = proof.sessionID == nil ? proof.factors : proof.factors.suffix(1)
        return .succeeded(
            userID: proof.userID, method: told[told.startIndex], further: Array(told.dropFirst()), isFirst: isFirst)
    }

    /// Anything wrong. The attempt was counted when it was reserved; here it is only told.
    static func refused(
        _ account: Account?, _ method: Factor, _ failure: SignInFailure, _ reservation: Throttle.Reservation
    ) -> Step {
        let events = reservation.refusal(of: account?.user.id, by: method, failure)
        return Step(.choosingMethod, events.map { .record(.signIn($0)) }, message: .refused)
    }
}

extension SignIn.CodeAttempt {
    /// Whether the tenant lets a person in, or set a new password, by a code for this purpose.
    func isOffered(by policy: IdentityPolicy) -> Bool {
        switch purpose {
        case .forgottenPassword: policy.password.offersReset
        // A new member sets a password, and where codes are no way in goes on with that.
        case .register: true
        default: policy.methods.contains(.sms)
        }
    }
}

extension SignIn.Situation {
    /// Another tenant's account does not exist here.
    func owns(_ account: SignIn.Account) -> Bool { account.user.tenantID == tenantID }
}
