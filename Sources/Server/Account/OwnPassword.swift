import Directory
import FoundationEssentials
import Identity
import Storage

/// The current password of somebody who is signed in, asked for before what a stolen session must not be enough for.
///
/// Attempts are counted like those of the sign-in page: a session must not be a way to guess the password (peers'
/// class 17).
struct OwnPassword {
    let environment: ServerEnvironment
    let person: SignedIn
    let call: Call

    /// What the password turned out to be.
    enum Verdict {
        case right(SignIn.Account)
        /// - left: Wrong attempts before the account freezes; nil where nothing freezes.
        case wrong(left: Int?)
    }

    /// Verifies; inside ``PasswordHashing/admitted(_:_:)``.
    func verdict(on password: Password) async throws -> Verdict {
        let (environment, person, call) = (environment, person, call)
        let key = Throttle.key(ofUser: person.user.id)
        let (reservation, account) = try await environment.database.write { db in
            let reservation = try db.reserve(person.user, orDecoy: key, call)
            return (reservation, try db.account(person.user.id, environment, call))
        }
        guard case .allowed = reservation else {
            try await record(reservation.refusal(of: person.user.id, by: .password, .frozen))
            return .wrong(left: 0)
        }
        guard try await environment.passwords.verify(password.bytes, against: account?.credential?.hash).isRight
        else {
            try await record(reservation.refusal(of: person.user.id, by: .password, .wrongPassword))
            return .wrong(left: reservation.left(call.policy.identity.throttle))
        }
        try await environment.database.write { db in try db.throttles.clear(key) }
        return account.map(Verdict.right) ?? .wrong(left: nil)
    }

    /// The sentence for a wrong one. How many attempts are left is told here and not on the sign-in page: who is signed
    /// in knows that the account exists.
    func refusal(_ left: Int?) -> String {
        let language = environment.pages.language(of: call)
        guard let left else { return environment.pages.text("refusedCurrentPassword", language) }
        guard left > 0 else { return environment.pages.text("attemptsOver", language) }
        return environment.pages.text("attemptsLeft", language, filling: ["count": String(left)])
    }

    private func record(_ events: [SignInEvent]) async throws {
        let (environment, person, call) = (environment, person, call)
        try await environment.database.write { db in
            for event in events { try db.log(event, of: person.user, environment, call) }
        }
    }
}

extension Throttle.Reservation {
    /// Wrong attempts that are left when the reserved one was wrong; nil where nothing freezes.
    fileprivate func left(_ limits: ThrottleLimits) -> Int? {
        guard case .allowed(let row?, _) = self, let maximum = limits.failures else { return nil }
        return max(0, maximum - row.failures)
    }
}
