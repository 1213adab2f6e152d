import Directory
import FoundationEssentials
import Identity

/// Some people and a tenant's policy, both of which change while somebody signs in; for properties of ``SignIn``.
struct SignInWorld {
    /// Two of the tenant's people and one of another tenant's.
    var accounts: [SignIn.Account]
    var policy = IdentityPolicy()
    var now = Sample.now
    private var random: SeededRandom

    init(seed: UInt64) {
        random = SeededRandom(state: seed)
        accounts = ["u-1", "u-2", "u-3"].map { id in
            SignIn.Account(user: changed(Sample.user) { $0.id = id }, credential: nil)
        }
        accounts[2].user.tenantID = "t-2"
        // One has an app and holds a role, another has a passkey; who has a phone can be asked for a code to it.
        accounts[0].own = SecondFactors(hasApp: true, recoveryCodes: 3)
        accounts[0].isAdministrator = true
        accounts[1].own = SecondFactors(passkeys: 1)
        for index in accounts.indices { accounts[index].phoneIndex = "phone \(index)" }
        policy.secondFactor.demand = .administrators
    }

    var situation: SignIn.Situation { changed(Sample.situation) { $0.policy = policy } }

    func account(_ id: String) -> SignIn.Account? { accounts.first { $0.user.id == id } }

    /// One of several, each as often as the others.
    mutating func pick<Value>(_ values: [Value]) -> Value { values[Int.random(in: 0..<values.count, using: &random)] }

    mutating func chance(_ oneIn: Int) -> Bool { Int.random(in: 0..<oneIn, using: &random) == 0 }

    // MARK: - What happens beside

    /// What an administrator, another browser or time does.
    mutating func happen() {
        let index = pick([0, 0, 1, 2])
        let old = accounts[index].credential
        switch pick(Array(0..<9)) {
        case 0: accounts[index].user.disabledAt = pick([nil, now])
        case 1: accounts[index].credential = old?.cleared(policy: policy.password, now: now)
        case 2: accounts[index].credential = next(old, mustChange: true, lifetime: 60)
        case 3: accounts[index].credential = next(old, mustChange: pick([true, false]), lifetime: nil)
        case 4: policy.methods = pick([[.password], [.sms], [.password, .sms], [.password, .sms, .passkey]])
        case 5: policy.password.offersReset = pick([true, false])
        case 6: policy.password.maximumAge = pick([nil, 120])
        case 7: accounts[index].user.activatedAt = pick([nil, now])
        default: now += pick([1, 59, 60, 61, 200])
        }
    }

    private func next(_ old: Credential?, mustChange: Bool, lifetime: TimeInterval?) -> Credential {
        Credential.setting(
            "$argon2id$\(old?.version ?? 0)", replacing: old, mustChange: mustChange,
            usableUntil: lifetime.map { now + $0 }, policy: policy.password, now: now)
    }

    // MARK: - What a person does

    /// Any input, with the facts as they are now, but for what ran before the transaction.
    /// Half the time it is what the step is for, or nobody would ever come to its end.
    mutating func input(at state: SignIn.State) -> SignIn.Input {
        if case .secondFactor(let step) = state, chance(2) {
            return .factor(
                SignIn.FactorAttempt(
                    pick([.totp, .recoveryCode, .password, .passkey]), account: account(step.proof.userID),
                    reservation: reservation(), failure: chance(4) ? .wrongCode : nil))
        }
        if case .setPassword(let step) = state, chance(2) {
            return .newPassword(
                SignIn.NewPassword(account: account(step.userID), hash: "$argon2id$new", violations: []))
        }
        return anyInput()
    }

