package import Directory
package import FoundationEssentials

extension SignIn {
    /// Somebody proved one factor, and has to prove another.
    package struct SecondFactor: Equatable, Sendable {
        package var proof: Proof
        /// What the person came for, where that was setting a password.
        package var wish: SetPassword.Reason?

        package init(_ proof: Proof, wish: SetPassword.Reason? = nil) {
            self.proof = proof
            self.wish = wish
        }
    }

    /// A passkey's answer that was looked at.
    package struct PasskeyAttempt: Equatable, Sendable {
        /// Whose passkey it is; nil for nobody's.
        package var account: Account?
        package var reservation: Throttle.Reservation
        /// What is wrong with it; nil when it was signed by the account's passkey, for this site and browser, once.
        package var failure: SignInFailure?

        package init(account: Account?, reservation: Throttle.Reservation, failure: SignInFailure?) {
            self.account = account
            self.reservation = reservation
            self.failure = failure
        }
    }

    /// A second factor that was tried.
    package struct FactorAttempt: Equatable, Sendable, Concealed {
        package var factor: Factor
        /// The user named by the state, as stored now; nil when deleted.
        package var account: Account?
        package var reservation: Throttle.Reservation
        /// What is wrong with it; nil when it is right.
        package var failure: SignInFailure?

        package init(
            _ factor: Factor, account: Account?, reservation: Throttle.Reservation, failure: SignInFailure?
        ) {
            self.factor = factor
            self.account = account
            self.reservation = reservation
            self.failure = failure
        }
    }

    /// An authenticator app that a person sets up because one is demanded.
    package struct SetUp: Equatable, Sendable, Concealed {
        package var account: Account?
        /// Confirmed by a code of it; nil when the code was wrong.
        package var app: TOTPFactor?

        package init(account: Account?, app: TOTPFactor?) {
            self.account = account
            self.app = app
        }
    }

    /// The session of this browser, where it is young enough for the protocol but not sure enough.
    package struct LiveSession: Equatable, Sendable {
        package var account: Account?
        /// Admitted for the account's user.
        package var session: Session

        package init(account: Account?, session: Session) {
            self.account = account
            self.session = session
        }
    }

    /// What a person at this step still has to prove, as stored now.
    package static func demand(of step: SecondFactor, _ account: Account, in situation: Situation, now: Date)
        -> FactorDemand
    {
        let due = reasonToSetPassword(account.credential, situation.policy.password, now: now)
        let facts = FactorDemand.Facts(
            own: account.own, isAdministrator: account.isAdministrator, hasPhone: account.phoneIndex != nil,
            hasPassword: due == nil && step.wish == nil)
        return FactorDemand.decide(
            facts, proved: step.proof.factors, level: situation.requirement.level,
            policy: situation.policy.secondFactor)
    }

    // MARK: - Steps

    static func passkey(_ attempt: PasskeyAttempt, _ situation: Situation, now: Date) -> Step {
        let account = attempt.account.flatMap { situation.owns($0) ? $0 : nil }
        guard let account else { return refused(nil, .passkey, .wrongPasskey, attempt.reservation) }
        if let failure = failure(of: attempt, account, situation) {
            return refused(account, .passkey, failure, attempt.reservation)
        }
        return proved(Proof(of: .passkey, for: account, isRemembered: false, now: now), account, situation, now: now)
    }

    private static func failure(
        of attempt: PasskeyAttempt, _ account: Account, _ situation: Situation
    ) -> SignInFailure? {
        guard situation.policy.methods.contains(.passkey) else { return .methodOff }
        guard !attempt.reservation.isFrozen else { return .frozen }
        guard account.user.isEnabled else { return .disabled }
        return attempt.failure
    }

    static func factor(
        _ attempt: FactorAttempt, _ step: SecondFactor, _ situation: Situation, now: Date
    ) -> Step {
        guard let account = attempt.account, step.proof.holds(of: account, in: situation),
            step.proof.isFreshEnough(in: situation, now: now)
        else { return startAgain(step.proof, attempt.account) }
        let demand = demand(of: step, account, in: situation, now: now)
        // Nothing is asked for any more: the policy changed while the page was open.
        guard demand != .nothing else { return proved(step.proof, account, wish: step.wish, situation, now: now) }
        if let failure = failure(of: attempt, demand) {
            let events = attempt.reservation.refusal(of: account.user.id, by: attempt.factor, failure)
            return Step(.secondFactor(step), events.map { .record(.signIn($0)) }, message: .refused)
        }
        let proof = step.proof.adding(attempt.factor, of: account)
        return proved(proof, account, wish: step.wish, situation, now: now)
    }

    private static func failure(of attempt: FactorAttempt, _ demand: FactorDemand) -> SignInFailure? {
        guard !attempt.reservation.isFrozen else { return .frozen }
        guard case .one(of: let factors) = demand, factors.contains(attempt.factor) else { return .methodOff }
        return attempt.failure
    }

    /// An app counts as proved when it is set up: its first code was just typed.
    static func setUp(_ setUp: SetUp, _ step: SecondFactor, _ situation: Situation, now: Date) -> Step {
        guard let account = setUp.account, step.proof.holds(of: account, in: situation) else {
            return startAgain(step.proof, setUp.account)
        }
        // What there was to prove may be gone since the session was to be raised; it sets nothing up all the same.
        guard step.proof.sessionID == nil else { return Step(.choosingMethod) }
        // Whoever has a second factor by now must prove it: this step is no way to put another in its place.
        guard demand(of: step, account, in: situation, now: now) == .setUp else { return Step(.secondFactor(step)) }
        guard let app = setUp.app else { return Step(.secondFactor(step), message: .refused) }
        var owner = account
        owner.own.hasApp = true
        let proof = step.proof.adding(.totp, of: account)
        var done = proved(proof, owner, wish: step.wish, situation, now: now)
        let told: [Effect] = [
            .storeApp(userID: account.user.id, app),
            .record(.user(.factorAdded(userID: account.user.id, factor: .app))),
            .notify(userID: account.user.id, .factorChanged),
        ]
        done.effects.insert(contentsOf: told, at: 0)
        return done
    }

    static func raise(_ live: LiveSession, _ situation: Situation, now: Date) -> Step {
        let session = live.session
        guard let account = live.account, account.user.id == session.userID, situation.owns(account),
            session.id == situation.liveSessionID,
            situation.requirement.isFresh(session.authentication, now: now),
            session.authentication.level < situation.requirement.level
        else { return Step(.choosingMethod) }
        let proof = Proof(
            userID: account.user.id, factors: session.authentication.factors, since: session.authentication.at,
            isRemembered: session.isRemembered, credentialVersion: account.version, phoneIndex: account.phoneIndex,
            sessionID: session.id)
        let step = SecondFactor(proof)
        // A session alone must not be enough to set up a factor: then the whole sign-in is asked for.
        guard case .one = demand(of: step, account, in: situation, now: now) else { return Step(.choosingMethod) }
        return Step(.secondFactor(step))
    }

    /// The account is not as it was when the first factor was proved.
    static func startAgain(_ proof: Proof, _ account: Account?) -> Step {
        let reason: SignInFailure = account?.user.isEnabled == false ? .disabled : .stale
        let event = SignInEvent.failed(userID: proof.userID, method: proof.first, reason: reason)
        return Step(.choosingMethod, [.record(.signIn(event))], message: .startAgain)
    }
}
