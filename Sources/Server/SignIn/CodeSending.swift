import Cryptography
import Directory
import Gateways
import Identity
import Storage

/// Sends sign-in codes: the same work and the same answer for a known and an unknown phone.
struct CodeSending: Sendable {
    let environment: ServerEnvironment

    /// Sends a code if the limits allow.
    /// - Returns: Allowed also for a phone that belongs to nobody.
    func send(
        to phone: PhoneNumber, language: Language, interaction: Interaction, call: Call
    ) async throws -> SMSSendingLimits.Decision {
        var random = SecureRandom()
        let code = SMSCode.make(digits: call.policy.identity.code.digits, using: &random)
        let (decision, recipient) = try await decide(phone, code, interaction, call)
        if decision == .allowed, recipient {
            environment.sms.enqueue(message(code, to: phone, language, call))
        }
        return decision
    }

    /// Counts, decides and stores the challenge in one transaction.
    private func decide(
        _ phone: PhoneNumber, _ code: SMSCode, _ interaction: Interaction, _ call: Call
    ) async throws -> (SMSSendingLimits.Decision, isSent: Bool) {
        let environment = environment
        return try await environment.database.write { db in
            let policy = call.policy.identity
            let index = Users.index(of: phone, in: call.tenant.id, key: environment.keys.sealing)
            let address = call.client.limitKey
            let history = try db.smsSends.history(
                phoneIndex: index, address: address, in: call.tenant.id, now: call.now)
            let isExempt = environment.limitKey(of: call) == nil
            let user = try db.users(environment.keys.sealing).withPhone(phone, in: call.tenant.id)
            let decision = policy.sending.decide(history, isAddressExempt: isExempt, now: call.now)
            if case .refused(let limit, _) = decision {
                try db.record(.codeRefused(userID: user?.id, limit: limit), call)
                return (decision, false)
            }
            let throttle = try user.flatMap { try db.throttles.peek(Throttle.key(ofUser: $0.id)) }
            let recipient = SMSChallenge.recipient(
                user, throttle: throttle, tenantID: call.tenant.id, policy: policy, now: call.now)
            try db.put(code, for: recipient, index, address, interaction, environment, call)
            return (.allowed, recipient != nil)
        }
    }

    private func message(_ code: SMSCode, to phone: PhoneNumber, _ language: Language, _ call: Call) -> SMSMessage {
        let minutes = call.policy.identity.code.lifetime.map { String(max(1, Int(($0 / 60).rounded(.up)))) } ?? "–"
        let values = ["code": code.text, "minutes": minutes, "tenant": call.tenant.name]
        return SMSMessage(
            to: phone.e164, purpose: SMSPurpose.signIn.rawValue,
            text: environment.pages.message("LOGIN_SMS", language, filling: values),
            parameters: [code.text, minutes], code: code.text)
    }
}

extension Connection {
    /// Stores a challenge, or a decoy, and the record of its sending.
    fileprivate func put(
        _ code: SMSCode, for recipient: String?, _ index: String, _ address: String, _ interaction: Interaction,
        _ environment: ServerEnvironment, _ call: Call
    ) throws {
        var random = SecureRandom()
        let target = SMSChallenge.Target(
            tenantID: call.tenant.id, purpose: .signIn, phoneIndex: index, interactionID: interaction.id)
        try smsChallenges.put(
            SMSChallenge.issue(
                code, for: recipient, target: target, limits: call.policy.identity.code,
                key: environment.keys.smsCodes, now: call.now))
        let send = SMSSends.Send(
            id: Identifier.make(using: &random), tenantID: call.tenant.id, phoneIndex: index, address: address,
            isDecoy: recipient == nil)
        try smsSends.insert(send, now: call.now)
        if let recipient { try record(.codeSent(userID: recipient), call) }
    }

    fileprivate func record(_ event: SignInEvent, _ call: Call) throws {
        try events.insert(EventRecord(.signIn(event), by: .anonymous, in: call))
    }
}
