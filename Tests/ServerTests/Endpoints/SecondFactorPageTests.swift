import Cryptography
import Directory
import FoundationEssentials
import Gateways
import Identity
import Server
import Storage
import TestSupport
import Testing
import Wire

@Suite("/account/second-factor: a person's second factors")
struct SecondFactorPageTests {
    private static func factorEvents(_ server: TestServer) async throws -> [String] {
        try await server.events().filter { $0.hasPrefix("factor.") }
    }

    // MARK: - Authenticator app

    @Test(
        "an app counts once its code has come back; recovery codes are shown once", .tags(.security),
        arguments: Backend.journeys)
    func app(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = try await server.signedIn()
            let (done, totp) = try await browser.setUpApp(server)
            #expect(done.reply.status == 200)
            #expect(done.reply.heading == "Your recovery codes")
            #expect(done.recoveryCodes.count == 10 && Set(done.recoveryCodes).count == 10)
            #expect(done.reply["Cache-Control"] == "no-store")
            let stored = try #require(try await server.app())
            #expect(stored.totp == totp && stored.confirmedAt == server.clock.now)
            #expect(try await server.factors() == SecondFactors(hasApp: true, recoveryCodes: 10))
            #expect(try await Self.factorEvents(server) == [#"factor.added {"factor":"totp"}"#])
            #expect(try await server.notices() == ["FACTOR_CHANGED_SMS +8613800000001"])
            let overview = try await browser.visit(FactorPath.overview)
            #expect(overview.reply.text.contains("10 of 10"))
            #expect(done.recoveryCodes.allSatisfy { !overview.reply.text.contains($0) })
        }
    }

    @Test("the code that set it up is used up", .tags(.security))
    func usedStep() async throws {
        try await TestServer.run { server in
            let (_, totp) = try await server.signedIn().setUpApp(server)
            let factor = try #require(try await server.app())
            #expect(factor.step(matching: totp.code(server), now: server.clock.now) == nil)
            #expect(factor.step(matching: totp.code(server, after: 1), now: server.clock.now) != nil)
        }
    }

    @Test("neither secret nor codes reach a log or lie there in the clear", .tags(.security))
    func secrets() async throws {
        try await TestServer.run { server in
            let (done, totp) = try await server.signedIn().setUpApp(server)
            let codes = done.recoveryCodes.flatMap { [$0, $0.filter { $0 != "-" }] }
            let stored = try await server.database.read { db in
                try db.rows("SELECT sealed_secret FROM totp_factors UNION ALL SELECT hash FROM recovery_codes") { row in
                    try row.next(String.self)
                }
            }
            let all = try await server.events() + server.log.lines + stored + server.sms.messages.map(\.text)
            #expect(stored.count == 11)
            for secret in codes + [totp.secretText] {
                #expect(all.allSatisfy { !$0.contains(secret) })
            }
        }
    }

    /// One thing about the form that is not as it should be.
    struct Refused: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var changes: Changes
        var error: String
    }

    @Test(
        "refuses, keeps the secret on the page, and changes nothing", .tags(.security),
        arguments: [
            Refused(testDescription: "no code", changes: ["appCode": ""], error: "Enter the code from the app."),
            Refused(testDescription: "a wrong code", changes: ["appCode": "000000"], error: "The code is not right."),
            Refused(testDescription: "no code but text", changes: ["appCode": "abc"], error: "The code is not right."),
            Refused(
                testDescription: "no password", changes: ["currentPassword": ""],
                error: "Enter your current password."),
            Refused(
                testDescription: "a wrong password", changes: ["currentPassword": "Wrong-Horse-7"], error: "attempts"),
            Refused(
                testDescription: "an SMS code in place of the password",
                changes: ["currentPassword": nil, "code": "123456"], error: "Enter your current password."),
        ])
    func refused(_ refused: Refused) async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            let page = try await browser.visit(FactorPath.app)
            let totp = try page.appSecret()
            let filling: Changes = ["appCode": totp.code(server), "currentPassword": Samples.password]
            let again = try await browser.submit(
                try page.form(to: FactorPath.app), filling.merging(refused.changes) { $1 }, pressing: "confirm")
            #expect(again.reply.status == 422)
            #expect(again.reply.text.contains(refused.error))
            #expect(try again.appSecret() == totp)
            #expect(try await server.factors() == SecondFactors())
            #expect(try await Self.factorEvents(server) == [])
        }
    }

    @Test("a form serves once, for its session, and for a quarter of an hour", .tags(.security))
    func setup() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            let page = try await browser.visit(FactorPath.app)
            let totp = try page.appSecret()
            let form = try page.form(to: FactorPath.app)
            func send(_ form: PageForm, from browser: Browser, _ changes: Changes = [:]) async throws -> Browser.Visit {
                let filling: Changes = ["appCode": totp.code(server), "currentPassword": Samples.password]
                return try await browser.submit(form, filling.merging(changes) { $1 }, pressing: "confirm")
            }
            // Another session of hers, and somebody else's, with their own tokens and her secret.
            for other in [try await server.signedIn(), try await server.signedIn("frank")] {
                let own = try await other.visit(FactorPath.app).form(to: FactorPath.app)
                let foreign = try await send(own, from: other, ["setup": form["setup"]])
                #expect(foreign.reply.status == 422)
                #expect(foreign.reply.text.contains("open for too long"))
            }
            #expect(try await send(form, from: browser).reply.status == 200)
            #expect(try await browser.changeFactor("remove-app").reply.status == 200)
            #expect(try await send(form, from: browser).reply.status == 403)
            let late = try await browser.visit(FactorPath.app).form(to: FactorPath.app)
            server.clock.advance(by: 900)
            #expect(try await send(late, from: browser).reply.text.contains("open for too long"))
            #expect(try await server.factors() == SecondFactors())
        }
    }

    @Test("of ten that send one form, one is done", .tags(.security), arguments: Backend.journeys)
    func race(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = try await server.signedIn()
            let page = try await browser.visit(FactorPath.app)
            let form = try page.form(to: FactorPath.app)
            let filling: Changes = [
                "appCode": try page.appSecret().code(server), "currentPassword": Samples.password,
            ]
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<10 {
                    group.addTask { try await browser.submit(form, filling, pressing: "confirm").reply.status }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.filter { $0 == 200 }.count == 1)
            #expect(try await Self.factorEvents(server).count == 1)
        }
    }

    @Test("another app takes its place, and the codes stay")
    func replace() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            let (first, _) = try await browser.setUpApp(server)
            server.clock.advance(by: 60)
            let (done, totp) = try await browser.setUpApp(server)
            #expect(done.trail == [FactorPath.app, "\(FactorPath.overview)?notice=appSet"])
            #expect(done.reply.text.contains("The authenticator app is set up."))
            #expect(try await server.app()?.totp == totp)
            #expect(first.recoveryCodes.count == 10 && done.recoveryCodes == [])
            #expect(try await server.factors() == SecondFactors(hasApp: true, recoveryCodes: 10))
        }
    }

    // MARK: - Acts with nothing but a proof

    @Test("each is done with the password, told and logged", .tags(.security), arguments: Backend.journeys)
    func acts(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = try await server.signedIn()
            #expect(try await browser.changeFactor("sms-on").recoveryCodes.count == 10)
            #expect(try await server.factors() == SecondFactors(hasSMS: true, recoveryCodes: 10))
            #expect(try await browser.changeFactor("sms-on").trail.last == FactorPath.overview)
            let made = try await browser.changeFactor("new-codes")
            #expect(made.recoveryCodes.count == 10)
            _ = try await browser.setUpApp(server)
            #expect(
                try await browser.changeFactor("sms-off").trail
                    == [FactorPath.change, "\(FactorPath.overview)?notice=smsFactorOff"])
            #expect(try await server.factors() == SecondFactors(hasApp: true, recoveryCodes: 10))
            #expect(
                try await browser.changeFactor("remove-app").trail
                    == [FactorPath.change, "\(FactorPath.overview)?notice=appRemoved"])
            // With the last factor go the codes that stood in for it.
            #expect(try await server.factors() == SecondFactors())
            #expect(
                Set(try await Self.factorEvents(server)) == [
                    #"factor.added {"factor":"sms"}"#, "factor.codes_made {}", #"factor.added {"factor":"totp"}"#,
                    #"factor.removed {"factor":"sms"}"#, #"factor.removed {"factor":"totp"}"#,
                ])
            let told = try await server.notices()
            #expect(told.allSatisfy { $0 == "FACTOR_CHANGED_SMS +8613800000001" } && !told.isEmpty)
        }
    }

    @Test("there are no codes without a factor, and nothing to remove where nothing is")
    func nothing() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            for act in ["new-codes", "remove-app", "sms-off"] {
                #expect(try await browser.changeFactor(act).trail == [FactorPath.change, FactorPath.overview])
            }
            #expect(try await server.factors() == SecondFactors())
            #expect(try await server.notices() == [])
            #expect(try await browser.visit("\(FactorPath.change)?act=other").reply.status == 404)
            #expect(try await browser.visit(FactorPath.change).reply.status == 404)
        }
    }

    @Test(
        "whoever has a password shows it: a code to the phone does not take an app away", .tags(.security),
        arguments: ["remove-app", "sms-off", "sms-on", "new-codes"])
    func phoneIsNotEnough(act: String) async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            _ = try await browser.setUpApp(server)
            let before = try await server.factors()
            let page = try await browser.visit("\(FactorPath.change)?act=\(act)")
            let form = try page.form(to: FactorPath.change)
            #expect(!form.buttons.contains { $0.value == "send" })
            let sent = await server.sentCodes().count
            _ = try await browser.submit(form, ["action": "send"])
            #expect(await server.sentCodes().count == sent)
            // A code that a session of hers could get elsewhere.
            let phone = try await browser.visit("/account/phone")
            _ = try await browser.submit(try phone.form(to: "/account/phone"), pressing: "send")
            let code = try await server.lastCode(to: "+8613800000001")
            for changes: Changes in [["currentPassword": nil, "code": code], ["currentPassword": "", "code": code]] {
                let refused = try await browser.submit(form, changes, pressing: "confirm")
                #expect(refused.reply.status == 422)
            }
            #expect(try await server.factors() == before)
        }
    }

    @Test("somebody without a password proves with a code, once", .tags(.security), arguments: Backend.journeys)
    func byCode(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = try await server.signedIn()
            try await server.clearPassword()
            let page = try await browser.visit("\(FactorPath.change)?act=sms-on")
            let form = try page.form(to: FactorPath.change)
            #expect(form["currentPassword"] == nil && form["code"] == nil)
            #expect(try await browser.submit(form, pressing: "confirm").reply.status == 422)
            let asked = try await browser.submit(form, pressing: "send")
            let code = try await server.lastCode(to: "+8613800000001")
            let codeForm = try asked.form(to: FactorPath.change)
            #expect(try await browser.submit(codeForm, ["code": "000000"], pressing: "confirm").reply.status == 422)
            #expect(try await server.factors() == SecondFactors())
            let done = try await browser.submit(codeForm, ["code": code], pressing: "confirm")
            #expect(done.recoveryCodes.count == 10)
            let replayed = try await browser.submit(codeForm, ["act": "sms-off", "code": code], pressing: "confirm")
            #expect(replayed.reply.status == 422)
            #expect(try await server.factors().hasSMS)
        }
    }

    @Test("a password that was set meanwhile makes a code worth nothing", .tags(.security))
    func overtaken() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            try await server.clearPassword()
            let form = try await browser.visit("\(FactorPath.change)?act=sms-on").form(to: FactorPath.change)
            let asked = try await browser.submit(form, pressing: "send")
            let code = try await server.lastCode(to: "+8613800000001")
            try await server.setPassword(of: Samples.alice)
            let refused = try await browser.submit(
                try asked.form(to: FactorPath.change), ["code": code], pressing: "confirm")
            #expect(refused.reply.status == 422)
            #expect(try await server.factors() == SecondFactors())
        }
    }

    @Test("wrong passwords count like those of the sign-in page", .tags(.security))
    func counted() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            for _ in 0..<10 { _ = try await browser.changeFactor("sms-on", ["currentPassword": "Wrong-Horse-7"]) }
            #expect(try await browser.changeFactor("sms-on").reply.status == 422)
            #expect(try await server.factors() == SecondFactors())
        }
    }

    // MARK: - Who may

    @Test("without a session every page leads to sign-in, and no form is taken", .tags(.security))
    func nobody() async throws {
        try await TestServer.run { server async throws in
            for path in FactorPath.pages {
                #expect(try await server.browser().visit(path).reply.heading == "Sign in")
            }
            for path in FactorPath.forms {
                #expect(try await server.browser().post(path, []).status == 403)
            }
        }
    }

    @Test("no form is taken without its token, or with that of another session", .tags(.security))
    func csrf() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            let other = try await server.signedIn("frank").visit(FactorPath.add).form(to: FactorPath.add)
            for path in FactorPath.forms {
                for token in [nil, "", other["csrf"]] {
                    let pairs =
                        [FormURLEncoded.Pair("currentPassword", Samples.password)]
                        + (token.map { [FormURLEncoded.Pair("csrf", $0)] } ?? [])
                    #expect(try await browser.post(path, pairs).status == 403)
                }
                let own = try await browser.visit(FactorPath.add).form(to: FactorPath.add)["csrf"] ?? ""
                let twice = [FormURLEncoded.Pair("csrf", own), FormURLEncoded.Pair("csrf", own)]
                #expect(try await browser.post(path, twice).status == 400)
                let elsewhere = try await browser.post(
                    path, [FormURLEncoded.Pair("csrf", own)], headers: [("Origin", "https://evil.example")])
                #expect(elsewhere.status == 403)
            }
            #expect(try await server.factors() == SecondFactors())
        }
    }

    @Test("what a person has ended cannot change anything any more", .tags(.security))
    func ended() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            let form = try await browser.visit("\(FactorPath.change)?act=sms-on").form(to: FactorPath.change)
            try await server.disable(Samples.alice)
            let filling: Changes = ["currentPassword": Samples.password]
            #expect(try await browser.submit(form, filling, pressing: "confirm").reply.status == 403)
            #expect(try await server.factors() == SecondFactors())
        }
    }
}
