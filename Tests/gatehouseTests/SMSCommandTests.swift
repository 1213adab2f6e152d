import Foundation
import Gateways
import Logging
import Server
import Testing
import Wire

@testable import gatehouse

@Suite("Commands: messages")
struct SMSCommandTests {
    /// Beside this file's folder's parent.
    private static let templates = URL(filePath: #filePath).appending(path: "../../../Templates").standardizedFileURL
        .path

    private static let tenant = """
        tenants:
          - {code: acme, name: Acme, issuer: "https://sso.acme.example"}
        """

    /// Runs `body` in an installation whose messages go to a file.
    private func installed(
        _ settings: String = "sms: {gateway: file, file: sms.log, send: {perTenantMonth: 10}}",
        _ body: (String, ([String]) throws -> CommandTests.Outcome) throws -> Void
    ) async throws {
        try await withDirectory { directory in
            try write("templates.directory: \(Self.templates)\n\(settings)\n", to: directory + "/gatehouse.yaml")
            try write(Self.tenant, to: directory + "/tenant.yaml")
            func run(_ arguments: [String]) throws -> CommandTests.Outcome {
                try CommandTests().gatehouse(arguments, in: directory)
            }
            let applied = try run(["apply", "-f", "tenant.yaml"])
            try #require(applied.status == 0, "\(applied.errors)")
            try body(directory, run)
        }
    }

    @Test("a test message says which gateway took it, and stands in the ledger and in the use")
    func sent() async throws {
        try await installed { directory, gatehouse in
            let table = try gatehouse(["sms", "test", "13900000000"])
            #expect(table.output == "The gateway file took the message.\n")
            let json = try gatehouse([
                "sms", "test", "+44 7911 123456", "--purpose", "NEW_PWD_SMS", "--language", "en", "--json",
            ])
            #expect(json.json == ["gateway": "file", "reference": .null])
            let lines = try String(contentsOf: URL(filePath: directory + "/sms.log"), encoding: .utf8)
            #expect(lines.contains("+8613900000000"))
            #expect(lines.contains("one-time password: 000000"))

            let ledger = try #require(try gatehouse(["sms", "ledger", "--json"]).json?.array)
            #expect(ledger.count == 2)
            for line in ledger {
                #expect(line["outcome"] == "accepted")
                #expect(line["gateway"] == "file")
                #expect(line["username"] == .null)
                #expect(line["failure"] == .null)
            }
            #expect(Set(ledger.compactMap { $0["purpose"]?.string }) == ["LOGIN_SMS", "NEW_PWD_SMS"])
            let shown = try gatehouse(["sms", "ledger", "--purpose", "LOGIN_SMS"]).output.split(separator: "\n")
            #expect(shown.count == 2)
            #expect(
                shown[0].split(separator: " ").map(String.init) == [
                    "TIME", "PURPOSE", "ACCOUNT", "BILLED", "OUTCOME", "GATEWAY", "REFERENCE", "FAILURE",
                ])
            #expect(
                shown[1].split(separator: " ").map(String.init).dropFirst() == [
                    "LOGIN_SMS", "-", "1", "accepted", "file", "-", "-",
                ])
            #expect(try gatehouse(["sms", "ledger", "--outcome", "failed"]).output == "There is no message.\n")

            let billed = ledger.compactMap { $0["billed"]?.integer }.reduce(0, +)
            let use = try #require(try gatehouse(["sms", "use", "--months", "2", "--json"]).json?.array)
            #expect(use.count == 2)
            #expect(use[0]["billed"] == .integer(billed))
            #expect(use[0]["quota"] == 10)
            #expect(use[0]["accepted"] == 2)
            #expect(use[0]["failed"] == 0)
            #expect(use[1]["billed"] == 0)
            let months = try gatehouse(["sms", "use"]).output.split(separator: "\n")
            #expect(months.count == 4)
            #expect(
                months[1].split(separator: " ").map(String.init).dropFirst() == [
                    "\(billed)", "10", "\(billed * 10)", "%", "2", "0", "0",
                ])
        }
    }

    @Test("phone and code of a message are in no output", .tags(.security))
    func concealed() async throws {
        try await installed { _, gatehouse in
            for arguments in [["sms", "test", "13900000000"], ["sms", "ledger"], ["sms", "use"]] {
                for format in [[], ["--json"]] {
                    let outcome = try gatehouse(arguments + format)
                    #expect(outcome.status == 0)
                    #expect(!(outcome.output + outcome.errors).contains("13900000000"))
                    #expect(!(outcome.output + outcome.errors).contains("000000"))
                }
            }
        }
    }

    @Test("a message that no gateway takes is said to be, with a status; the ledger knows why", .tags(.security))
    func failed() async throws {
        let webhook = """
            sms: {gateway: webhook, webhook: {url: "https://127.0.0.1:1/", secret: whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldY}}
            """
        try await installed(webhook) { _, gatehouse in
            let outcome = try gatehouse(["sms", "test", "13900000000", "--json"])
            #expect(outcome.status == 1)
            #expect(outcome.output == "")
            #expect(outcome.errors.contains("The message was not sent: misconfigured: forbiddenAddress."))
            #expect(!outcome.errors.contains("13900000000"))
            let line = try #require(try gatehouse(["sms", "ledger", "--json"]).json?.array?.first)
            #expect(line["outcome"] == "failed")
            #expect(line["failure"] == "misconfigured: forbiddenAddress")
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var arguments: [String]
        var status: Int32 = 1
        var says: String

        var testDescription: String { arguments.joined(separator: " ") }
    }

    @Test(
        "what cannot be asked for is refused",
        arguments: [
            Refusal(arguments: ["sms", "test", "12345"], says: "phone: a phone number is"),
            Refusal(arguments: ["sms", "test", "13900000000", "--purpose", "LOGIN"], status: 64, says: "--purpose"),
            Refusal(arguments: ["sms", "test", "13900000000", "--language", "fr"], says: "zh-Hans and en"),
            Refusal(arguments: ["sms", "test", "13900000000", "--tenant", "none"], says: "no tenant with this code"),
            Refusal(arguments: ["sms", "ledger", "--after", "none"], says: "no message with this id"),
            Refusal(arguments: ["sms", "ledger", "--user", "nobody"], says: "no user with this username"),
            Refusal(arguments: ["sms", "ledger", "--outcome", "lost"], status: 64, says: "--outcome"),
            Refusal(arguments: ["sms", "ledger", "--from", "yesterday"], says: "--from"),
            Refusal(arguments: ["sms", "use", "--tenant", "none"], says: "no tenant with this code"),
            Refusal(arguments: ["user", "unfreeze", "nobody"], says: "no user with this username"),
        ])
    func refuses(_ refusal: Refusal) async throws {
        try await installed { _, gatehouse in
            for arguments in [refusal.arguments, refusal.arguments + ["--json"]] {
                let outcome = try gatehouse(arguments)
                #expect(outcome.status == refusal.status)
                #expect(outcome.output == "")
                #expect(outcome.errors.contains(refusal.says), "\(outcome.errors)")
            }
        }
    }

    @Test("releasing a user says whether there was anything to release")
    func unfreeze() async throws {
        try await installed { _, gatehouse in
            let added = try gatehouse(["user", "add", "wang"])
            #expect(added.status == 0)
            #expect(try gatehouse(["user", "unfreeze", "wang"]).output == "No wrong attempt was counted.\n")
            #expect(
                try gatehouse(["user", "unfreeze", "wang", "--json"]).json == ["username": "wang", "changed": false])
        }
    }

    // MARK: - A tenant's own gateway

    @Test(
        "a tenant is given a vendor of its own, its secret from a file, and no output ever shows it", .tags(.security))
    func change() async throws {
        try await installed { directory, gatehouse in
            try write("hidden-secret-1\n", to: directory + "/alibaba")
            let settings = [
                "--set", "sms.gateway=alibaba", "--set", "sms.alibaba.key=LTAI", "--set-file",
                "sms.alibaba.secret=alibaba",
                "--set", "sms.alibaba.templates=LOGIN_SMS=SMS_1:code; *=SMS_2",
            ]
            let changed = try gatehouse(["tenant", "change", "acme", "--json"] + settings)
            #expect(changed.status == 0, "\(changed.errors)")
            #expect(
                changed.json?["changed"] == [
                    "settings.sms.alibaba.key", "settings.sms.alibaba.secret", "settings.sms.alibaba.templates",
                    "settings.sms.gateway",
                ])
            #expect(changed.json?["tenant"]?["settings"]?["sms.alibaba.secret"] == "•••")
            #expect(changed.json?["tenant"]?["settings"]?["sms.alibaba.key"] == "LTAI")
            let again = try gatehouse(["tenant", "change", "acme"] + settings)
            #expect(again.output == "Nothing has changed.\n")
            for command in [["tenant", "list"], ["check"], ["tenant", "change", "acme", "--name", "Acme 2"]] {
                for arguments in [command, command + ["--json"]] {
                    let outcome = try gatehouse(arguments)
                    #expect(outcome.status == 0)
                    #expect(!(outcome.output + outcome.errors).contains("hidden"))
                    #expect(!(outcome.output + outcome.errors).contains("v1."))
                }
            }
            let log = try gatehouse(["tenant", "change", "acme", "--set", "sms.gateway=log"])
            #expect(log.status == 1)
            #expect(log.errors.contains("sms.gateway must name a vendor in a tenant's settings"))
        }
    }

    @Test("check says when a tenant's settings do not hold any more")
    func notServed() async throws {
        let huawei = """
            sms: {gateway: log, huawei: {url: "https://smsapi.example.com", key: k, secret: s, sender: "1", templates: "*=1"}}
            """
        try await installed(huawei) { directory, gatehouse in
            #expect(try gatehouse(["tenant", "change", "acme", "--set", "sms.gateway=huawei"]).status == 0)
            #expect(try gatehouse(["check"]).status == 0)
            try write("templates.directory: \(Self.templates)\n", to: directory + "/gatehouse.yaml")
            let outcome = try gatehouse(["check"])
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("The tenant acme is not served: The setting sms.huawei.url is needed"))
        }
    }

    @Test("settings make the gateways they name, in their order")
    func made() async throws {
        let texts = [
            "sms.gateway": "tencent", "sms.fallback": "webhook", "sms.tencent.key": "k", "sms.tencent.secret": "s",
            "sms.tencent.application": "1400", "sms.tencent.templates": "*=1", "sms.webhook.url": "https://a.example/",
            "sms.webhook.secret": "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldY", "sms.alibaba.key": "k",
            "sms.alibaba.secret": "s", "sms.alibaba.templates": "*=1", "sms.huawei.url": "https://smsapi.example.com",
            "sms.huawei.key": "k", "sms.huawei.secret": "s", "sms.huawei.sender": "1", "sms.huawei.templates": "*=1",
            "sms.file": "/tmp/none",
        ]
        let maker = try SMSGatewayMaker(
            try Settings([:]).outgoing, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            now: { Date(timeIntervalSince1970: 0) })
        var names: [String] = []
        for (first, second) in [
            ("tencent", "webhook"), ("alibaba", "huawei"), ("huawei", "none"), ("log", "none"), ("file", "log"),
        ] {
            let chosen = texts.merging(["sms.gateway": first, "sms.fallback": second]) { $1 }
            names.append(try maker.gateway(try Settings(chosen).policy.sms).name)
        }
        await maker.close()
        #expect(names == ["tencent,webhook", "alibaba,huawei", "huawei", "log", "file,log"])
    }
}
