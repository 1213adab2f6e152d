import Identity
import TestSupport
import Testing
import Wire

@Suite("GET and POST /oauth2/logout (OIDC RP-Initiated Logout 1.0 §2, §3)")
struct EndSessionEndpointTests {
    static func logout(_ parameters: [(String, String)]) -> String { address("/oauth2/logout", parameters) }

    static let bye = ("post_logout_redirect_uri", "https://notes.example/bye")

    @Test("with a token of this very session, ends it and goes to the registered address with state")
    func endsAndGoes() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            let tokens = try Tokens(try await server.redeem(try await browser.enterNotes()))
            let reply = try await browser.get(
                Self.logout([("id_token_hint", tokens.id), Self.bye, ("state", "s 1")]))
            #expect(reply.status == 303)
            #expect(reply.location == "https://notes.example/bye?state=s%201")
            #expect(
                reply.cookies == ["__Host-gatehouse-session=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0"])
            #expect(try await server.sessions().isEmpty)
            #expect(try await server.userInfo(tokens.access).status == 401)
        }
    }

    @Test("takes the request as a form too")
    func byPost() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            let tokens = try Tokens(try await server.redeem(try await browser.enterNotes()))
            // Of another site, so without our SameSite cookies.
            let reply = try await server.post("/oauth2/logout", [("id_token_hint", tokens.id), Self.bye])
            #expect(reply.location == Self.logout([("id_token_hint", tokens.id), Self.bye]))
            #expect(reply.cookies.isEmpty)
            #expect(try await browser.isSignedIn())
            #expect(try await browser.visit(try #require(reply.location)).departure == "https://notes.example/bye")
            #expect(try await server.sessions().isEmpty)
        }
    }

    @Test("without such a token asks the person, and ends the session only on yes", .tags(.security))
    func asks() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            let asked = try await browser.visit(Self.logout([("client_id", "notes"), Self.bye, ("state", "x")]))
            #expect(asked.reply.status == 200)
            #expect(asked.reply.heading == "Sign out?")
            #expect(asked.reply.text.contains("Notes asked to sign you out."))
            #expect(try await browser.isSignedIn())
            let done = try await browser.submit(
                try asked.form(to: "/logout") { $0["i"] != nil },
                ["post_logout_redirect_uri": "https://evil.example/", "state": "y"])
            #expect(done.departure == "https://notes.example/bye?state=x")
            #expect(try await !browser.isSignedIn())
        }
    }

    @Test("asks when the token is of another session", .tags(.security))
    func anotherSession() async throws {
        try await TestServer.run { server in
            let other = try await server.tokens()
            let browser = try await server.signedIn()
            let reply = try await browser.get(Self.logout([("id_token_hint", other.id), Self.bye]))
            #expect(reply.heading == "Sign out?")
            #expect(try await browser.isSignedIn())
        }
    }

    @Test("takes an ID token that has expired")
    func expiredHint() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            let tokens = try Tokens(try await server.redeem(try await browser.enterNotes()))
            server.clock.advance(by: 3_700)
            let reply = try await browser.get(Self.logout([("id_token_hint", tokens.id), Self.bye]))
            #expect(reply.location == "https://notes.example/bye")
        }
    }

    @Test("goes on where nobody is signed in")
    func nobody() async throws {
        try await TestServer.run { server in
            let reply = try await server.browser().get(Self.logout([("client_id", "notes"), Self.bye]))
            #expect(reply.location == "https://notes.example/bye")
            #expect(try await server.browser().visit("/oauth2/logout").reply.heading == "You are signed out")
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var parameters: [(String, String)]
        var description: String
    }

    static let refusals = [
        Case(
            testDescription: "an address that is not registered",
            parameters: [("client_id", "notes"), ("post_logout_redirect_uri", "https://notes.example/bye/")],
            description: "post_logout_redirect_uri is not registered for the client"),
        Case(
            testDescription: "the redirect URI of sign-in",
            parameters: [("client_id", "notes"), ("post_logout_redirect_uri", "https://notes.example/cb")],
            description: "post_logout_redirect_uri is not registered for the client"),
        Case(
            testDescription: "another client's address", parameters: [("client_id", "mail"), bye],
            description: "post_logout_redirect_uri is not registered for the client"),
        Case(
            testDescription: "an address without client", parameters: [bye],
            description: "post_logout_redirect_uri needs id_token_hint or a known client_id"),
        Case(
            testDescription: "a token that we did not sign",
            parameters: [("id_token_hint", "eyJhbGciOiJub25lIn0.e30."), bye],
            description: "id_token_hint is not an ID token of this issuer"),
        Case(
            testDescription: "twice", parameters: [("client_id", "notes"), bye, bye],
            description: "post_logout_redirect_uri is repeated"),
    ]

    @Test("shows an error, leads nowhere and ends nothing", .tags(.security), arguments: refusals)
    func refuses(_ refusal: Case) async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            let reply = try await browser.get(Self.logout(refusal.parameters))
            #expect(reply.status == 400)
            #expect(reply.location == nil)
            #expect(reply.text.contains("<code>\(refusal.description)</code>"))
            #expect(try await browser.isSignedIn())
        }
    }

    @Test("refuses a client id that the token was not issued to", .tags(.security))
    func foreignHint() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            let tokens = try Tokens(try await server.redeem(try await browser.enterNotes()))
            let reply = try await browser.get(Self.logout([("id_token_hint", tokens.id), ("client_id", "mail")]))
            #expect(reply.status == 400)
            #expect(try await browser.isSignedIn())
        }
    }
}
