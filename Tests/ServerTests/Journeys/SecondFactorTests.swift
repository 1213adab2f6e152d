import Directory
import FoundationEssentials
import Identity
import Server
import Storage
import TestSupport
import Testing
import Wire

extension Browser {
    /// Types a code of an authenticator app on the second-factor page.
    func enterFactor(_ code: String, on page: Visit, _ further: Changes = [:]) async throws -> Visit {
        try await submit(try page.factorForm, ["code": code].merging(further) { $1 })
    }
}

extension Browser.Visit {
    var factorForm: PageForm {
        get throws { try form(to: "/login/second-factor") { $0["factor"] != nil || $0["setup"] != nil } }
    }

    /// Whether the person is asked for another factor.
    var asksFactor: Bool { trail.last?.hasPrefix("/login/second-factor") == true }
}

extension TestServer {
    /// The app that Alice has in these tests.
    static let app = TOTP(secret: Array("12345678901234567890".utf8))
    static let recoveryCode = "ABCDE-23456"

    /// Gives a user an app and one recovery code.
    func giveApp(to user: User = Samples.alice) async throws {
        let factor = TOTPFactor(totp: Self.app, confirmedAt: clock.now, lastStep: nil)
        let hash = RecoveryCode.hash(Self.recoveryCode, userID: user.id, key: environment.keys.recoveryCodes)
        try await change { db in
            try db.totpFactors(Samples.sealingKey).put(factor, ofUser: user.id)
            try db.recoveryCodes.replace(ofUser: user.id, with: [hash].compactMap(\.self))
        }
    }

    /// What an app shows now.
    func appCode(_ app: TOTP = app) -> String { TOTP.code(app.secret, counter: TOTP.step(at: clock.now)) }
}

@Suite("A second factor at sign-in")
struct SecondFactorJourneyTests {
    @Test("password, then the app: the application learns of both", arguments: Backend.journeys)
    func app(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            try await server.giveApp()
            let browser = server.browser()
            let asked = try await browser.signIn(at: authorize())
            #expect(asked.asksFactor)
            #expect(try await !browser.isSignedIn())
            let done = try await browser.enterFactor(server.appCode(), on: asked)
            let tokens = try Tokens(try await server.redeem(try #require(done.answer["code"])))
            let told = try claims(of: tokens.id)
            #expect(told["amr"] == ["pwd", "otp", "mfa"])
            #expect(told["acr"] == "2")
            let events = try await server.events()
            #expect(events.contains { $0.hasPrefix(#"sign_in.factor_due {"method":"password"}"#) })
            #expect(
                events.contains {
                    $0.hasPrefix(#"sign_in.succeeded {"method":"password","further":["totp"],"first":false}"#)
                })
        }
    }

    @Test("a code works once, in parallel too", .tags(.security), arguments: Backend.journeys)
    func once(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            try await server.giveApp()
            var pages: [(Browser, Browser.Visit)] = []
            for _ in 0..<6 {
                let browser = server.browser()
                pages.append((browser, try await browser.signIn()))
            }
            let code = server.appCode()
            let ready = pages
            let done = try await inParallel(6) { number in
                try await ready[number].0.enterFactor(code, on: ready[number].1).reply.status
            }
            #expect(done.count { $0 == 200 } == 1)
            #expect(done.count { $0 == 422 } == 5)
        }
    }

    @Test("a recovery code works once", .tags(.security))
    func recovery() async throws {
        try await TestServer.run { server in
            try await server.giveApp()
            for status in [200, 422] {
                let browser = server.browser()
                let asked = try await browser.signIn()
                // Two entries: used up, the page offers it no more.
                let address = "\(try #require(asked.trail.last))&factor=recovery_code"
                let page = try await browser.visit(address)
                let form = try page.factorForm
                let typed = form["factor"] == "recovery_code" ? TestServer.recoveryCode.lowercased() : "000000"
                let visit = try await browser.enterFactor(typed, on: page)
                #expect(visit.reply.status == status)
                #expect((form["factor"] == "recovery_code") == (status == 200))
            }
        }
    }

    @Test("wrong codes freeze the account, though the password before them is right each time", .tags(.security))
    func freeze() async throws {
        try await TestServer.run { server in
            try await server.giveApp()
            let wrong = other(server.appCode())
            for _ in 1...5 {
                let browser = server.browser()
                let asked = try await browser.signIn()
                #expect(asked.asksFactor)
                #expect(try await browser.enterFactor(wrong, on: asked).reply.status == 422)
            }
            #expect(try await server.browser().signIn().reply.status == 422)
            #expect(try await server.events().contains { $0.hasPrefix("account.frozen") })
        }
    }

