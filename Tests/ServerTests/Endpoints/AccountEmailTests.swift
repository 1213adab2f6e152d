import Directory
import FoundationEssentials
import Gateways
import Identity
import Server
import Storage
import TestSupport
import Testing
import Wire

@Suite("/account/email: a person proves an e-mail address")
struct AccountEmailTests {
    static let path = "/account/email"
    static let new = "alice@new.example"
    static let done = "/account?notice=emailVerified"
    static let refused = ["The code is not right, or no longer valid. Check it and try again, or send a new one."]

    /// Does the first step with the password.
    private func ask(
        _ email: String, _ browser: Browser, password: String = Samples.password
    ) async throws -> Browser.Visit {
        let page = try await browser.visit(Self.path)
        return try await browser.submit(
            try page.form(to: Self.path), ["email": email, "currentPassword": password], pressing: "confirm")
    }

    private func ask(_ browser: Browser, password: String = Samples.password) async throws -> Browser.Visit {
        try await ask(Self.new, browser, password: password)
    }

    private func verify(
        _ code: String, on page: Browser.Visit, _ browser: Browser, _ further: Changes = [:]
    ) async throws -> Browser.Visit {
        let filling: Changes = ["code": code]
        return try await browser.submit(
            try page.form(to: Self.path), filling.merging(further) { $1 }, pressing: "verify")
    }

    private func code(_ server: TestServer, to email: String = new) async throws -> String {
        guard let code = await server.sentMails().last(where: { $0.to.text == email })?.code else {
            throw Browser.Missing("a code to \(email)")
        }
        return code
    }

    private func email(of user: User = Samples.alice, _ server: TestServer) async throws -> [String?] {
        let profile = try await server.user(user)?.profile
        return [profile?.email?.text, profile?.emailVerifiedAt.map { "\(Int($0.timeIntervalSince1970))" }]
    }

    private func claims(_ server: TestServer) async throws -> [JSON?] {
        let tokens = try await server.tokens(["scope": "openid email"])
        let json = try await server.userInfo(tokens.access).json
        return [json["email"], json["email_verified"]]
    }

    static let before: [String?] = ["alice@acme.example", nil]

    // MARK: - The whole

