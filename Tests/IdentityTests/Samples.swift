import Directory
import FoundationEssentials
import Identity

/// The accepted values from which tests differ by one field.
enum Sample {
    static let now = Date(timeIntervalSince1970: 1_700_000_000)
    static let key = [UInt8](repeating: 7, count: 32)

    static let user = changed(
        User(
            id: "u-1", tenantID: "t-1", username: Username(stored: "li.ming"),
            profile: Profile(name: "李明", phone: PhoneNumber(stored: "+8613800001234")), createdAt: now)
    ) { $0.activatedAt = now }

    static let credential = Credential(hash: "$argon2id$now", version: 3, changedAt: now - 60)

    static let account = SignIn.Account(user: user, credential: credential)

    static let situation = SignIn.Situation(
        interactionID: "i-1", tenantID: "t-1", policy: IdentityPolicy(), presentedSessionID: nil)

    static let row = Throttle(key: "user u-1", failures: 1, windowStartedAt: now)

    static let reservation = Throttle.Reservation.allowed(row: row, isLast: false)

    static let frozenRow = changed(row) {
        $0.failures = 10
        $0.frozenUntil = now + 900
    }

    static let lastReservation = Throttle.Reservation.allowed(row: frozenRow, isLast: true)

    static let password = SignIn.PasswordAttempt(
        account: account, reservation: reservation, matchedVersion: 3, isRemembered: false)

    static let code = SignIn.CodeAttempt(
        account: account, reservation: reservation, outcome: .accepted(userID: "u-1"), isRemembered: false)

    static let passkey = SignIn.PasskeyAttempt(account: account, reservation: reservation, failure: nil)

    /// What ``account`` proved so far.
    static func proof(_ factors: [Factor], version: Int = 3) -> SignIn.Proof {
        SignIn.Proof(
            userID: "u-1", factors: factors, since: now, isRemembered: false, credentialVersion: version)
    }

    /// The authentication that a sign-in with ``situation`` makes.
    static func authentication(_ amr: [AuthenticationMethod], at time: Date = now) -> Authentication {
        Authentication(userID: "u-1", at: time, amr: amr, interactionID: "i-1")
    }
}

/// A copy with one thing changed.
func changed<Value>(_ value: Value, _ change: (inout Value) -> Void) -> Value {
    var value = value
    change(&value)
    return value
}

/// SplitMix64: the same numbers for the same seed.
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