    @Test("codes guessed in parallel are counted to the last", .tags(.security), arguments: Backend.journeys)
    func parallelGuesses(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            try await server.giveApp()
            let browser = server.browser()
            let asked = try await browser.signIn()
            let wrong = other(server.appCode())
            _ = try await inParallel(50) { _ in try await browser.enterFactor(wrong, on: asked).reply.status }
            let events = try await server.events()
            #expect(events.count { $0.contains(#""method":"totp","reason":"wrong_code""#) } == 9)
            #expect(try await browser.enterFactor(server.appCode(), on: asked).reply.status == 422)
        }
    }

    @Test("the way by SMS code asks for the app too, and a forgotten password as well", .tags(.security))
    func notAround() async throws {
        try await TestServer.run { server in
            try await server.giveApp()
            let browser = server.browser()
            let sent = try await browser.askForCode("13800000001", on: try await browser.visit("/"))
            let asked = try await browser.enterCode(try await server.lastCode(to: "+8613800000001"), on: sent)
            #expect(asked.asksFactor)
            let other = server.browser()
            let page = try await other.visit("/")
            let id = try page.interactionID
            let forgotten = try await other.visit("/login/forgotten?i=\(id)")
            server.clock.advance(by: 60)
            let form = try forgotten.form(to: "/login/forgotten")
            let waiting = try await other.submit(form, ["phone": "13800000001"], pressing: "send")
            let code = try await server.lastCode(to: "+8613800000001")
            let step = try await other.submit(
                try waiting.form(to: "/login/forgotten"), ["phone": "13800000001", "code": code], pressing: "verify")
            #expect(step.asksFactor)
            #expect(try await other.visit("/login/password?i=\(id)").asksFactor)
            let set = try await other.enterFactor(server.appCode(), on: step)
            #expect(set.reply.heading == "Set a password")
        }
    }

    @Test("nothing but the step itself is to be had at the step", .tags(.security))
    func nothingElse() async throws {
        try await TestServer.run { server in
            try await server.giveApp()
            let browser = server.browser()
            let asked = try await browser.signIn(at: authorize())
            let id = try asked.interactionID
            for path in ["/oauth2/authorize", "/login", "/login/password", "/login/forgotten"] {
                #expect(try await browser.visit("\(path)?i=\(id)").asksFactor)
            }
            // Neither another browser nor a form without its token gets anywhere.
            let stranger = try await server.browser().visit("/login/second-factor?i=\(id)")
            #expect(stranger.reply.status == 400)
            var form = try asked.factorForm.sending(["code": server.appCode()])
            form.removeAll { $0.name == "csrf" }
            #expect(try await browser.post("/login/second-factor", form).status == 403)
            #expect(
                try await browser.post(
                    "/login/second-factor", try asked.factorForm.sending(["code": "1"]),
                    headers: [("Origin", "https://evil.example")]
                ).status == 403)
            #expect(try await !browser.isSignedIn())
        }
    }

    @Test("a password that is changed elsewhere takes the first factor back", .tags(.security))
    func overtaken() async throws {
        try await TestServer.run { server in
            try await server.giveApp()
            let browser = server.browser()
            let asked = try await browser.signIn()
            try await server.change { db in
                let credential = try #require(try db.credentials.ofUser(Samples.alice.id))
                let next = Credential.setting(
                    Samples.passwordHash, replacing: credential, policy: PasswordPolicy(), now: server.clock.now)
                #expect(try db.credentials.put(next, ofUser: Samples.alice.id))
            }
            _ = try await browser.enterFactor(server.appCode(), on: asked)
            #expect(try await !browser.isSignedIn())
        }
    }

    @Test("somebody else signs in from the step")
    func restart() async throws {
        try await TestServer.run { server in
            try await server.giveApp()
            let browser = server.browser()
            let asked = try await browser.signIn()
            let page = try await browser.submit(
                try asked.form(to: "/login/second-factor") { $0["factor"] == nil }, pressing: "restart")
            #expect(page.reply.heading == "Sign in")
            #expect(try await browser.enter("frank", Samples.password, on: page).reply.status == 200)
        }
    }

    // MARK: - Demanded

    @Test("everyone has to: a code to the phone is the second factor of who has nothing else")
    func demanded() async throws {
        try await TestServer.run { server in
            try await server.set(["secondFactor.demand": "everyone"])
            let browser = server.browser()
            let asked = try await browser.signIn(at: authorize())
            #expect(asked.asksFactor)
            let sent = try await browser.submit(try asked.factorForm, pressing: "send")
            #expect(sent.reply.status == 200)
            let code = try await server.lastCode(to: "+8613800000001")
            let done = try await browser.submit(try sent.factorForm, ["code": code], pressing: "verify")
            let tokens = try Tokens(try await server.redeem(try #require(done.answer["code"])))
            #expect(try claims(of: tokens.id)["amr"] == ["pwd", "sms", "otp", "mfa"])
        }
    }

    @Test("after an SMS code it is the password that makes two", .tags(.security))
    func password() async throws {
        try await TestServer.run { server in
            try await server.set(["secondFactor.demand": "everyone"])
            let browser = server.browser()
            let sent = try await browser.askForCode("13800000001", on: try await browser.visit("/"))
            let asked = try await browser.enterCode(try await server.lastCode(to: "+8613800000001"), on: sent)
            #expect(try asked.factorForm["factor"] == "password")
            let wrong = try await browser.submit(try asked.factorForm, ["password": "Wrong-Horse-1"])
            #expect(wrong.reply.status == 422)
            let done = try await browser.submit(try asked.factorForm, ["password": Samples.password])
            #expect(done.reply.status == 200)
            #expect(try await browser.isSignedIn())
        }
    }

    @Test("a first sign-in sets the password; from then on both are asked for")
    func firstSignIn() async throws {
        try await TestServer.run { server in
            try await server.set(["secondFactor.demand": "everyone"])
            let browser = server.browser()
            let sent = try await browser.askForCode("13800000002", on: try await browser.visit("/"))
            let page = try await browser.enterCode(try await server.lastCode(to: "+8613800000002"), on: sent)
            let done = try await browser.setPassword("Better-Horse-8", on: page)
            #expect(done.reply.status == 200)
            #expect(try await server.browser().signIn("bob", "Better-Horse-8").asksFactor)
        }
    }

    @Test("who has nothing that the tenant accepts sets up an app on the way in, and gets recovery codes")
    func setUp() async throws {
        try await TestServer.run { server in
            try await server.set(["secondFactor.demand": "everyone", "secondFactor.methods": "totp"])
            let browser = server.browser()
            let page = try await browser.signIn(at: authorize())
            #expect(page.reply.heading == "Set up an authenticator app")
            let app = try page.appSecret()
            let wrong = try await browser.submit(try page.factorForm, ["code": other(server.appCode(app))])
            #expect(wrong.reply.status == 422)
            #expect(try wrong.appSecret() == app)
            let codes = try await browser.submit(try wrong.factorForm, ["code": server.appCode(app)])
            #expect(codes.reply.heading == "Keep your recovery codes")
            #expect(codes.reply.text.matches(of: /<code>[0-9A-Z]{5}-[0-9A-Z]{5}<\/code>/).count == 10)
            let onward = try #require(codes.reply.text.firstMatch(of: /href="(\/oauth2\/authorize\?i=[^"]+)"/)).1
            #expect(try await browser.visit(String(onward)).answer["code"] != nil)
            server.clock.advance(by: 30)
            let again = server.browser()
            let asked = try await again.signIn()
            #expect(try asked.factorForm["factor"] == "totp")
            #expect(try await again.enterFactor(server.appCode(app), on: asked).reply.status == 200)
        }
    }

    @Test("the offered secret is worth nothing in another interaction", .tags(.security))
    func foreignOffer() async throws {
        try await TestServer.run { server in
            try await server.set(["secondFactor.demand": "everyone", "secondFactor.methods": "totp"])
            let (mine, theirs) = (server.browser(), server.browser())
            let offered = try await mine.signIn("frank")
            let page = try await theirs.signIn()
            let reply = try await theirs.submit(
                try page.factorForm, ["setup": try offered.factorForm["setup"], "code": "123456"])
            #expect(reply.reply.status == 403)
        }
    }

    // MARK: - Asked for by the application

    @Test("acr_values raises a session by the missing factor alone, and the session keeps its time", .tags(.security))
    func raise() async throws {
        try await TestServer.run { server in
            try await server.giveApp()
            let browser = server.browser()
            _ = try await browser.enterFactor(server.appCode(), on: try await browser.signIn())
            try await server.change { db in
                // As if it had begun before the app was set up.
                try db.execute("UPDATE sessions SET amr = 'pwd'")
            }
            let first = try await browser.enterNotes()
            #expect(try claims(of: try Tokens(try await server.redeem(first)).id)["acr"] == "1")
            server.clock.advance(by: 60)
            let asked = try await browser.visit(authorize(["acr_values": "2"]))
            #expect(asked.asksFactor)
            let done = try await browser.enterFactor(server.appCode(), on: asked)
            let told = try claims(of: try Tokens(try await server.redeem(try #require(done.answer["code"]))).id)
            #expect(told["acr"] == "2")
            #expect(told["auth_time"]?.integer == 1_700_000_000)
            let session = try await server.onlySession()
            #expect(session.createdAt == server.clock.now - 60)
            #expect(try await browser.visit(authorize(["acr_values": "2"])).answer["code"] != nil)
        }
    }

    @Test("a class that nobody knows is not asked for; the best that can be had is what is told", .tags(.security))
    func unknownClass() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            let unknown = try await browser.visit(authorize(["acr_values": "urn:example:gold"]))
            #expect(
                try claims(of: try Tokens(try await server.redeem(try #require(unknown.answer["code"]))).id)["acr"]
                    == "1")
            let silent = try await browser.visit(authorize(["acr_values": "2", "prompt": "none"]))
            #expect(silent.answer["error"] == "login_required")
        }
    }

    @Test("a session that ended while its second factor was typed is not raised", .tags(.security))
    func endedMeanwhile() async throws {
        try await TestServer.run { server in
            try await server.giveApp(to: Samples.frank)
            let browser = try await server.signedIn()
            try await server.giveApp()
            let asked = try await browser.visit(authorize(["acr_values": "2"]))
            #expect(asked.asksFactor)
            let id = try await server.onlySession().id
            try await server.change { db in _ = try db.sessions.end(id, now: server.clock.now) }
            let visit = try await browser.enterFactor(server.appCode(), on: asked)
            #expect(visit.departure == nil)
            #expect(try await !browser.isSignedIn())
        }
    }
}