    private mutating func anyInput() -> SignIn.Input {
        switch pick([0, 1, 2, 3, 4]) {
        case 0:
            let account = chance(8) ? nil : pick(accounts)
            let version = account?.credential?.version
            return .password(
                SignIn.PasswordAttempt(
                    account: account, reservation: reservation(),
                    matchedVersion: pick([nil, version, version, version.map { $0 - 1 }]),
                    upgradedHash: chance(3) ? "$argon2id$upgraded" : nil, isRemembered: chance(2)))
        case 1:
            let account = chance(8) ? nil : pick(accounts)
            let owner = pick([account ?? accounts[0], pick(accounts)]).user.id
            let outcomes: [SMSChallenge.Outcome?] = [nil, .wrong, .expired, .exhausted, .used, .foreign]
            let isRight = chance(2)
            return .code(
                SignIn.CodeAttempt(
                    purpose: pick([.signIn, .forgottenPassword]), account: account, reservation: reservation(),
                    outcome: isRight ? .accepted(userID: owner) : pick(outcomes), isRemembered: chance(2)))
        case 3:
            let reservation = reservation()
            return .factor(
                SignIn.FactorAttempt(
                    pick([.totp, .totp, .recoveryCode, .password, .sms, .passkey]),
                    account: chance(8) ? nil : pick(accounts),
                    reservation: reservation, failure: chance(3) ? .wrongCode : nil))
        case 4:
            return .passkey(
                SignIn.PasskeyAttempt(
                    account: chance(8) ? nil : pick(accounts), reservation: reservation(),
                    failure: chance(2) ? .wrongPasskey : nil))
        default:
            let isGood = !chance(4)
            return .newPassword(
                SignIn.NewPassword(
                    account: chance(8) ? nil : pick(accounts), hash: isGood || chance(2) ? "$argon2id$new" : nil,
                    violations: isGood ? [] : [.tooShort]))
        }
    }

    private mutating func reservation() -> Throttle.Reservation {
        chance(6) ? .frozen(until: now + 60) : chance(8) ? Sample.lastReservation : Sample.reservation
    }

    /// Writes what a step says.
    mutating func apply(_ effects: [SignIn.Effect]) {
        for effect in effects {
            if case .setCredential(let id, let credential) = effect { change(id) { $0.credential = credential } }
            if case .activate(let id) = effect { change(id) { [now] in $0.user.activatedAt = now } }
        }
    }

    private mutating func change(_ id: String, _ change: (inout SignIn.Account) -> Void) {
        for index in accounts.indices where accounts[index].user.id == id { change(&accounts[index]) }
    }
}

/// Somebody proved who they are, by the rules in the words of the product and not in those of the state machine.
struct Proof: Equatable {
    var userID: String
    var factors: [Factor]
    /// Of the credential at that time; 0 for none.
    var version: Int
    /// Whether the person asked for a new password.
    var isForgotten = false
    /// Whether it ended in a new password.
    var isPasswordSet = false

    /// What an input proves, with what was proved before; nil for nothing new.
    init?(_ input: SignIn.Input, in world: SignInWorld, after earlier: Proof?, at state: SignIn.State) {
        switch input {
        case .password(let attempt):
            guard world.policy.methods.contains(.password), let account = attempt.account, account.isIn("t-1"),
                case .allowed = attempt.reservation, let credential = account.credential, credential.hash != nil,
                attempt.matchedVersion == credential.version, world.now < credential.usableUntil ?? .distantFuture
            else { return nil }
            self.init(userID: account.user.id, factor: .password, version: credential.version)
        case .code(let attempt):
            let isForgotten = attempt.purpose == .forgottenPassword
            let isOffered =
                isForgotten ? world.policy.password.offersReset : world.policy.methods.contains(.sms)
            guard isOffered, let account = attempt.account, account.isIn("t-1"), case .allowed = attempt.reservation,
                attempt.outcome == .accepted(userID: account.user.id)
            else { return nil }
            self.init(
                userID: account.user.id, factor: .sms, version: account.credential?.version ?? 0,
                isForgotten: isForgotten)
        case .passkey(let attempt):
            guard world.policy.methods.contains(.passkey), let account = attempt.account, account.isIn("t-1"),
                case .allowed = attempt.reservation, attempt.failure == nil
            else { return nil }
            self.init(userID: account.user.id, factor: .passkey, version: account.credential?.version ?? 0)
        case .factor(let attempt):
            guard case .secondFactor = state, var proof = earlier, let account = attempt.account, account.isIn("t-1"),
                account.user.id == proof.userID, case .allowed = attempt.reservation, attempt.failure == nil,
                (account.credential?.version ?? 0) == proof.version
            else { return nil }
            proof.factors.append(attempt.factor)
            self = proof
        case .newPassword:
            guard case .setPassword = state, var proof = earlier else { return nil }
            proof.isPasswordSet = true
            self = proof
        case .setUp, .session: return nil
        }
    }

    private init(userID: String, factor: Factor, version: Int, isForgotten: Bool = false) {
        self.userID = userID
        factors = [factor]
        self.version = version
        self.isForgotten = isForgotten
    }
}

extension SignIn.Account {
    fileprivate func isIn(_ tenantID: String) -> Bool { user.tenantID == tenantID && user.disabledAt == nil }
}
