import Directory
import FoundationEssentials
import Identity
import Testing

@Suite("SMS quota, what is billed, purposes")
struct SMSQuotaTests {
    /// One message, and the mark that it passes.
    struct Case: Sendable, CustomTestStringConvertible {
        var limit: Int?
        var used: Int
        var segments = 1
        var mark: SMSQuotaMark?

        var testDescription: String { "\(used) + \(segments) of \(limit.map { String($0) } ?? "no quota")" }
    }

    @Test(
        "each mark is passed by one message",
        arguments: [
            Case(limit: nil, used: 79, mark: nil), Case(limit: 100, used: 0, mark: nil),
            Case(limit: 100, used: 78, mark: nil), Case(limit: 100, used: 79, mark: .nearlyUsed),
            Case(limit: 100, used: 80, mark: nil), Case(limit: 100, used: 98, mark: nil),
            Case(limit: 100, used: 99, mark: .used), Case(limit: 100, used: 100, mark: nil),
            Case(limit: 100, used: 101, mark: nil), Case(limit: 100, used: 78, segments: 2, mark: .nearlyUsed),
            Case(limit: 100, used: 77, segments: 2, mark: nil),
            Case(limit: 100, used: 98, segments: 3, mark: .used),
            Case(limit: 100, used: 70, segments: 40, mark: .used), Case(limit: 1, used: 0, mark: .used),
            Case(limit: 2, used: 0, mark: nil), Case(limit: 2, used: 1, mark: .used),
            // Four fifths of 3 are 2.4.
            Case(limit: 3, used: 1, mark: nil), Case(limit: 3, used: 2, mark: .used),
            Case(limit: 6, used: 4, mark: .nearlyUsed), Case(limit: 0, used: 0, mark: nil),
            Case(limit: 1_000_000_000, used: 799_999_999, mark: .nearlyUsed),
        ])
    func marks(_ sample: Case) {
        var limits = SMSSendingLimits()
        limits.perTenantMonth = sample.limit
        let quota = SMSQuota(limits, SendHistory(tenantMonth: sample.used))
        #expect(quota?.mark(passedBy: sample.segments) == sample.mark)
        #expect((quota == nil) == (sample.limit == nil))
    }

    @Test(
        "a text is billed by 70 characters, a longer one by 67",
        arguments: [(0, 1), (1, 1), (70, 1), (71, 2), (134, 2), (135, 3), (201, 3), (202, 4)])
    func segments(length: Int, count: Int) {
        #expect(SMSSegments.count(of: String(repeating: "码", count: length)) == count)
        #expect(SMSSegments.count(of: String(repeating: "a", count: length)) == count)
    }

    @Test(
        "a character outside the basic plane is two, a combined one as many as it is made of",
        arguments: [("😀", 35, 1), ("😀", 36, 2), ("e\u{301}", 35, 1), ("e\u{301}", 36, 2), ("👩‍👩‍👧‍👦", 6, 1), ("👩‍👩‍👧‍👦", 7, 2)])
    func wide(_ character: String, times: Int, count: Int) {
        #expect(SMSSegments.count(of: String(repeating: character, count: times)) == count)
    }

    @Test("the purposes have the names that templates and the workbench know them by")
    func purposes() {
        #expect(
            SMSPurpose.allCases.map(\.rawValue) == [
                "LOGIN_SMS", "REGISTER_SMS", "FORGET_PWD_SMS", "BIND_MOBILE_SMS", "UPDATE_MOBILE_SMS", "OTP_REST_SMS",
                "CONFIRM_SMS", "NEW_PWD_SMS", "PWD_CLEARED_SMS", "PWD_CHANGED_SMS", "MOBILE_CHANGED_SMS",
                "DOMAIN_SMS", "ENTERPRISE_SMS", "NEW_MEMBER_SMS", "JOIN_DECLINED_SMS",
            ])
        #expect(
            SMSPurpose.allCases.filter { !$0.carriesCode }
                == [
                    .oneTimePassword, .passwordCleared, .passwordChanged, .phoneChanged, .domainChecked, .memberAdded,
                    .requestDeclined,
                ])
    }

    /// What a tenant sent, and whether a notice still goes out.
    struct Notice: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var used = 0
        var today = 0
        var quota: Int? = 100
        var perPhoneDay: Int? = 10
        var isAllowed = true
    }

    @Test(
        "a notice is billed like a code: it has room in the quota and in the phone's day, or is not sent",
        .tags(.security),
        arguments: [
            Notice(testDescription: "nothing sent"), Notice(testDescription: "99 of 100", used: 99),
            Notice(testDescription: "100 of 100", used: 100, isAllowed: false),
            Notice(testDescription: "no quota", used: 100, quota: nil),
            Notice(testDescription: "nine today", today: 9),
            Notice(testDescription: "ten today", today: 10, isAllowed: false),
            Notice(testDescription: "no limit a day", today: 10, perPhoneDay: nil),
        ])
    func notices(_ sample: Notice) {
        var limits = SMSSendingLimits()
        limits.perTenantMonth = sample.quota
        limits.perPhoneDay = sample.perPhoneDay
        // What keeps a person from a code keeps no notice back.
        let history = SendHistory(
            lastSentAt: Sample.now, phoneHour: .init(9, oldestAt: Sample.now),
            addressHour: .init(99, oldestAt: Sample.now),
            tenantMonth: sample.used)
        #expect(limits.allowsNotice(history, sentInDay: sample.today) == sample.isAllowed)
    }
}
