import Cryptography
import Directory
import FoundationEssentials
import Testing

@Suite("Invitations: the code, and when one works")
struct InvitationTests {
    static let now = Sample.now

    static let open = Invitation(
        id: "i-1", tenantID: "t-1", departmentID: "d-1", codeIndex: "x", useLimit: 2, uses: 1, createdAt: now,
        expiresAt: now + 10)

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var change: @Sendable (inout Invitation) -> Void
        var invites = true
        var after: TimeInterval = 0
        var state: Invitation.State
    }

    static let cases = [
        Case(testDescription: "nothing", change: { _ in }, state: .open),
        Case(testDescription: "its last second", change: { _ in }, after: 9, state: .open),
        Case(testDescription: "its end", change: { _ in }, after: 10, state: .expired),
        Case(testDescription: "the last use", change: { $0.uses = 2 }, state: .usedUp),
        Case(testDescription: "no limit", change: { ($0.uses, $0.useLimit) = (1_000_000, nil) }, state: .open),
        Case(testDescription: "revoked", change: { $0.revokedAt = now }, state: .revoked),
        Case(testDescription: "the switch", change: { _ in }, invites: false, state: .switchedOff),
    ]

    @Test("it works while nothing speaks against it", arguments: cases)
    func state(_ sample: Case) {
        let invitation = changed(Self.open, sample.change)
        #expect(invitation.state(invites: sample.invites, now: Self.now + sample.after) == sample.state)
    }

    @Test(
        "a code is read in any case, with spaces and hyphens anywhere",
        arguments: ["ABCD2345", "abcd-2345", " a b c d 2 3 4 5 ", "ＡＢＣＤ－２３４５", "AbCd–2345", "abcd\u{200B}2345"])
    func reads(_ typed: String) {
        #expect(InvitationCode(typed: typed)?.text == "ABCD2345")
        #expect(InvitationCode(typed: typed)?.shown == "ABCD-2345")
    }

    @Test(
        "what can be no code is none", .tags(.security),
        arguments: [
            "", "ABCD234", "ABCD23456", "ABCD234I", "ABCD234L", "ABCD234O", "ABCD2340", "ABCD2341", "ABCD234é",
            "АBCD2345", "ABCD_2345", "ABCD2345\u{0}", String(repeating: " ", count: 200) + "ABCD2345",
        ])
    func refuses(_ typed: String) {
        #expect(InvitationCode(typed: typed) == nil)
    }

    @Test("a new code is of the alphabet, and read again from what is shown")
    func makes() {
        var random = SecureRandom()
        for _ in 0..<200 {
            let code = InvitationCode.make(using: &random)
            #expect(InvitationCode(typed: code.shown) == code)
        }
        #expect(InvitationCode.alphabet.count == 31)
    }

    @Test("a code does not print, and neither does who asks to come in", .tags(.security))
    func conceals() throws {
        let code = try #require(InvitationCode(typed: "ABCD-2345"))
        let request = JoinRequest(
            id: "r", tenantID: "t", invitationID: "i", departmentID: "d", name: "李明",
            phone: PhoneNumber(stored: "+8613800001234"), username: nil, createdAt: Self.now)
        #expect(
            ["\(code)", String(reflecting: code), "\(request)", String(reflecting: request)].allSatisfy { $0 == "•••" })
    }

    @Test("what is stored of a code depends on the key", .tags(.security))
    func keyed() throws {
        var random = SecureRandom()
        let code = try #require(InvitationCode(typed: "ABCD-2345"))
        let keys = (SealingKey.generate(using: &random), SealingKey.generate(using: &random))
        #expect(code.index(keys.0) == code.index(keys.0))
        #expect(code.index(keys.0) != code.index(keys.1))
        #expect(!code.index(keys.0).contains(code.text))
    }
}

@Suite("Departments: who may stand below whom")
struct DepartmentTests {
    /// `a` over `b` over `c`, and `d` beside `a`.
    static let all = [("a", nil), ("b", "a"), ("c", "b"), ("d", nil)].map { id, parent in
        Department(id: id, tenantID: "t-1", parentID: parent, code: id, name: id, createdAt: Sample.now)
    }

    @Test(
        "everybody but oneself and who is below oneself",
        arguments: [
            ("c", "a", true), ("c", nil, true), ("a", "d", true), ("a", "a", false), ("a", "b", false),
            ("a", "c", false), ("b", "c", false), ("new", "c", true),
        ] as [(String, String?, Bool)])
    func place(_ id: String, _ parent: String?, _ isAllowed: Bool) {
        #expect(Department.mayStand(id, below: parent, among: Self.all) == isAllowed)
    }

    @Test("a tree has twenty levels at most, also when a branch is moved")
    func depth() {
        let chain = (0..<Department.greatestDepth).map { level in
            Department(
                id: "\(level)", tenantID: "t-1", parentID: level == 0 ? nil : "\(level - 1)", code: "c\(level)",
                name: "", createdAt: Sample.now)
        }
        #expect(Department.mayStand("new", below: "18", among: chain))
        #expect(!Department.mayStand("new", below: "19", among: chain))
        let branch = Self.all + chain
        #expect(Department.mayStand("a", below: "16", among: branch))
        #expect(!Department.mayStand("a", below: "17", among: branch))
    }

    @Test("a ring that should not be there ends the search")
    func ring() {
        let ring = [("a", "b"), ("b", "a")].map { id, parent in
            Department(id: id, tenantID: "t-1", parentID: parent, code: id, name: id, createdAt: Sample.now)
        }
        #expect(!Department.mayStand("new", below: "a", among: ring))
    }
}
