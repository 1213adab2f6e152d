import Directory
import Identity
import Storage
import TestSupport
import Testing
import Wire

@Suite("Nothing of one tenant counts at another (peers' class 15)")
struct TenantIsolationTests {
    static let globex = "sso.globex.example"

    @Test("the same client id, secret, service, name and phone are another tenant's own", arguments: Backend.journeys)
    func twins(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = try await server.signedIn(at: Samples.globex.issuer)
            let tokens = try Tokens(try await server.redeem(try await browser.enterNotes(), host: Self.globex))
            let claims = try claims(of: tokens.id)
            #expect(claims["iss"]?.string == "https://sso.globex.example")
            #expect(claims["sub"]?.string == "user-alice-globex")
            let reply = try await server.validate(try await browser.enterWiki(), host: Self.globex)
            #expect(reply.text.contains("<cas:user>alice</cas:user>"))
        }
    }

    @Test(
        "codes, tokens and tickets are unknown at the other host, and stay good at their own", .tags(.security),
        arguments: Backend.journeys)
    func credentials(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = try await server.signedIn()
            let tokens = try Tokens(try await server.redeem(try await browser.enterNotes()))
            let (code, ticket) = (try await browser.enterNotes(), try await browser.enterWiki())
            #expect(
                try await server.redeem(code, host: Self.globex).body
                    == server.redeem("invented", host: Self.globex).body)
            #expect(
                try await server.refresh(tokens.refresh, host: Self.globex).body
                    == server.refresh("invented", host: Self.globex).body)
            #expect(
                try await server.userInfo(tokens.access, host: Self.globex).body
                    == server.userInfo("invented", host: Self.globex).body)
            #expect(
                try await server.validate(ticket, host: Self.globex).body
                    == server.validate("ST-invented", host: Self.globex).body)
            #expect(try await server.redeem(code).status == 200)
            #expect(try await server.userInfo(tokens.access).status == 200)
            #expect(try await server.refresh(tokens.refresh).status == 200)
            #expect(try await server.validate(ticket).text.contains("<cas:user>alice</cas:user>"))
        }
    }

    @Test("a replay at the other host revokes nothing", .tags(.security))
    func replay() async throws {
        try await TestServer.run { server in
            let code = try await server.signedIn().enterNotes()
            let tokens = try Tokens(try await server.redeem(code))
            let next = try Tokens(try await server.refresh(tokens.refresh))
            _ = try await server.redeem(code, host: Self.globex)
            _ = try await server.refresh(tokens.refresh, host: Self.globex)
            #expect(try await server.userInfo(next.access).status == 200)
        }
    }

    @Test("a session, an interaction and its form count for nothing at the other host", .tags(.security))
    func browser() async throws {
        try await TestServer.run { server in
            let own = try await server.signedIn()
            let there = server.browser(at: Samples.globex.issuer)
            there.cookies = own.cookies
            #expect(try await !there.isSignedIn())
            let fresh = server.browser()
            let page = try await fresh.visit(authorize())
            there.cookies = fresh.cookies
            let id = try page.interactionID
            for address in ["/login?i=\(id)", "/oauth2/authorize?i=\(id)"] {
                #expect(try await there.get(address).status == 400)
            }
            let form = try page.passwordForm.sending(["username": "alice", "password": Samples.password])
            #expect(try await there.post("/login", form).status == 400)
        }
    }

    @Test("applications and people of one are unknown at the other", .tags(.security))
    func objects() async throws {
        try await TestServer.run { server in
            let browser = server.browser(at: Samples.globex.issuer)
            let mail = try await browser.get(
                authorize(["client_id": "mail", "redirect_uri": "https://mail.example/cb"]))
            let invented = try await browser.get(authorize(["client_id": "invented"]))
            #expect(mail.status == 400)
            #expect(server.withoutRequestID(mail) == server.withoutRequestID(invented))
            let ledger = try await browser.get(address("/cas/login", [("service", "https://ledger.example/cas")]))
            #expect(ledger.status == 400)
            #expect(try await server.redeem("x", as: mailBasic, host: Self.globex).status == 401)
            #expect(try await browser.signIn("frank").reply.status == 422)
        }
    }

    @Test("wrong passwords at one do not freeze the namesake at the other, nor do codes reach them", .tags(.security))
    func people() async throws {
        try await TestServer.run { server in
            let browser = server.browser(at: Samples.globex.issuer)
            let page = try await browser.visit("/")
            for _ in 1...10 { _ = try await browser.enter("alice", "Wrong-Horse-1", on: page) }
            _ = try await server.signedIn()
            let sent = try await browser.askForCode("13800000002", on: page)
            #expect(sent.reply.status == 200)
            #expect(await server.sentCodes().isEmpty)
        }
    }

    @Test("an ID token of one is no hint at the other", .tags(.security))
    func hint() async throws {
        try await TestServer.run { server in
            let tokens = try await server.tokens()
            let browser = try await server.signedIn(at: Samples.globex.issuer)
            let authorized = try await browser.get(authorize(["id_token_hint": tokens.id]))
            #expect(authorized.answer["error"] == "invalid_request")
            let logout = try await browser.get(address("/oauth2/logout", [("id_token_hint", tokens.id)]))
            #expect(logout.status == 400)
            #expect(try await browser.isSignedIn())
        }
    }

    @Test("sessions of one cannot be listed or ended from the other", .tags(.security))
    func sessions() async throws {
        try await TestServer.run { server in
            let own = try await server.signedIn()
            let id = try await server.onlySession().id
            let browser = try await server.signedIn(at: Samples.globex.issuer)
            let account = try await browser.visit("/account/sessions")
            #expect(!account.reply.text.contains(id))
            _ = try await browser.submit(try account.form(to: "/account/sessions/end"), ["session": id])
            #expect(try await own.isSignedIn())
        }
    }

    @Test("keys differ", .tags(.security))
    func keys() async throws {
        try await TestServer.run { server in
            let acme = try await server.send("GET", "/oauth2/jwks")
            let globex = try await server.send("GET", "/oauth2/jwks", host: Self.globex)
            let ids = try [acme, globex].map { try ($0.json["keys"]?.array ?? []).compactMap { $0["kid"]?.string } }
            #expect(ids.map(\.count) == [2, 2])
            #expect(Set(ids[0]).isDisjoint(with: ids[1]))
        }
    }
}
