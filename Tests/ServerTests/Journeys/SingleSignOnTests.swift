import Identity
import TestSupport
import Testing
import Wire

@Suite("Single sign-on: once, for OAuth, CAS and the portal")
struct SingleSignOnTests {
    @Test("whichever is opened first, the others do not ask", arguments: Backend.journeys)
    func everywhere(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            for first in [authorize(), CASLoginEndpointTests.wiki, "/"] {
                let browser = server.browser()
                try await browser.signIn(at: first)
                let tokens = try Tokens(try await server.redeem(try await browser.enterNotes()))
                #expect(try await server.userInfo(tokens.access).json["sub"]?.string == "user-alice")
                let ticket = try await browser.enterWiki()
                #expect(try await server.validate(ticket).text.contains("<cas:user>alice</cas:user>"))
                #expect(try await browser.isSignedIn())
            }
        }
    }

    @Test("lasts twelve hours at most and two hours unused", .tags(.security))
    func lifetime() async throws {
        try await TestServer.run { server in
            let idle = try await server.signedIn()
            let busy = try await server.signedIn()
            for _ in 1...7 {
                server.clock.advance(by: 6_000)
                #expect(try await busy.isSignedIn())
            }
            #expect(try await !idle.isSignedIn())
            server.clock.advance(by: 1_199)
            #expect(try await busy.isSignedIn())
            server.clock.advance(by: 1)
            #expect(try await !busy.isSignedIn())
            #expect(try await busy.visit(authorize()).departure == nil)
            #expect(try await busy.visit(CASLoginEndpointTests.wiki).departure == nil)
        }
    }

    @Test("an access token lives on while its session is only unused, not when it is over", .tags(.security))
    func tokensAndSession() async throws {
        try await TestServer.run { server in
            let tokens = try await server.tokens()
            server.clock.advance(by: 7_199)
            #expect(try await server.userInfo(tokens.access).status == 200)
            server.clock.advance(by: 36_000)
            let late = try Tokens(try await server.refresh(tokens.refresh))
            server.clock.advance(by: 1)
            #expect(try await server.userInfo(late.access).status == 401)
            #expect(try await server.refresh(late.refresh).status == 400)
        }
    }

    @Test("signing in again as another person ends the first one's session in this browser", .tags(.security))
    func another() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn("alice")
            let page = try await browser.visit(authorize(["prompt": "login"]))
            _ = try await browser.enter("frank", Samples.password, on: page)
            #expect(try await server.sessions().map(\.userID) == ["user-frank"])
        }
    }
}

@Suite("Signing in again when an application demands it")
struct ReauthenticationTests {
    @Test("prompt=login asks in spite of a session, once for this request", .tags(.security))
    func promptLogin() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            server.clock.advance(by: 10)
            let page = try await browser.visit(authorize(["prompt": "login"]))
            #expect(page.reply.heading == "Sign in")
            let id = try page.interactionID
            #expect(try await browser.visit("/oauth2/authorize?i=\(id)").departure == nil)
            let done = try await browser.enter("alice", Samples.password, on: page)
            let tokens = try Tokens(try await server.redeem(try #require(done.answer["code"])))
            #expect(try claims(of: tokens.id)["auth_time"]?.integer == 1_700_000_010)
            #expect(try await browser.visit(authorize(["prompt": "login"])).reply.heading == "Sign in")
        }
    }

    @Test("an interaction leads to one code only", .tags(.security))
    func once() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let page = try await browser.visit(authorize(["prompt": "login"]))
            let id = try page.interactionID
            #expect(try await browser.enter("alice", Samples.password, on: page).departure != nil)
            let again = try await browser.get("/oauth2/authorize?i=\(id)")
            #expect(again.status == 400)
            #expect(again.heading == "This sign-in has expired")
        }
    }

    @Test("keeps the session's other applications when the same person signs in again")
    func keepsOthers() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            let tokens = try Tokens(try await server.redeem(try await browser.enterNotes()))
            let before = try await server.onlySession()
            let page = try await browser.visit(authorize(["prompt": "login"]))
            _ = try await browser.enter("alice", Samples.password, on: page)
            let after = try await server.onlySession()
            #expect(after.id == before.id)
            #expect(after.tokenHash != before.tokenHash)
            #expect(try await server.userInfo(tokens.access).status == 200)
        }
    }

    @Test("max_age asks when the sign-in is older, max_age=0 always", .tags(.security))
    func maximumAge() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            server.clock.advance(by: 60)
            #expect(try await browser.visit(authorize(["max_age": "60"])).answer["code"] != nil)
            #expect(try await browser.visit(authorize(["max_age": "59"])).reply.heading == "Sign in")
            let page = try await browser.visit(authorize(["max_age": "0"]))
            #expect(try await browser.enter("alice", Samples.password, on: page).answer["code"] != nil)
        }
    }

    @Test("max_age with prompt=none is an error instead of a page")
    func silent() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            server.clock.advance(by: 60)
            let silent: Changes = ["prompt": "none", "max_age": "59"]
            #expect(try await browser.visit(authorize(silent)).answer["error"] == "login_required")
            #expect(try await browser.visit(authorize(["prompt": "none"])).answer["code"] != nil)
        }
    }

    @Test(
        "id_token_hint of another person leads to signing in, and then to an error, not in a circle", .tags(.security))
    func hint() async throws {
        try await TestServer.run { server in
            let alices = try await server.tokens()
            let browser = try await server.signedIn("frank")
            #expect(
                try await browser.visit(authorize(["id_token_hint": alices.id, "prompt": "none"])).answer["error"]
                    == "login_required")
            let page = try await browser.visit(authorize(["id_token_hint": alices.id]))
            #expect(page.reply.heading == "Sign in")
            #expect(try await browser.enter("frank", Samples.password, on: page).answer["error"] == "login_required")
        }
    }

    @Test("renew asks in spite of a session, and the ticket says so", .tags(.security))
    func renew() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            let page = try await browser.visit(CASLoginEndpointTests.wiki + "&renew=true")
            #expect(page.reply.heading == "Sign in")
            #expect(try await browser.visit("/cas/login?i=\(try page.interactionID)").departure == nil)
            let done = try await browser.enter("alice", Samples.password, on: page)
            let ticket = try #require(done.answer["ticket"])
            #expect(try await server.validate(ticket, ["renew": "true"]).text.contains("<cas:user>alice</cas:user>"))
            let plain = try await browser.enterWiki()
            #expect(try await server.validate(plain, ["renew": "true"]).text.contains("INVALID_TICKET"))
        }
    }

    @Test("renew wins over gateway")
    func renewAndGateway() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            let page = try await browser.visit(CASLoginEndpointTests.wiki + "&renew=true&gateway=true")
            #expect(page.reply.heading == "Sign in")
        }
    }
}
