import Directory
import Foundation
import Gateways
import Identity
import Server
import Storage
import TestSupport
import Testing

@Suite("Management: messages")
struct MessagesTests {
    let now = TestInstallation.now

    /// Sends a test message for each purpose, a minute apart.
    private func send(_ purposes: [SMSPurpose], in installation: TestInstallation) async throws {
        for (number, purpose) in purposes.enumerated() {
            _ = try await installation.administration.sendTestMessage(
                to: "13900000000", purpose: purpose, of: "acme", language: .chinese, now: now + Double(number) * 60)
        }
    }

    @Test(
        "a test message of every purpose has every variable, and is in the ledger without an account",
        arguments: SMSPurpose.allCases)
    func test(_ purpose: SMSPurpose) async throws {
        try await TestInstallation.peopled { installation in
            let settlement = try await installation.administration.sendTestMessage(
                to: "139 0000 0000", purpose: purpose, of: "acme", language: .english, now: now)
            #expect(settlement == .init(.accepted, gateway: "inbox", reference: "r-1"))
            let message = try #require(installation.sms.messages.first)
            #expect(message.to == "+8613900000000")
            #expect(message.purpose == purpose.rawValue)
            #expect(!message.text.contains("{"))
            #expect(message.text.contains("acme"))
            #expect(message.parameters.allSatisfy { !$0.value.isEmpty })
            let listed = try await installation.administration.messages(
                of: "acme", matching: .init(), after: nil, limit: 9)
            #expect(listed.map(\.username) == [nil])
            #expect(listed.first?.line.purpose == purpose.rawValue)
            #expect(listed.first?.line.gateway == "inbox")
        }
    }

    @Test("a test that fails says why, in the vendor's word, and is in the ledger", .tags(.security))
    func failing() async throws {
        try await TestInstallation.peopled { installation in
            installation.sms.fail(with: .misconfigured(code: "isv.ACCOUNT_ABNORMAL"))
            let settlement = try await installation.administration.sendTestMessage(
                to: "13900000000", purpose: .signIn, of: "acme", language: .chinese, now: now)
            #expect(settlement == .init(.failed, failure: "misconfigured: isv.ACCOUNT_ABNORMAL"))
            let use = try await installation.administration.messageUse(of: "acme", months: 1, now: now)
            #expect(use.first?.month.billed == 0)
            #expect(use.first?.month.messages == [.failed: 1])
        }
    }

    @Test("pages go on after a message; one that is not there, or another tenant's, is refused", .tags(.security))
    func paging() async throws {
        try await TestInstallation.peopled(["acme", "globex"]) { installation in
            try await send([.signIn, .register, .signIn, .confirmAct], in: installation)
            let administration = installation.administration
            let first = try await administration.messages(of: "acme", matching: .init(), after: nil, limit: 3)
            #expect(first.map(\.line.purpose) == ["CONFIRM_SMS", "LOGIN_SMS", "REGISTER_SMS"])
            let rest = try await administration.messages(
                of: "acme", matching: .init(), after: first.last?.line.id, limit: 3)
            #expect(rest.map(\.line.purpose) == ["LOGIN_SMS"])
            for (tenant, id) in [("acme", "none"), ("globex", first[0].line.id)] {
                let error = await #expect(throws: AdministrationError.self) {
                    try await administration.messages(of: tenant, matching: .init(), after: id, limit: 3)
                }
                #expect(error?.field == "after")
            }
        }
    }

    @Test("one account's messages are found by its name, in its tenant only", .tags(.security))
    func ofUser() async throws {
        try await TestInstallation.peopled(["acme", "globex"]) { installation in
            _ = try await installation.administration.resetPasswords(
                of: ["lin.mei"], in: "acme", by: .clear, now: now)
            try await send([.signIn], in: installation)
            let administration = installation.administration
            func count(_ tenant: String, _ username: String?) async throws -> [String?] {
                try await administration.messages(
                    of: tenant, for: username, matching: .init(), after: nil, limit: 9
                ).map(\.username)
            }
            #expect(try await count("acme", "LIN.MEI") == ["lin.mei"])
            #expect(try await count("acme", nil).count == 2)
            #expect(try await count("globex", "lin.mei") == [])
            await #expect(throws: AdministrationError.self) { try await count("acme", "nobody") }
            await #expect(throws: AdministrationError.self) { try await count("none", nil) }
        }
    }

    @Test("use is told month by month, this one first, beside the tenant's quota")
    func use() async throws {
        try await TestInstallation.peopled { installation in
            try await send([.signIn, .register], in: installation)
            _ = try await installation.administration.changeTenant(
                TenantDraft(code: "acme", settings: ["sms.send.perTenantMonth": "50"]), now: now)
            let later = now + 20 * 86_400
            _ = try await installation.administration.sendTestMessage(
                to: "13900000000", purpose: .signIn, of: "acme", language: .chinese, now: later)
            let uses = try await installation.administration.messageUse(of: "acme", months: 3, now: later)
            #expect(uses.map(\.month.billed) == [1, 2, 0])
            #expect(uses.map(\.quota) == [50, 50, 50])
            #expect(
                uses.map(\.month.start)
                    == [1_701_388_800, 1_698_796_800, 1_696_118_400].map(Date.init(timeIntervalSince1970:)))
        }
    }

    @Test(
        "a number that is none, and a tenant that is none, send nothing", .tags(.security),
        arguments: [("12345", "acme"), ("13900000000", "none")])
    func refused(phone: String, tenant: String) async throws {
        try await TestInstallation.peopled { installation in
            await #expect(throws: AdministrationError.self) {
                try await installation.administration.sendTestMessage(
                    to: phone, purpose: .signIn, of: tenant, language: .chinese, now: now)
            }
            #expect(installation.sms.messages.isEmpty)
        }
    }
}
