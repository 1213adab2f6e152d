import FoundationEssentials
import Identity
import Testing

@Suite("Freeze: 10 wrong within 15 minutes freeze for 15 minutes")
struct ThrottleTests {
    let limits = ThrottleLimits()
    let now = Sample.now

    /// The stored row after so many attempts at one time, all wrong.
    func row(after attempts: Int, limits: ThrottleLimits = ThrottleLimits(), now: Date = Sample.now) -> Throttle? {
        var stored: Throttle?
        for _ in 0..<attempts {
            guard case .allowed(let row, _) = Throttle.reserve(stored, key: "k", limits: limits, now: now) else {
                break
            }
            stored = row
        }
        return stored
    }

    @Test("an attempt counts before it is evaluated", .tags(.security))
    func reserves() {
        #expect(
            Throttle.reserve(nil, key: "k", limits: limits, now: now)
                == .allowed(row: Throttle(key: "k", failures: 1, windowStartedAt: now), isLast: false))
        #expect(
            Throttle.reserve(row(after: 8), key: "k", limits: limits, now: now + 30)
                == .allowed(row: Throttle(key: "k", failures: 9, windowStartedAt: now), isLast: false))
    }

    @Test("the tenth attempt is the last that is evaluated", .tags(.security))
    func tenth() {
        let tenth = Throttle(key: "k", failures: 10, windowStartedAt: now, frozenUntil: now + 60 + 900)
        #expect(
            Throttle.reserve(row(after: 9), key: "k", limits: limits, now: now + 60)
                == .allowed(row: tenth, isLast: true))
        #expect(
            Throttle.reserve(tenth, key: "k", limits: limits, now: now + 61) == .frozen(until: now + 60 + 900))
    }

    @Test("fifty attempts at once are ten guesses, whichever order they are reserved in", .tags(.security))
    func parallel() {
        var stored: Throttle?
        var evaluated = 0
        for _ in 0..<50 {
            switch Throttle.reserve(stored, key: "k", limits: limits, now: now) {
            case .allowed(let row, _):
                evaluated += 1
                stored = row
            case .frozen: continue
            }
        }
        #expect(evaluated == 10)
        #expect(stored?.failures == 10)
    }

    @Test("trying on does not prolong the freeze")
    func notProlonged() {
        let frozen = row(after: 10)
        for after in [1, 450, 899] as [TimeInterval] {
            #expect(Throttle.reserve(frozen, key: "k", limits: limits, now: now + after) == .frozen(until: now + 900))
        }
    }

    @Test("after the freeze the count starts anew")
    func thaws() {
        #expect(
            Throttle.reserve(row(after: 10), key: "k", limits: limits, now: now + 900)
                == .allowed(row: Throttle(key: "k", failures: 1, windowStartedAt: now + 900), isLast: false))
    }

    @Test("attempts of a window that is over are forgotten", arguments: [(899, 10), (900, 1)] as [(TimeInterval, Int)])
    func window(_ after: TimeInterval, _ failures: Int) {
        guard
            case .allowed(let row, let isLast) = Throttle.reserve(
                row(after: 9), key: "k", limits: limits, now: now + after)
        else {
            Issue.record("frozen")
            return
        }
        #expect(row?.failures == failures)
        #expect(isLast == (failures == 10))
    }

    @Test("a clock that steps back forgets nothing", .tags(.security))
    func clock() {
        #expect(Throttle.reserve(row(after: 10), key: "k", limits: limits, now: now - 60) == .frozen(until: now + 900))
        guard case .allowed(let row, _) = Throttle.reserve(row(after: 5), key: "k", limits: limits, now: now - 60)
        else {
            Issue.record("frozen")
            return
        }
        #expect(row?.failures == 6)
    }

    @Test("a limit that was lowered holds at once", .tags(.security))
    func lowered() {
        let strict = changed(limits) { $0.failures = 3 }
        guard case .allowed(let row, true) = Throttle.reserve(row(after: 7), key: "k", limits: strict, now: now) else {
            Issue.record("not the last")
            return
        }
        #expect(row?.frozenUntil == now + 900)
    }

    @Test("one failure can be enough")
    func one() {
        let strict = changed(limits) { $0.failures = 1 }
        #expect(
            Throttle.reserve(nil, key: "k", limits: strict, now: now)
                == .allowed(
                    row: Throttle(key: "k", failures: 1, windowStartedAt: now, frozenUntil: now + 900), isLast: true))
    }

    @Test("off counts nothing and freezes nobody")
    func off() {
        for limits in [changed(limits) { $0.failures = nil }, changed(limits) { $0.freeze = nil }] {
            #expect(
                Throttle.reserve(row(after: 10), key: "k", limits: limits, now: now)
                    == .allowed(row: nil, isLast: false))
            #expect(row(after: 10)?.isFrozen(limits, now: now) == false)
        }
    }

    @Test("without a window failures add up until a success")
    func noWindow() {
        let endless = changed(limits) { $0.window = nil }
        guard
            case .allowed(let row, true) = Throttle.reserve(
                row(after: 9), key: "k", limits: endless, now: now + 10_000_000)
        else {
            Issue.record("forgotten")
            return
        }
        #expect(row?.failures == 10)
        #expect(row?.expiresAt(endless) == now + 10_000_900)
        #expect(self.row(after: 9)?.expiresAt(endless) == nil)
    }

    @Test("is frozen until the second it ends")
    func isFrozen() {
        let frozen = row(after: 10)
        #expect(frozen?.isFrozen(limits, now: now + 899) == true)
        #expect(frozen?.isFrozen(limits, now: now + 900) == false)
        #expect(row(after: 9)?.isFrozen(limits, now: now) == false)
    }

    @Test("a row may be swept when it means nothing any more")
    func expires() {
        #expect(row(after: 9)?.expiresAt(limits) == now + 900)
        #expect(row(after: 10)?.expiresAt(changed(limits) { $0.freeze = 5 }) == now + 900)
    }

    @Test("unknown names share a bounded number of rows, apart from any user's", .tags(.security))
    func decoys() {
        let keys = Set((0..<5_000).map { Throttle.decoyKey(tenantID: "t-1", typed: "nobody\($0)") })
        #expect(keys.count > 900 && keys.count <= 1_024)
        #expect(!keys.contains { $0.hasPrefix("user ") })
        #expect(Throttle.key(ofUser: "decoy 1") == "user decoy 1")
    }

    @Test("an unknown name always has the same row, however it is typed")
    func sameDecoy() {
        let spellings = ["138 0000 1234", "+8613800001234", "１３８００００１２３４"].map { LoginName($0).canonical }
        #expect(Set(spellings.map { Throttle.decoyKey(tenantID: "t-1", typed: $0) }).count == 1)
        #expect(LoginName("Nobody").canonical == LoginName(" nobody ").canonical)
    }
}
