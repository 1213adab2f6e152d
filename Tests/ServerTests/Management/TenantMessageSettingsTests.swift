import Cryptography
import Directory
import Foundation
import Gateways
import Server
import Storage
import TestSupport
import Testing
import Wire

@Suite("Management: a tenant's own way to send messages")
struct TenantMessageSettingsTests {
    let now = TestInstallation.now

    static let secret = "hidden-AccessKeySecret-1"
    static let own = [
        "sms.gateway": "alibaba", "sms.alibaba.key": "LTAI-acme", "sms.alibaba.secret": secret,
        "sms.alibaba.signature": "Acme", "sms.alibaba.templates": "LOGIN_SMS=SMS_1:code; *=SMS_2",
    ]

    private static func draft(_ settings: [String: String], _ code: String = "acme") -> TenantDraft {
        TenantDraft(code: code, name: code, issuer: "https://sso.\(code).example", settings: settings)
    }

    @Test("its secret is sealed in the row, and cannot be read anywhere in the database", .tags(.security))
    func sealed() async throws {
        try await Backend.sqliteFile.withPlace { place in
            let database = try await place.open()
            try await database.migrate(now: now)
            var random = SecureRandom()
            let keys = InstallationKeys(SealingKey.generate(using: &random))
            let administration = Administration(
                database: database, keys: keys,
                passwords: try PasswordHashing(parameters: TestServer.parameters, threads: 1, capacity: 9),
                commonPasswords: { [] }, policy: .standard, messenger: .toInbox(SMSInbox(), database, now: now),
                domainProbe: .nowhere,
                by: Administrator(actor: .operator("root")))
            let tenant = try await administration.createTenant(Self.draft(Self.own), now: now)
            _ = try await administration.changeTenant(
                TenantDraft(code: "acme", settings: ["sms.alibaba.secret": "hidden-AccessKeySecret-2"]), now: now)
            await database.close()
            let files = ["", "-wal"].compactMap { try? Data(contentsOf: URL(filePath: place.path + $0)) }
            let bytes = files.flatMap(Array.init)
            #expect(bytes.holds("LTAI-acme"))
            #expect(!bytes.holds("hidden"))
            #expect(tenant.settings["sms.alibaba.secret"]?.hasPrefix("v1.") == true)
        }
    }

