import Directory
import OAuth2
import Server
import Storage
import TestSupport
import Testing
import Wire

@Suite("/account/applications: what was allowed, and taking it back")
struct AccountApplicationsTests {
    static let path = "/account/applications"
    static let withdraw = "/account/applications/withdraw"

    private func takeBack(_ application: Application, _ browser: Browser) async throws -> Browser.Visit {
        let page = try await browser.visit(Self.path)
        return try await browser.submit(
            try page.form(to: Self.withdraw) { $0["application"] == application.id })
    }

    @Test("tells in words what each may read, since when, and when it last did")
    func list() async throws {
        try await TestServer.run { server async throws in
            let browser = try await server.signedIn()
            #expect(try await browser.get(Self.path).text.contains("No application is allowed anything"))
            let tokens = try Tokens(
                try await server.redeem(try await browser.enterNotes(["scope": "openid profile email"])))
            server.clock.advance(by: 3_600)
            _ = try await server.refresh(tokens.refresh)
            let page = try await browser.get(Self.path)
            for words in [
                "<p class=\"session-device\">Notes</p>", "<li>Know that it is you</li>",
                "<li>Read your name, nickname and account</li>", "<li>Read your email address</li>",
                ">2023-11-14 22:13 UTC</time>", ">2023-11-14 23:13 UTC</time>",
            ] {
                #expect(page.text.contains(words))
            }
            #expect(!page.text.contains("Works without you"))
            #expect(page.forms.filter { $0.action == Self.withdraw }.count == 1)
        }
    }

