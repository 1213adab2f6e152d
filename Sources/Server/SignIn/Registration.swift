import Directory
import FoundationEssentials
import Identity
import Storage

/// Somebody comes in by an invitation: code, phone and name become a member, or a request to become one.
///
/// Whoever typed nothing right learns nothing: of an invitation that does not work, not why; of a phone, not whose it is,
/// until a code has proved that it is their own.
struct Registration: Sendable {
    let environment: ServerEnvironment
    let call: Call

    /// What was typed.
    struct Applicant: Sendable {
        /// nil for what can be no code.
        var code: InvitationCode?
        var phone: PhoneNumber
        var name: String
        /// nil where one is to be made.
        var username: Username?
    }

    /// What registering led to, once it is committed.
    enum Outcome: Sendable {
        /// The interaction has gone on: to setting a password.
        case entered(SignInOutcome)
        /// An administrator is to answer.
        case requested
        /// The phone waits for an answer already.
        case waits
        case isMember
        case badInvitation
        case badCode
        case badUsername(isTaken: Bool)
    }

    /// Checks an invitation before a code is sent for it. A wrong one counts for the client's address.
    /// - Returns: Whether it works, and whether a puzzle was solved on the way.
    /// - Throws: ``SignInBarrier``.
    func check(
        _ code: InvitationCode?, _ solution: PuzzleSolution?, in interaction: Interaction
    ) async throws -> (works: Bool, isSolved: Bool) {
        let (environment, call) = (environment, call)
        return try await environment.database.write { db in
            let isSolved = try db.reserveAddress(solution, in: interaction.id, environment, call)
            let works = try db.openInvitation(code, environment, call) != nil
            if works {
                try db.releaseAddress(environment, call)
            } else {
                try log(.badInvitation, interaction, db)
            }
            return (works, isSolved)
        }
    }

    /// Tries everything at once. Invitation, code and member are one transaction.
    /// - Throws: ``SignInBarrier``, when nothing was tried.
    func register(
        _ applicant: Applicant, _ code: SMSCode, _ attempt: SignInFlow.Attempt
    ) async throws -> Outcome {
        do {
            return try await tried(applicant, code, attempt)
        } catch DatabaseError.uniqueViolation {
            // An administrator made somebody with this phone or name in this moment; now that one is found.
            return try await tried(applicant, code, attempt)
        }
    }

    private func tried(
        _ applicant: Applicant, _ code: SMSCode, _ attempt: SignInFlow.Attempt
    ) async throws -> Outcome {
        let (environment, call) = (environment, call)
        let paused = PausedRequests(environment: environment)
        let outcome = try await environment.database.write { db in
            // Before every other lock: a member is made under the same one as by administrators.
            try db.lock(["administration"])
            guard let current = try db.interactions.locked(attempt.interaction.id), paused.isAdmitted(current, call)
            else { throw PageProblem.signInExpired }
            guard current.state == .choosingMethod else {
                return Outcome.entered(SignInOutcome(step: SignIn.Step(current.state), sessionCookie: nil))
            }
            try db.reserveAddress(attempt.solution, in: current.id, environment, call)
            let outcome = try step(applicant, code, current, db)
            if outcome.isRight { try db.releaseAddress(environment, call) }
            return outcome
        }
        if case .entered(let outcome) = outcome {
            for notice in outcome.notices { _ = environment.sms.enqueue(notice) }
        }
        return outcome
    }

    private func step(
        _ applicant: Applicant, _ code: SMSCode, _ interaction: Interaction, _ db: any Connection
    ) throws -> Outcome {
        guard let found = try db.openInvitation(applicant.code, environment, call) else {
            try log(.badInvitation, interaction, db)
            return .badInvitation
        }
        let index = Users.index(of: applicant.phone, in: call.tenant.id, key: environment.keys.sealing)
        let stored = try db.smsChallenges.locked(.register, phoneIndex: index, in: call.tenant.id)
        let trial = stored?.trial(
            of: code, in: interaction.id, limits: call.policy.identity.code, key: environment.keys.smsCodes,
            now: call.now)
        guard let trial, trial.outcome == .accepted(userID: SMSChallenge.stranger) else {
            if let trial { try db.smsChallenges.put(trial.challenge) }
            try log(SignInFailure(ofCode: trial?.outcome, for: SMSChallenge.stranger) ?? .stale, interaction, db)
            return .badCode
        }
        let act = administrativeAct(db)
        let request = JoinRequest(
            id: AdministrativeAct.identifier(), tenantID: call.tenant.id, invitationID: found.invitation.id,
            departmentID: found.department.id, name: applicant.name, phone: applicant.phone,
            username: applicant.username, createdAt: call.now)
        let outcome = try decided(request, found, interaction, act)
        var challenge = trial.challenge
        // The code is right, but the person has to think of another name: it stays good for the tries that are left.
        if case .badUsername = outcome { challenge.usedAt = nil }
        try db.smsChallenges.put(challenge)
        return outcome
    }

