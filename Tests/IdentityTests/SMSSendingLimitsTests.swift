import Directory
import FoundationEssentials
import Identity
import Testing

@Suite("SMS sending: 60 s; 5 an hour, 10 a day per phone; 20 an hour per address; quota per tenant")
struct SMSSendingLimitsTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var history: SendHistory
        var decision: SMSSendingLimits.Decision
        var limits = SMSSendingLimits()
        var isExempt = false
    }

    static let now = Sample.now

    static func count(_ count: Int, oldest: TimeInterval) -> SendHistory.Count {
        .init(count, oldestAt: now - oldest)
    }

    static let quota = changed(SMSSendingLimits()) { $0.perTenantMonth = 1_000 }

    @Test(
        "allows up to each limit and says when to come back",
        arguments: [
            Case(testDescription: "nothing sent", history: SendHistory(), decision: .allowed),
            Case(
                testDescription: "just sent", history: SendHistory(lastSentAt: now),
                decision: .refused(.interval, retryAfter: 60)),
            Case(
                testDescription: "sent 59 s ago", history: SendHistory(lastSentAt: now - 59),
                decision: .refused(.interval, retryAfter: 1)),
            Case(testDescription: "sent 60 s ago", history: SendHistory(lastSentAt: now - 60), decision: .allowed),
            Case(
                testDescription: "4 in the hour", history: SendHistory(phoneHour: count(4, oldest: 3_000)),
                decision: .allowed),
            Case(
                testDescription: "5 in the hour", history: SendHistory(phoneHour: count(5, oldest: 3_000)),
                decision: .refused(.phoneHour, retryAfter: 600)),
            Case(
                testDescription: "9 in the day", history: SendHistory(phoneDay: count(9, oldest: 80_000)),
                decision: .allowed),
            Case(
                testDescription: "10 in the day", history: SendHistory(phoneDay: count(10, oldest: 80_000)),
                decision: .refused(.phoneDay, retryAfter: 6_400)),
            Case(
                testDescription: "19 from the address", history: SendHistory(addressHour: count(19, oldest: 3_599)),
                decision: .allowed),
            Case(
                testDescription: "20 from the address", history: SendHistory(addressHour: count(20, oldest: 3_599)),
                decision: .refused(.addressHour, retryAfter: 1)),
            Case(
                testDescription: "999 of 1,000", history: SendHistory(tenantMonth: 999), decision: .allowed,
                limits: quota),
            // 2023-11-14 22:13:20 UTC; the month ends 16 days, 1:46:40 later.
            Case(
                testDescription: "1,000 of 1,000", history: SendHistory(tenantMonth: 1_000),
                decision: .refused(.tenantMonth, retryAfter: 1_388_800), limits: quota),
            Case(
                testDescription: "several at once: the longest",
                history: SendHistory(
                    lastSentAt: now - 10, phoneHour: count(5, oldest: 3_000), phoneDay: count(10, oldest: 80_000)),
                decision: .refused(.phoneDay, retryAfter: 6_400)),
        ])
    func decides(_ example: Case) {
        let decision = example.limits.decide(example.history, isAddressExempt: false, now: Self.now)
        #expect(decision == example.decision)
    }

    @Test("an exempt address is free of the limit per address, and of no other", .tags(.security))
    func exempt() {
        let limits = Self.quota
        let address = SendHistory(addressHour: Self.count(500, oldest: 100))
        #expect(limits.decide(address, isAddressExempt: true, now: Self.now) == .allowed)
        let others: [(SMSLimit, SendHistory)] = [
            (.interval, SendHistory(lastSentAt: Self.now)),
            (.phoneHour, SendHistory(phoneHour: Self.count(5, oldest: 100))),
            (.phoneDay, SendHistory(phoneDay: Self.count(10, oldest: 100))),
            (.tenantMonth, SendHistory(tenantMonth: 1_000)),
        ]
        for (limit, history) in others {
            guard case .refused(limit, _) = limits.decide(history, isAddressExempt: true, now: Self.now) else {
                Issue.record("\(limit) was not refused")
                continue
            }
        }
    }

    @Test("each limit can be off alone")
    func off() {
        let history = SendHistory(
            lastSentAt: Self.now, phoneHour: Self.count(99, oldest: 1), phoneDay: Self.count(99, oldest: 1),
            addressHour: Self.count(99, oldest: 1), tenantMonth: 99_999)
        var limits = changed(SMSSendingLimits()) { $0.perTenantMonth = 5 }
        limits.interval = nil
        limits.perPhoneHour = nil
        limits.perPhoneDay = nil
        limits.perTenantMonth = nil
        #expect(
            limits.decide(history, isAddressExempt: false, now: Self.now) == .refused(.addressHour, retryAfter: 3_599))
        limits.perAddressHour = nil
        #expect(limits.decide(history, isAddressExempt: false, now: Self.now) == .allowed)
    }

    @Test("a limit of zero sends nothing")
    func zero() {
        let limits = changed(SMSSendingLimits()) { $0.perPhoneHour = 0 }
        #expect(
            limits.decide(SendHistory(), isAddressExempt: false, now: Self.now)
                == .refused(.phoneHour, retryAfter: 3_600))
    }

    @Test("after the wait that was told the limit lets a send pass")
    func waits() {
        let sends = (0..<5).map { Self.now + Double($0) * 100 }
        let last = Self.now + 500
        func history(at time: Date) -> SendHistory {
            let inHour = sends.filter { $0 > time - SendHistory.hour }
            return SendHistory(phoneHour: .init(inHour.count, oldestAt: inHour.min()))
        }
        guard
            case .refused(.phoneHour, let wait) = SMSSendingLimits().decide(
                history(at: last), isAddressExempt: false, now: last)
        else {
            Issue.record("not refused")
            return
        }
        let before = last + Double(wait) - 1
        #expect(SMSSendingLimits().decide(history(at: before), isAddressExempt: false, now: before) != .allowed)
        #expect(SMSSendingLimits().decide(history(at: before + 1), isAddressExempt: false, now: before + 1) == .allowed)
    }

    @Test("a month is a calendar month in UTC")
    func month() {
        #expect(SendHistory.monthStart(of: Self.now) == Date(timeIntervalSince1970: 1_698_796_800))
        let leapDay = Date(timeIntervalSince1970: 1_709_164_800)
        #expect(SendHistory.monthStart(of: leapDay) == Date(timeIntervalSince1970: 1_706_745_600))
    }
}
