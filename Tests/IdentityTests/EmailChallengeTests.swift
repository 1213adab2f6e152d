import Directory
import FoundationEssentials
import Identity
import Testing

@Suite("Codes sent by e-mail")
struct EmailChallengeTests {
    static let key = [UInt8](repeating: 7, count: 32)
    static let now = Date(timeIntervalSince1970: 1_700_000_000)
    static let target = EmailChallenge.Target(
        tenantID: "t", userID: "u", sessionID: "s", email: EmailAddress(stored: "a@b.example"))

    private static func challenge(
        _ change: (inout EmailChallenge) -> Void = { _ in }, isDecoy: Bool = false
    ) throws -> EmailChallenge {
        let code = try #require(SMSCode(typed: "123456"))
        var challenge = EmailChallenge.issue(
            code, for: target, isDecoy: isDecoy, provedAt: now, limits: SMSCodeLimits(), key: key, now: now)
        change(&challenge)
        return challenge
    }

    private static func trial(
        of challenge: EmailChallenge, _ typed: String = "123456", in session: String = "s", after: TimeInterval = 0
    ) throws -> EmailChallenge.Outcome {
        challenge.trial(
            of: try #require(SMSCode(typed: typed)), in: session, limits: SMSCodeLimits(), key: key, now: now + after)
    }

    @Test("accepted until the second before it expires", arguments: [0, 299] as [TimeInterval])
    func accepted(_ after: TimeInterval) throws {
        #expect(try Self.trial(of: try Self.challenge(), after: after) == .accepted)
    }

    @Test("refused for what it is, and only a wrong code counts", .tags(.security))
    func refused() throws {
        let challenge = try Self.challenge()
        var counted = challenge
        counted.triesUsed = 1
        #expect(try Self.trial(of: challenge, "123457") == .refused(.wrongCode, counted: counted))
        #expect(try Self.trial(of: challenge, in: "x") == .refused(.foreignCode, counted: challenge))
        #expect(try Self.trial(of: challenge, after: 300) == .refused(.expiredCode, counted: challenge))
        let exhausted = try Self.challenge { $0.triesUsed = 5 }
        #expect(try Self.trial(of: exhausted) == .refused(.exhaustedCode, counted: exhausted))
    }

    @Test("a decoy's own code is wrong", .tags(.security))
    func decoy() throws {
        let decoy = try Self.challenge(isDecoy: true)
        var counted = decoy
        counted.triesUsed = 1
        #expect(try Self.trial(of: decoy) == .refused(.wrongCode, counted: counted))
    }

    @Test("bound to tenant, account, session and address", .tags(.security))
    func bound() throws {
        for change in [
            { $0.target.tenantID = "x" }, { $0.target.userID = "x" },
            { $0.target.email = EmailAddress(stored: "c@b.example") },
        ] as [(inout EmailChallenge) -> Void] {
            guard case .refused(.wrongCode, _) = try Self.trial(of: try Self.challenge(change)) else {
                Issue.record("accepted")
                continue
            }
        }
        var moved = try Self.challenge()
        moved.target.sessionID = "x"
        guard case .refused(.wrongCode, _) = try Self.trial(of: moved, in: "x") else {
            Issue.record("accepted")
            return
        }
    }

    @Test(
        "goes on for ten minutes, in its own session",
        arguments: [(599, "s", true), (600, "s", false), (0, "x", false)])
    func open(after: TimeInterval, session: String, isOpen: Bool) throws {
        #expect(try Self.challenge().isOpen(in: session, now: Self.now + after) == isOpen)
    }

    @Test("prints as nothing", .tags(.security))
    func concealed() throws {
        #expect("\(try Self.challenge())" == "•••")
    }
}
