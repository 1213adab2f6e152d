import Directory
import FoundationEssentials
import Identity
import Testing

@Suite("SMS code: 5 minutes, 5 tries, single use, bound to its interaction")
struct SMSChallengeTests {
    static let target = SMSChallenge.Target(
        tenantID: "t-1", purpose: .signIn, phoneIndex: "p-1", interactionID: "i-1")
    static let now = Sample.now
    let limits = SMSCodeLimits()

    static func code(_ text: String) throws -> SMSCode { try #require(SMSCode(typed: text)) }

    static func challenge(
        for userID: String? = "u-1", target: SMSChallenge.Target = target, limits: SMSCodeLimits = SMSCodeLimits()
    ) throws -> SMSChallenge {
        .issue(try code("042137"), for: userID, target: target, limits: limits, key: Sample.key, now: now)
    }

    func trial(
        _ challenge: SMSChallenge, _ text: String = "042137", in interactionID: String = "i-1", after: TimeInterval = 1
    ) throws -> SMSChallenge.Trial {
        challenge.trial(
            of: try Self.code(text), in: interactionID, limits: limits, key: Sample.key, now: Self.now + after)
    }

    @Test("the right code is accepted once", .tags(.security))
    func once() throws {
        let challenge = try Self.challenge()
        let first = try trial(challenge)
        #expect(first.outcome == .accepted(userID: "u-1"))
        #expect(
            first.challenge
                == changed(challenge) {
                    $0.triesUsed = 1
                    $0.usedAt = Self.now + 1
                })
        #expect(try trial(first.challenge) == .init(outcome: .used, challenge: first.challenge))
    }

    @Test("is accepted until the second before it expires", arguments: [0, 299] as [TimeInterval])
    func inTime(_ after: TimeInterval) throws {
        #expect(try trial(Self.challenge(), after: after).outcome == .accepted(userID: "u-1"))
    }

    @Test("is dead from the second it expires", .tags(.security), arguments: [300, 301, 86_400] as [TimeInterval])
    func late(_ after: TimeInterval) throws {
        let challenge = try Self.challenge()
        #expect(try trial(challenge, after: after) == .init(outcome: .expired, challenge: challenge))
    }

