import Directory
import Gateways
import Identity
import Server
import Storage
import TestSupport
import Testing
import Wire

@Suite("/account/profile: what a tenant lets people change")
struct AccountProfileTests {
    static let path = "/account/profile"
    static let everything = ["profile.editable": "name,nickname,language"]

    private func save(_ filling: Changes, _ browser: Browser) async throws -> Browser.Visit {
        let page = try await browser.visit(Self.path)
        return try await browser.submit(try page.form(to: Self.path), filling)
    }

    @Test(
        "name, nickname and language are stored, and told of by their names alone", .tags(.security),
        arguments: Backend.journeys)
    func whole(backend: Backend) async throws {
        try await TestServer.run(on: backend, settings: Self.everything) { server async throws in
            let browser = try await server.signedIn()
            server.clock.advance(by: 5)
            let done = try await save(["name": "Alice 丽", "nickname": "Ally", "language": "en"], browser)
            #expect(done.lastAddress == "/account/profile?notice=profileSaved")
            let user = try #require(try await server.user(Samples.alice))
            #expect(user.profile.name == "Alice 丽")
            #expect(user.profile.nickname == "Ally")
            #expect(user.profile.language == "en")
            #expect(user.updatedAt == server.clock.now)
            // What is not on the form stays.
            #expect(user.profile.phone == Samples.alice.profile.phone)
            #expect(user.profile.email == Samples.alice.profile.email)
            #expect(user.groupIDs == Samples.alice.groupIDs)
            let events = try await server.events().filter { $0.hasPrefix("user.changed") }
            #expect(events.count == 1)
            #expect(events.allSatisfy { !$0.contains("Ally") && !$0.contains("丽") })
            for field in ["name", "nickname", "language"] { #expect(events[0].contains("\"field\":\"\(field)\"")) }
        }
    }

    @Test("of the default, only the language; what is typed into closed fields is not looked at", .tags(.security))
    func closed() async throws {
        try await TestServer.run { server async throws in
            let browser = try await server.signedIn()
            let form = try await browser.visit(Self.path).form(to: Self.path)
            #expect(form["name"] == nil)
            #expect(form["nickname"] == nil)
            let done = try await save(
                [
                    "language": "zh-Hans", "name": "Mallory", "nickname": "Boss", "email": "boss@acme.example",
                    "emailVerifiedAt": "1", "phone": "13900000009", "username": "boss", "employeeID": "E-9",
                    "groups": "Finance", "role": "administrator",
                ], browser)
            #expect(done.reply.status == 200)
            var expected = Samples.alice.profile
            expected.language = "zh-Hans"
            #expect(try await server.user(Samples.alice)?.profile == expected)
        }
    }

    @Test("a tenant that lets nothing be changed shows no form, and takes none", .tags(.security))
    func nothing() async throws {
        try await TestServer.run(settings: ["profile.editable": "none"]) { server async throws in
            let browser = try await server.signedIn()
            let page = try await browser.visit(Self.path)
            #expect(page.reply.forms.allSatisfy { $0.action != Self.path })
            let token = try #require(try page.form(to: "/logout")["csrf"])
            _ = try await browser.post(Self.path, [.init("csrf", token), .init("language", "en")])
            #expect(try await server.user(Samples.alice)?.profile == Samples.alice.profile)
        }
    }

    @Test("saving what is there already changes and tells nothing")
    func unchanged() async throws {
        try await TestServer.run(settings: Self.everything) { server async throws in
            let browser = try await server.signedIn()
            #expect(try await save([:], browser).reply.status == 200)
            #expect(try await server.user(Samples.alice) == Samples.alice)
            #expect(try await server.events().allSatisfy { !$0.hasPrefix("user.changed") })
        }
    }

    @Test(
        "a name that is empty, too long or not visible is refused, and what was typed is kept", .tags(.security),
        arguments: ["", "   ", "a\u{0007}b", "a\nb", "a\u{202E}b", String(repeating: "x", count: 129)])
    func refusedName(_ name: String) async throws {
        try await TestServer.run(settings: Self.everything) { server async throws in
            let browser = try await server.signedIn()
            let visit = try await save(["name": name, "nickname": "Ally"], browser)
            #expect(visit.reply.status == 422)
            #expect(visit.reply.formErrors == ["Enter 1 to 128 characters, no control characters."])
            #expect(try visit.form(to: Self.path)["nickname"] == "Ally")
            #expect(try await server.user(Samples.alice)?.profile == Samples.alice.profile)
        }
    }

    @Test("an unknown language is refused", .tags(.security), arguments: ["fr", "en\"", "zh-Hans "])
    func refusedLanguage(_ language: String) async throws {
        try await TestServer.run { server async throws in
            let visit = try await save(["language": language], try await server.signedIn())
            #expect(visit.reply.status == 422)
            #expect(try await server.user(Samples.alice)?.profile.language == nil)
        }
    }

    @Test("markup in a name is shown as text on every page", .tags(.security))
    func escapes() async throws {
        try await TestServer.run(settings: Self.everything) { server async throws in
            let browser = try await server.signedIn()
            _ = try await save(["name": "<script>alert(1)</script>", "nickname": "\"><b>"], browser)
            for path in ["/", "/account", Self.path] {
                let text = try await browser.get(path).text
                #expect(!text.contains("<script>alert"))
                #expect(!text.contains("\"><b>"))
                #expect(text.contains("&lt;script&gt;alert"))
            }
        }
    }

    @Test("a form without the page's token or with another person's does nothing", .tags(.security))
    func forged() async throws {
        try await TestServer.run(settings: Self.everything) { server async throws in
            let (browser, frank) = (try await server.signedIn(), try await server.signedIn("frank"))
            let foreign = try await frank.visit(Self.path).form(to: Self.path)["csrf"]
            let form = try await browser.visit(Self.path).form(to: Self.path)
            for token in [nil, "", "x", foreign] {
                let forged = form.sending(["csrf": token, "nickname": "Boss"])
                #expect(try await browser.post(Self.path, forged).status == 403)
            }
            let twice = form.sending(["nickname": "A"]) + [.init("nickname", "B")]
            #expect(try await browser.post(Self.path, twice).status == 400)
            #expect(try await server.user(Samples.alice) == Samples.alice)
        }
    }

    @Test("the nickname is a claim of the scope profile, once there is one")
    func claim() async throws {
        try await TestServer.run(settings: Self.everything) { server async throws in
            let before = try await server.userInfo(try await server.tokens().access).json
            #expect(before["nickname"] == nil)
            _ = try await save(["nickname": "Ally"], try await server.signedIn())
            let after = try await server.userInfo(try await server.tokens().access).json
            #expect(after["nickname"] == "Ally")
        }
    }
}

@Suite("The language that a person chose")
struct OwnLanguageTests {
    private func choose(_ language: String, _ browser: Browser) async throws {
        let page = try await browser.visit("/account/profile")
        _ = try await browser.submit(try page.form(to: "/account/profile"), ["language": language])
    }

