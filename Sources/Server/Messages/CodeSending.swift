import Cryptography
import Directory
import FoundationEssentials
import Gateways
import Identity
import Storage

/// Sends one-time codes: the same work and the same answer for a known and an unknown phone.
struct CodeSending: Sendable {
    let environment: ServerEnvironment

    /// What a code is asked for.
    struct Request: Sendable {
        var purpose: SMSPurpose
        var phone: PhoneNumber
        /// The interaction, or for somebody signed in the session, that the code is bound to.
        var boundTo: String
        /// For the log; nil outside an interaction.
        var interaction: Interaction?
        /// Who may get it, as stored now.
        var recipient: @Sendable (any Connection) throws -> Recipient
        /// What was shown against a puzzle; nil for nothing.
        var solution: PuzzleSolution?
        /// Whether the request has shown a solved puzzle already, for something that came before.
        var isSolved = false
    }

    /// Whom a code goes to.
    struct Recipient: Sendable {
        /// Whose phone it is, or who wants it; nil for nobody.
        var user: User?
        /// Whether the code can be accepted, and the message really leaves. Otherwise nobody is told.
        var isServed: Bool
        /// Whether it goes to whoever has the phone, who is nobody yet; then there is no user.
        var isStranger = false

        /// Who may use the code; nil for nobody.
        fileprivate var owner: String? {
            guard isServed else { return nil }
            return isStranger ? SMSChallenge.stranger : user?.id
        }
    }

    /// What a wish for a code leads to.
    enum Outcome: Equatable, Sendable {
        /// On its way, if the phone is somebody's.
        case sent
        case refused(SMSLimit, retryAfter: Int)
        /// To be asked again with a solved puzzle.
        case puzzle(PuzzleDemand)
        /// No gateway takes messages at the moment.
        case outage
    }

    /// Sends a code if nothing speaks against it.
    /// - Returns: ``Outcome/sent`` also for a phone that belongs to nobody.
    func send(_ request: Request, _ call: Call) async throws -> Outcome {
        // Known before anybody is looked up: a message that cannot go out must not tell, by failing, whose phone it is.
        guard call.policy.sms.canSend(request.purpose, to: request.phone) else { return .outage }
        var random = SecureRandom()
        let code = SMSCode.make(digits: call.policy.identity.code.digits, using: &random)
        let (outcome, delivery) = try await decide(request, code, call)
        guard let delivery else { return outcome }
        guard environment.sms.enqueue(delivery) else {
            try await environment.database.write { db in
                try db.smsSends.settle(delivery.id, .queueFull, now: call.now)
            }
            return .outage
        }
        return outcome
    }

    private func message(_ code: SMSCode, _ request: Request, to user: User?, _ call: Call) -> SMSMessage {
        MessageTexts(pages: environment.pages, language: environment.pages.language(of: call), tenant: call.tenant)
            .speaking(to: user)
            .code(code, for: request.purpose, lifetime: call.policy.identity.code.lifetime, to: request.phone)
    }

    /// Counts, decides and stores the challenge in one transaction.
    private func decide(
        _ request: Request, _ code: SMSCode, _ call: Call
    ) async throws -> (Outcome, SMSDelivery?) {
        let environment = environment
        return try await environment.database.write { db in
            let start = call.now - TimeInterval(SMSOutage.span)
            guard try !db.smsSends.isFailing(request.purpose, in: call.tenant.id, after: start) else {
                return (.outage, nil)
            }
            let index = Users.index(of: request.phone, in: call.tenant.id, key: environment.keys.sealing)
            let history = try db.smsSends.history(
                phoneIndex: index, address: call.client.limitKey, in: call.tenant.id,
                limits: call.policy.identity.sending, now: call.now)
            let recipient = try request.recipient(db)
            if let outcome = try db.objection(to: request, history, recipient, environment, call) {
                return (outcome, nil)
            }
            let message = message(code, request, to: recipient.user, call)
            return (.sent, try db.put(code, message, request, index, history, recipient, environment, call))
        }
    }
}

extension Connection {
    /// What keeps a code from being sent; nil for nothing.
    fileprivate func objection(
        to request: CodeSending.Request, _ history: SendHistory, _ recipient: CodeSending.Recipient,
        _ environment: ServerEnvironment, _ call: Call
    ) throws -> CodeSending.Outcome? {
        let policy = call.policy.identity
        let isExempt = environment.limitKey(of: call) == nil
        if case .refused(let limit, let wait) = policy.sending.decide(
            history, isAddressExempt: isExempt, now: call.now)
        {
            let event = SignInEvent.codeRefused(userID: recipient.user?.id, limit: limit)
            try log(event, of: recipient.user, in: request.interaction, by: .anonymous, environment, call)
            return .refused(limit, retryAfter: wait)
        }
        let most = policy.puzzle.tenantSends ?? 0
        let asked = try smsSends.asked(in: call.tenant.id, after: call.now - Pressure.tenantWindow, most: most)
        guard !request.isSolved else { return nil }
        let pressure = Pressure.onSending(history, askedInTenant: asked, isAddressExempt: isExempt, policy.puzzle)
        return try demand(pressure, request.solution, in: request.boundTo, environment, call).map { .puzzle($0) }
    }

    /// Stores a challenge, or a decoy, and the record of its sending.
    fileprivate func put(
        _ code: SMSCode, _ message: SMSMessage, _ request: CodeSending.Request, _ index: String,
        _ history: SendHistory, _ recipient: CodeSending.Recipient, _ environment: ServerEnvironment, _ call: Call
    ) throws -> SMSDelivery {
        let target = SMSChallenge.Target(
            tenantID: call.tenant.id, purpose: request.purpose, phoneIndex: index, interactionID: request.boundTo)
        let owner = recipient.owner
        let user = owner == nil ? nil : recipient.user
        try smsChallenges.put(
            SMSChallenge.issue(
                code, for: owner, target: target, limits: call.policy.identity.code,
                key: environment.keys.smsCodes, now: call.now))
        let event = owner.map { _ in SignInEvent.codeSent(userID: user?.id) } ?? .codeWithheld
        try log(event, of: user, in: request.interaction, by: .anonymous, environment, call)
        let entry = LedgerEntry(
            purpose: request.purpose, userID: user?.id, phoneIndex: index, address: call.client.limitKey,
            message: owner == nil ? nil : message, text: message.text)
        return try record(entry, history, call.policy, in: call.tenant, now: call.now)
    }
}
