import Directory
import FoundationEssentials
import Gateways
import Identity
import Server
import Storage
import TestSupport
import Testing
import Wire

@Suite("/account/passkeys: a person's passkeys")
struct PasskeysPageTests {
    @Test(
        "one is added with the password, told, logged, and brings recovery codes", .tags(.security),
        arguments: Backend.journeys)
    func add(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = try await server.signedIn()
            var authenticator = try SoftAuthenticator()
            let done = try await browser.addPasskey(&authenticator)
            #expect(done.reply.heading == "Your recovery codes" && done.recoveryCodes.count == 10)
            let passkey = try #require(try await server.passkeys().first)
            #expect(passkey.credentialID == authenticator.credentialID && passkey.userID == Samples.alice.id)
            #expect(passkey.tenantID == Samples.acme.id && passkey.label.text == "Laptop")
            #expect(passkey.createdAt == server.clock.now && passkey.lastUsedAt == nil)
            #expect(
                try await server.events().filter { $0.hasPrefix("factor.") } == [#"factor.added {"factor":"passkey"}"#])
            #expect(try await server.notices() == ["FACTOR_CHANGED_SMS +8613800000001"])
            let list = try await browser.visit(FactorPath.passkeys)
            #expect(list.reply.text.contains("Laptop") && list.reply.text.contains("Never"))
        }
    }

