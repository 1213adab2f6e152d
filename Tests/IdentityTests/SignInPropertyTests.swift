import Directory
import FoundationEssentials
import Identity
import Testing

@Suite("Whatever people, administrators and time do while somebody signs in")
struct SignInPropertyTests {
    /// One interaction after another, each with the last proof that was given in it.
    struct Run {
        var world: SignInWorld
        var state = SignIn.State.choosingMethod
        var proof: Proof?
        /// The input, the state before it, and what it led to.
        var input: SignIn.Input
        var before = SignIn.State.choosingMethod
        var step = SignIn.Step(.choosingMethod)

        init(seed: UInt64) {
            world = SignInWorld(seed: seed)
            input = world.input(at: .choosingMethod)
        }

        /// Something happens beside, and then somebody does something.
        mutating func advance() {
            if case .completed = state { (state, proof) = (.choosingMethod, nil) }
            if world.chance(2) { world.happen() }
            input = world.input(at: state)
            before = state
            let given = Proof(input, in: world, after: proof, at: state)
            step = SignIn.next(state, input, in: world.situation, now: world.now)
            // A second factor that was not asked for is none.
            if let given, !(given.factors.count > 1 && step.message == .refused) { proof = given }
            state = step.state
            world.apply(step.effects)
        }

        var sessions: [SessionStart] {
            step.effects.compactMap { if case .startSession(let start) = $0 { start } else { nil } }
        }
    }

    /// Runs many steps and asks after each.
    private static func steps(_ seed: UInt64, _ body: (Run) -> Void) {
        var run = Run(seed: seed)
        for _ in 0..<4_000 {
            run.advance()
            body(run)
        }
    }

    static let seeds: [UInt64] = [1, 2, 3, 5]

    @Test(
        "a session is of whom a credential was verified for in the same interaction", .tags(.security), arguments: seeds
    )
    func proven(_ seed: UInt64) {
        Self.steps(seed) { run in
            for start in run.sessions {
                #expect(run.proof?.userID == start.authentication.userID)
                #expect(run.proof.map { $0.factors.amr } == start.authentication.amr)
                #expect(start.authentication.interactionID == "i-1")
            }
            #expect(run.sessions.count <= 1)
        }
    }

    @Test("nobody who is disabled, or another tenant's, gets a session", .tags(.security), arguments: seeds)
    func admitted(_ seed: UInt64) {
        Self.steps(seed) { run in
            for start in run.sessions {
                let account = run.world.account(start.authentication.userID)
                #expect(account?.user.isEnabled == true)
                #expect(account?.user.tenantID == "t-1")
            }
        }
    }

    @Test(
        "whoever gets a session has a password that is set, is usable and need not be changed", .tags(.security),
        arguments: seeds)
    func passwordInOrder(_ seed: UInt64) {
        Self.steps(seed) { run in
            for start in run.sessions {
                guard let credential = run.world.account(start.authentication.userID)?.credential else {
                    Issue.record("a session without a password")
                    continue
                }
                #expect(credential.hash != nil)
                #expect(credential.mustChangeSince == nil)
                #expect(credential.isUsable(now: run.world.now))
                let age = run.world.now.timeIntervalSince(credential.changedAt)
                #expect(age < run.world.policy.password.maximumAge ?? .infinity)
            }
        }
    }

    @Test(
        "who has an authenticator app, or a role where that is asked for, gets no session by one factor",
        .tags(.security), arguments: seeds)
    func secondFactors(_ seed: UInt64) {
        Self.steps(seed) { run in
            for start in run.sessions {
                guard let account = run.world.account(start.authentication.userID), let proof = run.proof else {
                    continue
                }
                let isPasskey = proof.factors.contains(.passkey)
                if account.own.hasApp {
                    #expect(isPasskey || !Set(proof.factors).isDisjoint(with: [.totp, .recoveryCode]))
                }
                // Where codes to the phone are as good as any, a password that was just set by one is enough once.
                guard account.isAdministrator, !proof.isPasswordSet else { continue }
                #expect(start.authentication.level >= .twoFactors)
            }
        }
    }

    @Test("no session is started by a way in that the tenant has closed", .tags(.security), arguments: seeds)
    func waysIn(_ seed: UInt64) {
        Self.steps(seed) { run in
            guard !run.sessions.isEmpty, let proof = run.proof else { return }
            #expect(run.world.policy.methods.contains { $0.factor == proof.factors[0] })
        }
    }

    @Test(
        "a password is set only for whom the step is, once, and ends what was made with the old one", .tags(.security),
        arguments: seeds)
    func passwordsSet(_ seed: UInt64) {
        Self.steps(seed) { run in
            for (index, effect) in run.step.effects.enumerated() {
                guard case .setCredential(let userID, let credential) = effect else { continue }
                guard case .setPassword(let pending) = run.before, case .newPassword(let new) = run.input else {
                    Issue.record("a password was set out of its step")
                    continue
                }
                #expect(userID == pending.userID && userID == run.proof?.userID && userID == new.account?.user.id)
                #expect(run.proof?.version == credential.version - 1)
                #expect(new.violations.isEmpty && credential.hash == new.hash)
                #expect(run.step.effects[index + 1] == .endSessions(userID: userID, cause: .passwordChanged))
            }
        }
    }

    @Test("a refusal only tells, and its message names nothing", .tags(.security), arguments: seeds)
    func refusals(_ seed: UInt64) {
        Self.steps(seed) { run in
            guard run.step.message == .refused || run.step.message == .startAgain else { return }
            if case .factor = run.input, run.step.message == .refused {
                #expect(run.state == run.before)
            } else {
                #expect(run.state == .choosingMethod)
            }
            #expect(run.step.effects.allSatisfy { if case .record = $0 { true } else { false } })
        }
    }

    @Test("a credential that proves who somebody is leads on", arguments: seeds)
    func proofsCount(_ seed: UInt64) {
        Self.steps(seed) { run in
            guard Proof(run.input, in: run.world, after: nil, at: .choosingMethod) != nil else { return }
            // What the step wrote may have changed the account, but never what was proved.
            #expect(run.step.message == nil)
        }
    }

    @Test("all of this really happens in these runs")
    func coverage() {
        var seen: Set<String> = []
        for seed in Self.seeds {
            Self.steps(seed) { run in
                if !run.sessions.isEmpty { seen.insert("session \(Self.name(of: run.before))") }
                if !run.sessions.isEmpty, case .setPassword(let step) = run.before, step.proof.factors.count > 1 {
                    seen.insert("session setPassword after 2")
                }
                if case .secondFactor = run.step.state { seen.insert("asked for a second factor") }
                if case .setPassword(let pending) = run.step.state { seen.insert("asked \(pending.reason)") }
                if let message = run.step.message { seen.insert("\(message.keys.first ?? "")") }
                if run.step.effects.contains(where: { if case .upgradeHash = $0 { true } else { false } }) {
                    seen.insert("upgraded")
                }
            }
        }
        #expect(
            seen.isSuperset(of: [
                "session choosing", "session secondFactor", "session setPassword",
                "session setPassword after 2", "asked for a second factor", "asked first", "asked cleared",
                "asked forcedChange",
                "asked expired", "asked forgotten", "sign_in.refused", "sign_in.start_again",
                "sign_in.password_saved", "password.too_short", "upgraded",
            ]))
    }

    private static func name(of state: SignIn.State) -> String {
        switch state {
        case .choosingMethod: "choosing"
        case .secondFactor: "secondFactor"
        case .setPassword: "setPassword"
        case .completed: "completed"
        }
    }
}
