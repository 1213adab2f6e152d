import Directory
import FoundationEssentials
import Identity
import Testing

@Suite("Passwords: 8–128 characters, 3 of 4 classes, not the account name, not common, not one of the last 5")
struct PasswordPolicyTests {
    static let name = Username(stored: "zhang.wei")
    static let common: Set<String> = ["password1", "passw0rd", "p@ssw0rd", "qwerty123", "1qaz@wsx", "abc12345"]

    static func violations(
        _ password: String, for name: Username = name, policy: PasswordPolicy = PasswordPolicy(), isReused: Bool = false
    ) -> [PasswordViolation] {
        policy.violations(of: Password(password), for: name, common: common, isReused: isReused)
    }

    @Test(
        "accepts",
        arguments: [
            "Tr0ub4dor", "lotus-42-blue", "LOTUS-42-BLUE", "LotusBlue42", "Lotus-Blue", "密码Lotus1", "Passwörter1",
            "a B c D e", "Aa1aaaaa", "zhang.wei.is.N0t.it", "ZhangWeiTheGreat2", "Password1x",
            "Aa1" + String(repeating: "x", count: 125),
        ])
    func accepts(_ password: String) {
        #expect(Self.violations(password).isEmpty)
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        var password: String
        var violations: [PasswordViolation]
        var testDescription: String { String(password.prefix(24)) }

        init(_ password: String, _ violations: PasswordViolation...) {
            self.password = password
            self.violations = violations
        }
    }

    @Test(
        "refuses", .tags(.security),
        arguments: [
            Refused("Aa1aaaa", .tooShort), Refused("", .tooShort, .tooFewClasses),
            Refused("Aa1" + String(repeating: "x", count: 126), .tooLong),
            Refused("lotusblue", .tooFewClasses), Refused("LotusBlue", .tooFewClasses),
            Refused("lotus4242", .tooFewClasses), Refused("42424242", .tooFewClasses),
            Refused("密码密码密码密码", .tooFewClasses), Refused("密码密码密码密码ab", .tooFewClasses),
            Refused("Password1", .common), Refused("PASSWORD1!", .common), Refused("P@ssw0rd", .common),
            Refused("Qwerty123!?.", .common), Refused("1QAZ@wsx", .common),
            Refused("Zhang.Wei", .accountName), Refused("iew.gnahZ", .accountName),
            Refused("Zhang.Wei2024!", .accountName), Refused("2024!iew.gnahZ", .accountName),
            Refused("Abc12345", .common), Refused("abc", .tooShort, .tooFewClasses),
        ])
    func refuses(_ example: Refused) {
        #expect(Self.violations(example.password) == example.violations)
    }

