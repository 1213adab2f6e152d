import Identity
import TestSupport
import Testing
import Wire

@Suite("/login/forgotten")
struct ForgottenPasswordPageTests {
    @Test("is reached from the sign-in page and leads back to it")
    func page() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let signIn = try await browser.visit(authorize())
            let id = try signIn.interactionID
            #expect(signIn.reply.text.contains("href=\"/login/forgotten?i=\(id)\""))
            let page = try await browser.forget(on: signIn)
            #expect(page.reply.status == 200)
            #expect(page.reply.heading == "Forgotten password")
            #expect(page.reply.text.contains("href=\"/login?i=\(id)\""))
            #expect(try page.forgottenForm["i"] == id)
            #expect(page.reply["Cache-Control"] == "no-store")
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var filling: Changes
        var button: String
        var errors: [String]
    }

    static let incomplete = [
        Case(testDescription: "no phone", filling: [:], button: "send", errors: ["Enter your phone number."]),
        Case(
            testDescription: "no phone number", filling: ["phone": "12"], button: "send",
            errors: ["This does not look like a phone number. Please check it."]),
        Case(
            testDescription: "no code", filling: ["phone": "13800000001"], button: "verify",
            errors: ["Enter the code."]),
        Case(
            testDescription: "letters for a code", filling: ["phone": "13800000001", "code": "12a456"],
            button: "verify", errors: ["The code consists of digits only. Please check it."]),
    ]

    @Test("comes back with a sentence that helps; the phone is kept, a code never", arguments: incomplete)
    func comesBack(_ incomplete: Case) async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let page = try await browser.forget(on: try await browser.visit("/"))
            let visit = try await browser.submit(
                try page.forgottenForm, incomplete.filling, pressing: incomplete.button)
            #expect(visit.reply.status == 422)
            #expect(visit.reply.formErrors == incomplete.errors)
            #expect(try visit.forgottenForm["phone"] == (incomplete.filling["phone"] ?? ""))
            #expect(try visit.forgottenForm["code"] == "")
            #expect(try await server.throttle(of: Samples.alice) == nil)
        }
    }

    @Test("a wrong code is not shown again", .tags(.security))
    func codeNotKept() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let page = try await browser.forget(on: try await browser.visit("/"))
            let sent = try await browser.askToForget("13800000001", on: page)
            // One that no phone number on the page holds.
            let typed = try await server.lastCode(to: "+8613800000001") == "737373" ? "737374" : "737373"
            let visit = try await browser.enterForgotten(typed, on: sent)
            #expect(visit.reply.status == 422)
            #expect(visit.reply.formErrors == [Self.refused])
            #expect(!visit.reply.text.contains(typed))
            #expect(try visit.forgottenForm["phone"] == "13800000001")
        }
    }

    static let refused = """
        The phone number or code is not right, or the code is no longer valid. Check both and try again, or send a new \
        code.
        """

    @Test("an interaction that has gone on is sent to where it is", arguments: ["set", "completed"])
    func elsewhere(_ state: String) async throws {
        try await TestServer.run { server in
            let (browser, page) = try await server.forgetting(at: authorize())
            let id = try page.interactionID
            if state == "set" {
                #expect(try await browser.get("/login/forgotten?i=\(id)").location == "/login/password?i=\(id)")
                let visit = try await browser.visit("/login/forgotten?i=\(id)")
                #expect(visit.trail.last == "/login/password?i=\(id)")
            } else {
                let done = try await browser.setPassword("Better-Horse-8", on: page)
                #expect(done.departure?.hasPrefix("https://notes.example/cb?code=") == true)
                // It led to its one answer.
                #expect(try await browser.get("/login/forgotten?i=\(id)").status == 400)
            }
        }
    }

    @Test(
        "is of this browser's interaction or of none", .tags(.security),
        arguments: ["/login/forgotten", "/login/forgotten?i=", "/login/forgotten?i=unknown"])
    func unknown(_ address: String) async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let page = try await browser.visit("/")
            let known = try await browser.get("/login/forgotten?i=\(try page.interactionID)")
            #expect(known.status == 200)
            let foreign = try await server.browser().get("/login/forgotten?i=\(try page.interactionID)")
            let reply = try await browser.get(address)
            #expect(reply.status == 400)
            #expect(reply.heading == "This sign-in has expired")
            #expect(server.withoutRequestID(foreign) == server.withoutRequestID(reply))
        }
    }

    @Test("is gone with its interaction", .tags(.security))
    func expired() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let page = try await browser.forget(on: try await browser.visit("/"))
            server.clock.advance(by: 1_800)
            let visit = try await browser.askToForget("13800000001", on: page)
            #expect(visit.reply.status == 400)
            #expect(await server.sentCodes().isEmpty)
        }
    }

    @Test("where the tenant does not offer it, the address does not exist", .tags(.security))
    func switchedOff() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let signIn = try await browser.visit("/")
            let page = try await browser.forget(on: signIn)
            let sent = try await browser.askToForget("13800000001", on: page)
            let code = try await server.lastCode(to: "+8613800000001")
            try await server.set(["password.forgotten": "off"])
            let address = "/login/forgotten?i=\(try signIn.interactionID)"
            #expect(try await browser.get(address).status == 404)
            #expect(try await browser.get("/login/forgotten").status == 404)
            #expect(try await browser.enterForgotten(code, on: sent).reply.status == 404)
            let again = try await browser.visit("/login?i=\(try signIn.interactionID)")
            #expect(again.reply.status == 200)
            #expect(!again.reply.text.contains("/login/forgotten"))
            let asked = try await browser.post(
                "/login/forgotten", try page.forgottenForm.sending(["phone": "13800000006"], pressing: "send"))
            #expect(asked.status == 404)
            #expect(await server.sentCodes().count == 1)
        }
    }

    @Test("is offered where only passwords are, and not linked where there are none")
    func methods() async throws {
        try await TestServer.run(settings: ["sms.send.interval": "off"]) { server in
            try await server.set(["signIn.methods": "password"])
            let (_, page) = try await server.forgetting()
            #expect(page.reply.heading == "Set a password")
            try await server.set(["signIn.methods": "sms"])
            #expect(try await server.browser().visit("/").reply.text.contains("/login/forgotten") == false)
        }
    }

    struct Forgery: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var filling: Changes = [:]
        var headers: [(String, String)] = []
    }

    @Test(
        "a form of another site or page sends and verifies nothing", .tags(.security),
        arguments: [
            Forgery(testDescription: "no token", filling: ["csrf": nil]),
            Forgery(testDescription: "a made-up token", filling: ["csrf": "AAAA"]),
            Forgery(testDescription: "another origin", headers: [("Origin", "https://evil.example")]),
            Forgery(testDescription: "an opaque origin", headers: [("Origin", "null")]),
            Forgery(testDescription: "the tenant's origin on http", headers: [("Origin", "http://sso.acme.example")]),
        ])
    func forged(_ forgery: Forgery) async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let page = try await browser.forget(on: try await browser.visit("/"))
            let form = try page.forgottenForm
            for (button, code) in [("send", ""), ("verify", "123456")] {
                let filling: Changes = ["phone": "13800000001", "code": code]
                var pairs = form.sending(filling, pressing: button)
                if let csrf = forgery.filling["csrf"] {
                    pairs.removeAll { $0.name == "csrf" }
                    if let csrf { pairs.append(FormURLEncoded.Pair("csrf", csrf)) }
                }
                let reply = try await browser.post("/login/forgotten", pairs, headers: forgery.headers)
                #expect(reply.status == 403)
            }
            #expect(await server.sentCodes().isEmpty)
            #expect(try await server.throttle(of: Samples.alice) == nil)
        }
    }

    @Test("the token of one interaction does not serve another", .tags(.security))
    func foreignToken() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let (first, second) = (
                try await browser.forget(on: try await browser.visit("/")),
                try await browser.forget(on: try await browser.visit(authorize()))
            )
            let pairs = try first.forgottenForm.sending(
                ["phone": "13800000001", "i": try second.interactionID], pressing: "send")
            #expect(try await browser.post("/login/forgotten", pairs).status == 403)
            #expect(await server.sentCodes().isEmpty)
        }
    }

    @Test(
        "a parameter that comes twice is refused", .tags(.security),
        arguments: ["i", "phone", "code", "csrf", "action"])
    func twice(_ name: String) async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let page = try await browser.forget(on: try await browser.visit("/"))
            let button = name == "code" ? "verify" : "send"
            let pairs = try page.forgottenForm.sending(["phone": "13800000001", "code": "123456"], pressing: button)
            let doubled = pairs + pairs.filter { $0.name == name }
            #expect(try await browser.post("/login/forgotten", doubled).status == 400)
            #expect(await server.sentCodes().isEmpty)
        }
    }
}