    @Test("what is sealed opens in the server, for this tenant and this setting only", .tags(.security))
    func bound() async throws {
        try await TestInstallation.empty { installation in
            let acme = try await installation.administration.createTenant(Self.draft(Self.own), now: now)
            let key = installation.keys.sealing
            let policy = try TenantPolicy.standard.of(acme, key)
            let expected = AlibabaCloudSMSGateway.Settings(
                key: AccessKey(id: "LTAI-acme", secret: Self.secret),
                approved: SMSApproval(
                    signature: "Acme",
                    templates: try SMSTemplates("LOGIN_SMS=SMS_1:code; *=SMS_2", purposes: ["LOGIN_SMS"])))
            #expect(policy.sms.gateways == [.alibaba(expected)])
            var other = acme
            other.id = "tenant-other"
            #expect(throws: SettingRefusal.self) { try TenantPolicy.standard.of(other, key) }
            var moved = acme
            moved.settings["sms.tencent.secret"] = moved.settings["sms.alibaba.secret"]
            #expect(throws: SettingRefusal.self) { try TenantPolicy.standard.of(moved, key) }
            var plain = acme
            plain.settings["sms.alibaba.secret"] = Self.secret
            #expect(throws: SettingRefusal.self) { try TenantPolicy.standard.of(plain, key) }
            var random = SecureRandom()
            #expect(throws: SettingRefusal.self) {
                try TenantPolicy.standard.of(acme, SealingKey.generate(using: &random))
            }
        }
    }

    @Test("the same secret again changes nothing, another one only itself; the log never says it", .tags(.security))
    func unchanged() async throws {
        try await TestInstallation.empty { installation in
            let first = try await installation.administration.createTenant(Self.draft(Self.own), now: now)
            let again = try await installation.administration.changeTenant(Self.draft(Self.own), now: now)
            #expect(again.fields == [])
            #expect(again.tenant == first)
            #expect(try await installation.tenant() == first)
            #expect(try await installation.events().count == 1)
            let next = Self.own.merging(["sms.alibaba.secret": "hidden-AccessKeySecret-2"]) { $1 }
            let changed = try await installation.administration.changeTenant(Self.draft(next), now: now + 1)
            #expect(changed.fields == ["settings.sms.alibaba.secret"])
            let event = try #require(try await installation.events().last)
            #expect(event.hasPrefix("tenant.settings_applied"))
            #expect(!event.contains("hidden"))
            #expect(!event.contains("v1."))
        }
    }

    @Test("an apply document with secrets is idempotent, and a setting can be given back", .tags(.security))
    func apply() async throws {
        let settings = JSON.object(Self.own.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) })
        try await TestInstallation.empty { installation in
            _ = try await installation.apply(["tenants": [tenant(("settings", settings))]])
            let stored = try await installation.tenant()
            let second = try await installation.apply(["tenants": [tenant(("settings", settings))]], now: now + 60)
            #expect(second.isUnchanged)
            #expect(try await installation.tenant() == stored)
            let back = JSON.object(Self.own.keys.sorted().map { .init($0, "default") })
            let third = try await installation.apply(["tenants": [tenant(("settings", back))]])
            #expect(third.lines.first?.fields.count == 5)
            #expect(try await installation.tenant()?.settings == [:])
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var changes: [String: String?]
        var says: String
        var settings: [String: String] { changes.reduce(into: own) { $0[$1.key] = $1.value } }
    }

    static let url = "https://sms.evil.example"

    @Test(
        "is refused, and nothing is stored", .tags(.security),
        arguments: [
            Refusal(
                testDescription: "the log", changes: ["sms.gateway": "log"], says: "sms.gateway must name a vendor"),
            Refusal(
                testDescription: "a file", changes: ["sms.gateway": "file"], says: "sms.gateway must name a vendor"),
            Refusal(
                testDescription: "the log to fall back on", changes: ["sms.fallback": "log"],
                says: "sms.fallback must name a vendor"),
            Refusal(
                testDescription: "a file's name", changes: ["sms.file": "/etc/passwd"],
                says: "sms.file is not a setting that a tenant can have"),
            Refusal(
                testDescription: "the same vendor twice", changes: ["sms.fallback": "alibaba"],
                says: "names the same gateway"),
            Refusal(testDescription: "a vendor that is none", changes: ["sms.gateway": "smtp"], says: "sms.gateway"),
            Refusal(
                testDescription: "no secret", changes: ["sms.alibaba.secret": nil],
                says: "sms.alibaba.secret is needed beside"),
            Refusal(
                testDescription: "no key", changes: ["sms.alibaba.key": nil], says: "sms.alibaba.key is needed beside"),
            Refusal(
                testDescription: "an empty secret", changes: ["sms.alibaba.secret": ""], says: "sms.alibaba.secret"),
            Refusal(
                testDescription: "an address of its own for the installation's account",
                changes: ["sms.alibaba.key": nil, "sms.alibaba.secret": nil, "sms.alibaba.url": url],
                says: "is needed beside"),
            Refusal(
                testDescription: "the same of a vendor that it does not use", changes: ["sms.tencent.url": url],
                says: "is needed beside"),
            Refusal(
                testDescription: "a plain address", changes: ["sms.alibaba.url": "http://dysmsapi.aliyuncs.com"],
                says: "must be an https address"),
            Refusal(testDescription: "no templates", changes: ["sms.alibaba.templates": nil], says: "is needed"),
            Refusal(
                testDescription: "a purpose that is none",
                changes: ["sms.alibaba.templates": "LOGIN_SMS=SMS_1; LOGOUT_SMS=SMS_2"], says: "wrong in its entry 2"),
            Refusal(
                testDescription: "a fallback without an account", changes: ["sms.fallback": "huawei"],
                says: "sms.huawei.url is needed"),
            Refusal(
                testDescription: "a webhook with a weak secret",
                changes: [
                    "sms.fallback": "webhook", "sms.webhook.url": "https://a.example/",
                    "sms.webhook.secret": "whsec_AAAA",
                ], says: "must be whsec_ and 24 to 64 bytes in base64"),
        ])
    func refused(_ refusal: Refusal) async throws {
        try await TestInstallation.empty { installation async throws in
            let error = await #expect(throws: AdministrationError.self) {
                try await installation.administration.createTenant(Self.draft(refusal.settings), now: now)
            }
            #expect(error?.description.contains(refusal.says) == true, "\(error?.description ?? "")")
            for (key, value) in refusal.changes where key.hasSuffix("secret") {
                if let value, !value.isEmpty { #expect(error?.description.contains(value) == false) }
            }
            #expect(try await installation.administration.tenants() == [])
        }
    }

    @Test("an account of its own may be completed, but not halved", .tags(.security))
    func halved() async throws {
        try await TestInstallation.empty { installation in
            let before = try await installation.administration.createTenant(Self.draft(Self.own), now: now)
            await #expect(throws: AdministrationError.self) {
                try await installation.administration.changeTenant(
                    TenantDraft(code: "acme", settings: ["sms.alibaba.secret": TenantDraft.removal]), now: now)
            }
            #expect(try await installation.tenant() == before)
            let url = ["sms.alibaba.url": "https://dysmsapi.ap-southeast-1.aliyuncs.com"]
            let (_, fields) = try await installation.administration.changeTenant(
                TenantDraft(code: "acme", settings: url), now: now)
            #expect(fields == ["settings.sms.alibaba.url"])
        }
    }

    @Test("by the installation's account a tenant may send with templates of its own", .tags(.security))
    func shared() async throws {
        let settings = try Settings([
            "sms.gateway": "huawei", "sms.huawei.url": "https://smsapi.example.com", "sms.huawei.key": "k",
            "sms.huawei.secret": "hidden", "sms.huawei.sender": "1", "sms.huawei.templates": "*=1",
        ])
        try await TestInstallation.empty(policy: settings.policy) { installation in
            let draft = Self.draft(["sms.huawei.templates": "LOGIN_SMS=7:code", "sms.huawei.sender": "2"])
            let tenant = try await installation.administration.createTenant(draft, now: now)
            let policy = try settings.policy.of(tenant, installation.keys.sealing)
            let approved = SMSApproval(
                templates: try SMSTemplates("LOGIN_SMS=7:code", purposes: SMSPurposes.names))
            #expect(
                policy.sms.gateways == [
                    .huawei(
                        .init(
                            endpoint: "https://smsapi.example.com", key: AccessKey(id: "k", secret: "hidden"),
                            sender: "2",
                            approved: approved))
                ])
        }
    }

    @Test("neither settings nor policies print a secret", .tags(.security))
    func concealed() throws {
        let settings = try Settings([
            "sms.gateway": "huawei", "sms.huawei.url": "https://smsapi.example.com", "sms.huawei.key": "hidden",
            "sms.huawei.secret": "hidden", "sms.huawei.sender": "1", "sms.huawei.templates": "*=1",
        ])
        for text in [
            "\(settings)", "\(settings.policy)", "\(settings.policy.sms)", String(reflecting: settings.policy.sms),
            "\(settings.policy.sms.gateways)", String(reflecting: settings.policy.sms.gateways),
        ] { #expect(!text.contains("hidden")) }
    }
}