    @Test("with a proof and the code that was sent there", .tags(.security), arguments: Backend.journeys)
    func whole(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server async throws in
            let browser = try await server.signedIn()
            server.clock.advance(by: 60)
            let sent = try await ask(browser)
            #expect(sent.reply.status == 200)
            #expect(sent.reply.text.contains("If alice@new.example can be used, a code is on its way to it."))
            #expect(try await email(server) == Self.before)
            let done = try await verify(try await code(server), on: sent, browser)
            #expect(done.lastAddress == Self.done)
            #expect(done.reply.text.contains("Your email address is verified."))
            let now = Int(server.clock.now.timeIntervalSince1970)
            #expect(try await email(server) == [Self.new, "\(now)"])
            // Whoever has the old address is told, and reads nothing of the new one.
            let told = await server.sentMails().filter { $0.purpose == "EMAIL_CHANGED" }
            #expect(told.map(\.to.text) == ["alice@acme.example"])
            #expect(told.allSatisfy { !$0.text.contains("new.example") && $0.code == nil })
            let events = try await server.events()
            for name in ["email.code_sent", "user.changed", "email.verified"] {
                #expect(events.filter { $0.hasPrefix(name) }.count == 1)
            }
            #expect(events.allSatisfy { !$0.contains("new.example") })
            #expect(server.log.lines.allSatisfy { !$0.contains("new.example") })
        }
    }

    @Test("with a code to the phone in place of the password", .tags(.security))
    func byPhone() async throws {
        try await TestServer.run { server async throws in
            let browser = try await server.signedIn()
            let page = try await browser.visit(Self.path)
            let asked = try await browser.submit(
                try page.form(to: Self.path), ["email": Self.new], pressing: "send")
            #expect(asked.reply.text.contains("value=\"alice@new.example\""))
            let proof = try await server.lastCode(to: "+8613800000001")
            let wrong = try await browser.submit(
                try asked.form(to: Self.path), ["code": other(proof)], pressing: "confirm")
            #expect(wrong.reply.status == 422)
            #expect(await server.sentMails() == [])
            let sent = try await browser.submit(
                try wrong.form(to: Self.path), ["code": proof], pressing: "confirm")
            #expect(try await verify(try await code(server), on: sent, browser).lastAddress == Self.done)
            #expect(try await email(server)[0] == Self.new)
        }
    }

    @Test("an address that an administrator entered is proved in place, and nobody is told of a change")
    func sameAddress() async throws {
        try await TestServer.run { server async throws in
            let browser = try await server.signedIn()
            let page = try await browser.visit(Self.path)
            #expect(page.reply.text.contains("Not verified"))
            #expect(try page.form(to: Self.path)["email"] == "alice@acme.example")
            let sent = try await ask("alice@acme.example", browser)
            let done = try await verify(try await code(server, to: "alice@acme.example"), on: sent, browser)
            #expect(done.lastAddress == Self.done)
            #expect(try await email(server)[1] != nil)
            #expect(await server.sentMails().count == 1)
            #expect(try await server.events().allSatisfy { !$0.hasPrefix("user.changed") })
            let again = try await ask("alice@acme.example", browser)
            #expect(again.reply.formErrors == ["This address is already verified."])
        }
    }

    @Test("whoever had no address hears of the first one on the phone", .tags(.security))
    func firstAddress() async throws {
        try await TestServer.run { server async throws in
            let browser = try await server.signedIn("frank")
            let sent = try await ask("frank@new.example", browser)
            _ = try await verify(try await code(server, to: "frank@new.example"), on: sent, browser)
            #expect(try await email(of: Samples.frank, server)[0] == "frank@new.example")
            _ = await server.sentCodes()
            let told = server.sms.messages.filter { $0.purpose == SMSPurpose.emailChanged.rawValue }
            #expect(told.map(\.to) == ["+8613800000006"])
            #expect(told.allSatisfy { !$0.text.contains("new.example") })
        }
    }

    @Test("the claim email_verified is true exactly then", .tags(.security))
    func claim() async throws {
        try await TestServer.run { server async throws in
            #expect(try await claims(server) == ["alice@acme.example", false])
            let browser = try await server.signedIn()
            let sent = try await ask(browser)
            _ = try await verify(try await code(server), on: sent, browser)
            #expect(try await claims(server) == ["alice@new.example", true])
            _ = try await server.administration().changeUser(
                UserDraft(username: "alice", email: "alice@else.example"), of: "acme", now: server.clock.now)
            #expect(try await claims(server) == ["alice@else.example", false])
        }
    }

    // MARK: - Proof

    @Test("a wrong password sends nothing, and counts like one at sign-in", .tags(.security))
    func wrongPassword() async throws {
        try await TestServer.run { server async throws in
            let browser = try await server.signedIn()
            for _ in 1...10 { #expect(try await ask(browser, password: "Wrong-Horse-1").reply.status == 422) }
            #expect(try await ask(browser).reply.status == 422)
            #expect(await server.sentMails() == [])
            #expect(try await server.browser().signIn().reply.status == 422)
        }
    }

    @Test("no code is asked for without a proof, whatever the form says", .tags(.security))
    func withoutProof() async throws {
        try await TestServer.run { server async throws in
            let browser = try await server.signedIn()
            let page = try await browser.visit(Self.path)
            for action in ["confirm", "again", "verify", "", "x"] {
                let visit = try await browser.submit(
                    try page.form(to: Self.path),
                    ["email": Self.new, "currentPassword": nil, "action": action, "code": nil])
                #expect(visit.reply.status == 422)
            }
            #expect(await server.sentMails() == [])
        }
    }

    // MARK: - Codes

    @Test("a wrong code counts like one at sign-in, is logged, and freezes the account", .tags(.security))
    func wrongCodes() async throws {
        try await TestServer.run { server async throws in
            let browser = try await server.signedIn()
            let sent = try await ask(browser)
            let code = try await code(server)
            for _ in 1...10 {
                let reply = try await verify(other(code), on: sent, browser).reply
                #expect(reply.status == 422)
                #expect(reply.formErrors == Self.refused)
            }
            #expect(try await verify(code, on: sent, browser).reply.formErrors == Self.refused)
            #expect(try await server.browser().signIn().reply.status == 422)
            let events = try await server.events()
            #expect(events.filter { $0.contains("wrong_code") }.count == 5)
            #expect(events.filter { $0.contains("exhausted_code") }.count == 5)
            #expect(events.filter { $0.hasPrefix("account.frozen") }.count == 1)
            #expect(try await email(server) == Self.before)
        }
    }

    @Test("five tries are all, the right code after them too", .tags(.security))
    func tries() async throws {
        try await TestServer.run { server async throws in
            let browser = try await server.signedIn()
            let sent = try await ask(browser)
            let code = try await code(server)
            for _ in 1...5 { _ = try await verify(other(code), on: sent, browser) }
            #expect(try await verify(code, on: sent, browser).reply.formErrors == Self.refused)
            #expect(try await email(server) == Self.before)
        }
    }

    @Test("a code is good for five minutes, and the proof for ten", .tags(.security))
    func expiry() async throws {
        try await TestServer.run { server async throws in
            let browser = try await server.signedIn()
            let sent = try await ask(browser)
            server.clock.advance(by: 300)
            #expect(
                try await verify(try await code(server), on: sent, browser).reply.formErrors == Self.refused)
            let again = try await browser.submit(try sent.form(to: Self.path), pressing: "again")
            #expect(again.reply.status == 200)
            #expect(await server.sentMails().count == 2)
            server.clock.advance(by: 299)
            let page = try await browser.visit(Self.path)
            #expect(try page.form(to: Self.path)["code"] != nil)
            server.clock.advance(by: 1)
            let late = try await browser.submit(try sent.form(to: Self.path), pressing: "again")
            #expect(late.reply.status == 422)
            #expect(await server.sentMails().count == 2)
        }
    }

    @Test("a new code ends the old one, and another address ends both", .tags(.security))
    func replaced() async throws {
        try await TestServer.run { server async throws in
            let browser = try await server.signedIn()
            let sent = try await ask(browser)
            let first = try await code(server)
            server.clock.advance(by: 60)
            _ = try await browser.submit(try sent.form(to: Self.path), pressing: "again")
            let second = try await code(server)
            if first != second { #expect(try await verify(first, on: sent, browser).reply.status == 422) }
            let other = try await browser.submit(try sent.form(to: Self.path), pressing: "other")
            #expect(try other.form(to: Self.path)["email"] != nil)
            #expect(try other.form(to: Self.path)["currentPassword"] != nil)
            #expect(try await verify(second, on: sent, browser).reply.status == 422)
            #expect(try await email(server) == Self.before)
        }
    }

    @Test("of many who send the right code at once one is through", .tags(.security), arguments: Backend.journeys)
    func race(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server async throws in
            let browser = try await server.signedIn()
            let sent = try await ask(browser)
            let code = try await code(server)
            let ends = try await inParallel(8) { _ in try await verify(code, on: sent, browser).lastAddress }
            #expect(ends.filter { $0 == Self.done }.count == 1)
            #expect(try await server.events().filter { $0.hasPrefix("email.verified") }.count == 1)
            #expect(try await verify(code, on: sent, browser).reply.status == 422)
        }
    }

    @Test("a code is good in its own session only, and for its own account", .tags(.security))
    func foreign() async throws {
        try await TestServer.run { server async throws in
            let (browser, thief) = (try await server.signedIn(), try await server.signedIn())
            let frank = try await server.signedIn("frank")
            let sent = try await ask(browser)
            let code = try await code(server)
            for someone in [thief, frank] {
                let page = try await someone.visit(Self.path)
                #expect(try page.form(to: Self.path)["code"] == nil)
                let reply = try await someone.submit(
                    try page.form(to: Self.path), ["code": code, "email": Self.new, "action": "verify"]
                ).reply
                #expect(reply.status == 422)
                #expect(reply.formErrors.first == Self.refused.first)
            }
            #expect(try await email(server) == Self.before)
            #expect(try await email(of: Samples.frank, server) == [nil, nil])
            #expect(try await verify(code, on: sent, browser).lastAddress == Self.done)
        }
    }

    @Test("whoever is signed out in the middle proves nothing more", .tags(.security))
    func signedOut() async throws {
        try await TestServer.run { server async throws in
            let browser = try await server.signedIn()
            let sent = try await ask(browser)
            let code = try await code(server)
            try await server.change { db in
                for session in try db.sessions.open(ofUser: Samples.alice.id) {
                    try db.sessions.end(session.id, now: session.createdAt)
                }
            }
            #expect(try await verify(code, on: sent, browser).reply.status == 403)
            #expect(try await email(server) == Self.before)
        }
    }

    // MARK: - Other people's addresses

    @Test("an address that is somebody else's is answered like any other, and gets nothing", .tags(.security))
    func taken() async throws {
        try await TestServer.run { server async throws in
            let browser = try await server.signedIn("frank")
            let taken = try await ask("alice@acme.example", browser)
            #expect(await server.sentMails() == [])
            let wrong = try await verify("123456", on: taken, browser)
            server.clock.advance(by: 60)
            let other = try await browser.submit(try taken.form(to: Self.path), pressing: "other")
            let free = try await browser.submit(
                try other.form(to: Self.path), ["email": "frank@acme.example", "currentPassword": Samples.password],
                pressing: "confirm")
            #expect(await server.sentMails().map(\.to.text) == ["frank@acme.example"])
            let alsoWrong = try await verify("123456", on: free, browser)
            for (one, two) in [(taken.reply, free.reply), (wrong.reply, alsoWrong.reply)] {
                #expect(one.status == two.status)
                #expect(one.fixedHeaders == two.fixedHeaders)
                let alike = two.text.split(separator: "frank@acme.example").joined(separator: "alice@acme.example")
                #expect(one.text == alike)
            }
        }
    }

    @Test("one that becomes somebody else's under way is refused like a wrong code", .tags(.security))
    func overtaken() async throws {
        try await TestServer.run { server async throws in
            let browser = try await server.signedIn()
            let sent = try await ask(browser)
            try await server.change { db in
                var frank = Samples.frank
                frank.profile.email = EmailAddress(stored: Self.new)
                try db.users(Samples.sealingKey).update(frank)
            }
            let reply = try await verify(try await code(server), on: sent, browser).reply
            #expect(reply.formErrors == Self.refused)
            #expect(try await email(server) == Self.before)
        }
    }

    @Test("the same address in another tenant is no obstacle")
    func otherTenant() async throws {
        try await TestServer.run { server async throws in
            let browser = try await server.signedIn(at: Samples.globex.issuer)
            let sent = try await ask("frank@new.example", browser)
            #expect(
                try await verify(try await code(server, to: "frank@new.example"), on: sent, browser).lastAddress
                    == Self.done)
            let acme = try await server.signedIn("frank")
            let page = try await ask("frank@new.example", acme)
            server.clock.advance(by: 1)
            #expect(
                try await verify(try await code(server, to: "frank@new.example"), on: page, acme).lastAddress
                    == Self.done)
        }
    }

    // MARK: - Pumping

    @Test("one message a minute, five an hour: for the account, whatever the address", .tags(.security))
    func perAccount() async throws {
        try await TestServer.run { server async throws in
            let browser = try await server.signedIn()
            for number in 1...5 {
                #expect(try await ask("a\(number)@new.example", browser).reply.status == 200)
                let early = try await browser.submit(
                    try await browser.visit(Self.path).form(to: Self.path), pressing: "again")
                #expect(early.reply.status == 429)
                _ = try await browser.submit(try early.form(to: Self.path), pressing: "other")
                server.clock.advance(by: 60)
            }
            let more = try await ask("a6@new.example", browser)
            #expect(more.reply.status == 429)
            #expect(more.reply["Retry-After"] != nil)
            #expect(await server.sentMails().count == 5)
            #expect(try await server.events().contains { $0.hasPrefix("email.code_limited") })
        }
    }

    @Test("and for the receiver, whoever asks, also where nothing is sent to it", .tags(.security))
    func perReceiver() async throws {
        try await TestServer.run { server async throws in
            #expect(try await ask("victim@new.example", try await server.signedIn()).reply.status == 200)
            server.clock.advance(by: 59)
            let frank = try await server.signedIn("frank")
            #expect(try await ask("Victim@New.example", frank).reply.status == 429)
            #expect(await server.sentMails().count == 1)
        }
    }

    @Test("and for the client's address, over many accounts", .tags(.security))
    func perClient() async throws {
        try await TestServer.run(settings: ["sms.send.perAddressHour": "1"]) { server async throws in
            #expect(try await ask("a@new.example", try await server.signedIn()).reply.status == 200)
            #expect(try await ask("b@new.example", try await server.signedIn("frank")).reply.status == 429)
            #expect(await server.sentMails().count == 1)
        }
    }

    @Test("parallel wishes find room for one", .tags(.security), arguments: Backend.journeys)
    func parallelWishes(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server async throws in
            let browser = try await server.signedIn()
            let page = try await browser.visit(Self.path)
            let form = try page.form(to: Self.path)
            let statuses = try await inParallel(6) { number in
                try await browser.submit(
                    form, ["email": "a\(number)@new.example", "currentPassword": Samples.password],
                    pressing: "confirm"
                ).reply.status
            }
            #expect(statuses.filter { $0 == 200 }.count == 1)
            #expect(statuses.filter { $0 == 429 }.count == 5)
            #expect(await server.sentMails().count == 1)
        }
    }

    // MARK: - Forms

    @Test(
        "what is no address is refused, and nothing of it gets into a message", .tags(.security),
        arguments: [
            "", "alice", "a@b", "a@b.example\r\nBcc: all@acme.example", "a@b.example, c@d.example", "<a@b.example>",
            "a b@c.example", "\"a\"@b.example", "a@[127.0.0.1]", "é@b.example",
        ])
    func malformed(_ email: String) async throws {
        try await TestServer.run { server async throws in
            let reply = try await ask(email, try await server.signedIn()).reply
            #expect(reply.status == 422)
            #expect(reply.formErrors == ["Enter an email address such as name@example.com"])
            #expect(await server.sentMails() == [])
        }
    }

    @Test("the page escapes what was typed", .tags(.security))
    func escapes() async throws {
        try await TestServer.run { server async throws in
            let reply = try await ask("<script>alert(1)</script>", try await server.signedIn()).reply
            #expect(!reply.text.contains("<script>alert"))
            #expect(reply.text.contains("&lt;script&gt;alert"))
        }
    }

    @Test("a form without the page's token, with another person's, or from elsewhere does nothing", .tags(.security))
    func forged() async throws {
        try await TestServer.run { server async throws in
            let browser = try await server.signedIn()
            let frank = try await server.signedIn("frank")
            let foreign = try await frank.visit(Self.path).form(to: Self.path)["csrf"]
            let form = try await browser.visit(Self.path).form(to: Self.path)
            let filling: Changes = ["email": Self.new, "currentPassword": Samples.password]
            for token in [nil, "", "x", foreign] {
                let forged = form.sending(filling.merging(["csrf": token]) { $1 }, pressing: "confirm")
                #expect(try await browser.post(Self.path, forged).status == 403)
            }
            let pairs = form.sending(filling, pressing: "confirm")
            #expect(
                try await browser.post(Self.path, pairs, headers: [("Origin", "https://evil.example")]).status == 403)
            #expect(try await browser.post(Self.path, pairs + [.init("email", "b@new.example")]).status == 400)
            #expect(await server.sentMails() == [])
        }
    }

    // MARK: - When nothing can be sent

    @Test("where no e-mail is sent the page says so, and asks for nothing")
    func off() async throws {
        try await TestServer.run(settings: ["mail.gateway": "none"]) { server async throws in
            let page = try await server.signedIn().visit(Self.path)
            #expect(page.reply.text.contains("Your enterprise sends no email"))
            #expect(page.reply.forms.allSatisfy { $0.action != Self.path })
        }
    }

    @Test("after a message that did not get out the next one is told so, and nothing is counted")
    func outage() async throws {
        try await TestServer.run { server async throws in
            server.mail.fail(with: .unavailable(reason: "timed out"))
            let browser = try await server.signedIn()
            let sent = try await ask(browser)
            _ = await server.sentMails()
            let again = try await browser.submit(try sent.form(to: Self.path), pressing: "again")
            #expect(again.reply.status == 503)
            #expect(again.reply.formErrors.first?.hasPrefix("Email cannot be sent at the moment.") == true)
            server.mail.fail(with: nil)
            server.clock.advance(by: 121)
            #expect(
                try await browser.submit(try sent.form(to: Self.path), pressing: "again").reply.status == 200)
            #expect(try await verify(try await code(server), on: sent, browser).lastAddress == Self.done)
        }
    }
}
