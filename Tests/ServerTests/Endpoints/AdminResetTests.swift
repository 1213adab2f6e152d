import Directory
import FoundationEssentials
import Gateways
import Identity
import Server
import Storage
import TestSupport
import Testing
import Wire

@Suite("/admin/users/reset: an administrator resets passwords in the browser")
struct AdminResetTests {
    /// How the administrator shows who they are.
    enum Proof: String, CaseIterable, Sendable { case password, code }

    private static func reset(
        _ users: [User], by way: PasswordReset, showing proof: Proof, _ browser: Browser, _ server: TestServer
    ) async throws -> Browser.Visit {
        switch proof {
        case .password: try await browser.reset(users, ["way": way.rawValue])
        case .code: try await browser.resetByCode(users, server, ["way": way.rawValue])
        }
    }

    @Test(
        "clears several passwords at once with either proof, tells each person, and says what happened",
        .tags(.security), arguments: Backend.journeys, Proof.allCases)
    func clear(backend: Backend, proof: Proof) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = try await server.administrator()
            let done = try await Self.reset(
                [Samples.alice, Samples.dave], by: .clear, showing: proof, browser, server)
            #expect(done.reply.status == 200)
            #expect(done.reply.heading == "Result of the reset")
            #expect(
                done.reply.tableRows == [
                    ["alice", "Reset; the member was told"], ["dave", "Reset; the member was told"],
                ])
            for user in [Samples.alice, Samples.dave] {
                #expect(try await server.credential(of: user)?.hash == nil)
            }
            #expect(
                try await server.notices() == ["PWD_CLEARED_SMS +8613800000001", "PWD_CLEARED_SMS +8613800000004"])
            #expect(try await server.browser().signIn().reply.status == 422)
            #expect(try await browser.isSignedIn())
        }
    }

    @Test(
        "a one-time password goes to the member's phone, and into no page, log or event", .tags(.security),
        arguments: Proof.allCases)
    func oneTime(proof: Proof) async throws {
        try await TestServer.run { server in
            let browser = try await server.administrator()
            let done = try await Self.reset([Samples.alice], by: .oneTime, showing: proof, browser, server)
            #expect(done.reply.tableRows == [["alice", "Reset; the member was told"]])
            _ = await server.sentCodes()
            let sent = try #require(server.sms.messages.last)
            let password = try #require(sent.code)
            #expect(sent.to == "+8613800000001" && sent.purpose == "NEW_PWD_SMS" && password.utf8.count == 12)
            for secret in [password, "13800000001", "13800000006", Samples.password] {
                #expect(!done.reply.text.contains(secret))
                #expect(server.log.lines.allSatisfy { !$0.contains(secret) })
                #expect(try await server.events().allSatisfy { !$0.contains(secret) })
            }
            #expect(try await server.browser().signIn("alice", password).reply.heading == "Set a password")
        }
    }

    @Test(
        "every session, grant and ticket of each member ends at once, and nobody else's", .tags(.security),
        arguments: Backend.journeys, PasswordReset.allCases)
    func ends(backend: Backend, way: PasswordReset) async throws {
        try await TestServer.run(on: backend) { server in
            let tokens = try await server.tokens()
            let member = try await server.signedIn()
            let (code, ticket) = (try await member.enterNotes(), try await member.enterWiki())
            let twin = try await server.signedIn(at: Samples.globex.issuer)
            let browser = try await server.administrator()
            #expect(try await browser.reset([Samples.alice], ["way": way.rawValue]).reply.status == 200)
            #expect(try await !member.isSignedIn())
            #expect(try await server.userInfo(tokens.access).status == 401)
            #expect(try await server.refresh(tokens.refresh).status == 400)
            #expect(try await server.redeem(code).status == 400)
            #expect(try await server.validate(ticket).text.contains("INVALID_TICKET"))
            #expect(try await twin.isSignedIn())
            #expect(try await browser.isSignedIn())
            let open = try await server.sessions().map(\.userID)
            #expect(open == [Samples.frank.id])
        }
    }

    @Test("the audit log says who did it, from where and in which request", .tags(.security))
    func audit() async throws {
        try await TestServer.run { server in
            let browser = try await server.administrator()
            _ = try await browser.reset([Samples.alice])
            let rows = try await server.database.read { db in
                try db.rows(
                    """
                    SELECT actor_kind, actor_name, user_id, address, request_id FROM events
                    WHERE name = 'password.cleared'
                    """
                ) { row in
                    let texts = try (0..<4).map { _ in try row.next(String.self) }
                    return (texts, try row.next(String?.self) ?? "")
                }
            }
            #expect(rows.map(\.0) == [["user", Samples.frank.id, Samples.alice.id, "127.0.0.1"]])
            let request = try #require(rows.first?.1)
            #expect(server.log.lines.contains { $0.contains(request) && $0.contains("path=/admin/users/reset") })
        }
    }

    @Test("who has no phone is left alone and told of; a message that is not sent is told too", .tags(.security))
    func partly() async throws {
        try await TestServer.run { server in
            let browser = try await server.administrator()
            let grace = try await server.administration().addUser(
                PasswordResetTests.phoneless, to: "acme", now: server.clock.now)
            let page = try await browser.openReset([grace.id, Samples.alice.id])
            #expect(page.reply.text.contains("No phone, will not be reset"))
            let before = try await server.credential(of: grace)
            server.sms.fail(with: .unavailable(reason: "closed"))
            let done = try await browser.confirmReset(page)
            #expect(
                done.reply.tableRows == [
                    ["grace", "Not reset: the account has no phone"],
                    ["alice", "Reset, but the message was not sent"],
                ])
            #expect(try await server.credential(of: grace) == before)
            #expect(try await server.credential(of: Samples.alice)?.hash == nil)
        }
    }

    struct Offer: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var settings: [String: String] = [:]
        var ways: [String]
        var refused: String?
    }

    @Test(
        "what leads nobody in again is not offered, and not done either", .tags(.security),
        arguments: [
            Offer(testDescription: "as it comes", ways: ["clear", "one-time"]),
            Offer(
                testDescription: "passwords alone", settings: ["signIn.methods": "password"],
                ways: ["clear", "one-time"]),
            Offer(
                testDescription: "passwords that cannot be forgotten",
                settings: ["signIn.methods": "password", "password.forgotten": "off"], ways: ["one-time"],
                refused: "clear"),
            Offer(
                testDescription: "codes alone", settings: ["signIn.methods": "sms"], ways: ["clear"],
                refused: "one-time"),
        ])
    func offers(_ offer: Offer) async throws {
        try await TestServer.run { server in
            let browser = try await server.administrator()
            try await server.set(offer.settings)
            let page = try await browser.openReset([Samples.alice.id])
            let ways = ["clear", "one-time"].filter { page.reply.text.contains("name=\"way\" value=\"\($0)\"") }
            #expect(ways == offer.ways)
            if let refused = offer.refused {
                let before = try await server.standing()
                let reply = try await browser.confirmReset(page, ["way": refused]).reply
                #expect(reply.status == 422)
                #expect(reply.formErrors == ["Choose how to reset."])
                #expect(try await server.standing() == before)
            }
            #expect(try await browser.confirmReset(page, ["way": offer.ways[0]]).reply.status == 200)
        }
    }

    @Test("the list leads to the page by a link that can be reloaded and keeps its members in the other language")
    func selection() async throws {
        try await TestServer.run { server in
            let browser = try await server.administrator()
            let list = try await browser.visit(ConsolePath.members)
            let form = try list.form(to: ConsolePath.reset)
            let page = try await browser.submit(form, ["user": Samples.alice.id])
            #expect(page.trail == [ConsolePath.reset, "\(ConsolePath.reset)?user=user-alice"])
            #expect(page.reply.text.contains("Alice Liddell"))
            #expect(
                page.reply.text.contains("?user=user-alice&amp;lang=zh-Hans")
                    || page.reply.text.contains("?user=user-alice&lang=zh-Hans"))
            let none = try await browser.submit(form)
            #expect(none.reply.formErrors == ["Select members first."])
        }
    }

    @Test("a hundred members are one act; a hundred and one are none", .tags(.security))
    func hundred() async throws {
        try await TestServer.run { server in
            let browser = try await server.administrator()
            let ids = (1...101).map { "user-many-\($0)" }
            let now = server.clock.now
            try await server.change { db in
                for (number, id) in ids.enumerated() {
                    let phone = "+86139000" + String(10_000 + number)
                    try db.users(Samples.sealingKey).insert(
                        User(
                            id: id, tenantID: Samples.acme.id, username: Username(stored: "many\(number)"),
                            profile: Profile(name: "Many", phone: PhoneNumber(stored: phone)), createdAt: now))
                }
            }
            #expect(try await browser.openReset(ids).reply.status == 413)
            let page = try await browser.openReset(Array(ids.dropLast()))
            let form = try page.form(to: ConsolePath.reset)
            let filling: Changes = ["way": "one-time", "currentPassword": Samples.password]
            let pairs = form.sending(filling, pressing: "confirm")
            let excess = try await browser.post(ConsolePath.reset, pairs + [.init("user", ids[100])])
            #expect(excess.status == 413)
            #expect(try await server.notices().isEmpty)
            let done = try await browser.post(ConsolePath.reset, pairs)
            #expect(done.status == 200)
            #expect(done.tableRows.count == 100)
            #expect(done.tableRows.allSatisfy { $0[1] == "Reset; the member was told" })
            let sent = server.sms.messages.filter { $0.purpose == "NEW_PWD_SMS" }
            #expect(Set(sent.compactMap(\.code)).count == 100 && Set(sent.map(\.to)).count == 100)
        }
    }
}
