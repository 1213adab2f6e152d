import Directory
import Gateways
import Server
import Testing

@Suite("Settings: e-mail, places, what people may change")
struct MailSettingsTests {
    /// A complete account at a mail server.
    static let account = [
        "mail.gateway": "smtp", "mail.smtp.url": "smtps://mail.example.com", "mail.smtp.username": "u",
        "mail.smtp.password": "p", "mail.from": "sso@example.com", "mail.fromName": "企业登录",
    ]

    private static func policy(_ changes: [String: String?] = [:]) throws -> TenantPolicy {
        try Settings(changes.reduce(into: account) { $0[$1.key] = $1.value }).policy
    }

    @Test("a mail server, a login, an address; nothing is the default")
    func whole() throws {
        #expect(try Settings([:]).policy.mail == MailSettings(gateway: nil))
        let server = try #require(SMTPServer("smtps://mail.example.com"))
        let from = try #require(MailAddress("sso@example.com"))
        let login = SMTPMailGateway.Login(name: "u", password: "p")
        let expected = SMTPMailGateway.Settings(server: server, login: login, from: from, fromName: "企业登录")
        #expect(try Self.policy().mail == MailSettings(gateway: .smtp(expected)))
        #expect("\(try Self.policy().mail)" == "•••")
        let file = try Self.policy(["mail.gateway": "file", "mail.file": "/tmp/mail"])
        #expect(file.mail == MailSettings(gateway: .file("/tmp/mail")))
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var changes: [String: String?]
        var key: String
    }

    @Test(
        "what lacks something, or cannot be, is refused at the start by the name of the setting", .tags(.security),
        arguments: [
            Refusal(testDescription: "no server", changes: ["mail.smtp.url": nil], key: "mail.smtp.url"),
            Refusal(
                testDescription: "a web server", changes: ["mail.smtp.url": "https://a.example"], key: "mail.smtp.url"),
            Refusal(testDescription: "a path", changes: ["mail.smtp.url": "smtps://a.example/x"], key: "mail.smtp.url"),
            Refusal(testDescription: "a user", changes: ["mail.smtp.url": "smtps://u@a.example"], key: "mail.smtp.url"),
            Refusal(
                testDescription: "no port", changes: ["mail.smtp.url": "smtps://a.example:0"], key: "mail.smtp.url"),
            Refusal(testDescription: "no sender", changes: ["mail.from": nil], key: "mail.from"),
            Refusal(
                testDescription: "two senders", changes: ["mail.from": "a@b.example,c@d.example"], key: "mail.from"),
            Refusal(testDescription: "a line break", changes: ["mail.fromName": "a\r\nBcc: x"], key: "mail.fromName"),
            Refusal(testDescription: "half a login", changes: ["mail.smtp.password": nil], key: "mail.smtp.password"),
            Refusal(testDescription: "the other half", changes: ["mail.smtp.username": nil], key: "mail.smtp.username"),
            Refusal(testDescription: "no file", changes: ["mail.gateway": "file"], key: "mail.file"),
            Refusal(testDescription: "no gateway", changes: ["mail.gateway": "pigeon"], key: "mail.gateway"),
            Refusal(testDescription: "no network", changes: ["session.places": "Office"], key: "session.places"),
            Refusal(testDescription: "no name", changes: ["session.places": "10.0.0.0/8"], key: "session.places"),
            Refusal(testDescription: "no field", changes: ["profile.editable": "name,phone"], key: "profile.editable"),
        ])
    func refused(_ refusal: Refusal) {
        let error = #expect(throws: SettingRefusal.self) { try Self.policy(refusal.changes) }
        #expect(error?.key == refusal.key)
        #expect(error?.description.contains("Bcc") == false)
    }

    @Test("a tenant has a login of its own or the installation's, never one at the other's server", .tags(.security))
    func tenantAccount() throws {
        let policy = try Self.policy()
        let own = try policy.overridden(by: ["mail.smtp.url": "smtps://mail.tenant.example"])
        guard case .smtp(let settings)? = own.mail.gateway else { throw SettingRefusal("mail.gateway", "") }
        #expect(settings.server.host == "mail.tenant.example")
        #expect(settings.login == nil)
        let renamed = try policy.overridden(by: ["mail.fromName": "Tenant"])
        guard case .smtp(let same)? = renamed.mail.gateway else { throw SettingRefusal("mail.gateway", "") }
        #expect(same.login != nil)
        #expect(same.server.host == "mail.example.com")
        for texts in [
            ["mail.smtp.password": "x"], ["mail.smtp.username": "x"], ["mail.gateway": "log"],
            ["mail.gateway": "file"], ["mail.file": "/tmp/x"],
        ] {
            #expect(throws: SettingRefusal.self) { try policy.overridden(by: texts) }
        }
        #expect(try policy.overridden(by: ["mail.gateway": "none"]).mail.gateway == nil)
    }

    @Test("places and fields are a tenant's to say, in place of the installation's")
    func tenantChoices() throws {
        let policy = try Self.policy(["session.places": "10.0.0.0/8 Office", "profile.editable": "none"])
        #expect(policy.editable == [])
        #expect(policy.places.name(of: "10.1.2.3") == "Office")
        #expect(policy.places.name(of: "11.1.2.3") == nil)
        #expect(policy.places.name(of: "x") == nil)
        let own = try policy.overridden(by: ["session.places": "2001:db8::/32 Lab", "profile.editable": "name"])
        #expect(own.places.name(of: "10.1.2.3") == nil)
        #expect(own.places.name(of: "2001:db8::1") == "Lab")
        #expect(own.editable == [.name])
        #expect(try Settings([:]).policy.editable == [.language])
    }
}
