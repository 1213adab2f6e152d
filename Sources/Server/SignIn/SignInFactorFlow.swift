import Cryptography
import Directory
import FoundationEssentials
import Identity
import Storage

/// Carries out the steps after the first credential: loads facts, lets ``SignIn`` decide, in one transaction.
struct SignInFactorFlow {
    let environment: ServerEnvironment
    let call: Call

    private var flow: SignInFlow { SignInFlow(environment: environment) }

    /// What a person shows as another factor.
    enum Evidence: Sendable {
        case totp(String)
        case sms(SMSCode)
        case recoveryCode(String)
        case passkey(String)
        /// Nothing: the person goes on where nothing is asked for any more.
        case none

        var factor: Factor {
            switch self {
            case .totp: .totp
            case .sms: .sms
            case .recoveryCode: .recoveryCode
            case .passkey: .passkey
            case .none: .password
            }
        }
    }

    /// Somebody at this step.
    struct Attempt: Sendable {
        let step: SignIn.SecondFactor
        let solution: PuzzleSolution?
        let interaction: Interaction
    }

    /// Tries anything but a password. Counting, comparing and deciding are one transaction.
    /// - Throws: ``SignInBarrier``, when nothing was tried.
    func attempt(_ evidence: Evidence, _ attempt: Attempt) async throws -> SignInOutcome {
        let (environment, call) = (environment, call)
        let userID = attempt.step.proof.userID
        return try await flow.commit(attempt.interaction, at: .secondFactor, call) { db in
            let account = try db.lockedAccount(userID, environment, call)
            try db.reserveAddress(attempt.solution, in: attempt.interaction.id, environment, call)
            let reservation = try db.reserve(account?.user, orDecoy: Throttle.key(ofUser: userID), call)
            var failure: SignInFailure?
            if let account, case .allowed = reservation {
                failure = try db.failure(of: evidence, by: account.user, in: attempt.interaction, environment, call)
            }
            return .factor(
                SignIn.FactorAttempt(evidence.factor, account: account, reservation: reservation, failure: failure))
        }
    }

    /// Tries the password, of somebody who came in by a code.
    /// - Throws: ``SignInBarrier``, when nothing was tried.
    func attempt(_ password: Password, _ attempt: Attempt) async throws -> SignInOutcome {
        let (environment, call) = (environment, call)
        let userID = attempt.step.proof.userID
        let (reservation, matched) = try await environment.passwords.admitted(environment.limitKey(of: call)) {
            let (reservation, stored) = try await environment.database.write { db in
                let account = try db.lockedAccount(userID, environment, call)
                try db.reserveAddress(attempt.solution, in: attempt.interaction.id, environment, call)
                let key = Throttle.key(ofUser: userID)
                return (try db.reserve(account?.user, orDecoy: key, call), account?.credential)
            }
            guard case .allowed = reservation,
                try await environment.passwords.verify(password.bytes, against: stored?.hash).isRight
            else { return (reservation, nil as Int?) }
            return (reservation, stored?.version)
        }
        return try await flow.commit(attempt.interaction, at: .secondFactor, call) { db in
            let account = try db.lockedAccount(userID, environment, call)
            let isRight = matched != nil && matched == account?.credential?.version
            return .factor(
                SignIn.FactorAttempt(
                    .password, account: account, reservation: reservation, failure: isRight ? nil : .wrongPassword))
        }
    }

    /// Signs in with a passkey alone, which says itself whose it is.
    /// - Parameter text: What the browser answered.
    /// - Throws: ``SignInBarrier``, when nothing was tried.
    func signIn(_ text: String, _ attempt: SignInFlow.Attempt) async throws -> SignInOutcome {
        let (environment, call) = (environment, call)
        let answer = try? PasskeyAssertion(text)
        return try await flow.commit(attempt.interaction, at: .credential, call) { db in
            let passkey = try answer.flatMap { try db.passkeys.identified($0.credentialID, in: call.tenant.id) }
            let account = try db.lockedAccount(passkey?.userID ?? nobody, environment, call)
            try db.reserveAddress(attempt.solution, in: attempt.interaction.id, environment, call)
            let decoy = Throttle.decoyKey(tenantID: call.tenant.id, typed: answer?.credentialID ?? "")
            let reservation = try db.reserve(account?.user, orDecoy: decoy, call)
            var failure: SignInFailure? = .wrongPasskey
            if let answer, let passkey, case .allowed = reservation {
                let challenge = PasskeyQuestion(attempt.interaction, of: nil, environment).challenge
                failure = try db.failure(of: answer, by: passkey, to: challenge, call)
            }
            return .passkey(SignIn.PasskeyAttempt(account: account, reservation: reservation, failure: failure))
        }
    }