    @Test("the browser is asked for this tenant, this person, and a challenge of its own")
    func options() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            var authenticator = try SoftAuthenticator()
            _ = try await browser.addPasskey(&authenticator)
            let (first, second) = (
                try await browser.beginPasskey().passkeyOptions(), try await browser.beginPasskey().passkeyOptions()
            )
            #expect(first["rp"] == ["id": "sso.acme.example", "name": "Acme"])
            #expect(first["user"]?["id"]?.string == Passkey.userHandle(of: Samples.alice.id))
            #expect(first["user"]?["name"] == "alice")
            #expect(first["challenge"] != second["challenge"] && first["challenge"]?.string?.utf8.count == 43)
            #expect(first["excludeCredentials"]?.array?.map { $0["id"]?.string } == [authenticator.credentialID])
        }
    }

    @Test("what was added can prove who it is", .tags(.security))
    func proof() async throws {
        try await TestServer.run { server in
            var authenticator = try SoftAuthenticator()
            _ = try await server.signedIn().addPasskey(&authenticator)
            let passkey = try #require(try await server.passkeys().first)
            let party = try #require(RelyingParty(of: Samples.acme))
            let options = PasskeyAssertion.options(challenge: "Y2hhbGxlbmdl", party, allowing: [passkey])
            let answer = try PasskeyAssertion(authenticator.get(options, at: Samples.acme.issuer))
            let challenge = PasskeyChallenge(
                hash: answer.challengeHash, owner: "interaction i", purpose: .authentication, userID: nil,
                expiresAt: server.clock.now + 1)
            let used = try answer.proof(of: passkey, answering: challenge, party, now: server.clock.now)
            #expect(used.lastUsedAt == server.clock.now)
        }
    }

    /// One thing about an answer that is not as it should be.
    struct Refused: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var origin = Samples.acme.issuer
        var flags: UInt8 = 0x05
        var options: @Sendable (JSON) -> JSON = { $0 }

        static func replacing(_ name: String, by value: JSON) -> @Sendable (JSON) -> JSON {
            { options in
                .object((options.members ?? []).map { $0.key == name ? JSON.Member(name, value) : $0 })
            }
        }
    }

    @Test(
        "refuses, and stores nothing", .tags(.security),
        arguments: [
            Refused(testDescription: "an answer to another page", origin: "https://sso.globex.example"),
            Refused(testDescription: "nobody touched it", flags: 0x04),
            Refused(testDescription: "nobody was checked", flags: 0x01),
            Refused(
                testDescription: "another challenge",
                options: Refused.replacing("challenge", by: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")),
            Refused(
                testDescription: "another relying party",
                options: Refused.replacing("rp", by: ["id": "sso.globex.example"])),
        ])
    func refused(_ refused: Refused) async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            var authenticator = try SoftAuthenticator()
            authenticator.flags = refused.flags
            let page = try await browser.beginPasskey()
            let answer = try authenticator.create(refused.options(try page.passkeyOptions()), at: refused.origin)
            let done = try await browser.submit(try page.form(to: FactorPath.register), ["credential": answer])
            #expect(done.reply.status == 422)
            #expect(done.reply.text.contains("The passkey was not added."))
            #expect(try await server.factors() == SecondFactors())
        }
    }

    @Test(
        "what is no answer is refused", .tags(.security),
        arguments: ["", "{}", "[]", "null", "{\"type\":\"public-key\"}", String(repeating: "[", count: 5_000)])
    func nonsense(text: String) async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            let form = try await browser.beginPasskey().form(to: FactorPath.register)
            #expect(try await browser.submit(form, ["credential": text]).reply.status == 422)
            let huge = try await browser.submit(form, ["credential": String(repeating: "a", count: 200_000)])
            #expect(huge.reply.status == 413)
            #expect(try await server.factors() == SecondFactors())
        }
    }

    @Test("a challenge serves once, for its session, and for five minutes", .tags(.security))
    func challenges() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            func begin() async throws -> (form: PageForm, answer: String, authenticator: SoftAuthenticator) {
                let page = try await browser.beginPasskey()
                var authenticator = try SoftAuthenticator()
                let answer = try authenticator.create(try page.passkeyOptions(), at: Samples.acme.issuer)
                return (try page.form(to: FactorPath.register), answer, authenticator)
            }
            let first = try await begin()
            // Another session of hers, and somebody else's, each with a token of its own.
            for other in [try await server.signedIn(), try await server.signedIn("frank")] {
                let form = try await other.beginPasskey().form(to: FactorPath.register)
                #expect(try await other.submit(form, ["credential": first.answer]).reply.status == 422)
            }
            #expect(try await browser.submit(first.form, ["credential": first.answer]).reply.status == 200)
            #expect(try await browser.submit(first.form, ["credential": first.answer]).reply.status == 422)
            let late = try await begin()
            server.clock.advance(by: 300)
            #expect(try await browser.submit(late.form, ["credential": late.answer]).reply.status == 422)
            #expect(try await server.passkeys().map(\.credentialID) == [first.authenticator.credentialID])
            #expect(try await server.passkeys(of: Samples.frank) == [])
        }
    }

    @Test("of ten that send one answer, one is done", .tags(.security), arguments: Backend.journeys)
    func race(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = try await server.signedIn()
            let page = try await browser.beginPasskey()
            var authenticator = try SoftAuthenticator()
            let answer = try authenticator.create(try page.passkeyOptions(), at: Samples.acme.issuer)
            let form = try page.form(to: FactorPath.register)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<10 {
                    group.addTask { try await browser.submit(form, ["credential": answer]).reply.status }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.sorted() == [200] + [Int](repeating: 422, count: 9))
            #expect(try await server.passkeys().count == 1)
        }
    }

    @Test("without the right password there is no challenge", .tags(.security))
    func unproved() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            for changes: Changes in [["currentPassword": ""], ["currentPassword": "Wrong-Horse-7"]] {
                let again = try await browser.beginPasskey(changes)
                #expect(again.reply.status == 422)
                #expect(!again.reply.text.contains("data-passkey-options"))
            }
            let challenges = try await server.database.read { db in
                try db.row("SELECT COUNT(*) FROM passkey_challenges") { try $0.next(Int.self) }
            }
            #expect(challenges == 0)
        }
    }

    @Test("a passkey that somebody else has is not stored twice", .tags(.security), arguments: Backend.journeys)
    func taken(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            var authenticator = try SoftAuthenticator()
            _ = try await server.signedIn().addPasskey(&authenticator)
            let again = try await server.signedIn("frank").addPasskey(&authenticator)
            #expect(again.reply.status == 422)
            #expect(try await server.passkeys(of: Samples.frank) == [])
        }
    }

    @Test("twenty are enough", .tags(.security))
    func limit() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            var authenticator = try SoftAuthenticator()
            _ = try await browser.addPasskey(&authenticator)
            let passkey = try #require(try await server.passkeys().first)
            try await server.change { db in
                for number in 1..<Passkey.limit {
                    var other = passkey
                    other.credentialID = "other-\(number)"
                    try db.passkeys.insert(other)
                }
            }
            var next = try SoftAuthenticator()
            let done = try await browser.addPasskey(&next)
            #expect(done.reply.status == 422 && done.reply.text.contains("You have 20 passkeys."))
            #expect(try await server.passkeys().count == Passkey.limit)
        }
    }

    @Test("its name is changed by its owner, who is told what a name is", .tags(.security))
    func rename() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            var authenticator = try SoftAuthenticator()
            _ = try await browser.addPasskey(&authenticator)
            let form = try await browser.visit(FactorPath.passkeys).form(to: FactorPath.rename)
            let named = try await browser.submit(form, ["label": "<b>Büro"])
            #expect(named.trail == [FactorPath.rename, "\(FactorPath.passkeys)?notice=passkeyRenamed"])
            #expect(named.reply.text.contains("&lt;b&gt;Büro") && !named.reply.text.contains("<b>Büro"))
            for label in ["", "a\u{0}b", String(repeating: "a", count: 65)] {
                #expect([400, 422].contains(try await browser.submit(form, ["label": label]).reply.status))
            }
            let frank = try await server.signedIn("frank")
            let token = try await frank.visit(FactorPath.add).form(to: FactorPath.add)["csrf"]
            #expect(try await frank.submit(form, ["csrf": token, "label": "mine"]).reply.status == 404)
            #expect(try await server.passkeys().map(\.label.text) == ["<b>Büro"])
        }
    }

    @Test("one is removed with the password, by its owner alone", .tags(.security), arguments: Backend.journeys)
    func remove(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = try await server.signedIn()
            var authenticator = try SoftAuthenticator()
            _ = try await browser.addPasskey(&authenticator)
            let address = "\(FactorPath.remove)?passkey=\(authenticator.credentialID)"
            #expect(try await server.signedIn("frank").visit(address).reply.status == 404)
            #expect(try await browser.visit("\(FactorPath.remove)?passkey=other").reply.status == 404)
            let form = try await browser.visit(address).form(to: FactorPath.remove)
            let wrong: Changes = ["currentPassword": "Wrong-Horse-7"]
            #expect(try await browser.submit(form, wrong, pressing: "confirm").reply.status == 422)
            #expect(try await server.passkeys().count == 1)
            let right: Changes = ["currentPassword": Samples.password]
            let done = try await browser.submit(form, right, pressing: "confirm")
            #expect(done.trail == [FactorPath.remove, "\(FactorPath.passkeys)?notice=passkeyRemoved"])
            #expect(try await server.factors() == SecondFactors())
            #expect(try await server.events().contains(#"factor.removed {"factor":"passkey"}"#))
        }
    }
}

