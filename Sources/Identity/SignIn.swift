package import Directory
import FoundationEssentials

/// The steps of signing in, as a state machine: state + input → state + effects.
///
/// ```
///                     ┌ right password, code or passkey, nothing missing ───────────────────► completed
///  choosingMethod ────┤                                                                          ▲
///     ▲      ▲        ├ right, another factor is missing ──► secondFactor ──┐ right ────────────┤
///     │      │        │                                        ▲    └─ wrong │                   │
///     │      │        └ right, the password is missing or due  │             ▼                   │
///     │      │                 └───────────────────────────────┼───────► setPassword ────────────┘
///     │      └ anything wrong: one message for all             │   (first | cleared |     new password
///     └───────── the account changed meanwhile ◄───────────────┴─── forcedChange | expired | forgotten)
///
///  a live session that is not sure enough ──► secondFactor ──► completed
/// ```
///
/// There is no session before `completed`: a person who leaves the set-password page leaves nothing behind. The shell
/// loads the facts of an input and writes the effects in one transaction; what takes time (Argon2) has run before.
package enum SignIn {
    /// Where an interaction stands; stored with it.
    package enum State: Equatable, Sendable {
        case choosingMethod
        case secondFactor(SecondFactor)
        case setPassword(SetPassword)
        case completed(Authentication)
    }

    /// Someone proved who they are, but has to set a password before anything else.
    package struct SetPassword: Equatable, Sendable {
        package enum Reason: String, Equatable, Sendable, CaseIterable {
            /// The user never had one.
            case first
            /// An administrator cleared it.
            case cleared
            /// An initial or reset password, known to whoever gave it.
            case forcedChange = "forced_change"
            /// Older than the policy allows.
            case expired
            /// The person forgot it and asked for a code.
            case forgotten

            package var cause: PasswordCause {
                switch self {
                case .first: .first
                case .cleared: .cleared
                case .forcedChange: .forcedChange
                case .expired: .expired
                case .forgotten: .forgotten
                }
            }
        }

        package var proof: Proof
        package var reason: Reason

        package init(_ proof: Proof, reason: Reason) {
            self.proof = proof
            self.reason = reason
        }

        package var userID: String { proof.userID }
    }

    /// A user and their password, as stored at the time of the decision.
    package struct Account: Equatable, Sendable {
        package var user: User
        package var credential: Credential?
        /// The keyed look-up text of the user's phone; nil without one.
        package var phoneIndex: String?
        package var own: SecondFactors
        /// Whether the user holds a role; asked only where it decides something.
        package var isAdministrator: Bool

        package init(
            user: User, credential: Credential?, phoneIndex: String? = nil, own: SecondFactors = SecondFactors(),
            isAdministrator: Bool = false
        ) {
            self.user = user
            self.credential = credential
            self.phoneIndex = phoneIndex
            self.own = own
            self.isAdministrator = isAdministrator
        }

        var version: Int { credential?.version ?? 0 }
    }

    /// A password that was tried.
    package struct PasswordAttempt: Equatable, Sendable, Concealed {
        /// Whom the typed name belongs to; nil for nobody.
        package var account: Account?
        /// What the throttle said before the password was verified.
        package var reservation: Throttle.Reservation
        /// The version of the credential that the password matched; nil when it matched none.
        package var matchedVersion: Int?
        /// A hash of the same password with today's parameters, when the matched one has older parameters.
        package var upgradedHash: String?
        package var isRemembered: Bool

        package init(
            account: Account?, reservation: Throttle.Reservation, matchedVersion: Int?, upgradedHash: String? = nil,
            isRemembered: Bool
        ) {
            self.account = account
            self.reservation = reservation
            self.matchedVersion = matchedVersion
            self.upgradedHash = upgradedHash
            self.isRemembered = isRemembered
        }
    }

    /// An SMS code that was tried.
    package struct CodeAttempt: Equatable, Sendable {
        /// What the code was asked for: ``SMSPurpose/signIn``, ``SMSPurpose/forgottenPassword`` or
        /// ``SMSPurpose/register``.
        package var purpose: SMSPurpose
        /// Whom the typed phone belongs to; nil for nobody.
        package var account: Account?
        package var reservation: Throttle.Reservation
        /// What the challenge said; nil when there is none, or the reservation was refused.
        package var outcome: SMSChallenge.Outcome?
        package var isRemembered: Bool

        package init(
            purpose: SMSPurpose = .signIn, account: Account?, reservation: Throttle.Reservation,
            outcome: SMSChallenge.Outcome?, isRemembered: Bool
        ) {
            self.purpose = purpose
            self.account = account
            self.reservation = reservation
            self.outcome = outcome
            self.isRemembered = isRemembered
        }
    }

    /// A new password that was judged and hashed.
    package struct NewPassword: Equatable, Sendable, Concealed {
        /// The user named by the state, as stored now; nil when deleted.
        package var account: Account?
        /// PHC string; nil when there are violations.
        package var hash: String?
        package var violations: [PasswordViolation]

        package init(account: Account?, hash: String?, violations: [PasswordViolation]) {
            self.account = account
            self.hash = hash
            self.violations = violations
        }
    }

    /// What a person did.
    package enum Input: Equatable, Sendable {
        case password(PasswordAttempt)
        case code(CodeAttempt)
        case passkey(PasskeyAttempt)
        case factor(FactorAttempt)
        case setUp(SetUp)
        case newPassword(NewPassword)
        case session(LiveSession)
    }

    /// What is true of an interaction whatever the input.
    package struct Situation: Equatable, Sendable {
        package var interactionID: String
        package var tenantID: String
        package var policy: IdentityPolicy
        /// What the protocol asks for.
        package var requirement: AuthenticationRequirement
        /// The session that the browser's cookie names, if it does: it ends when a new one starts.
        package var presentedSessionID: String?
        /// The same, while it lasts.
        package var liveSessionID: String?

        package init(
            interactionID: String, tenantID: String, policy: IdentityPolicy,
            requirement: AuthenticationRequirement = .any, presentedSessionID: String?, liveSessionID: String? = nil
        ) {
            self.interactionID = interactionID
            self.tenantID = tenantID
            self.policy = policy
            self.requirement = requirement
            self.presentedSessionID = presentedSessionID
            self.liveSessionID = liveSessionID
        }
    }

    /// What the shell writes, in this order, in the transaction that read the facts.
    package enum Effect: Equatable, Sendable {
        /// Delete the throttle's row of this user.
        case clearThrottle(userID: String)
        /// `pending` becomes `active`.
        case activate(userID: String)
        /// Put a hash of the same password in the place of the older one, if that is still there.
        case upgradeHash(userID: String, HashUpgrade)
        /// Put this credential in the place of the one that was read; the store must see to it that no other was put
        /// there meanwhile.
        case setCredential(userID: String, Credential)
        /// Store a confirmed authenticator app.
        case storeApp(userID: String, TOTPFactor)
        /// End every session of this user, with all that depends on it.
        case endSessions(userID: String, cause: SessionEnd)
        /// Mint a token, store the session, set the cookie; end the replaced session.
        case startSession(SessionStart)
        /// Tell the user by message what was done to the account, if there is a phone.
        case notify(userID: String, SMSPurpose)
        case record(Event)
    }

    /// Two PHC strings of one password.
    package struct HashUpgrade: Equatable, Sendable, Concealed {
        package var old: String
        package var new: String

        package init(old: String, new: String) {
            self.old = old
            self.new = new
        }
    }

    /// What the page says; closed, so that no text about an account can slip in.
    package enum Message: Equatable, Sendable {
        /// The one answer to a wrong name, password or code, and to a frozen, disabled or password-less account.
        case refused
        case passwordViolations([PasswordViolation])
        /// The account changed while the page was open: sign in again.
        case startAgain
        /// The new password is set; the tenant wants it to be used.
        case passwordSaved

        /// Keys of the message catalogue.
        package var keys: [String] {
            switch self {
            case .refused: ["sign_in.refused"]
            case .passwordViolations(let violations): violations.map(\.rawValue)
            case .startAgain: ["sign_in.start_again"]
            case .passwordSaved: ["sign_in.password_saved"]
            }
        }
    }

    /// What a step leads to.
    package struct Step: Equatable, Sendable {
        package var state: State
        package var effects: [Effect]
        /// nil when the person goes on: to the set-password page or back to the endpoint that asked.
        package var message: Message?

        package init(_ state: State, _ effects: [Effect] = [], message: Message? = nil) {
            self.state = state
            self.effects = effects
            self.message = message
        }
    }
}
