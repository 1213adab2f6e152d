import Directory
import Identity
import Testing

@Suite("What a person types as their account")
struct LoginNameTests {
    static let phone = LoginName.Candidate.phone(PhoneNumber(stored: "+8613800001234"))

    struct Case: Sendable, CustomTestStringConvertible {
        var typed: String
        var candidates: [LoginName.Candidate]
        var testDescription: String { typed.unicodeScalars.map { $0.escaped(asASCII: true) }.joined() }

        init(_ typed: String, _ candidates: LoginName.Candidate...) {
            self.typed = typed
            self.candidates = candidates
        }
    }

    @Test(
        "is read as username, phone and e-mail, in that order",
        arguments: [
            Case("li.ming", .username("li.ming")), Case(" Li.Ming ", .username("li.ming")),
            Case("ＬＩ．ＭＩＮＧ", .username("li.ming")), Case("李明", .username("李明")),
            Case("li\u{200B}ming", .username("liming")),
            Case("13800001234", .username("13800001234"), phone),
            Case("１３８００００１２３４", .username("13800001234"), phone),
            Case("138-0000-1234", .username("138-0000-1234"), phone),
            Case("138 0000 1234", phone), Case("+86 138 0000 1234", phone),
            Case("Li.Ming@Acme.example", .email("li.ming@acme.example")),
            Case("10086", .username("10086")),
        ])
    func reads(_ example: Case) {
        #expect(LoginName(example.typed).candidates == example.candidates)
    }

    @Test(
        "is nobody's when it can be none of them", .tags(.security),
        arguments: [
            Case(""), Case("  "), Case("a b"), Case("a@"), Case("@acme"), Case("li.ming@acme"), Case("' OR 1=1 --"),
            Case("a\u{0}b"), Case("<script>"), Case("💩"), Case("аdmin"),
        ])
    func nobody(_ example: Case) {
        #expect(LoginName(example.typed).candidates.isEmpty)
    }

    @Test("a text without end is read as nobody's, unread", .tags(.security))
    func long() {
        let name = LoginName(String(repeating: "a", count: 100_000))
        #expect(name.candidates.isEmpty)
        #expect(name.canonical.isEmpty)
    }

    // MARK: - What the tenant accepts

    @Test("is read only as what the tenant accepts", .tags(.security))
    func accepted() {
        let phone = LoginName.Candidate.phone(PhoneNumber(stored: "+8613800001234"))
        let (name, id) = (LoginName.Candidate.username("13800001234"), LoginName.Candidate.employeeID("13800001234"))
        let readings: [(Set<LoginIdentifier>, [LoginName.Candidate])] = [
            ([.username], [name]), ([.phone], [phone]), ([.email], []), ([.employeeID], [id]),
            ([.username, .phone, .email], [name, phone]), (Set(LoginIdentifier.allCases), [name, phone, id]), ([], []),
        ]
        for (accepted, candidates) in readings {
            #expect(LoginName("13800001234", accepting: accepted).candidates == candidates)
        }
        #expect(LoginName("a@b.example", accepting: [.email]).candidates == [.email("a@b.example")])
        #expect(LoginName("a@b.example", accepting: [.username, .phone]).candidates == [])
    }

    @Test("an employee id is one in any case and width, up to 128 characters", .tags(.security))
    func employeeIDs() {
        for typed in ["E-1", " e-1 ", "Ｅ－１", "e\u{200B}-1"] {
            #expect(LoginName(typed, accepting: [.employeeID]).candidates == [.employeeID("e-1")])
        }
        let long = String(repeating: "7", count: 128)
        #expect(LoginName(long, accepting: [.employeeID]).candidates == [.employeeID(long)])
        for typed in ["", "  ", "\u{200B}", long + "7"] {
            #expect(LoginName(typed, accepting: [.employeeID]).candidates == [])
        }
    }

    // MARK: - The tenant behind @

    @Test(
        "the tenant's own code behind @ is no part of the name", .tags(.security),
        arguments: [
            Case("li.ming@acme", .username("li.ming")), Case(" Li.Ming@ACME ", .username("li.ming")),
            Case("li.ming＠acme", .username("li.ming")), Case("李明@acme", .username("李明")),
            Case("13800001234@acme", .username("13800001234")),
            Case("li.ming@acme.example", .email("li.ming@acme.example")),
            // Another tenant's, part of one, more than one, nothing before it.
            Case("li.ming@globex"), Case("li.ming@acm"), Case("li.ming@xacme"), Case("li.ming@acme2"),
            Case("li.ming@acme@acme"), Case("li.ming@globex@acme"), Case("@acme"), Case("@@acme"), Case("acme@"),
        ])
    func suffix(_ example: Case) {
        #expect(LoginName(example.typed, at: ["acme"]).candidates == example.candidates)
    }

    @Test(
        "a proved domain behind @ is no part of the name either, and the whole may still be an address",
        .tags(.security),
        arguments: [
            ("li.ming@acme.example", [.username("li.ming"), .email("li.ming@acme.example")]),
            ("Li.Ming@ACME.example", [.username("li.ming"), .email("li.ming@acme.example")]),
            ("li.ming@acme", [.username("li.ming")]), ("li.ming@example", []),
            ("li.ming@x.acme.example", [.email("li.ming@x.acme.example")]),
        ] as [(String, [LoginName.Candidate])])
    func domain(_ typed: String, _ candidates: [LoginName.Candidate]) {
        #expect(LoginName(typed, at: ["acme", "acme.example"]).candidates == candidates)
    }

    @Test("an employee id is taken as it stands, with @ and all", .tags(.security))
    func employeeSuffix() {
        let name = LoginName("e-1@acme", accepting: [.username, .employeeID], at: ["acme"])
        #expect(name.candidates == [.username("e-1"), .employeeID("e-1@acme")])
    }

    @Test(
        "every spelling of one name counts as one for the throttle, with and without the tenant's code",
        .tags(.security),
        arguments: [
            ["li.ming", "LI.MING", " li.ming@acme", "Li.Ming@ACME"],
            ["13800001234", "+86 138 0000 1234", "138-0000-1234@acme", "13800001234@acme"],
        ])
    func canonical(_ spellings: [String]) {
        #expect(Set(spellings.map { LoginName($0, at: ["acme"]).canonical }).count == 1)
        #expect(LoginName(spellings[0], at: ["acme"]) != LoginName(spellings[0] + "@globex", at: ["acme"]))
    }
}
