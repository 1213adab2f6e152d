import FoundationEssentials
import Identity
import Testing

@Suite("Pressure: a puzzle is asked for well before anybody is refused")
struct PressureTests {
    /// What was sent before, and what it leads to.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var phone = 0
        var address = 0
        var tenant = 0
        var isExempt = false
        var limits = PuzzleLimits()
        var pressure: Pressure?
    }

    static let off = changed(PuzzleLimits()) {
        $0.phoneSends = nil
        $0.addressSends = nil
        $0.tenantSends = nil
        $0.addressFailures = nil
    }

    @Test(
        "of a message",
        arguments: [
            Case(testDescription: "nothing sent", pressure: nil),
            Case(testDescription: "one to the phone", phone: 1, pressure: nil),
            Case(testDescription: "two to the phone", phone: 2, pressure: .phone),
            Case(testDescription: "four from the address", address: 4, pressure: nil),
            Case(testDescription: "five from the address", address: 5, pressure: .address),
            Case(testDescription: "five from an exempt address", address: 5, isExempt: true, pressure: nil),
            Case(
                testDescription: "two to the phone, from an exempt address", phone: 2, isExempt: true, pressure: .phone),
            Case(testDescription: "59 in the tenant", tenant: 59, pressure: nil),
            Case(testDescription: "60 in the tenant", tenant: 60, pressure: .tenant),
            Case(
                testDescription: "60 in the tenant, from an exempt address", tenant: 60, isExempt: true,
                pressure: .tenant),
            Case(testDescription: "everything", phone: 9, address: 9, tenant: 90, pressure: .phone),
            Case(testDescription: "everything, all off", phone: 9, address: 9, tenant: 90, limits: off, pressure: nil),
        ])
    func sending(_ sample: Case) {
        let history = SendHistory(
            phoneHour: .init(sample.phone, oldestAt: Sample.now),
            addressHour: .init(sample.address, oldestAt: Sample.now))
        let found = Pressure.onSending(
            history, askedInTenant: sample.tenant, isAddressExempt: sample.isExempt, sample.limits)
        #expect(found == sample.pressure)
    }

    @Test("the product's figures: a puzzle comes before each limit that refuses", .tags(.security))
    func order() throws {
        let (puzzle, sending, address) = (PuzzleLimits(), SMSSendingLimits(), AddressLimits())
        #expect(try #require(puzzle.phoneSends) < #require(sending.perPhoneHour))
        #expect(try #require(puzzle.addressSends) < #require(sending.perAddressHour))
        #expect(try #require(puzzle.addressFailures) < #require(address.failures))
        #expect(Pressure.tenantWindow == 600)
    }

    /// A client address's row, and what it leads to.
    struct Attempt: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var failures = 10
        var after: TimeInterval = 0
        var isFrozen = false
        var limits = PuzzleLimits()
        var address = AddressLimits()
        var pressure: Pressure?
    }

    @Test(
        "of an attempt",
        arguments: [
            Attempt(testDescription: "nine wrong", failures: 9, pressure: nil),
            Attempt(testDescription: "ten wrong", pressure: .address),
            Attempt(testDescription: "until the window's last second", after: 899, pressure: .address),
            Attempt(testDescription: "after the window", after: 900, pressure: nil),
            Attempt(
                testDescription: "a window without end", after: 90_000,
                address: changed(AddressLimits()) { $0.window = nil }, pressure: .address),
            Attempt(testDescription: "during a pause", after: 899, isFrozen: true, pressure: .address),
            Attempt(testDescription: "after the pause", after: 900, isFrozen: true, pressure: nil),
            Attempt(testDescription: "off", limits: off, pressure: nil),
        ])
    func attempt(_ sample: Attempt) {
        let row = Throttle(
            key: "address t-1 a", failures: sample.failures, windowStartedAt: Sample.now,
            frozenUntil: sample.isFrozen ? Sample.now + 900 : nil)
        let found = Pressure.onAttempt(row, sample.limits, sample.address, now: Sample.now + sample.after)
        #expect(found == sample.pressure)
    }

    @Test("an address of which nothing is known is under none")
    func unknown() {
        #expect(Pressure.onAttempt(nil, PuzzleLimits(), AddressLimits(), now: Sample.now) == nil)
    }

    @Test("an address is counted as an account is: 100 within 15 minutes pause it for 15")
    func address() {
        var expected = ThrottleLimits()
        expected.failures = 100
        #expect(AddressLimits().throttle == expected)
    }

    @Test("addresses are counted in each tenant by itself", .tags(.security))
    func keys() {
        let keys = [
            Throttle.key(ofAddress: "203.0.113.7", in: "t-1"), Throttle.key(ofAddress: "203.0.113.7", in: "t-2"),
            Throttle.key(ofAddress: "203.0.113.8", in: "t-1"), Throttle.key(ofUser: "203.0.113.7"),
        ]
        #expect(Set(keys).count == 4)
    }

    @Test("what turned out right is taken back, one attempt at a time, and ends the pause it led to")
    func released() {
        let row = Throttle(key: "k", failures: 100, windowStartedAt: Sample.now, frozenUntil: Sample.now + 900)
        #expect(row.released() == Throttle(key: "k", failures: 99, windowStartedAt: Sample.now))
        #expect(changed(row) { $0.failures = 1 }.released() == nil)
    }
}
