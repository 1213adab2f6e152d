import Directory
import FoundationEssentials
import Identity
import Server
import Storage
import TestSupport
import Testing
import Wire

@Suite("/admin/users/phone: an administrator changes a member's phone")
struct AdminPhoneTests {
    static let new = "13900000009"

    private static func open(_ browser: Browser, _ id: String = "user-alice") async throws -> Browser.Visit {
        try await browser.visit("\(ConsolePath.phone)?user=\(id)")
    }

    private static func confirm(
        _ page: Browser.Visit, _ browser: Browser, _ changes: Changes = [:]
    ) async throws -> Browser.Visit {
        let filling: Changes = ["phone": new, "currentPassword": Samples.password]
        return try await browser.submit(
            try page.form(to: ConsolePath.phone), filling.merging(changes) { $1 }, pressing: "confirm")
    }

    private static func phone(_ server: TestServer) async throws -> String? {
        try await server.user(Samples.alice)?.profile.phone?.e164
    }

    @Test(
        "with either proof; the old phone is told, and codes under way to it are void", .tags(.security),
        arguments: Backend.journeys, AdminResetTests.Proof.allCases)
    func change(backend: Backend, proof: AdminResetTests.Proof) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = try await server.administrator()
            let member = server.browser()
            let waiting = try await member.askForCode("13800000001", on: try await member.visit("/"))
            let underWay = try await server.lastCode(to: "+8613800000001")
            var page = try await Self.open(browser)
            #expect(page.reply.text.contains("138****0001") && !page.reply.text.contains("13800000001"))
            var changes: Changes = [:]
            if proof == .code {
                page = try await browser.askForProof(page, ["phone": Self.new])
                #expect(try page.form(to: ConsolePath.phone)["phone"] == Self.new)
                changes = [
                    "code": try await server.lastCode(to: TestServer.administratorPhone), "currentPassword": nil,
                ]
            }
            let done = try await Self.confirm(page, browser, changes)
            #expect(done.trail == [ConsolePath.phone, "\(ConsolePath.members)?notice=memberPhoneChanged"])
            #expect(done.reply.text.contains("The member&#39;s phone is changed."))
            #expect(done.reply.text.contains("139****0009"))
            #expect(try await Self.phone(server) == "+8613900000009")
            #expect(try await server.notices() == ["MOBILE_CHANGED_SMS +8613800000001"])
            #expect(try await member.enterCode(underWay, on: waiting).reply.status == 422)
            let events = try await server.events()
            #expect(events.contains { $0.hasPrefix("user.changed") && $0.contains("phone") })
            for number in ["1390000", "1380000"] {
                #expect(events.allSatisfy { !$0.contains(number) })
                #expect(server.log.lines.allSatisfy { !$0.contains(number) })
            }
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var changes: Changes = [:]
        var status = 422
        var errors: [String] = []
    }

    @Test(
        "changes nothing and tells nobody", .tags(.security),
        arguments: [
            Refusal(testDescription: "no number", changes: ["phone": ""], errors: ["Enter the new phone number."]),
            Refusal(
                testDescription: "no phone number", changes: ["phone": "12345"],
                errors: ["This does not look like a phone number. Please check it."]),
            Refusal(
                testDescription: "the same number", changes: ["phone": "+86 13800000001"],
                errors: ["This is the phone that the member has already."]),
            Refusal(
                testDescription: "another member's number", changes: ["phone": "13800000002"],
                errors: ["This number belongs to another member, or is another member's employee id."]),
            Refusal(
                testDescription: "no proof", changes: ["currentPassword": ""], errors: ["Enter your current password."]),
            Refusal(
                testDescription: "a wrong password", changes: ["currentPassword": "Wrong-Horse-1"],
                errors: [
                    "The current password is not right. Wrong attempts left before the account is frozen for a while: 9."
                ]),
            Refusal(
                testDescription: "the member's password is not the administrator's code",
                changes: ["code": "123456", "currentPassword": nil], errors: AdminResetAttackTests.refused),
            Refusal(testDescription: "no token", changes: ["csrf": nil], status: 403),
            Refusal(testDescription: "an unknown member", changes: ["user": "nobody"], status: 404),
            Refusal(testDescription: "no member", changes: ["user": nil], status: 404),
            Refusal(
                testDescription: "somebody of another tenant", changes: ["user": "user-alice-globex"], status: 404),
            Refusal(testDescription: "a username", changes: ["user": "alice"], status: 404),
            Refusal(testDescription: "oneself", changes: ["user": "user-frank"], status: 403),
        ])
    func refuses(_ refusal: Refusal) async throws {
        try await TestServer.run { server in
            let browser = try await server.administrator()
            let page = try await Self.open(browser)
            let before = try await server.standing()
            let reply = try await Self.confirm(page, browser, refusal.changes).reply
            #expect(reply.status == refusal.status)
            #expect(reply.formErrors == refusal.errors)
            #expect(try await server.standing() == before)
            #expect(try await Self.confirm(page, browser).reply.status == 200)
        }
    }

    @Test("one member at a time", .tags(.security))
    func one() async throws {
        try await TestServer.run { server in
            let browser = try await server.administrator()
            let pairs = try await Self.open(browser).form(to: ConsolePath.phone).sending(
                ["phone": Self.new, "currentPassword": Samples.password], pressing: "confirm")
            for extra in ["user", "phone", "currentPassword", "csrf", "action"] {
                #expect(try await browser.post(ConsolePath.phone, pairs + [.init(extra, "user-bob")]).status == 400)
            }
            #expect(try await browser.get("\(ConsolePath.phone)?user=user-alice&user=user-bob").status == 400)
            #expect(try await Self.phone(server) == "+8613800000001")
        }
    }

    @Test("somebody whose username is the phone keeps it; one's own phone is changed in the account", .tags(.security))
    func others() async throws {
        try await TestServer.run { server in
            let browser = try await server.administrator()
            try await server.change { db in
                var alice = Samples.alice
                alice.username = Username(stored: "13800000001")
                try db.users(Samples.sealingKey).update(alice)
            }
            let page = try await Self.open(browser)
            #expect(
                try await Self.confirm(page, browser).reply.formErrors == [
                    "This member's username is a phone number; change the username first."
                ])
            #expect(try await Self.open(browser, "user-frank").trail.last == "/account/phone")
            #expect(try await Self.phone(server) == "+8613800000001")
        }
    }

    @Test("a number that is taken leaves the code unused, and it serves one change", .tags(.security))
    func unused() async throws {
        try await TestServer.run { server in
            let browser = try await server.administrator()
            let sent = try await browser.askForProof(try await Self.open(browser))
            let filling: Changes = [
                "code": try await server.lastCode(to: TestServer.administratorPhone), "currentPassword": nil,
            ]
            let taken = try await Self.confirm(sent, browser, filling.merging(["phone": "13800000002"]) { $1 })
            #expect(taken.reply.status == 422)
            #expect(try await Self.confirm(sent, browser, filling).reply.status == 200)
            let again = try await Self.confirm(sent, browser, filling.merging(["phone": "13900000008"]) { $1 })
            #expect(again.reply.formErrors == AdminResetAttackTests.refused)
            let reset = try await browser.confirmReset(try await browser.openReset(["user-dave"]), filling)
            #expect(reset.reply.status == 422)
            #expect(try await Self.phone(server) == "+8613900000009")
        }
    }

    @Test(
        "what was taken since the page was shown counts at once", .tags(.security), arguments: Backend.journeys,
        AdminResetAttackTests.Loss.allCases)
    func taken(backend: Backend, loss: AdminResetAttackTests.Loss) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = try await server.administrator()
            let page = try await Self.open(browser)
            try await loss.happen(server.database, now: server.clock.now)
            #expect(try await Self.confirm(page, browser).reply.status == 403)
            #expect(try await Self.phone(server) == "+8613800000001")
        }
    }
}