    @Test("a wrong code is counted", .tags(.security))
    func wrong() throws {
        let challenge = try Self.challenge()
        #expect(
            try trial(challenge, "042138")
                == .init(outcome: .wrong, challenge: changed(challenge) { $0.triesUsed = 1 }))
    }

    @Test("the fifth try counts, the sixth does not even if it is right", .tags(.security))
    func tries() throws {
        var challenge = try Self.challenge()
        for _ in 0..<4 { challenge = try trial(challenge, "000000").challenge }
        #expect(try trial(challenge).outcome == .accepted(userID: "u-1"))
        challenge = try trial(challenge, "000000").challenge
        #expect(challenge.triesUsed == 5)
        #expect(try trial(challenge) == .init(outcome: .exhausted, challenge: challenge))
    }

    @Test("another browser's sign-in learns nothing and uses up nothing", .tags(.security))
    func foreign() throws {
        let challenge = try Self.challenge()
        for text in ["042137", "042138"] {
            #expect(
                try trial(challenge, text, in: "i-2") == .init(outcome: .foreign, challenge: challenge))
        }
    }

    @Test("a decoy accepts no code, not even its own, and counts like any other", .tags(.security))
    func decoy() throws {
        var decoy = try Self.challenge(for: nil)
        var real = try Self.challenge()
        for _ in 0..<7 {
            let trials = (try trial(decoy, "042137"), try trial(real, "111111"))
            #expect(trials.0.outcome == trials.1.outcome)
            (decoy, real) = (trials.0.challenge, trials.1.challenge)
            #expect(decoy == changed(real) { $0.userID = nil })
        }
        #expect(try trial(Self.challenge(for: nil), after: 300).outcome == .expired)
    }

    @Test("is stored only as a keyed hash of everything it is bound to", .tags(.security))
    func hash() throws {
        let challenge = try Self.challenge()
        #expect(challenge.codeHash.utf8.count == 43)
        let others = [
            changed(Self.target) { $0.tenantID = "t-2" }, changed(Self.target) { $0.phoneIndex = "p-2" },
            changed(Self.target) { $0.interactionID = "i-2" },
        ]
        for target in others { #expect(try Self.challenge(target: target).codeHash != challenge.codeHash) }
        let otherKey = SMSChallenge.issue(
            try Self.code("042137"), for: "u-1", target: Self.target, limits: limits, key: [1], now: Self.now)
        #expect(otherKey.codeHash != challenge.codeHash)
    }

    @Test("a row moved to another target accepts nothing", .tags(.security))
    func moved() throws {
        let moved = try changed(Self.challenge()) { $0.target.phoneIndex = "p-2" }
        #expect(try trial(moved).outcome == .wrong)
    }

    @Test("off means without end")
    func off() throws {
        let endless = changed(SMSCodeLimits()) {
            $0.lifetime = nil
            $0.tries = nil
        }
        let challenge = try changed(Self.challenge(limits: endless)) { $0.triesUsed = 1_000 }
        #expect(challenge.expiresAt == nil)
        let trial = challenge.trial(
            of: try Self.code("042137"), in: "i-1", limits: endless, key: Sample.key, now: Self.now + 10_000_000)
        #expect(trial.outcome == .accepted(userID: "u-1"))
    }

    struct Recipient: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var user: User? = Sample.user
        var throttle: Throttle?
        var policy = IdentityPolicy()
        var gets: String?
    }

    @Test(
        "only a user who could sign in is sent a code; anyone else gets a decoy", .tags(.security),
        arguments: [
            Recipient(testDescription: "active", gets: "u-1"),
            Recipient(testDescription: "pending", user: changed(Sample.user) { $0.activatedAt = nil }, gets: "u-1"),
            Recipient(testDescription: "some failures", throttle: Sample.row, gets: "u-1"),
            Recipient(
                testDescription: "thawed", throttle: changed(Sample.frozenRow) { $0.frozenUntil = now }, gets: "u-1"),
            Recipient(testDescription: "unknown", user: nil),
            Recipient(testDescription: "disabled", user: changed(Sample.user) { $0.disabledAt = now }),
            Recipient(testDescription: "another tenant's", user: changed(Sample.user) { $0.tenantID = "t-2" }),
            Recipient(testDescription: "frozen", throttle: Sample.frozenRow),
            Recipient(testDescription: "method off", policy: changed(IdentityPolicy()) { $0.methods = [.password] }),
        ])
    func recipient(_ example: Recipient) {
        #expect(
            SMSChallenge.recipient(
                example.user, throttle: example.throttle, tenantID: "t-1", policy: example.policy, now: Self.now)
                == example.gets)
    }
}

@Suite("SMS code: 6 digits")
struct SMSCodeTests {
    @Test("is six digits, zeros in front included", .tags(.security))
    func digits() {
        var random = SeededRandom(state: 1)
        let codes = (0..<2_000).map { _ in SMSCode.make(digits: 6, using: &random).text }
        #expect(codes.allSatisfy { $0.utf8.count == 6 && Int($0) != nil })
        #expect(codes.contains { $0.hasPrefix("0") })
        #expect(Set(codes).count > 1_980)
    }

    @Test("every digit is as likely at every place", .tags(.security))
    func uniform() {
        var random = SeededRandom(state: 2)
        var counts = [[Int]](repeating: [Int](repeating: 0, count: 10), count: 6)
        for _ in 0..<10_000 {
            for (place, digit) in SMSCode.make(digits: 6, using: &random).text.utf8.enumerated() {
                counts[place][Int(digit) - 48] += 1
            }
        }
        // 1,000 expected, standard deviation 30: five of them.
        #expect(counts.joined().allSatisfy { (850...1_150).contains($0) })
    }

    @Test("is understood as people type it", arguments: ["042137", " 042137\n", "042 137", "０４２１３７", "042\u{200B}137"])
    func typed(_ text: String) {
        #expect(SMSCode(typed: text)?.text == "042137")
    }

    @Test(
        "what cannot be a code is none", .tags(.security),
        arguments: ["", "123", "12345678901", "12345a", "-12345", "٠٤٢١٣٧", "1234\u{0}", "0x1234", "１２３"])
    func refused(_ text: String) {
        #expect(SMSCode(typed: text) == nil)
    }

    @Test("a text without end is refused unread", .tags(.security))
    func long() {
        #expect(SMSCode(typed: "042137" + String(repeating: " ", count: 1_000)) == nil)
    }
}
