import Directory
import FoundationEssentials
import Storage
import TestSupport
import Testing

@Suite("/account/history")
struct AccountHistoryPageTests {
    /// What happened, in the order of the page.
    static func titles(_ page: Reply) -> [String] {
        page.text.parts(between: "<p class=\"session-device", and: "</p>").map { text in
            let title = String(text.drop { $0 != ">" }.dropFirst().prefix { $0 != "<" })
            return title.hasSuffix(" ") ? String(title.dropLast()) : title
        }
    }

    /// The facts of one name, in the order of the page.
    static func facts(_ name: String, _ page: Reply) -> [String] {
        page.text.parts(between: "<dt>\(name)</dt><dd>", and: "</dd>")
    }

    @Test("shows what happened to the person, newest first, in words")
    func shows() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let page = try await browser.visit(authorize())
            _ = try await browser.submit(
                try page.passwordForm, ["username": "alice", "password": "Wrong-1"], headers: [SignInLogTests.chrome])
            server.clock.advance(by: 60)
            _ = try await browser.enter("alice", Samples.password, on: page)
            server.clock.advance(by: 60)
            _ = try await browser.enterWiki()
            let history = try await browser.get("/account/history")
            #expect(history.heading == "Sign-in history")
            #expect(
                Self.titles(history) == [
                    "Opened an application", "Opened an application", "Signed in", "Sign-in failed",
                ])
            #expect(history.text.contains("<span class=\"badge\">Wiki</span>"))
            #expect(history.text.parts(between: "<span class=\"badge\">", and: "<").count == 4)
            #expect(history.text.contains("<p class=\"event-reason\">The password was not right.</p>"))
            #expect(Self.facts("Method", history) == ["Password", "Password"])
            #expect(Self.facts("Device", history).last == "Chrome · Windows")
            #expect(Set(Self.facts("Address", history)) == ["127.0.0.1"])
            #expect(
                Self.facts("Time", history).last
                    == "<time datetime=\"2023-11-14T22:13:20Z\">2023-11-14 22:13 UTC</time>")
        }
    }

    @Test("speaks Chinese, and its switch of languages keeps the page")
    func chinese() async throws {
        try await TestServer.run { server in
            _ = try await server.browser().signIn("alice", "Wrong-1")
            let browser = server.browser(language: "zh")
            _ = try await browser.signIn()
            let place = EventCursor(at: FixedClock.start + 1, id: "x").text
            let history = try await browser.get("/account/history?before=\(place)")
            #expect(history.heading == "登录记录")
            #expect(Set(Self.titles(history)) == ["登录成功", "登录失败"])
            #expect(history.text.contains("密码不正确。"))
            #expect(history.text.contains("href=\"/account/history?before=\(place)&amp;lang=en\""))
        }
    }

    @Test("every result of the log has words of its own", arguments: SignInResult.allCases)
    func words(_ result: SignInResult) async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            try await server.log(result.eventName, at: FixedClock.start + 5)
            let title = Self.titles(try await browser.get("/account/history")).first
            #expect(title != nil && title != "" && title != "Something else")
            #expect(title?.hasPrefix("history") == false)
        }
    }

    @Test("is linked from the account page")
    func link() async throws {
        try await TestServer.run { server async throws in
            #expect(try await server.signedIn().get("/account").text.contains("href=\"/account/history\""))
        }
    }

    // MARK: - Nobody else's

    @Test("shows nothing of anybody else, nor what another tenant's log says of the same id", .tags(.security))
    func own() async throws {
        try await TestServer.run { server in
            let frank = server.browser()
            _ = try await frank.signIn("frank", "Wrong-1")
            _ = try await server.signedIn("frank")
            _ = try await server.browser().signIn("nobody", "Wrong-1")
            _ = try await server.signedIn(at: Samples.globex.issuer)
            try await server.log("sms.sent", in: Samples.globex, at: FixedClock.start)
            let history = try await server.signedIn().get("/account/history")
            #expect(Self.titles(history) == ["Signed in"])
        }
    }

    @Test("shows text of the log as text, and of a hostile header nothing", .tags(.security))
    func escapes() async throws {
        try await TestServer.run { server in
            let hostile = "<script>alert('1')</script>\"&"
            try await server.change { db in
                var notes = Samples.notes
                notes.name = hostile
                try db.applications.update(notes)
            }
            let browser = try await server.signedIn()
            let header = ("User-Agent", "Chrome <script>alert('2')</script> Windows")
            _ = try await browser.get(authorize(), headers: [header])
            let history = try await browser.get("/account/history")
            #expect(history.text.contains("Chrome · Windows"))
            #expect(history.text.contains("&lt;script&gt;alert("))
            #expect(!history.text.contains("<script>alert("))
            let texts = try await server.eventTexts()
            #expect(texts.allSatisfy { !$0.contains("script") })
        }
    }

    // MARK: - Pages

    @Test("leads through everything by links, twenty at a time", arguments: Backend.journeys)
    func pages(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = try await server.signedIn()
            for number in 1...44 { try await server.log("sms.sent", at: FixedClock.start - Double(number / 3)) }
            var counts: [Int] = []
            var seen: [String] = []
            var address: String? = "/account/history"
            while let next = address {
                let page = try await browser.get(next)
                counts.append(Self.titles(page).count)
                seen += Self.facts("Time", page)
                let links = page.text.parts(between: "rel=\"next\" href=\"", and: "\"")
                #expect(page.text.contains(">Newest</a>") == (next != "/account/history"))
                address = links.first?.replacing("&amp;", with: "&")
            }
            #expect(counts == [20, 20, 5])
            #expect(seen == seen.sorted(by: >))
        }
    }

    @Test("a page that just fits has no link to an empty one")
    func exact() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            for _ in 1...19 { try await server.log("sms.sent", at: FixedClock.start - 1) }
            #expect(try await !browser.get("/account/history").text.contains(">Older</a>"))
            try await server.log("sms.sent", at: FixedClock.start - 1)
            #expect(try await browser.get("/account/history").text.contains(">Older</a>"))
        }
    }

    @Test(
        "a place that no link of ours has is answered in a sentence", .tags(.security),
        arguments: ["before=", "before=1", "before=1.%27", "before=1.a&before=1.a", "before=9%00.a"])
    func place(_ query: String) async throws {
        try await TestServer.run { server in
            let reply = try await server.signedIn().get("/account/history?\(query)")
            #expect(reply.status == (query == "before=" ? 200 : 400))
        }
    }

    @Test("a place in somebody else's history leads to one's own", .tags(.security))
    func foreignPlace() async throws {
        try await TestServer.run { server in
            _ = try await server.signedIn("frank")
            let frank = try #require(try await server.signInLog().first)
            server.clock.advance(by: 1)
            let browser = try await server.signedIn()
            server.clock.advance(by: 1)
            _ = try await server.signedIn("frank")
            let reply = try await browser.get("/account/history?before=\(frank.cursor.text)")
            #expect(reply.status == 200)
            #expect(Self.titles(reply) == [])
            #expect(reply.text.contains("There is nothing here."))
        }
    }
}

extension TestServer {
    /// An event of Alice's in the sign-in log, without details.
    fileprivate func log(_ name: String, in tenant: Tenant = Samples.acme, at time: Date) async throws {
        let id = "event-\(UInt64.random(in: .min ... .max))"
        try await change { db in
            try db.execute(
                """
                INSERT INTO events (id, tenant_id, at, log, name, actor_kind, user_id, detail)
                VALUES (\(id), \(tenant.id), \(time), 'sign_in', \(name), 'user', \(Samples.alice.id), '{}')
                """)
        }
    }
}

extension String {
    /// The texts that stand between two others.
    fileprivate func parts(between start: String, and end: String) -> [String] {
        split(separator: start, omittingEmptySubsequences: false).dropFirst().map { part in
            String(part[..<(part.firstRange(of: end)?.lowerBound ?? part.endIndex)])
        }
    }
}
