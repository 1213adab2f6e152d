import Directory
import FoundationEssentials
import Identity
import Server
import Storage
import TestSupport
import Testing
import Wire

@Suite("Somebody forgot the password")
struct ForgottenPasswordTests {
    static let next = "Better-Horse-8"

    @Test("sets another one by a code and comes through to the application that asked", arguments: Backend.journeys)
    func oauth(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let (browser, page) = try await server.forgetting(at: authorize())
            #expect(page.reply.heading == "Set a password")
            #expect(page.reply.text.contains("Set a new password. You will be signed out everywhere else."))
            #expect(try await server.sessions().isEmpty)
            let done = try await browser.setPassword(Self.next, on: page)
            #expect(done.departure?.hasPrefix("https://notes.example/cb?code=") == true)
            #expect(done.answer["state"] == "af0ifjsldkj")
            let tokens = try Tokens(try await server.redeem(try #require(done.answer["code"])))
            #expect(try claims(of: tokens.id)["sub"]?.string == "user-alice")
            #expect(try claims(of: tokens.id)["amr"] == ["sms", "otp"])
            #expect(try await server.browser().signIn().reply.status == 422)
            _ = try await server.browser().signIn("alice", Self.next)
        }
    }

    @Test("comes through to a CAS application just so")
    func cas() async throws {
        try await TestServer.run { server in
            let (browser, page) = try await server.forgetting(at: CASLoginEndpointTests.wiki)
            let done = try await browser.setPassword(Self.next, on: page)
            #expect(done.departure?.hasPrefix("https://wiki.example/cas?ticket=ST-") == true)
            let validation = try await server.validate(try #require(done.answer["ticket"]))
            #expect(validation.text.contains("<cas:user>alice</cas:user>"))
        }
    }

    @Test(
        "every other session and token is dead then, and the person is told", .tags(.security),
        arguments: Backend.journeys)
    func endsOthers(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let twin = try await server.signedIn(at: Samples.globex.issuer)
            let tokens = try await server.tokens()
            let thief = try await server.signedIn()
            let (code, ticket) = (try await thief.enterNotes(), try await thief.enterWiki())
            let (browser, page) = try await server.forgetting()
            // A code alone has ended nothing: whoever finds a phone for a moment cannot sign its owner out.
            #expect(try await thief.isSignedIn())
            _ = try await browser.setPassword(Self.next, on: page)
            #expect(try await browser.isSignedIn())
            #expect(try await !thief.isSignedIn())
            #expect(try await server.userInfo(tokens.access).status == 401)
            #expect(try await server.refresh(tokens.refresh).status == 400)
            #expect(try await server.redeem(code).status == 400)
            #expect(try await server.validate(ticket).text.contains("INVALID_TICKET"))
            #expect(try await twin.isSignedIn())
            let told = try #require(await server.sentCodes().last)
            #expect(told.phone == "+8613800000001")
            #expect(told.code == "")
            #expect(told.text == "[Acme] The password of alice was changed. Not you? Tell your administrator.")
            let set = try await server.events().filter { $0.hasPrefix("password.set") }
            #expect(set == [#"password.set {"cause":"forgotten"}"#])
        }
    }

    /// Who says that the password was forgotten, and what the account has.
    struct Person: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var username: String
        var phone: String
        var user: User
    }

    static let people = [
        Person(testDescription: "with a password", username: "alice", phone: "13800000001", user: Samples.alice),
        Person(testDescription: "who never had one", username: "bob", phone: "13800000002", user: Samples.bob),
        Person(testDescription: "with an initial one", username: "dave", phone: "13800000004", user: Samples.dave),
        Person(testDescription: "whose one was cleared", username: "erin", phone: "13800000005", user: Samples.erin),
    ]

    @Test(
        "where only passwords are a way in, the new one has to be used: a notice, and no session", .tags(.security),
        arguments: people)
    func passwordsOnly(_ person: Person) async throws {
        try await TestServer.run { server in
            try await server.set(["signIn.methods": "password"])
            let (browser, page) = try await server.forgetting(person.phone, at: authorize())
            let id = try page.interactionID
            let before = browser.cookies
            let done = try await browser.setPassword(Self.next, on: page)
            #expect(done.trail == ["/login/password", "/login?i=\(id)&notice=passwordSaved"])
            #expect(done.departure == nil)
            #expect(done.reply.text.contains("Your new password is saved."))
            #expect(browser.cookies == before)
            #expect(try await server.sessions().isEmpty)
            #expect(try await server.user(person.user)?.activatedAt == person.user.activatedAt)
            let entered = try await browser.enter(person.username, Self.next, on: done)
            #expect(entered.departure?.hasPrefix("https://notes.example/cb?code=") == true)
        }
    }

