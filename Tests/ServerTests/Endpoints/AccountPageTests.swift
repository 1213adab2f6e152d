import Directory
import Identity
import TestSupport
import Testing

@Suite("/account")
struct AccountPageTests {
    @Test(
        "sends somebody unknown to sign in and comes back",
        arguments: [
            "/account", "/account/password", "/account/history", "/account/profile", "/account/email",
            "/account/sessions", "/account/phone",
            "/account/applications",
        ])
    func signIn(_ path: String) async throws {
        try await TestServer.run { server async throws in
            #expect(try await server.browser().signIn(at: path).trail == ["/login", path])
        }
    }

    @Test("shows the profile, the phone only in part")
    func profile() async throws {
        try await TestServer.run { server in
            let page = try await server.signedIn().get("/account/profile")
            for text in ["Alice Liddell", "alice@acme.example", "E-1", "Finance", "138****0001"] {
                #expect(page.text.contains("<dd>\(text)</dd>"))
            }
            #expect(!page.text.contains("13800000001"))
        }
    }

    @Test("leads to every page of the personal centre, and tells how things stand there")
    func entrances() async throws {
        try await TestServer.run { server in
            _ = try await server.signedIn()
            let browser = try await server.signedIn()
            _ = try await server.redeem(try await browser.enterNotes())
            let page = try await browser.get("/account").text
            for path in ["profile", "phone", "email", "password", "sessions", "history", "applications"] {
                #expect(page.contains("href=\"/account/\(path)\""))
            }
            for state in [
                "Alice Liddell · alice", "138****0001", "alice@acme.example · Not verified", "Changed on 2023-11-14",
                "Devices: 2", "Applications: 1",
            ] {
                #expect(page.contains("<span class=\"tile-description\">\(state)</span>"))
            }
        }
    }

    @Test("lists the person's sessions, this one first, with device and address")
    func sessions() async throws {
        try await TestServer.run { server in
            let chrome = ("User-Agent", "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36")
            let other = server.browser()
            let page = try await other.visit("/")
            _ = try await other.submit(
                try page.passwordForm, ["username": "alice", "password": Samples.password], headers: [chrome])
            server.clock.advance(by: 60)
            _ = try await server.signedIn("frank")
            let browser = try await server.signedIn()
            let account = try await browser.get("/account/sessions")
            let listed = account.forms.filter { $0.action == "/account/sessions/end" }.compactMap { $0["session"] }
            let own = try await server.sessions().filter { $0.userID == "user-alice" }
            #expect(listed.count == 2)
            #expect(Set(listed) == Set(own.map(\.id)))
            #expect(account.text.contains("Chrome · Windows"))
            #expect(account.text.contains("<dd>127.0.0.1</dd>"))
            #expect(own.allSatisfy { !account.text.contains($0.tokenHash) })
        }
    }

    @Test("ends one other session and leaves this one", .tags(.security))
    func endsOne() async throws {
        try await TestServer.run { server in
            let other = try await server.signedIn()
            let otherID = try await server.onlySession().id
            let browser = try await server.signedIn()
            let account = try await browser.visit("/account/sessions")
            let done = try await browser.submit(
                try account.form(to: "/account/sessions/end") { $0["session"] == otherID })
            #expect(done.trail == ["/account/sessions/end", "/account/sessions?notice=sessionEnded"])
            #expect(done.reply.text.contains("The device was signed out."))
            #expect(try await !other.isSignedIn())
            #expect(try await browser.isSignedIn())
        }
    }

    @Test("ends all others", .tags(.security))
    func endsOthers() async throws {
        try await TestServer.run { server in
            let others = [try await server.signedIn(), try await server.signedIn()]
            let frank = try await server.signedIn("frank")
            let browser = try await server.signedIn()
            let account = try await browser.visit("/account/sessions")
            _ = try await browser.submit(try account.form(to: "/account/sessions/end-others"))
            for other in others { #expect(try await !other.isSignedIn()) }
            #expect(try await browser.isSignedIn())
            #expect(try await frank.isSignedIn())
        }
    }

    @Test("ends nothing of somebody else's", .tags(.security))
    func foreignSession() async throws {
        try await TestServer.run { server in
            let frank = try await server.signedIn("frank")
            let frankID = try await server.onlySession().id
            let browser = try await server.signedIn()
            let account = try await browser.visit("/account/sessions")
            _ = try await browser.submit(try account.form(to: "/account/sessions/end"), ["session": frankID])
            #expect(try await frank.isSignedIn())
        }
    }

    static let forms = [
        "/account/sessions/end", "/account/sessions/end-others", "/account/password",
        "/account/profile", "/account/email", "/account/applications/withdraw",
    ]

    @Test("accepts no form from somebody who is not signed in", .tags(.security), arguments: forms)
    func unknown(_ path: String) async throws {
        try await TestServer.run { server in
            let reply = try await server.browser().post(path, [])
            #expect(reply.status == 403)
            #expect(reply.heading == "This page has expired")
        }
    }
}