    /// Sets up an authenticator app where one is demanded.
    /// - Parameters:
    ///   - app: As the page offered it.
    ///   - code: What the person typed of it.
    func setUp(_ app: TOTP, _ code: String, _ attempt: Attempt) async throws -> SignInOutcome {
        let (environment, call) = (environment, call)
        return try await flow.commit(attempt.interaction, at: .setUp, call) { db in
            let account = try db.lockedAccount(attempt.step.proof.userID, environment, call)
            let factor = app.step(matching: code, after: nil, now: call.now).map { step in
                TOTPFactor(totp: app, confirmedAt: call.now, lastStep: step)
            }
            return .setUp(SignIn.SetUp(account: account, app: factor))
        }
    }

    /// Takes a live session that is not sure enough to the step at which it is raised.
    /// - Returns: The state of the interaction then; `choosingMethod` where the person has to sign in anew.
    func raise(_ person: SignedIn, _ interaction: Interaction) async throws -> SignIn.State {
        let (environment, call) = (environment, call)
        return try await flow.commit(interaction, at: .raise, call) { db in
            let account = try db.lockedAccount(person.user.id, environment, call)
            let session = try db.sessions.identified(person.session.id, in: call.tenant.id) ?? person.session
            return .session(SignIn.LiveSession(account: account, session: session))
        }.step.state
    }

    /// Back to the first step, for somebody else; a session that was to be raised stays what it is.
    func startAgain(_ interaction: Interaction) async throws {
        let (environment, call) = (environment, call)
        let paused = PausedRequests(environment: environment)
        try await environment.database.write { db in
            guard let current = try db.interactions.locked(interaction.id), paused.isAdmitted(current, call),
                case .secondFactor(let step) = current.state, step.proof.sessionID == nil
            else { return }
            try db.interactions.setState(.choosingMethod, of: current.id)
        }
    }
}

/// What a passkey is asked to sign in an interaction.
///
/// The challenge follows from the interaction, which is unguessable, bound to the browser, and done after one right
/// answer: so nothing has to be stored when a page is shown (WebAuthn Level 3 §13.4.3).
struct PasskeyQuestion {
    /// As the browser signs it.
    let text: String
    let challenge: PasskeyChallenge

    /// - Parameter userID: Whose passkey has to answer; nil where the answer says it.
    init(_ interaction: Interaction, of userID: String?, _ environment: ServerEnvironment) {
        text = interaction.passkeyChallenge(of: userID, key: environment.keys.forms)
        challenge = PasskeyChallenge(
            hash: OpaqueToken.hash(of: text), owner: interaction.id, purpose: .authentication, userID: userID,
            expiresAt: interaction.expiresAt)
    }
}

extension Connection {
    /// What is wrong with another factor; nil when it is right. What serves once is used up here.
    fileprivate func failure(
        of evidence: SignInFactorFlow.Evidence, by user: User, in interaction: Interaction,
        _ environment: ServerEnvironment, _ call: Call
    ) throws -> SignInFailure? {
        switch evidence {
        case .none: return .methodOff
        case .totp(let code):
            let factors = totpFactors(environment.keys.sealing)
            guard let app = try factors.ofUser(user.id),
                let step = app.totp.step(matching: code, after: app.lastStep, now: call.now),
                try factors.use(step: step, ofUser: user.id)
            else { return .wrongCode }
            return nil
        case .sms(let code):
            guard let phone = user.profile.phone else { return .noCode }
            let outcome = try trial(
                of: code, for: .secondFactor, phone: phone, in: interaction.id, environment, call)
            return SignInFailure(ofCode: outcome, for: user.id)
        case .recoveryCode(let typed):
            let hash = RecoveryCode.hash(typed, userID: user.id, key: environment.keys.recoveryCodes)
            guard let hash, try recoveryCodes.take(hash, ofUser: user.id, now: call.now) else { return .wrongCode }
            return nil
        case .passkey(let text):
            guard let answer = try? PasskeyAssertion(text),
                let passkey = try passkeys.identified(answer.credentialID, in: call.tenant.id)
            else { return .wrongPasskey }
            let challenge = PasskeyQuestion(interaction, of: user.id, environment).challenge
            return try failure(of: answer, by: passkey, to: challenge, call)
        }
    }

    /// What is wrong with a passkey's answer; nil when it is right, and then its use is written down.
    fileprivate func failure(
        of answer: PasskeyAssertion, by passkey: Passkey, to challenge: PasskeyChallenge, _ call: Call
    ) throws -> SignInFailure? {
        guard let relyingParty = RelyingParty(of: call.tenant) else { return .methodOff }
        do {
            let used = try answer.proof(of: passkey, answering: challenge, relyingParty, now: call.now)
            return try passkeys.use(used) ? nil : .copiedPasskey
        } catch let error as PasskeyError {
            return error == .possiblyCloned ? .copiedPasskey : .wrongPasskey
        }
    }
}
