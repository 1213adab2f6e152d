import Directory
import Identity

/// Judges and hashes a new password: the same rules at first sign-in, forced change and own change.
struct NewPasswordJudge: Sendable {
    let environment: ServerEnvironment

    /// Tells what is wrong with a password, or its hash when nothing is.
    ///
    /// Runs up to six Argon2 hashes, so it is called outside every transaction; the caller checks afterwards that the
    /// credential is still the one it was judged against.
    func judge(
        _ password: Password, for account: SignIn.Account?, _ call: Call
    ) async throws -> (hash: String?, violations: [PasswordViolation]) {
        guard let account else { return (nil, []) }
        let policy = call.policy.identity.password
        var violations = policy.violations(
            of: password, for: account.user.username, common: environment.commonPasswords, isReused: false)
        if violations.isEmpty {
            let history = policy.hashesToCheck(account.credential)
            let isReused = try await environment.passwords.matches(password.bytes, anyOf: history)
            violations = policy.violations(
                of: password, for: account.user.username, common: environment.commonPasswords, isReused: isReused)
        }
        guard violations.isEmpty else { return (nil, violations) }
        return (try await environment.passwords.hash(password.bytes), [])
    }
}