@Suite("The page for a forgotten password does not tell who exists (peers' class 19)")
struct ForgottenSameWordsTests {
    /// What asking and a wrong code are answered with, as it is the same for all.
    private static func answers(_ server: TestServer, _ body: (SameWordsTests.Somebody) async throws -> Reply)
        async throws -> Set<String>
    {
        var pages: Set<String> = []
        for person in SameWordsTests.people {
            let reply = try await body(person)
            pages.insert("\(reply.status) \(server.withoutRequestID(reply, typed: [person.phone]))")
            #expect(reply.cookies.isEmpty)
        }
        return pages
    }

    @Test(
        "asking is answered with the same bytes; only who may come in gets a code", .tags(.security),
        arguments: Backend.journeys)
    func asking(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            try await SameWordsTests.freeze(server)
            let pages = try await Self.answers(server) { person in
                let browser = server.browser()
                let page = try await browser.forget(on: try await browser.visit("/"))
                return try await browser.askToForget(person.phone, on: page).reply
            }
            #expect(pages.count == 1)
            let sent = await server.sentCodes()
            #expect(sent.map(\.phone) == ["+8613800000001", "+8613800000002", "+8613800000005"])
            #expect(sent.allSatisfy { $0.text.contains("resets your password") })
        }
    }

    @Test("a wrong code is answered with the same bytes, and so is the sixth", .tags(.security))
    func wrong() async throws {
        try await TestServer.run { server in
            try await SameWordsTests.freeze(server)
            for person in SameWordsTests.people {
                let browser = server.browser()
                let page = try await browser.forget(on: try await browser.visit("/"))
                _ = try await browser.askToForget(person.phone, on: page)
            }
            var all: Set<String> = []
            for _ in 1...6 {
                all.formUnion(
                    try await Self.answers(server) { person in
                        let browser = server.browser()
                        let page = try await browser.forget(on: try await browser.visit("/"))
                        return try await browser.enterForgotten("000000", on: page, ["phone": person.phone]).reply
                    })
            }
            #expect(all.count == 1)
        }
    }

    /// Why a code that was sent is refused.
    enum Fate: String, CaseIterable, Sendable {
        case wrong, overTried, expired, replaced, foreignBrowser, foreignInteraction, foreignPhone, otherPurpose
        case otherPurposeBack
    }

    @Test(
        "wrong, over-tried, expired, replaced, foreign: one message, byte for byte", .tags(.security),
        arguments: Fate.allCases)
    func fates(_ fate: Fate) async throws {
        try await TestServer.run(settings: ["sms.send.interval": "off"]) { server in
            let browser = server.browser()
            let page = try await browser.forget(on: try await browser.visit("/"))
            let sent = try await browser.askToForget("13800000001", on: page)
            let code = try await server.lastCode(to: "+8613800000001")
            let reply = try await Self.meet(fate, code, sent, browser, server)
            // What the same page says of a number that belongs to nobody.
            let stranger = server.browser()
            let strange: Browser.Visit
            if fate == .otherPurposeBack {
                strange = try await stranger.enterCode(
                    code, on: try await stranger.visit("/login?tab=phone"), ["phone": "13800000099"])
            } else {
                strange = try await stranger.enterForgotten(
                    code, on: try await stranger.forget(on: try await stranger.visit("/")), ["phone": "13800000099"])
            }
            let typed = ["13800000001", "13800000006", "13800000099"]
            #expect(reply.status == 422)
            #expect(
                server.withoutRequestID(reply, typed: typed) == server.withoutRequestID(strange.reply, typed: typed))
            #expect(reply.formErrors == [ForgottenPasswordPageTests.refused])
            #expect(try await server.sessions().isEmpty)
        }
    }

    private static func meet(
        _ fate: Fate, _ code: String, _ sent: Browser.Visit, _ browser: Browser, _ server: TestServer
    ) async throws -> Reply {
        switch fate {
        case .wrong: return try await browser.enterForgotten(other(code), on: sent).reply
        case .overTried:
            for _ in 1...5 { _ = try await browser.enterForgotten(other(code), on: sent) }
            return try await browser.enterForgotten(code, on: sent).reply
        case .expired:
            server.clock.advance(by: 300)
            return try await browser.enterForgotten(code, on: sent).reply
        case .replaced:
            _ = try await browser.askToForget("13800000001", on: sent)
            _ = await server.sentCodes()
            return try await browser.enterForgotten(code, on: sent).reply
        case .foreignBrowser:
            let thief = server.browser()
            let page = try await thief.forget(on: try await thief.visit("/"))
            return try await thief.enterForgotten(code, on: page, ["phone": "13800000001"]).reply
        case .foreignInteraction:
            let page = try await browser.forget(on: try await browser.visit("/account"))
            return try await browser.enterForgotten(code, on: page, ["phone": "13800000001"]).reply
        case .foreignPhone: return try await browser.enterForgotten(code, on: sent, ["phone": "13800000006"]).reply
        case .otherPurpose:
            let signIn = try await browser.visit("/login?i=\(try sent.interactionID)")
            _ = try await browser.askForCode("13800000001", on: signIn)
            let other = try await server.lastCode(to: "+8613800000001")
            try #require(other != code)
            return try await browser.enterForgotten(other, on: sent).reply
        case .otherPurposeBack:
            let signIn = try await browser.visit("/login?i=\(try sent.interactionID)&tab=phone")
            return try await browser.enterCode(code, on: signIn, ["phone": "13800000001"]).reply
        }
    }

    @Test("a code that was used is not used again, by whomever", .tags(.security), arguments: Backend.journeys)
    func replayed(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = server.browser()
            let page = try await browser.forget(on: try await browser.visit("/"))
            let sent = try await browser.askToForget("13800000001", on: page)
            let code = try await server.lastCode(to: "+8613800000001")
            let form = try sent.forgottenForm
            let replies = try await inParallel(8) { _ in
                try await browser.post("/login/forgotten", form.sending(["code": code], pressing: "verify"))
            }
            // The interaction goes on once; whoever came second in it is sent after it.
            #expect(Set(replies.compactMap(\.location)) == ["/login/password?i=\(try page.interactionID)"])
            let due = try await server.events().filter { $0.hasPrefix("sign_in.password_due") }
            #expect(due == [#"sign_in.password_due {"method":"sms","cause":"forgotten"}"#])
            let thief = server.browser()
            let other = try await thief.forget(on: try await thief.visit("/"))
            let replay = try await thief.enterForgotten(code, on: other, ["phone": "13800000001"])
            #expect(replay.reply.status == 422)
            #expect(replay.reply.formErrors == [ForgottenPasswordPageTests.refused])
        }
    }
}
