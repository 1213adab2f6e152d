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
        /// Nothing was changed: too many messages went to the phone today, or the month's quota is used up. An operator's
        /// resets have no such limit.
        case overLimit
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
        return try await reset(count: names.count, in: tenantCode, by: way, now: now) { act, tenant in
            try act.checkedOthers(names.map { try act.user($0.text, in: tenant) })
        }
    }

    /// The same for members by id, none of them the administrator: a name that is given to somebody else between a page
    /// and its form must not lead to somebody else.
    /// - Throws: ``AdministrationError``; ``ProofRefused``.
    func resetPasswords(
        ofMembers ids: [String], in tenantCode: String, by way: PasswordReset, now: Date
    ) async throws -> [PasswordResetResult] {
        var seen: Set<String> = []
        let ids = ids.filter { seen.insert($0).inserted }
        return try await reset(count: ids.count, in: tenantCode, by: way, now: now) { act, tenant in
            try act.others(ids, in: tenant)
        }
    }

    private func reset(
        count: Int, in tenantCode: String, by way: PasswordReset, now: Date,
        members: @escaping @Sendable (AdministrativeAct, Tenant) throws -> [User]
    ) async throws -> [PasswordResetResult] {
        let minted = try await mayBeProved() ? oneTimePasswords(count: way == .oneTime ? count : 0) : []
        let pages = try await messenger.pages()
        let done = try await provenAct(.resetPasswords, now: now) { act in
            let tenant = try act.tenant(tenantCode)
            return (tenant, try members(act, tenant))
        } body: { act, plan in
            let (tenant, users) = plan
            // A proof that has come to hold since nobody thought it would: it is shown again.
            guard way == .clear || minted.count == users.count else { throw ProofRefused() }
            return try users.enumerated().map { index, user in
                ResetAccount(
                    username: user.username.text,
                    step: try act.reset(user, minted.isEmpty ? nil : minted[index], pages, in: tenant))
            }
        }
        return await delivered(done)
    }

    /// Sends the messages, a few at a time: somebody waits for the answer.
    private func delivered(_ accounts: [ResetAccount]) async -> [PasswordResetResult] {
        await withTaskGroup(of: (Int, PasswordResetResult.Outcome).self) { group in
            var outcomes: [Int: PasswordResetResult.Outcome] = [:]
            for (index, account) in accounts.enumerated() {
                if index >= messenger.parallelism, let done = await group.next() { outcomes[done.0] = done.1 }
                group.addTask { (index, await outcome(account.step)) }
            }
            for await done in group { outcomes[done.0] = done.1 }
            return accounts.enumerated().map { index, account in
                PasswordResetResult(username: account.username, outcome: outcomes[index] ?? .notSent)
            }
        }
    }

    private func outcome(_ step: ResetStep) async -> PasswordResetResult.Outcome {
        switch step {
        case .noPhone: .noPhone
        case .overLimit: .overLimit
        case .done(let delivery):
            await messenger.post.deliver(delivery).outcome == .accepted ? .reset : .notSent
        }
    }

    /// Without a look first, somebody with a session alone could have a hundred hashes computed for each wrong code.
    private func mayBeProved() async throws -> Bool {
        guard let warrant else { return true }
        return try await database.read { db in try warrant.mayHold(db) }
    }

    private func oneTimePasswords(count: Int) async throws -> [OneTimePassword] {
        var minted: [OneTimePassword] = []
        for _ in 0..<count {
            var random = SecureRandom()
            let text = OneTimePassword.text(using: &random)
            let hash = try await passwords.admitted(warrant?.limitKey) {
                try await passwords.hash(Password(text).bytes)
            }
            minted.append(OneTimePassword(text: text, hash: hash))
        }
        return minted
    }
}

extension PasswordReset {
    /// The ways that lead the person in again: a cleared password needs a code for that, or for setting another, and a
    /// one-time password is typed.
    static func offered(by policy: IdentityPolicy) -> [PasswordReset] {
        allCases.filter { way in
            switch way {
            case .clear: policy.methods.contains(.sms) || policy.password.offersReset
            case .oneTime: policy.methods.contains(.password)
            }
        }
    }
}

/// One account of a reset when the transaction is through.
private struct ResetAccount: Sendable {
    let username: String
    let step: ResetStep
}

/// What was done to an account.
private enum ResetStep: Sendable {
    /// Nothing: it has no phone.
    case noPhone
    /// Nothing: no message may go to the phone.
    case overLimit
    /// It was reset; the message is to be sent.
    case done(SMSDelivery)
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
    fileprivate func reset(
        _ found: User, _ password: OneTimePassword?, _ pages: Pages, in tenant: Tenant
    ) throws -> ResetStep {
        let user = try locked(found, in: tenant)
        guard let phone = user.profile.phone else { return .noPhone }
        guard try mayTell(phone, .oneTimePassword, in: tenant) else { return .overLimit }
        let identity = try policy.of(tenant, keys.sealing).identity
        let policy = identity.password
        guard password != nil || PasswordReset.offered(by: identity).contains(.clear) else {
            throw AdministrationError(
                .conflict, nil, "the tenant lets nobody in or set a password by code; send one-time passwords instead")
        }
        let old = try db.credentials.ofUser(user.id)
        let texts = MessageTexts(
            pages: pages, language: user.language ?? pages.standardLanguage, tenant: tenant)
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
        return .done(try enter(message, purpose, to: phone, userID: user.id, in: tenant))
    }
}