@Suite("Second factors of somebody who has lost the device")
struct FactorResetTests {
    private static func open(_ browser: Browser, _ id: String = Samples.alice.id) async throws -> Browser.Visit {
        try await browser.visit("/admin/users/factors?user=\(id)")
    }

    private static func confirm(
        _ page: Browser.Visit, _ browser: Browser, _ changes: Changes = [:]
    ) async throws -> Browser.Visit {
        let filling: Changes = ["currentPassword": Samples.password]
        return try await browser.submit(
            try page.form(to: "/admin/users/factors"), filling.merging(changes) { $1 }, pressing: "confirm")
    }

    @Test(
        "an administrator takes all of them; sessions end, the person is told", .tags(.security),
        arguments: Backend.journeys)
    func reset(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let alice = try await server.signedIn()
            _ = try await alice.setUpApp(server)
            var authenticator = try SoftAuthenticator()
            _ = try await alice.addPasskey(&authenticator)
            let administrator = try await server.administrator()
            let page = try await Self.open(administrator)
            #expect(page.reply.text.contains("alice"))
            let wrong = try await Self.confirm(page, administrator, ["currentPassword": "Wrong-Horse-7"])
            #expect(wrong.reply.status == 422)
            #expect(try await server.factors().hasApp)
            let done = try await Self.confirm(page, administrator)
            #expect(done.trail.last == "/admin/users?notice=memberFactorsRemoved")
            #expect(try await server.factors() == SecondFactors())
            #expect(try await alice.visit("/account").reply.heading == "Sign in")
            #expect(try await server.events().contains(#"factor.reset {"factors":["totp","passkey"]}"#))
            #expect(try await server.notices().last == "FACTOR_CHANGED_SMS +8613800000001")
            let nothing = try await Self.confirm(try await Self.open(administrator), administrator)
            #expect(nothing.trail.last == "/admin/users?notice=memberFactorsNone")
        }
    }

    @Test("an operator does the same at the command line", .tags(.security), arguments: Backend.journeys)
    func operatorReset(backend: Backend) async throws {
        try await TestInstallation.peopled(on: backend) { installation in
            let administration = installation.administration
            let user = try await administration.user("lin.mei", of: "acme").user
            let key = installation.keys.sealing
            try await installation.database.write { db in
                let factor = TOTPFactor(
                    totp: TOTP(secret: [1]), confirmedAt: TestInstallation.now, lastStep: nil)
                try db.totpFactors(key).put(factor, ofUser: user.id)
                try db.recoveryCodes.replace(ofUser: user.id, with: ["a", "b"])
            }
            let had = SecondFactors(hasApp: true, recoveryCodes: 2)
            #expect(try await administration.factors(of: "lin.mei", in: "acme") == had)
            let removed = try await administration.removeFactors(
                of: "lin.mei", in: "acme", now: TestInstallation.now)
            #expect(removed == had)
            #expect(try await administration.factors(of: "lin.mei", in: "acme") == SecondFactors())
            #expect(installation.sms.messages.map(\.purpose) == ["FACTOR_CHANGED_SMS"])
            let events = try await installation.database.read { db in
                try db.rows("SELECT actor_kind, detail FROM events WHERE name = 'factor.reset'") { row in
                    [try row.next(String.self), try row.next(String.self)]
                }
            }
            #expect(events == [["operator", #"{"factors":["totp"]}"#]])
        }
    }

    @Test("nobody without the role, of another tenant, or for oneself", .tags(.security))
    func who() async throws {
        try await TestServer.run { server in
            #expect(try await Self.open(try await server.signedIn()).reply.status == 403)
            let administrator = try await server.administrator()
            let page = try await Self.open(administrator)
            #expect(try await Self.open(administrator, "user-nobody").reply.status == 404)
            #expect(try await Self.open(administrator, Samples.frank.id).trail.last == FactorPath.overview)
            let own = try await Self.confirm(page, administrator, ["user": Samples.frank.id])
            #expect(own.reply.status == 403)
            try await server.take()
            #expect(try await Self.confirm(page, administrator).reply.status == 403)
        }
    }
}
