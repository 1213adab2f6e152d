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
}
