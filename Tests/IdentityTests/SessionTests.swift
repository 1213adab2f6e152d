import Directory
import FoundationEssentials
import Identity
import Testing

@Suite("Sessions: 12 h absolute, 2 h idle; remembered 7 days")
struct SessionTests {
    let limits = SessionLimits()
    static let now = Sample.now

    static func session(isRemembered: Bool = false) -> Session {
        Session(
            id: "s-1", tenantID: "t-1", tokenHash: "h",
            start: SessionStart(
                authentication: Sample.authentication([.password]), isRemembered: isRemembered, replacedSessionID: nil),
            origin: .init(address: "192.0.2.1", userAgent: "Firefox"), now: now)
    }

    @Test("lives until the second before its idle end")
    func idle() {
        #expect(Self.session().isLive(limits, now: Self.now + 7_199))
        #expect(!Self.session().isLive(limits, now: Self.now + 7_200))
        let used = changed(Self.session()) { $0.lastUsedAt = Self.now + 7_000 }
        #expect(used.isLive(limits, now: Self.now + 14_199))
    }

    @Test("ends after twelve hours however busy it is", .tags(.security))
    func absolute() {
        let busy = changed(Self.session()) { $0.lastUsedAt = Self.now + 43_199 }
        #expect(busy.isLive(limits, now: Self.now + 43_199))
        #expect(!changed(busy) { $0.lastUsedAt = Self.now + 43_200 }.isLive(limits, now: Self.now + 43_200))
    }

    @Test("lives for seven days when remembered, idle or not")
    func remembered() {
        let session = Self.session(isRemembered: true)
        #expect(session.isLive(limits, now: Self.now + 604_799))
        #expect(!session.isLive(limits, now: Self.now + 604_800))
        #expect(session.idleEnd(limits) == nil)
    }

    @Test("an ended session is never live again", .tags(.security))
    func ended() {
        #expect(!changed(Self.session()) { $0.endedAt = Self.now }.isLive(limits, now: Self.now))
    }

    @Test("a limit that is shortened or off holds for sessions that exist")
    func changedLimits() {
        let session = Self.session()
        #expect(!session.isLive(changed(limits) { $0.lifetime = 5 }, now: Self.now + 5))
        #expect(!session.isLive(changed(limits) { $0.idleLifetime = 1 }, now: Self.now + 1))
        let endless = changed(limits) {
            $0.lifetime = nil
            $0.idleLifetime = nil
            $0.rememberedLifetime = nil
        }
        #expect(session.isLive(endless, now: Self.now + 1_000_000_000))
        #expect(Self.session(isRemembered: true).isLive(endless, now: Self.now + 1_000_000_000))
    }

    @Test("admits its own user while that user is enabled, and nobody else", .tags(.security))
    func admits() {
        let session = Self.session()
        #expect(session.admits(Sample.user, limits, now: Self.now))
        let others = [
            changed(Sample.user) { $0.disabledAt = Self.now }, changed(Sample.user) { $0.id = "u-2" },
            changed(Sample.user) { $0.tenantID = "t-2" },
        ]
        #expect(others.map { session.admits($0, limits, now: Self.now) } == [false, false, false])
        #expect(!session.admits(Sample.user, limits, now: Self.now + 7_200))
    }

    @Test("its use is written once a minute, oftener when it idles out sooner")
    func touch() {
        let session = Self.session()
        #expect(!session.needsTouch(limits, now: Self.now + 59))
        #expect(session.needsTouch(limits, now: Self.now + 60))
        let short = changed(limits) { $0.idleLifetime = 20 }
        #expect(!session.needsTouch(short, now: Self.now + 4))
        #expect(session.needsTouch(short, now: Self.now + 5))
        #expect(session.needsTouch(changed(limits) { $0.idleLifetime = 1 }, now: Self.now + 1))
        #expect(session.needsTouch(changed(limits) { $0.idleLifetime = nil }, now: Self.now + 60))
    }

    @Test(
        "a session in steady use does not idle out between two writes", .tags(.security),
        arguments: [2, 3, 4, 5, 7, 10, 30, 100, 241, 7_200] as [TimeInterval])
    func steady(_ idle: TimeInterval) {
        let limits = changed(limits) {
            $0.idleLifetime = idle
            $0.lifetime = nil
        }
        var session = Self.session()
        for second in 1...600 {
            let now = Self.now + Double(second)
            #expect(session.isLive(limits, now: now))
            if session.needsTouch(limits, now: now) { session.lastUsedAt = now }
        }
    }

    @Test("a user agent is kept short and on one line", .tags(.security))
    func userAgent() {
        let origin = Session.Origin(address: nil, userAgent: "a\r\nb\u{1B}" + String(repeating: "x", count: 5_000))
        #expect(origin.userAgent == "ab" + String(repeating: "x", count: 251))
    }
}

@Suite("What a protocol demands of a sign-in")
struct AuthenticationRequirementTests {
    static let now = Sample.now

    struct Case: Sendable, CustomTestStringConvertible {
        var requirement: AuthenticationRequirement
        var interactionID: String?
        var age: TimeInterval
        var isSatisfied: Bool
        var testDescription: String { "\(requirement.text), \(Int(age)) s, in \(interactionID ?? "none")" }
    }

    @Test(
        "is decided by the interaction first, then by age", .tags(.security),
        arguments: [
            Case(requirement: .any, age: 999_999, isSatisfied: true),
            Case(requirement: .fresh, age: 0, isSatisfied: false),
            Case(requirement: .fresh, interactionID: "i-2", age: 0, isSatisfied: false),
            Case(requirement: .fresh, interactionID: "i-1", age: 0, isSatisfied: true),
            Case(requirement: .fresh, interactionID: "i-1", age: 600, isSatisfied: true),
            Case(requirement: .maxAge(60), age: 60, isSatisfied: true),
            Case(requirement: .maxAge(60), age: 61, isSatisfied: false),
            Case(requirement: .maxAge(60), interactionID: "i-2", age: 61, isSatisfied: false),
            Case(requirement: .maxAge(1), interactionID: "i-1", age: 30, isSatisfied: true),
            Case(requirement: .maxAge(0), age: 0, isSatisfied: false),
            Case(requirement: .maxAge(-5), age: 0, isSatisfied: false),
            Case(requirement: .maxAge(0), interactionID: "i-1", age: 2, isSatisfied: true),
        ])
    func decides(_ example: Case) {
        let authentication = Sample.authentication([.password], at: Self.now - example.age)
        #expect(
            example.requirement.isSatisfied(by: authentication, in: example.interactionID, now: Self.now)
                == example.isSatisfied)
    }

    @Test(
        "its stored form reads back",
        arguments: [
            .any, .fresh, .maxAge(3_600), .init(.any, level: .twoFactors),
            .init(.maxAge(60), level: .phishingResistant),
        ] as [AuthenticationRequirement])
    func text(_ requirement: AuthenticationRequirement) {
        #expect(AuthenticationRequirement(text: requirement.text) == requirement)
    }

    @Test(
        "no other text is one", .tags(.security),
        arguments: [
            "", "none", "max_age", "max_age ", "max_age x", "ANY", "level 2", "any level", "any level 3",
            "any  level 2",
            "fresh level 2 level 2",
        ])
    func noText(_ text: String) {
        #expect(AuthenticationRequirement(text: text) == nil)
    }

    @Test("methods have the names of RFC 8176")
    func amr() {
        #expect(AuthenticationMethod.allCases.map(\.rawValue) == ["pwd", "sms", "otp", "pop", "user", "mfa"])
    }
}
