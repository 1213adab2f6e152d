import Directory
import Identity
import Storage
import TestSupport
import Testing
import Wire

@Suite("First sign-in: an SMS code, a password, and on to the application")
struct FirstSignInTests {
    static let password = "Better-Horse-8"

    @Test("a new person comes through to the application that asked", arguments: Backend.journeys)
    func wholeStory(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = server.browser()
            let page = try await browser.visit(authorize())
            let sent = try await browser.askForCode("138 0000-0002", on: page)
            #expect(sent.reply.status == 200)
            #expect(sent.reply.text.contains("If the number belongs to an account, a code is on its way."))
            let message = try #require(await server.sentCodes().first)
            #expect(message.phone == "+8613800000002")
            #expect(message.code.utf8.count == 6)
            #expect(message.text.contains(message.code))
            let setPassword = try await browser.enterCode(message.code, on: sent)
            #expect(setPassword.reply.heading == "Set a password")
            #expect(try await server.sessions().isEmpty)
            let done = try await browser.setPassword(Self.password, on: setPassword)
            #expect(done.departure?.hasPrefix("https://notes.example/cb?code=") == true)
            let tokens = try Tokens(try await server.redeem(try #require(done.answer["code"])))
            let claims = try claims(of: tokens.id)
            #expect(claims["sub"]?.string == "user-bob")
            #expect(claims["amr"] == ["sms", "otp"])
            _ = try await server.browser().signIn("bob", Self.password)
        }
    }

    @Test("turns pending into active, with everything in the log")
    func activates() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let sent = try await browser.askForCode("13800000002", on: try await browser.visit("/"))
            let page = try await browser.enterCode(try await server.lastCode(to: "+8613800000002"), on: sent)
            let before = try await server.user(Samples.bob)
            #expect(before?.status == .pending)
            _ = try await browser.setPassword(Self.password, on: page)
            #expect(try await server.user(Samples.bob)?.status == .active)
            let events = try await server.events()
            #expect(
                events == [
                    "password.set {\"cause\":\"first\"}",
                    "sign_in.password_due {\"method\":\"sms\",\"cause\":\"first\"}",
                    "sign_in.succeeded {\"method\":\"sms\",\"first\":true}", "sms.sent {}",
                ])
        }
    }

    @Test("an abandoned step leaves nothing behind", .tags(.security))
    func abandoned() async throws {
        try await TestServer.run { server in
            let (browser, _) = try await SetPasswordPageTests.atPage(server)
            server.clock.advance(by: 1_800)
            #expect(try await server.sessions().isEmpty)
            #expect(try await server.user(Samples.bob)?.status == .pending)
            #expect(try await server.database.read { db in try db.credentials.ofUser(Samples.bob.id) } == nil)
            #expect(try await !browser.isSignedIn())
        }
    }

    @Test("the step ends with its interaction", .tags(.security))
    func expires() async throws {
        try await TestServer.run { server in
            let (browser, page) = try await SetPasswordPageTests.atPage(server)
            server.clock.advance(by: 1_800)
            let visit = try await browser.setPassword(Self.password, on: page)
            #expect(visit.reply.status == 400)
            #expect(try await server.sessions().isEmpty)
        }
    }

    @Test(
        "no password works before one is set, not even an empty one", .tags(.security),
        arguments: ["x", " ", "\u{0}", "null"])
    func noPassword(_ password: String) async throws {
        try await TestServer.run { server in
            for name in ["bob", "erin"] {
                let visit = try await server.browser().signIn(name, password)
                #expect(visit.departure == nil)
                #expect(visit.reply.status >= 400)
            }
            #expect(try await server.sessions().isEmpty)
        }
    }
}

@Suite("A password that has to be set again")
struct ForcedPasswordTests {
    @Test(
        "an administrator's password leads to setting an own one, by password or by code", .tags(.security),
        arguments: [true, false])
    func initial(byPassword: Bool) async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let start = try await browser.visit(authorize())
            let page: Browser.Visit
            if byPassword {
                page = try await browser.enter("dave", Samples.password, on: start)
            } else {
                let sent = try await browser.askForCode("13800000004", on: start)
                page = try await browser.enterCode(try await server.lastCode(to: "+8613800000004"), on: sent)
            }
            #expect(page.reply.text.contains("Your current password was set by an administrator."))
            #expect(try await server.sessions().isEmpty)
            let same = try await browser.setPassword(Samples.password, on: page)
            #expect(violatedRules(on: same.reply) == ["notRecent"])
            let done = try await browser.setPassword(FirstSignInTests.password, on: same)
            #expect(done.departure?.hasPrefix("https://notes.example/cb?code=") == true)
            #expect(try await server.browser().signIn("dave").reply.status == 422)
            #expect(try await server.browser().signIn("dave", FirstSignInTests.password).reply.status == 200)
        }
    }

    @Test("a cleared password lets nobody in but by code, and cannot be chosen again", .tags(.security))
    func cleared() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            #expect(try await browser.signIn("erin").reply.status == 422)
            let sent = try await browser.askForCode("13800000005", on: try await browser.visit("/"))
            let page = try await browser.enterCode(try await server.lastCode(to: "+8613800000005"), on: sent)
            #expect(page.reply.text.contains("This account has no password at the moment."))
            let same = try await browser.setPassword(Samples.password, on: page)
            #expect(violatedRules(on: same.reply) == ["notRecent"])
            #expect(try await browser.setPassword(FirstSignInTests.password, on: same).reply.status == 200)
        }
    }

    @Test("a password that is too old is changed on the way in", .tags(.security))
    func expired() async throws {
        try await TestServer.run(settings: ["password.maximumAge": "90d"]) { server in
            server.clock.advance(by: 90 * 86_400 - 1)
            _ = try await server.signedIn()
            server.clock.advance(by: 1)
            let page = try await server.browser().signIn()
            #expect(page.reply.text.contains("Your password has expired."))
        }
    }

    @Test("setting a password ends every session and token that there was", .tags(.security))
    func endsOthers() async throws {
        try await TestServer.run { server in
            let tokens = try await server.tokens()
            let thief = try await server.signedIn()
            try await server.change { db in
                let old = try db.credentials.ofUser(Samples.alice.id)
                let cleared = old?.cleared(policy: PasswordPolicy(), now: FixedClock.start)
                if let cleared { _ = try db.credentials.put(cleared, ofUser: Samples.alice.id) }
            }
            let browser = server.browser()
            let sent = try await browser.askForCode("13800000001", on: try await browser.visit("/"))
            let page = try await browser.enterCode(try await server.lastCode(to: "+8613800000001"), on: sent)
            _ = try await browser.setPassword(FirstSignInTests.password, on: page)
            #expect(try await browser.isSignedIn())
            #expect(try await !thief.isSignedIn())
            #expect(try await server.userInfo(tokens.access).status == 401)
            #expect(try await server.refresh(tokens.refresh).status == 400)
        }
    }
}
