import Directory
import Gateways
import Identity
import Server
import Testing

/// The names of purposes, as templates are configured by them.
enum SMSPurposes {
    static let names = SMSPurpose.allCases.map(\.rawValue)
}

@Suite("Settings: gateways")
struct SMSSettingsTests {
    /// Complete accounts at every vendor.
    static let accounts = [
        "sms.huawei.url": "https://smsapi.example.com", "sms.huawei.key": "k", "sms.huawei.secret": "s",
        "sms.huawei.sender": "881", "sms.huawei.templates": "*=1", "sms.alibaba.key": "k", "sms.alibaba.secret": "s",
        "sms.alibaba.templates": "*=1", "sms.tencent.key": "k", "sms.tencent.secret": "s",
        "sms.tencent.application": "1400", "sms.tencent.templates": "*=1", "sms.webhook.url": "https://a.example/sms",
        "sms.webhook.secret": "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldY",
    ]

    private static func sms(_ changes: [String: String?]) throws -> SMSSettings {
        try Settings(changes.reduce(into: accounts) { $0[$1.key] = $1.value }).policy.sms
    }

    @Test("the first gateway is tried first, the other one after it; log is the default")
    func order() throws {
        #expect(try Self.sms([:]).gateways == [.log])
        for vendor in SMSSettings.Vendor.allCases {
            let gateways = try Self.sms(["sms.gateway": vendor.rawValue, "sms.fallback": "log"]).gateways
            #expect(gateways.count == 2)
            #expect(gateways[0] != .log)
            #expect(gateways[1] == .log)
        }
        let file = try Self.sms(["sms.gateway": "file", "sms.file": "/tmp/sms", "sms.fallback": "webhook"])
        #expect(file.gateways.first == .file("/tmp/sms"))
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var changes: [String: String?]
        var key: String
    }

    @Test(
        "a gateway that lacks something is refused at the start, by the name of the setting", .tags(.security),
        arguments: [
            ("huawei", ["url", "key", "secret", "sender", "templates"]), ("alibaba", ["key", "secret", "templates"]),
            ("tencent", ["key", "secret", "application", "templates"]), ("webhook", ["url", "secret"]),
        ])
    func incomplete(vendor: String, parts: [String]) throws {
        for part in parts {
            let key = "sms.\(vendor).\(part)"
            for setting in ["sms.gateway", "sms.fallback"] {
                let error = #expect(throws: SettingRefusal.self) { try Self.sms([setting: vendor, key: nil]) }
                #expect(error?.key == key)
            }
        }
    }

    @Test(
        "so is what cannot be", .tags(.security),
        arguments: [
            Refusal(testDescription: "no file", changes: ["sms.gateway": "file"], key: "sms.file"),
            Refusal(
                testDescription: "one gateway twice", changes: ["sms.gateway": "huawei", "sms.fallback": "huawei"],
                key: "sms.fallback"),
            Refusal(
                testDescription: "a plain address",
                changes: ["sms.gateway": "webhook", "sms.webhook.url": "http://a.example/"], key: "sms.webhook.url"),
            Refusal(
                testDescription: "a vendor's address with a path",
                changes: ["sms.gateway": "huawei", "sms.huawei.url": "https://smsapi.example.com/"],
                key: "sms.huawei.url"),
            Refusal(
                testDescription: "no address", changes: ["sms.gateway": "webhook", "sms.webhook.url": "a.example"],
                key: "sms.webhook.url"),
            Refusal(
                testDescription: "a misspelt purpose",
                changes: ["sms.gateway": "huawei", "sms.huawei.templates": "LOGIN=1"], key: "sms.huawei.templates"),
            Refusal(
                testDescription: "a misspelt purpose for abroad",
                changes: ["sms.gateway": "tencent", "sms.tencent.templatesAbroad": "LOGIN=1"],
                key: "sms.tencent.templatesAbroad"),
        ])
    func refused(_ refusal: Refusal) {
        let error = #expect(throws: SettingRefusal.self) { try Self.sms(refusal.changes) }
        #expect(error?.key == refusal.key)
    }

    /// What can be sent, by settings alone.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var gateway = "huawei"
        var templates: String
        var abroad: String?
        var fallback = "none"
        var purpose = SMSPurpose.signIn
        var phone = "+8613800000001"
        var canSend: Bool

        func settings() throws -> SMSSettings {
            var changes: [String: String?] = ["sms.gateway": gateway, "sms.fallback": fallback]
            changes["sms.\(gateway).templates"] = templates
            if let abroad { changes["sms.\(gateway).templatesAbroad"] = abroad }
            return try SMSSettingsTests.sms(changes)
        }
    }

    @Test(
        "whether a purpose can be sent to a phone follows from the templates",
        arguments: [
            Case(testDescription: "its own", templates: "LOGIN_SMS=1", canSend: true),
            Case(testDescription: "any", templates: "*=1", canSend: true),
            Case(testDescription: "another's", templates: "FORGET_PWD_SMS=1", canSend: false),
            Case(testDescription: "a variable that it has", templates: "*=1:code,minutes,tenant", canSend: true),
            Case(testDescription: "no variable", templates: "*=1:", canSend: true),
            Case(testDescription: "a variable that it has not", templates: "*=1:code,password", canSend: false),
            Case(
                testDescription: "a variable that a notice has not", templates: "*=1:code", purpose: .passwordChanged,
                canSend: false),
            Case(
                testDescription: "the second gateway has it", templates: "FORGET_PWD_SMS=1", fallback: "alibaba",
                canSend: true),
            Case(testDescription: "no vendor's matter", templates: "FORGET_PWD_SMS=1", fallback: "log", canSend: true),
            Case(testDescription: "a webhook", gateway: "webhook", templates: "FORGET_PWD_SMS=1", canSend: true),
            Case(
                testDescription: "a webhook's template with a variable that there is not", gateway: "webhook",
                templates: "LOGIN_SMS=1:password", canSend: false),
            Case(
                testDescription: "abroad, by one for all", gateway: "tencent", templates: "*=1", phone: "+12025550123",
                canSend: true),
            Case(
                testDescription: "abroad, where there is one for abroad that is not for this", gateway: "tencent",
                templates: "*=1", abroad: "FORGET_PWD_SMS=2", phone: "+12025550123", canSend: false),
            Case(
                testDescription: "at home all the same", gateway: "tencent", templates: "*=1",
                abroad: "FORGET_PWD_SMS=2", canSend: true),
            Case(
                testDescription: "a number that the vendor would take for a Chinese one", gateway: "alibaba",
                templates: "*=1", phone: "+13800000001", canSend: false),
            Case(
                testDescription: "the same with one for abroad", gateway: "alibaba", templates: "*=1", abroad: "*=2",
                phone: "+13800000001", canSend: true),
            Case(
                testDescription: "another country", gateway: "alibaba", templates: "*=1", phone: "+447911123456",
                canSend: true),
        ])
    func canSend(_ sample: Case) throws {
        #expect(try sample.settings().canSend(sample.purpose, to: PhoneNumber(sample.phone)) == sample.canSend)
    }
}
