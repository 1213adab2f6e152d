import Testing

@testable import Gateways

@Suite("Which approved template serves which purpose")
struct SMSTemplatesTests {
    static func read(_ text: String) throws(SMSTemplatesError) -> SMSTemplates {
        try SMSTemplates(text, purposes: purposes)
    }

    @Test("reads ids, variables and the template for other purposes")
    func reads() throws {
        let templates = try Self.read("LOGIN_SMS=SMS_1234567:code; FORGET_PWD_SMS=SMS_99; *=SMS_1:")
        let signIn = try #require(templates.template(for: "LOGIN_SMS"))
        #expect(signIn.id == "SMS_1234567")
        #expect(signIn.variables == ["code"])
        let forgotten = try #require(templates.template(for: "FORGET_PWD_SMS"))
        #expect(forgotten.id == "SMS_99")
        #expect(forgotten.variables == nil)
        let other = try #require(templates.template(for: "BIND_MOBILE_SMS"))
        #expect(other.id == "SMS_1")
        #expect(other.variables == [])
    }

    @Test("a purpose without an entry has no template, unless there is one for all")
    func missing() throws {
        #expect(try Self.read("LOGIN_SMS=SMS_1").template(for: "FORGET_PWD_SMS") == nil)
        #expect(try Self.read("*=SMS_1").template(for: "FORGET_PWD_SMS")?.id == "SMS_1")
        #expect(SMSTemplates.none.template(for: "LOGIN_SMS") == nil)
        #expect(throws: SMSError.noTemplate(purpose: "LOGIN_SMS")) {
            try SMSTemplates.none.neededTemplate(for: "LOGIN_SMS")
        }
    }

    @Test(
        "writes what it read",
        arguments: [
            ("", ""), (" \t\n", ""), ("*=SMS_1", "*=SMS_1"), ("LOGIN_SMS=SMS_1:", "LOGIN_SMS=SMS_1:"),
            (
                " LOGIN_SMS = SMS_1 : code , minutes ;\nFORGET_PWD_SMS=1d18a7f4e1b84f6c8fc1546b48b3baea;*=1110:code",
                "LOGIN_SMS=SMS_1:code,minutes; FORGET_PWD_SMS=1d18a7f4e1b84f6c8fc1546b48b3baea; *=1110:code"
            ),
        ])
    func writes(_ text: String, _ written: String) throws {
        let templates = try Self.read(text)
        #expect(templates.text == written)
        #expect(try Self.read(templates.text) == templates)
    }

    @Test(
        "refuses a text and names the entry that is wrong",
        arguments: [
            ("LOGIN_SMS", SMSTemplatesError(.form, entry: 1)), (";", .init(.form, entry: 1)),
            ("LOGIN_SMS=SMS_1;", .init(.form, entry: 2)), ("LOGIN_SMS=SMS_1;;*=SMS_2", .init(.form, entry: 2)),
            ("SMS_1:code", .init(.form, entry: 1)), ("=SMS_1", .init(.purpose, entry: 1)),
            ("login_sms=SMS_1", .init(.purpose, entry: 1)), ("LOGIN_SMS=SMS_1;OTHER=SMS_2", .init(.purpose, entry: 2)),
            ("**=SMS_1", .init(.purpose, entry: 1)),
            ("LOGIN_SMS=SMS_1;LOGIN_SMS=SMS_2", .init(.repeatedPurpose, entry: 2)),
            ("*=SMS_1;LOGIN_SMS=SMS_2;*=SMS_2", .init(.repeatedPurpose, entry: 3)),
            ("LOGIN_SMS=", .init(.template, entry: 1)), ("LOGIN_SMS=:code", .init(.template, entry: 1)),
            ("LOGIN_SMS=SMS 1", .init(.template, entry: 1)), ("LOGIN_SMS=SMS=1", .init(.template, entry: 1)),
            ("LOGIN_SMS=SMS,1", .init(.template, entry: 1)), ("LOGIN_SMS=模板", .init(.template, entry: 1)),
            ("LOGIN_SMS=SMS\u{7F}", .init(.template, entry: 1)), ("LOGIN_SMS=SMS\r\n1", .init(.template, entry: 1)),
            ("LOGIN_SMS=\(String(repeating: "1", count: 65))", .init(.template, entry: 1)),
            ("LOGIN_SMS=SMS_1:code,", .init(.variable, entry: 1)), ("LOGIN_SMS=SMS_1:,", .init(.variable, entry: 1)),
            ("LOGIN_SMS=SMS_1:co de", .init(.variable, entry: 1)), ("LOGIN_SMS=SMS_1:a:b", .init(.variable, entry: 1)),
            ("LOGIN_SMS=SMS_1:码", .init(.variable, entry: 1)), ("LOGIN_SMS=SMS_1:code1", .init(.variable, entry: 1)),
            ("LOGIN_SMS=SMS_1:code,code", .init(.variable, entry: 1)),
            ("LOGIN_SMS=SMS_1:\(String(repeating: "a", count: 33))", .init(.variable, entry: 1)),
        ])
    func refuses(_ text: String, _ error: SMSTemplatesError) {
        #expect(throws: error) { try Self.read(text) }
    }

    @Test("takes names as long as they may be")
    func longest() throws {
        let text = "LOGIN_SMS=\(String(repeating: "~", count: 64)):\(String(repeating: "a", count: 32))"
        #expect(try Self.read(text).text == text)
    }

    @Test(
        "fills the variables in the template's order",
        arguments: [
            ("LOGIN_SMS=SMS_1", ["code", "minutes"]), ("LOGIN_SMS=SMS_1:minutes,code", ["minutes", "code"]),
            ("LOGIN_SMS=SMS_1:code", ["code"]), ("LOGIN_SMS=SMS_1:", []),
        ])
    func fills(_ text: String, _ names: [String]) throws {
        let template = try #require(try Self.read(text).template(for: "LOGIN_SMS"))
        let all = ["code": "123456", "minutes": "5"]
        #expect(try template.values(of: message) == names.map { .init($0, all[$0] ?? "") })
    }

    @Test("a variable that the message does not have is a mistake of the settings")
    func unknownVariable() throws {
        let template = try #require(try Self.read("LOGIN_SMS=SMS_1:code,name").template(for: "LOGIN_SMS"))
        #expect(throws: SMSError.misconfigured(code: "no variable name")) { try template.values(of: message) }
    }
}