    private func log(_ failure: SignInFailure, _ interaction: Interaction, _ db: any Connection) throws {
        let event = SignInEvent.failed(userID: nil, method: .sms, reason: failure)
        try db.log(event, of: nil, in: interaction, environment, call)
    }

    /// What becomes of somebody whose phone is proved.
    private func decided(
        _ request: JoinRequest, _ found: Invitations.Found, _ interaction: Interaction, _ act: AdministrativeAct
    ) throws -> Outcome {
        let (db, tenant) = (act.db, call.tenant)
        let requests = db.joinRequests(environment.keys.sealing)
        guard try act.users.withPhone(request.phone, in: tenant.id) == nil else { return .isMember }
        guard try !requests.hasOpen(request.phone, in: tenant.id, now: call.now) else { return .waits }
        if let username = request.username {
            let draft = UserDraft(username: username.text, name: request.name, phone: request.phone.e164)
            if let objection = try act.objection(to: draft, in: tenant) {
                return .badUsername(isTaken: objection.kind == .conflict)
            }
        }
        try db.invitations.use(found.invitation.id)
        if found.invitation.needsApproval {
            try requests.insert(request)
            let event = InvitationEvent.requested(id: found.invitation.id, requestID: request.id)
            try act.note(.tenant(.invitation(event)), in: tenant)
            return .requested
        }
        let user = try act.join(request, found.department, in: tenant)
        let event = InvitationEvent.used(id: found.invitation.id, userID: user.id)
        try act.note(.tenant(.invitation(event)), in: tenant)
        return .entered(try entered(user, interaction, db))
    }

    /// The new member goes on as whoever signs in by a code for the first time does.
    private func entered(_ user: User, _ interaction: Interaction, _ db: any Connection) throws -> SignInOutcome {
        let attempt = SignIn.CodeAttempt(
            purpose: .register, account: try db.account(user, environment),
            reservation: .allowed(row: nil, isLast: false), outcome: .accepted(userID: user.id), isRemembered: false)
        let presented = try call.sessionTokenHash.flatMap { try db.sessions.withToken($0, in: call.tenant.id) }
        let situation = SignIn.Situation(
            interactionID: interaction.id, tenantID: call.tenant.id, policy: call.policy.identity,
            requirement: interaction.requirement, presentedSessionID: presented?.id)
        let step = SignIn.next(interaction.state, .code(attempt), in: situation, now: call.now)
        try db.interactions.setState(step.state, of: interaction.id)
        var writer = EffectWriter(db: db, environment: environment, call: call, in: interaction, about: user)
        try writer.write(step.effects)
        let notice = try db.notice(.memberAdded, to: user.id, environment, call)
        return SignInOutcome(
            step: step, sessionCookie: writer.sessionCookie, notices: writer.notices + [notice].compactMap(\.self))
    }

    /// The person makes their own account, by the rules by which administrators make one.
    private func administrativeAct(_ db: any Connection) -> AdministrativeAct {
        AdministrativeAct(
            db: db, keys: environment.keys, policy: environment.settings.policy,
            administrator: Administrator(
                actor: .anonymous, address: call.client.description, requestID: call.requestID), now: call.now)
    }
}

extension Registration.Outcome {
    /// Whether invitation and code were right, so that nothing counts against the client's address.
    fileprivate var isRight: Bool {
        switch self {
        case .entered, .requested, .waits, .isMember: true
        // What is wrong with a name is counted, or names could be tried out.
        case .badInvitation, .badCode, .badUsername: false
        }
    }
}

extension Connection {
    /// The invitation with a code, locked, if it works at the tenant of the call; the same statements for every code.
    fileprivate func openInvitation(
        _ code: InvitationCode?, _ environment: ServerEnvironment, _ call: Call
    ) throws -> Invitations.Found? {
        let index = code?.index(environment.keys.sealing) ?? ""
        let found = try invitations.locked(codeIndex: index, in: call.tenant.id)
        return found?.state(now: call.now) == .open ? found : nil
    }

    /// The tenant whose invitation a code is, if it works there. A wrong one counts for the client's address.
    /// - Parameter owner: What a puzzle is bound to.
    /// - Throws: ``SignInBarrier``.
    func tenant(
        inviting code: InvitationCode?, _ solution: PuzzleSolution?, in owner: String,
        _ environment: ServerEnvironment, _ call: Call
    ) throws -> Tenant? {
        try reserveAddress(solution, in: owner, environment, call)
        let found = try invitations.withCode(code?.index(environment.keys.sealing) ?? "")
        guard let found, found.state(now: call.now) == .open else { return nil }
        try releaseAddress(environment, call)
        return try tenants.identified(found.invitation.tenantID)
    }
}

extension Invitations.Found {
    func state(now: Date) -> Invitation.State { invitation.state(invites: department.invites, now: now) }
}
