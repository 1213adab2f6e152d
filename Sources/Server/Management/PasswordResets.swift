import Cryptography
import Directory
package import FoundationEssentials
import Gateways
import Identity
import Storage

/// How an administrator resets a password.
package enum PasswordReset: String, Equatable, Sendable, CaseIterable {
    /// The password is gone; a code to the phone lets the person in, who then sets another.
    case clear
    /// A one-time password goes to the phone; its first use leads to setting another.
    case oneTime = "one-time"
}

/// What became of one account of a reset.
package struct PasswordResetResult: Equatable, Sendable {
    package enum Outcome: Equatable, Sendable {
        case reset
        /// Nothing was changed: the account has no phone, without which the person could not get in again.
        case noPhone
        /// The password was reset, but the message was not sent; the person can sign in by code all the same.
        case notSent
    }

    package let username: String
    package let outcome: Outcome
}

extension Administration {
    /// Resets the passwords of some accounts at once: either all of them are known, or nothing is changed.
    ///
    /// Every session and grant of each ends, and each person is told by message.
    /// - Throws: ``AdministrationError`` when one of the accounts does not exist.
    package func resetPasswords(
        of usernames: [String], in tenantCode: String, by way: PasswordReset, now: Date
    ) async throws -> [PasswordResetResult] {
        var seen: Set<String> = []
        // Whoever is named twice is reset once: the first of two one-time passwords would be worth nothing.
        let names = try usernames.map { name in
            try checking("username") { () throws(DirectoryError) in try Username(name) }
        }.filter { seen.insert($0.key).inserted }
        let minted = try await oneTimePasswords(count: way == .oneTime ? names.count : 0)
        let pages = try await messenger.pages()
        let done = try await act(now: now) { act in
            let tenant = try act.tenant(tenantCode)
            let users = try names.map { try act.user($0.text, in: tenant) }
            return try users.enumerated().map { index, user in
                (user, try act.reset(user, minted.isEmpty ? nil : minted[index], pages, in: tenant))
            }
        }
        var results: [PasswordResetResult] = []
        for (user, delivery) in done {
            results.append(PasswordResetResult(username: user.username.text, outcome: await outcome(delivery)))
        }
        return results
    }

    private func outcome(_ delivery: SMSDelivery?) async -> PasswordResetResult.Outcome {
        guard let delivery else { return .noPhone }
        return await messenger.post.deliver(delivery).outcome == .accepted ? .reset : .notSent
    }

    private func oneTimePasswords(count: Int) async throws -> [OneTimePassword] {
        var minted: [OneTimePassword] = []
        for _ in 0..<count {
            var random = SecureRandom()
            let text = OneTimePassword.text(using: &random)
            minted.append(OneTimePassword(text: text, hash: try await passwords.hash(Password(text).bytes)))
        }
        return minted
    }
}

/// A password for one use, and its hash.
struct OneTimePassword: Sendable, Concealed {
    let text: String
    let hash: String

    /// Twelve characters out of 31, which are 59 bits; none that is read for another, and always a letter and a digit
    /// of each kind that password rules ask for.
    static func text(using random: inout some RandomNumberGenerator) -> String {
        func pick(_ letters: String) -> Character { letters.randomElement(using: &random) ?? "x" }
        let small = "abcdefghjkmnpqrstuvwxyz"
        let head = [pick("ABCDEFGHJKLMNPQRSTUVWXYZ"), pick("23456789"), pick(small)]
        return String(head + (0..<9).map { _ in pick(small + "23456789") })
    }
}

extension AdministrativeAct {
    /// Resets one account.
    /// - Parameter password: nil to clear it.
    /// - Returns: The message to send; nil when the account has no phone, and nothing was done.
    fileprivate func reset(
        _ user: User, _ password: OneTimePassword?, _ pages: Pages, in tenant: Tenant
    ) throws -> SMSDelivery? {
        guard let phone = user.profile.phone else { return nil }
        try users.lock(user.id)
        let identity = try policy.of(tenant, keys.sealing).identity
        let policy = identity.password
        guard password != nil || identity.methods.contains(.sms) || policy.offersReset else {
            throw AdministrationError(
                .conflict, nil, "the tenant lets nobody in or set a password by code; send one-time passwords instead")
        }
        let old = try db.credentials.ofUser(user.id)
        let texts = MessageTexts(pages: pages, language: pages.standardLanguage, tenant: tenant)
        var message = texts.notice(.passwordCleared, of: user, to: phone)
        var purpose = SMSPurpose.passwordCleared
        var next = old?.cleared(policy: policy, now: now)
        if let password {
            next = .setting(
                password.hash, replacing: old, mustChange: true, usableUntil: now + policy.oneTimeLifetime,
                policy: policy, now: now)
            purpose = .oneTimePassword
            message = texts.oneTimePassword(
                password.text, of: user, hours: max(1, Int(policy.oneTimeLifetime / 3_600)), to: phone)
        }
        if let next, try !db.credentials.put(next, ofUser: user.id) {
            throw AdministrationError(.conflict, "username", "the password was changed in the meantime")
        }
        try endAll(of: user, cause: .passwordReset, in: tenant)
        try db.throttles.clear(Throttle.key(ofUser: user.id))
        try note(
            .user(
                password == nil
                    ? .passwordCleared(userID: user.id) : .passwordSet(userID: user.id, cause: .reset)), in: tenant)
        return try enter(message, purpose, to: phone, userID: user.id, in: tenant)
    }
}