    @Test("nothing but our own notice can be put on the sign-in page", .tags(.security))
    func notice() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let id = try await browser.visit("/").interactionID
            let plain = try await browser.get("/login?i=\(id)")
            for notice in ["x", "sessionEnded", "%3Cb%3E", "passwordSaved%20", "PASSWORDSAVED"] {
                let reply = try await browser.get("/login?i=\(id)&notice=\(notice)")
                #expect(server.withoutRequestID(reply) == server.withoutRequestID(plain))
            }
        }
    }

    @Test("a new password that breaks a rule is asked for again, and the old one still counts", .tags(.security))
    func rules() async throws {
        try await TestServer.run { server in
            let (browser, page) = try await server.forgetting()
            let cases = [("Ab-1", ["length"]), (Samples.password, ["notRecent"]), ("ecila-2024!", ["notAccountName"])]
            for (password, broken) in cases {
                let visit = try await browser.setPassword(password, on: page)
                #expect(visit.reply.status == 422)
                #expect(violatedRules(on: visit.reply) == broken)
                #expect(!visit.reply.text.contains(password))
            }
            _ = try await server.signedIn()
            let done = try await browser.setPassword(Self.next, on: page)
            #expect(done.reply.heading == "My applications")
        }
    }

    @Test("whoever turns back has changed nothing", .tags(.security))
    func abandoned() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            let before = try await server.credential(of: Samples.alice)
            _ = try await server.forgetting()
            server.clock.advance(by: 1_800)
            #expect(try await server.credential(of: Samples.alice) == before)
            #expect(try await browser.isSignedIn())
            #expect(await server.sentCodes().count == 1)
        }
    }

    @Test(
        "the step is over when an administrator came in between", .tags(.security),
        arguments: ["disable", "delete", "clear", "one-time"])
    func overtaken(_ act: String) async throws {
        try await TestServer.run { server in
            let (browser, page) = try await server.forgetting()
            let administration = server.administration()
            switch act {
            case "disable": _ = try await administration.disableUser("alice", of: "acme", now: server.clock.now)
            case "delete": try await administration.deleteUser("alice", of: "acme", now: server.clock.now)
            case "clear": try await server.reset(["alice"])
            default: try await server.reset(["alice"], by: .oneTime)
            }
            let visit = try await browser.setPassword(Self.next, on: page)
            #expect(visit.reply.status == 400)
            #expect(visit.reply.heading == "This sign-in has expired")
            #expect(try await server.sessions().isEmpty)
            #expect(try await server.browser().signIn("alice", Self.next).reply.status == 422)
        }
    }

    @Test("two pages of one person: the first to finish counts", .tags(.security), arguments: Backend.journeys)
    func parallel(backend: Backend) async throws {
        try await TestServer.run(on: backend, settings: ["sms.send.interval": "off"]) { server in
            let pages = [try await server.forgetting(), try await server.forgetting()]
            let done = try await inParallel(2) { number in
                try await pages[number].browser.setPassword("Better-Horse-\(number)", on: pages[number].page)
            }
            #expect(done.map(\.reply.status).sorted() == [200, 400])
            #expect(try await server.sessions().count == 1)
        }
    }

    @Test(
        "guesses of both codes, of the password and of the change count together", .tags(.security),
        arguments: Backend.journeys)
    func oneCounter(backend: Backend) async throws {
        try await TestServer.run(on: backend, settings: ["sms.send.interval": "off", "sms.code.tries": "off"]) {
            server in
            let (browser, owner) = (server.browser(), try await server.signedIn())
            let signIn = try await browser.visit("/")
            let page = try await browser.forget(on: signIn)
            let forgotten = try await browser.askToForget("13800000001", on: page)
            let forgottenCode = try await server.lastCode(to: "+8613800000001")
            let sent = try await browser.askForCode("13800000001", on: signIn)
            let code = try await server.lastCode(to: "+8613800000001")
            let change = try await owner.visit("/account/password").form(to: "/account/password")
            _ = try await inParallel(50) { number in
                switch number % 4 {
                case 0: try await browser.enterForgotten(other(forgottenCode), on: forgotten)
                case 1: try await browser.enterCode(other(code), on: sent)
                case 2: try await browser.enter("alice", "Wrong-Horse-1", on: signIn)
                default:
                    try await owner.submit(
                        change,
                        [
                            "currentPassword": "Wrong-Horse-1", "newPassword": Self.next,
                            "repeatedPassword": Self.next,
                        ])
                }
            }
            #expect(try await server.throttle(of: Samples.alice)?.failures == 10)
            let events = try await server.events()
            #expect(events.filter { $0.hasPrefix("sign_in.failed") && !$0.contains("frozen") }.count == 10)
            #expect(events.filter { $0.hasPrefix("account.frozen") }.count == 1)
            // Frozen by every way, with the right code too.
            #expect(try await browser.enterForgotten(forgottenCode, on: forgotten).reply.status == 422)
            #expect(try await browser.enterCode(code, on: sent).reply.status == 422)
            #expect(try await browser.enter("alice", Samples.password, on: signIn).reply.status == 422)
        }
    }
}
