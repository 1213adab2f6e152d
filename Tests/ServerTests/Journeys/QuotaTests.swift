import Directory
import FoundationEssentials
import Identity
import TestSupport
import Testing

@Suite("A month's quota: told at four fifths, refused at the whole")
struct QuotaTests {
    private static func ask(_ phone: String, _ server: TestServer) async throws -> Browser.Visit {
        let browser = server.browser()
        return try await browser.askForCode(phone, on: try await browser.visit("/login"))
    }

    @Test(
        "each mark writes one audit event; from then on known and unknown phones are refused alike", .tags(.security),
        arguments: Backend.journeys)
    func marks(backend: Backend) async throws {
        try await TestServer.run(on: backend, settings: ["sms.send.perTenantMonth": "5"]) { server async throws in
            func marks() async throws -> [String] {
                try await server.events().filter { $0.hasPrefix("sms.quota") }
            }
            for (phone, expected) in [("01", 0), ("99", 0), ("02", 0), ("05", 0), ("04", 1), ("98", 1)] {
                #expect(try await Self.ask("138000000\(phone)", server).reply.status == 200)
                #expect(try await marks().count == expected)
            }
            #expect(try await marks() == [#"sms.quota_passed {"mark":"nearly_used","used":4,"limit":5}"#])
            #expect(try await Self.ask("13800000006", server).reply.status == 200)
            #expect(
                try await marks() == [
                    #"sms.quota_passed {"mark":"nearly_used","used":4,"limit":5}"#,
                    #"sms.quota_passed {"mark":"used","used":5,"limit":5}"#,
                ])
            server.clock.advance(by: 60)
            var pages: Set<String> = []
            for phone in ["13800000001", "13800000097"] {
                let visit = try await Self.ask(phone, server)
                #expect(visit.reply.status == 429)
                // To the first of December, a minute later than the start.
                #expect(visit.reply["Retry-After"] == "1388740")
                pages.insert(server.withoutRequestID(visit.reply, typed: [phone]))
            }
            #expect(pages.count == 1)
            _ = await server.sentCodes()
            let lines = server.log.lines.filter { $0.hasPrefix("notice SMS quota") }
            #expect(
                lines == ["nearly_used", "used"].map { "notice SMS quota mark=\($0) tenant_id=\(Samples.acme.id)" })
        }
    }

    @Test("parallel requests never send one more than the quota", .tags(.security), arguments: Backend.journeys)
    func parallel(backend: Backend) async throws {
        try await TestServer.run(on: backend, settings: ["sms.send.perTenantMonth": "2"]) { server async throws in
            let browser = server.browser()
            let page = try await browser.visit("/login")
            let statuses = try await inParallel(5) { number in
                try await browser.askForCode("1380000000\([1, 2, 4, 5, 6][number])", on: page).reply.status
            }
            #expect(statuses.sorted() == [200, 200, 429, 429, 429])
            #expect(await server.sentCodes().count == 2)
        }
    }

    @Test("the quota is a tenant's own, and begins anew with the month")
    func month() async throws {
        try await TestServer.run(settings: ["sms.send.perTenantMonth": "1"]) { server async throws in
            #expect(try await Self.ask("13800000001", server).reply.status == 200)
            #expect(try await Self.ask("13800000002", server).reply.status == 429)
            let globex = server.browser(at: Samples.globex.issuer)
            let page = try await globex.visit("/login")
            #expect(try await globex.askForCode("13800000001", on: page).reply.status == 200)
            server.clock.advance(by: 1_388_799)
            #expect(try await Self.ask("13800000002", server).reply.status == 429)
            server.clock.advance(by: 1)
            #expect(try await Self.ask("13800000002", server).reply.status == 200)
        }
    }

    /// Changes the own password so many times.
    private static func change(_ times: ClosedRange<Int>, in browser: Browser) async throws {
        for number in times {
            let form = try await browser.visit("/account/password").form(to: "/account/password")
            let current = number == 1 ? Samples.password : "Better-Horse-\(number - 1)"
            let next = "Better-Horse-\(number)"
            let visit = try await browser.submit(
                form, ["currentPassword": current, "newPassword": next, "repeatedPassword": next])
            #expect(visit.reply.status == 200)
        }
    }

    @Test("notices are no way to run up the bill: ten a day to a phone, and none beyond the quota", .tags(.security))
    func notices() async throws {
        try await TestServer.run { server async throws in
            let browser = try await server.signedIn()
            try await Self.change(1...11, in: browser)
            #expect(await server.sentCodes().count == 10)
            // They have kept nobody from a code.
            #expect(try await Self.ask("13800000001", server).reply.status == 200)
            server.clock.advance(by: 86_400)
            let again = server.browser()
            #expect(try await again.signIn("alice", "Better-Horse-11").reply.status == 200)
            try await Self.change(12...12, in: again)
            #expect(await server.sentCodes().count == 12)
        }
        try await TestServer.run(settings: ["sms.send.perTenantMonth": "1"]) { server async throws in
            try await Self.change(1...2, in: try await server.signedIn())
            #expect(await server.sentCodes().count == 1)
            #expect(try await server.events().filter { $0.hasPrefix("password.set") }.count == 2)
        }
    }
}
