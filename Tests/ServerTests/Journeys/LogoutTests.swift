import Identity
import TestSupport
import Testing
import Wire

@Suite("Signing out ends everything that hung on the session")
struct LogoutTests {
    @Test(
        "by our own page: tokens, codes and tickets that were not used yet", .tags(.security),
        arguments: Backend.journeys)
    func everything(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = try await server.signedIn()
            let tokens = try Tokens(try await server.redeem(try await browser.enterNotes()))
            let (code, ticket) = (try await browser.enterNotes(), try await browser.enterWiki())
            let stolen = browser.cookies
            _ = try await browser.submit(try await browser.visit("/logout").form(to: "/logout"))
            #expect(try await server.userInfo(tokens.access).status == 401)
            #expect(try await server.refresh(tokens.refresh).status == 400)
            #expect(try await server.redeem(code).status == 400)
            #expect(try await server.validate(ticket).text.contains("the session behind this ticket has ended"))
            browser.cookies = stolen
            #expect(try await !browser.isSignedIn())
            #expect(try await browser.visit(authorize()).departure == nil)
        }
    }

    @Test("other browsers of the same person stay signed in")
    func others() async throws {
        try await TestServer.run { server in
            let other = try await server.signedIn()
            let browser = try await server.signedIn()
            _ = try await browser.submit(try await browser.visit("/logout").form(to: "/logout"))
            #expect(try await other.isSignedIn())
        }
    }

    @Test("only what was granted offline_access goes on, until the person is disabled", .tags(.security))
    func offlineAccess() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            let code = try await browser.enterNotes([
                "client_id": "mail", "redirect_uri": "https://mail.example/cb", "scope": "openid offline_access",
            ])
            let reply = try await server.redeem(code, ["redirect_uri": "https://mail.example/cb"], as: mailBasic)
            let tokens = try Tokens(reply)
            _ = try await browser.submit(try await browser.visit("/logout").form(to: "/logout"))
            let next = try Tokens(try await server.refresh(tokens.refresh, as: mailBasic))
            #expect(try await server.userInfo(next.access).status == 200)
            try await server.disable(Samples.alice)
            #expect(try await server.userInfo(next.access).status == 401)
            #expect(try await server.refresh(next.refresh, as: mailBasic).status == 400)
        }
    }

    @Test("a client that may not have offline_access does not get it by asking", .tags(.security))
    func notByAsking() async throws {
        try await TestServer.run { server in
            let code = try await server.signedIn().enterNotes(["scope": "openid offline_access"])
            #expect(try await server.redeem(code).json["scope"]?.string == "openid")
        }
    }
}

@Suite("Disabling ends everything at once (peers' class 21)")
struct DisablingTests {
    @Test(
        "a user: session, code, tokens, ticket, sign-in by password and by code", .tags(.security),
        arguments: Backend.journeys)
    func user(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = try await server.signedIn()
            let tokens = try Tokens(try await server.redeem(try await browser.enterNotes()))
            let (code, ticket) = (try await browser.enterNotes(), try await browser.enterWiki())
            let other = server.browser()
            let sent = try await other.askForCode("13800000001", on: try await other.visit("/"))
            let smsCode = try await server.lastCode(to: "+8613800000001")
            try await server.disable(Samples.alice)
            #expect(try await !browser.isSignedIn())
            #expect(try await browser.get("/account").status == 303)
            #expect(try await server.userInfo(tokens.access).status == 401)
            #expect(try await server.refresh(tokens.refresh).status == 400)
            #expect(try await server.redeem(code).status == 400)
            #expect(try await server.validate(ticket).text.contains("INVALID_TICKET"))
            #expect(try await server.browser().signIn().reply.status == 422)
            #expect(try await other.enterCode(smsCode, on: sent).reply.status == 422)
        }
    }

    @Test("an application: its codes, tokens and tickets, and no others", .tags(.security), arguments: Backend.journeys)
    func application(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = try await server.signedIn()
            let tokens = try Tokens(try await server.redeem(try await browser.enterNotes()))
            let code = try await browser.enterNotes()
            let (spared, ticket) = (try await browser.enterWiki(), try await browser.enterWiki())
            try await server.disable(Samples.notes)
            #expect(try await server.userInfo(tokens.access).status == 401)
            #expect(try await server.refresh(tokens.refresh).status == 400)
            #expect(try await server.redeem(code).status == 400)
            #expect(try await server.validate(spared).text.contains("<cas:user>alice</cas:user>"))
            try await server.disable(Samples.wiki)
            #expect(try await server.validate(ticket).text.contains("INVALID_TICKET"))
            #expect(try await browser.isSignedIn())
        }
    }

    @Test("a right to enter that is taken away", .tags(.security))
    func access() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            let tokens = try Tokens(try await server.redeem(try await browser.enterNotes()))
            let (code, ticket) = (try await browser.enterNotes(), try await browser.enterWiki())
            try await server.restrict([Samples.notes, Samples.wiki])
            #expect(try await server.userInfo(tokens.access).status == 401)
            #expect(try await server.refresh(tokens.refresh).status == 400)
            #expect(try await server.redeem(code).status == 400)
            #expect(try await server.validate(ticket).text.contains("INVALID_TICKET"))
        }
    }

    @Test("a client secret that was revoked or has run out", .tags(.security), arguments: [true, false])
    func secret(isRevoked: Bool) async throws {
        try await TestServer.run { server in
            let code = try await server.signedIn().enterNotes()
            try await server.endSecret(of: "notes", at: isRevoked ? nil : FixedClock.start)
            #expect(try await server.redeem(code).status == 401)
        }
    }
}