    @Test("tells all that is wrong at once")
    func all() {
        let policy = changed(PasswordPolicy()) {
            $0.minimumLength = 10
            $0.requiredClasses = 4
        }
        let name = Username(stored: "abc12345")
        #expect(
            Self.violations("abc12345", for: name, policy: policy, isReused: true)
                == [.tooShort, .tooFewClasses, .accountName, .common, .reused])
    }

    @Test("a name of digits is a name as well", .tags(.security))
    func digits() {
        let policy = changed(PasswordPolicy()) { $0.requiredClasses = nil }
        let name = Username(stored: "13800001234")
        #expect(Self.violations("13800001234", for: name, policy: policy) == [.accountName])
        #expect(Self.violations("43210000831", for: name, policy: policy) == [.accountName])
        #expect(Self.violations("13800001235", for: name, policy: policy).isEmpty)
    }

    @Test("counts Unicode scalars, not bytes and not what looks like one sign")
    func scalars() {
        let policy = changed(PasswordPolicy()) {
            $0.requiredClasses = nil
            $0.maximumLength = 8
        }
        #expect(Self.violations("密码密码密码密码", policy: policy).isEmpty)
        #expect(Self.violations("密码密码密码密", policy: policy) == [.tooShort])
        #expect(Self.violations("👨‍👩‍👧‍👦👨‍👩‍👧‍👦", policy: policy) == [.tooLong])
    }

    @Test("each rule can be off alone")
    func off() {
        let name = Username(stored: "abc12345")
        let worst = "abc12345"
        let strict = changed(PasswordPolicy()) {
            $0.minimumLength = 9
            $0.maximumLength = 7
        }
        func remaining(_ change: (inout PasswordPolicy) -> Void) -> [PasswordViolation] {
            Self.violations(worst, for: name, policy: changed(strict, change), isReused: true)
        }
        let all = PasswordViolation.allCases
        #expect(remaining { _ in } == all)
        #expect(remaining { $0.minimumLength = nil } == all.filter { $0 != .tooShort })
        #expect(remaining { $0.maximumLength = nil } == all.filter { $0 != .tooLong })
        #expect(remaining { $0.requiredClasses = nil } == all.filter { $0 != .tooFewClasses })
        #expect(remaining { $0.refusesAccountName = false } == all.filter { $0 != .accountName })
        #expect(remaining { $0.refusesCommon = false } == all.filter { $0 != .common })
        #expect(remaining { $0.historyLength = nil } == all.filter { $0 != .reused })
    }

    @Test("the current password and the four before it are checked", .tags(.security))
    func history() {
        let credential = Credential(
            hash: "h6", version: 6, changedAt: Sample.now, history: ["h5", "h4", "h3", "h2", "h1"])
        let policy = PasswordPolicy()
        #expect(policy.hashesToCheck(credential) == ["h6", "h5", "h4", "h3", "h2"])
        #expect(policy.hashesToCheck(changed(credential) { $0.hash = nil }) == ["h5", "h4", "h3", "h2", "h1"])
        #expect(policy.hashesToCheck(nil).isEmpty)
        #expect(changed(policy) { $0.historyLength = nil }.hashesToCheck(credential).isEmpty)
    }
}

@Suite("Passwords are prepared like OpaqueStrings (RFC 8265 §4.2)")
struct PasswordTests {
    @Test("composed and decomposed forms are the same password")
    func composed() {
        #expect(Password("Cafe\u{301}-42").bytes == Array("Café-42".utf8))
        #expect(Password("Caf\u{E9}-42").bytes == Array("Caf\u{E9}-42".utf8))
    }

    @Test("every kind of space is the plain one")
    func spaces() {
        #expect(Password("a\u{3000}b\u{A0}c").bytes == Array("a b c".utf8))
    }

    @Test(
        "nothing else is changed", .tags(.security),
        arguments: [" Abc ", "ABC", "ａｂｃ", "a\u{200B}b", "a\tb", "ﬁ", "①", "密码", "a\u{0}b"])
    func kept(_ typed: String) {
        #expect(Password(typed).bytes == Array(typed.utf8))
    }
}

@Suite("Credentials")
struct CredentialTests {
    let policy = PasswordPolicy()

    @Test("the first password begins with version 1 and no history")
    func first() {
        #expect(
            Credential.setting("h1", replacing: nil, policy: policy, now: Sample.now)
                == Credential(hash: "h1", version: 1, changedAt: Sample.now))
    }

    @Test("a new password moves the old one into the history, and that is cut to its length", .tags(.security))
    func history() {
        var credential: Credential?
        for number in 1...8 {
            credential = .setting(
                "h\(number)", replacing: credential, policy: policy, now: Sample.now + Double(number))
        }
        #expect(
            credential
                == Credential(
                    hash: "h8", version: 8, changedAt: Sample.now + 8, history: ["h7", "h6", "h5", "h4", "h3"]))
    }

    @Test("an initial password must be changed, a chosen one need not")
    func mustChange() {
        let initial = Credential.setting("h1", replacing: nil, mustChange: true, policy: policy, now: Sample.now)
        #expect(initial.mustChangeSince == Sample.now)
        #expect(
            Credential.setting("h2", replacing: initial, policy: policy, now: Sample.now + 9).mustChangeSince == nil)
    }

    @Test("a cleared password is gone but may not come back", .tags(.security))
    func cleared() {
        let cleared = Sample.credential.cleared(policy: policy, now: Sample.now)
        #expect(
            cleared == Credential(hash: nil, version: 4, changedAt: Sample.now, history: ["$argon2id$now"]))
        #expect(policy.hashesToCheck(cleared) == ["$argon2id$now"])
    }
}
