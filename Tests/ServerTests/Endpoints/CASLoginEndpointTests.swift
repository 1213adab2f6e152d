import Identity
import TestSupport
import Testing

@Suite("GET /cas/login and /cas/logout (CAS 3.0 §2.1, §2.3)")
struct CASLoginEndpointTests {
    static let wiki = address("/cas/login", [("service", "https://wiki.example/cas")])

    @Test("sends a ticket to the registered service")
    func issues() async throws {
        try await TestServer.run { server in
            let reply = try await server.signedIn().get(Self.wiki)
            let ticket = try #require(reply.answer["ticket"])
            #expect(reply.status == 303)
            #expect(ticket.hasPrefix("ST-"))
            #expect(
                reply.fixedHeaders == [
                    "location": "https://wiki.example/cas?ticket=\(ticket)", "cache-control": "no-store",
                    "referrer-policy": "no-referrer", "strict-transport-security": "max-age=31536000",
                    "x-content-type-options": "nosniff",
                ])
        }
    }

    @Test("keeps the query of a registered service")
    func query() async throws {
        try await TestServer.run { server in
            try await server.register(["https://wiki.example/cas?next=%2Fhome"])
            let ticket = try await server.signedIn().get(
                address("/cas/login", [("service", "https://wiki.example/cas?next=%2Fhome")]))
            #expect(ticket.location?.hasPrefix("https://wiki.example/cas?next=%2Fhome&ticket=ST-") == true)
        }
    }

    @Test("sends somebody unknown to sign in and comes back to itself")
    func asksToSignIn() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let arrived = try await browser.visit(Self.wiki)
            #expect(arrived.reply.text.contains("Sign in to continue to Wiki"))
            let done = try await browser.enter("alice", Samples.password, on: arrived)
            #expect(done.departure?.hasPrefix("https://wiki.example/cas?ticket=ST-") == true)
            #expect(done.trail == ["/login", "/cas/login?i=\(try arrived.interactionID)"])
        }
    }

    @Test("without a service, signs in and shows the portal")
    func withoutService() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let done = try await browser.signIn(at: "/cas/login")
            #expect(done.trail.last == "/")
            #expect(try await browser.get("/cas/login").location == "/")
        }
    }

    @Test(
        "shows an error for a service that is not byte-equal to a registered one", .tags(.security),
        arguments: [
            "https://wiki.example/cas/", "https://wiki.example/CAS", "https://wiki.example/cas?",
            "http://wiki.example/cas",
            "https://wiki.example:443/cas", "https://wiki.example/cas#x", "https://wiki.example/cas/../cas",
            "https://wiki.example@evil.example/cas", "https://evil.example/?https://wiki.example/cas",
            "https://wiki.example/cas%3Fx", "https://wiki.example/c%61s", "//wiki.example/cas", "javascript:alert(1)",
            "https://wiki.example.evil.example/cas", "https://ledger.example", "wiki",
        ])
    func exactService(_ hostile: String) async throws {
        try await TestServer.run { server in
            for further in [[], [("gateway", "true")], [("renew", "true")]] {
                for browser in [server.browser(), try await server.signedIn()] {
                    let reply = try await browser.get(address("/cas/login", [("service", hostile)] + further))
                    #expect(reply.status == 400)
                    #expect(reply.location == nil)
                    #expect(reply.heading == "This application is not recognised")
                }
            }
        }
    }

    @Test(
        "shows an error for a repeated parameter", .tags(.security),
        arguments: [
            "service=https%3A%2F%2Fwiki.example%2Fcas&service=https%3A%2F%2Fwiki.example%2Fcas",
            "service=https%3A%2F%2Fwiki.example%2Fcas&renew=true&renew=true",
            "service=https%3A%2F%2Fwiki.example%2Fcas&gateway=true&gateway=false",
        ])
    func repeated(_ query: String) async throws {
        try await TestServer.run { server in
            let reply = try await server.signedIn().get("/cas/login?\(query)")
            #expect(reply.status == 400)
            #expect(reply.location == nil)
            #expect(reply.text.contains("<code>a parameter occurs more than once</code>"))
        }
    }

    @Test("refuses a disabled application and one that the person may not open", .tags(.security))
    func access() async throws {
        try await TestServer.run { server in
            let ledger = address("/cas/login", [("service", "https://ledger.example/cas")])
            let frank = try await server.signedIn("frank").get(ledger)
            #expect(frank.status == 403)
            #expect(frank.heading == "You have no access to this application")
            #expect(frank.text.contains("not authorised to use Ledger"))
            #expect(try await server.signedIn("alice").get(ledger).answer["ticket"] != nil)
            try await server.disable(Samples.wiki)
            let disabled = try await server.signedIn().get(Self.wiki)
            #expect(disabled.status == 403)
            #expect(disabled.answer["ticket"] == nil)
        }
    }

    @Test("gateway asks for nothing: with a session a ticket, without one the bare service")
    func gateway() async throws {
        try await TestServer.run { server async throws in
            let gateway = Self.wiki + "&gateway=true"
            #expect(try await server.browser().get(gateway).location == "https://wiki.example/cas")
            #expect(try await server.signedIn().get(gateway).answer["ticket"] != nil)
            let ledger = address("/cas/login", [("service", "https://ledger.example/cas"), ("gateway", "true")])
            #expect(try await server.signedIn("frank").get(ledger).location == "https://ledger.example/cas")
        }
    }

    // MARK: - Logout

    @Test("logout ends the session, and goes to a registered service", .tags(.security))
    func logout() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            let reply = try await browser.get(address("/cas/logout", [("service", "https://wiki.example/cas")]))
            #expect(reply.location == "https://wiki.example/cas")
            #expect(
                reply.cookies == [
                    "__Host-gatehouse-session=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0"
                ])
            #expect(try await server.sessions().isEmpty)
            #expect(try await !browser.isSignedIn())
        }
    }

    @Test(
        "logout never goes anywhere else", .tags(.security),
        arguments: [
            [("service", "https://evil.example/")], [("service", "https://wiki.example/cas/")], [],
            [("url", "https://evil.example/")], [("service", "/\\evil.example")],
        ])
    func logoutStays(_ parameters: [(String, String)]) async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            let visit = try await browser.visit(address("/cas/logout", parameters))
            #expect(visit.departure == nil)
            #expect(visit.trail.last == "/logout")
            #expect(visit.reply.heading == "You are signed out")
            #expect(!visit.reply.text.contains("evil"))
            #expect(try await server.sessions().isEmpty)
        }
    }

    @Test("logout with a repeated service is not understood, and the session goes on", .tags(.security))
    func repeatedLogout() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            let reply = try await browser.get("/cas/logout?service=a&service=b")
            #expect(reply.status == 400)
            #expect(try await browser.isSignedIn())
        }
    }
}