    @Test(
        "takes back every grant, with codes and tokens, at once, and tells the audit log", .tags(.security),
        arguments: Backend.journeys)
    func whole(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server async throws in
            let browser = try await server.signedIn()
            let first = try Tokens(try await server.redeem(try await browser.enterNotes()))
            let second = try Tokens(try await server.redeem(try await browser.enterNotes()))
            let code = try await browser.enterNotes()
            let others = try await server.tokens(["scope": "openid profile email"])
            let done = try await takeBack(Samples.notes, browser)
            #expect(done.lastAddress == "\(Self.path)?notice=applicationWithdrawn")
            for token in [first.access, second.access, others.access] {
                #expect(try await server.userInfo(token).status == 401)
            }
            for token in [first.refresh, second.refresh] {
                #expect(try await server.refresh(token).json["error"] == "invalid_grant")
            }
            #expect(try await server.redeem(code).json["error"] == "invalid_grant")
            let events = try await server.events().filter { $0.hasPrefix("grants.withdrawn") }
            #expect(events == ["grants.withdrawn {\"grants\":4}"])
            #expect(try await browser.isSignedIn())
            // Opening it again allows it again.
            let again = try Tokens(try await server.redeem(try await browser.enterNotes()))
            #expect(try await server.userInfo(again.access).status == 200)
        }
    }

    @Test("leaves other people's and other applications' grants alone", .tags(.security))
    func others() async throws {
        try await TestServer.run { server async throws in
            let browser = try await server.signedIn()
            let frank = try await server.signedIn("frank")
            let his = try Tokens(try await server.redeem(try await frank.enterNotes()))
            let hers = try Tokens(try await server.redeem(try await browser.enterNotes()))
            _ = try await takeBack(Samples.notes, browser)
            #expect(try await server.userInfo(hers.access).status == 401)
            #expect(try await server.userInfo(his.access).status == 200)
            // Nothing is left to take back: an id in the form changes nothing, whosever it is.
            let page = try await frank.visit(Self.path)
            for id in [Samples.mail.id, Samples.wiki.id, "unknown", ""] {
                let visit = try await frank.submit(
                    try page.form(to: Self.withdraw), ["application": id])
                #expect(visit.lastAddress == Self.path)
            }
            #expect(try await server.userInfo(his.access).status == 200)
        }
    }

    @Test("sent twice, or by many at once, it is one act", .tags(.security), arguments: Backend.journeys)
    func parallel(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server async throws in
            let browser = try await server.signedIn()
            _ = try await server.redeem(try await browser.enterNotes())
            let form = try await browser.visit(Self.path).form(to: Self.withdraw)
            _ = try await inParallel(6) { _ in try await browser.submit(form).reply.status }
            #expect(try await server.events().filter { $0.hasPrefix("grants.withdrawn") }.count == 1)
        }
    }

    @Test("a form without the page's token or with another person's does nothing", .tags(.security))
    func forged() async throws {
        try await TestServer.run { server async throws in
            let (browser, frank) = (try await server.signedIn(), try await server.signedIn("frank"))
            let hers = try Tokens(try await server.redeem(try await browser.enterNotes()))
            _ = try await server.redeem(try await frank.enterNotes())
            let foreign = try await frank.visit(Self.path).form(to: Self.withdraw)["csrf"]
            let form = try await browser.visit(Self.path).form(to: Self.withdraw)
            for token in [nil, "", "x", foreign] {
                #expect(try await browser.post(Self.withdraw, form.sending(["csrf": token])).status == 403)
            }
            #expect(
                try await browser.post(
                    Self.withdraw, form.sending(), headers: [("Origin", "https://evil.example")]
                ).status == 403)
            #expect(try await server.userInfo(hers.access).status == 200)
        }
    }

    @Test("what has lapsed is not listed: with the session, the access or the application", .tags(.security))
    func lapsed() async throws {
        try await TestServer.run { server async throws in
            let old = try await server.signedIn()
            _ = try await server.redeem(try await old.enterNotes())
            let browser = try await server.signedIn()
            #expect(try await browser.get(Self.path).text.contains(">Notes<"))
            let sessions = try await browser.visit("/account/sessions")
            _ = try await browser.submit(try sessions.form(to: "/account/sessions/end-others"))
            #expect(try await !browser.get(Self.path).text.contains(">Notes<"))
            _ = try await server.redeem(try await browser.enterNotes())
            #expect(try await browser.get(Self.path).text.contains(">Notes<"))
            try await server.change { db in
                var notes = Samples.notes
                notes.disabledAt = Samples.notes.createdAt
                try db.applications.update(notes)
            }
            #expect(try await !browser.get(Self.path).text.contains(">Notes<"))
        }
    }

    @Test("one that works without the person says so, and is taken back with the session over", .tags(.security))
    func offline() async throws {
        try await TestServer.run { server async throws in
            try await server.change { db in
                var client = Samples.notesClient
                client.scope = try Scope(parsing: "openid profile offline_access")
                try db.clients.update(client)
            }
            let old = try await server.signedIn()
            let tokens = try Tokens(
                try await server.redeem(
                    try await old.enterNotes(["scope": "openid offline_access"])))
            let browser = try await server.signedIn()
            let sessions = try await browser.visit("/account/sessions")
            _ = try await browser.submit(try sessions.form(to: "/account/sessions/end-others"))
            #expect(try await browser.get(Self.path).text.contains("Works without you"))
            _ = try await takeBack(Samples.notes, browser)
            #expect(try await server.refresh(tokens.refresh).json["error"] == "invalid_grant")
        }
    }

    @Test("CAS applications are told of as far as the log goes, and hold nothing")
    func tickets() async throws {
        try await TestServer.run { server async throws in
            let browser = try await server.signedIn()
            _ = try await browser.enterWiki()
            let page = try await browser.get(Self.path)
            #expect(page.text.contains("<p class=\"session-device\">Wiki</p>"))
            #expect(page.forms.allSatisfy { $0.action != Self.withdraw })
            #expect(try await !server.signedIn("frank").get(Self.path).text.contains(">Wiki<"))
        }
    }
}

@Suite("/account/sessions and /account/history: places")
struct PlacesPageTests {
    @Test("the smallest network that has a name names the place; a tenant's own names come before")
    func places() async throws {
        let settings = ["session.places": "127.0.0.0/8 Office, 127.0.0.0/16 Lab 2"]
        try await TestServer.run(settings: settings) { server async throws in
            let browser = try await server.signedIn()
            for path in ["/account/sessions", "/account/history"] {
                #expect(try await browser.get(path).text.contains("<dt>Place</dt><dd>Lab 2</dd>"))
            }
        }
    }

    @Test("an address without a name has none")
    func none() async throws {
        try await TestServer.run(settings: ["session.places": "10.0.0.0/8 Office"]) { server async throws in
            #expect(try await !server.signedIn().get("/account/sessions").text.contains("<dt>Place</dt>"))
        }
    }
}
