import Directory
import FoundationEssentials
import Testing

@Suite("Who may open an application, and why")
struct AccessRuleTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var rule: AccessRule
        var decision: AccessDecision
    }

    @Test(
        "a rule explains its decision",
        arguments: [
            Case(testDescription: "everyone", rule: .everyone, decision: .everyone),
            Case(testDescription: "named", rule: .selected(users: ["u-1"], groups: []), decision: .named),
            Case(
                testDescription: "named and member", rule: .selected(users: ["u-1"], groups: ["g-1"]), decision: .named),
            Case(
                testDescription: "member of one", rule: .selected(users: [], groups: ["g-1", "g-3"]),
                decision: .member(groupIDs: ["g-1"])),
            Case(
                testDescription: "another user", rule: .selected(users: ["u-2"], groups: []), decision: .notSelected),
            Case(
                testDescription: "another group", rule: .selected(users: [], groups: ["g-3"]), decision: .notSelected),
            Case(testDescription: "nobody", rule: .selected(users: [], groups: []), decision: .notSelected),
            Case(
                testDescription: "a group with the user's id", rule: .selected(users: [], groups: ["u-1"]),
                decision: .notSelected),
            Case(
                testDescription: "a user with the group's id", rule: .selected(users: ["g-1"], groups: []),
                decision: .notSelected),
        ])
    func decides(_ example: Case) {
        let application = changed(Sample.application) { $0.accessRule = example.rule }
        #expect(application.access(for: Sample.user) == example.decision)
    }

    @Test("a disabled user may open nothing", .tags(.security))
    func disabledUser() {
        let user = changed(Sample.user) { $0.disabledAt = Sample.now }
        #expect(Sample.application.access(for: user) == .userDisabled)
    }

    @Test("a disabled application is open to nobody", .tags(.security))
    func disabledApplication() {
        let application = changed(Sample.application) { $0.disabledAt = Sample.now }
        #expect(application.access(for: Sample.user) == .applicationDisabled)
    }

    @Test("another tenant's user may open nothing, whatever else is true", .tags(.security))
    func otherTenant() {
        let user = changed(Sample.user) { $0.tenantID = "t-2" }
        let application = changed(Sample.application) { $0.accessRule = .selected(users: ["u-1"], groups: ["g-1"]) }
        #expect(application.access(for: user) == .otherTenant)
        #expect(changed(application) { $0.disabledAt = Sample.now }.access(for: user) == .otherTenant)
    }

    @Test("only the three explanations that allow are allowed", .tags(.security))
    func allowed() {
        let allowed: [AccessDecision] = [.everyone, .named, .member(groupIDs: ["g-1"])]
        let refused: [AccessDecision] = [.notSelected, .userDisabled, .applicationDisabled, .otherTenant]
        #expect(allowed.map(\.isAllowed) == [true, true, true])
        #expect(refused.map(\.isAllowed) == [false, false, false, false])
        #expect(Set((allowed + refused).map(\.key)).count == 7)
    }
}