    @Test("speaks on the pages of every browser, at once, and goes with \"as the browser says\"")
    func everywhere() async throws {
        try await TestServer.run { server async throws in
            let (one, other) = (try await server.signedIn(), try await server.signedIn())
            #expect(try await other.get("/account").heading == "My account")
            try await choose("zh-Hans", one)
            #expect(try await one.get("/account").heading == "我的账号")
            #expect(try await other.get("/account").heading == "我的账号")
            #expect(try await server.browser().visit("/").reply.heading == "Sign in")
            #expect(try await server.signedIn().get("/account").heading == "我的账号")
            try await choose("", one)
            #expect(try await other.get("/account").heading == "My account")
        }
    }

    @Test("gives way to what was chosen in a browser by link, until it is chosen anew there")
    func link() async throws {
        try await TestServer.run { server async throws in
            let (one, other) = (try await server.signedIn(), try await server.signedIn())
            _ = try await one.get("/account?lang=en")
            _ = try await other.get("/account?lang=en")
            try await choose("zh-Hans", one)
            #expect(try await one.get("/account").heading == "我的账号")
            #expect(try await other.get("/account").heading == "My account")
        }
    }

    @Test("is the language of messages and e-mails")
    func messages() async throws {
        try await TestServer.run { server async throws in
            let browser = try await server.signedIn()
            try await choose("zh-Hans", browser)
            let stranger = server.browser()
            _ = try await stranger.askForCode("13800000001", on: try await stranger.visit("/"))
            #expect(await server.sentCodes().last?.text.hasPrefix("【Acme】登录验证码") == true)
            let page = try await browser.visit("/account/email")
            _ = try await browser.submit(
                try page.form(to: "/account/email"),
                ["email": "a@new.example", "currentPassword": Samples.password], pressing: "confirm")
            #expect(await server.sentMails().last?.subject == "Acme：邮箱验证码")
        }
    }
}
