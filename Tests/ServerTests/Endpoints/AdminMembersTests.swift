import Directory
import FoundationEssentials
import Identity
import Server
import Storage
import TestSupport
import Testing
import Wire

@Suite("/admin/users: the members")
struct AdminMembersTests {
    private static func search(_ text: String, _ browser: Browser) async throws -> Browser.Visit {
        let list = try await browser.visit(ConsolePath.members)
        return try await browser.submit(try list.form(to: ConsolePath.members), ["search": text])
    }

    /// The usernames of a list, in its order.
    private static func names(_ reply: Reply) -> [String] {
        reply.text.split(separator: "<span class=\"member-username\">").dropFirst().map {
            String($0.prefix { $0 != "<" })
        }
    }

    @Test("sends somebody unknown to sign in and comes back", arguments: ConsolePath.all)
    func signIn(_ path: String) async throws {
        try await TestServer.run { server in
            try await server.give()
            let visit = try await server.browser().signIn("frank", at: path)
            #expect(visit.trail == ["/login", ConsolePath.members])
            #expect(visit.reply.heading == "Members")
        }
    }

    @Test("accepts no form from somebody who is not signed in", .tags(.security), arguments: ConsolePath.forms)
    func unknown(_ path: String) async throws {
        try await TestServer.run { server in
            let reply = try await server.browser().post(path, [.init("user", "user-alice")])
            #expect(reply.status == 403)
            #expect(reply.heading == "This page has expired")
        }
    }

    @Test("accepts no form without the token of its session", .tags(.security), arguments: ConsolePath.forms)
    func noToken(_ path: String) async throws {
        try await TestServer.run { server in
            let browser = try await server.administrator()
            try await SameWordsTests.freezeMember(server)
            let before = (try await server.standing(), try await server.throttle(of: Samples.alice))
            for csrf in [nil, "", "AAAA"] {
                var pairs: [FormURLEncoded.Pair] = [.init("user", "user-alice"), .init("search", "a")]
                if let csrf { pairs.append(.init("csrf", csrf)) }
                let reply = try await browser.post(path, pairs)
                #expect(reply.status == 403 && reply.heading == "This page has expired")
            }
            #expect(try await server.standing() == before.0)
            #expect(try await server.throttle(of: Samples.alice) == before.1)
        }
    }

    @Test("only administrators find the way here on their pages", .tags(.security))
    func link() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn("frank")
            let pages = ["/", "/account", "/account/password", "/account/phone", "/account/history"]
            for page in pages { #expect(try await !browser.get(page).text.contains("href=\"/admin/users\"")) }
            try await server.give()
            for page in pages {
                #expect(try await browser.get(page).text.contains("<a href=\"/admin/users\">Administration</a>"))
            }
            try await server.take()
            for page in pages { #expect(try await !browser.get(page).text.contains("/admin")) }
        }
    }

    @Test("shows everybody of the tenant with status, and the phone only in part", .tags(.security))
    func list() async throws {
        try await TestServer.run { server in
            let browser = try await server.administrator()
            try await SameWordsTests.freezeMember(server)
            let reply = try await browser.get(ConsolePath.members)
            #expect(reply.status == 200)
            // The row's heading comes first, then the other cells.
            #expect(
                reply.tableRows == [
                    [
                        "Alice Liddell alice", "Select Alice Liddell (alice)", "138****0001", "Active Frozen",
                        "Change phone Alice Liddell (alice) Second step Alice Liddell (alice)",
                    ],
                    [
                        "Bob Baker bob", "Select Bob Baker (bob)", "138****0002", "Pending",
                        "Change phone Bob Baker (bob) Second step Bob Baker (bob)",
                    ],
                    [
                        "Carol Cook carol", "Select Carol Cook (carol)", "138****0003", "Disabled",
                        "Change phone Carol Cook (carol) Second step Carol Cook (carol)",
                    ],
                    [
                        "Dave Dyer dave", "Select Dave Dyer (dave)", "138****0004", "Pending",
                        "Change phone Dave Dyer (dave) Second step Dave Dyer (dave)",
                    ],
                    [
                        "Erin Eager erin", "Select Erin Eager (erin)", "138****0005", "Active",
                        "Change phone Erin Eager (erin) Second step Erin Eager (erin)",
                    ],
                    ["Frank Ford You Administrator frank", "", "138****0006", "Active", "My account"],
                ])
            #expect(!reply.text.contains("1380000000") && !reply.text.contains("@acme.example"))
            #expect(!reply.text.contains("globex") && !reply.text.contains("value=\"user-frank\""))
        }
    }

    @Test("comes in pages of 25 by username; a link whose member is gone begins anew", arguments: Backend.journeys)
    func pages(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = try await server.administrator()
            let now = server.clock.now
            try await server.change { db in
                for number in 0..<54 {
                    try db.users(Samples.sealingKey).insert(
                        User(
                            id: "user-m\(number)", tenantID: Samples.acme.id,
                            username: Username(stored: "m\(100 + number)"), profile: Profile(name: "M"), createdAt: now)
                    )
                }
            }
            var seen: [[String]] = []
            var address: String? = ConsolePath.members
            while let page = address {
                let reply = try await browser.get(page)
                seen.append(Self.names(reply))
                let link = reply.text.split(separator: "rel=\"next\" href=\"").dropFirst().first
                address = link.map { String($0.prefix { $0 != "\"" }) }
                #expect(reply.text.contains("First page") == (seen.count > 1))
            }
            #expect(seen.map(\.count) == [25, 25, 10])
            #expect(seen.flatMap(\.self) == Samples.people.map(\.username.text) + (100..<154).map { "m\($0)" })
            for gone in ["nobody", "user-alice-globex", "m100"] {
                let reply = try await browser.get("\(ConsolePath.members)?after=\(gone)")
                #expect(Self.names(reply) == seen[0])
            }
            #expect(try await browser.get("\(ConsolePath.members)?after=a&after=b").status == 400)
        }
    }

    struct Search: Sendable, CustomTestStringConvertible {
        var text: String
        var found: [String]
        var testDescription: String { text }
    }

    @Test(
        "finds by what names an account, whole, and by the beginning of a username", .tags(.security),
        arguments: [
            Search(text: "alice", found: ["alice"]), Search(text: "ALI", found: ["alice"]),
            Search(text: " alice ", found: ["alice"]),
            Search(text: "13800000001", found: ["alice"]), Search(text: "+86 138-0000-0002", found: ["bob"]),
            Search(text: "alice@acme.example", found: ["alice"]), Search(text: "e-1", found: ["alice"]),
            Search(text: "alice@acme", found: ["alice"]),
            Search(text: "1380000", found: []), Search(text: "lice", found: []), Search(text: "Liddell", found: []),
            Search(text: "acme.example", found: []), Search(text: "%", found: []), Search(text: "_", found: []),
            Search(text: "a%", found: []), Search(text: "' OR '1'='1", found: []),
            Search(text: "user-alice", found: []),
            Search(text: "alice@globex", found: []), Search(text: "13800000009", found: []),
        ])
    func searches(_ search: Search) async throws {
        try await TestServer.run { server in
            let browser = try await server.administrator()
            let visit = try await Self.search(search.text, browser)
            #expect(visit.reply.status == 200)
            #expect(visit.trail == [ConsolePath.members])
            #expect(Self.names(visit.reply) == search.found)
            #expect(visit.reply.text.contains("No member was found.") == search.found.isEmpty)
            let phones = ["13800000001", "13800000002"]
            #expect(server.log.lines.allSatisfy { line in phones.allSatisfy { !line.contains($0) } })
        }
    }

    @Test("the pages of a search keep it, and show nobody twice", arguments: Backend.journeys)
    func searchPages(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = try await server.administrator()
            let now = server.clock.now
            try await server.change { db in
                for number in 0..<30 {
                    var user = User(
                        id: "user-m\(number)", tenantID: Samples.acme.id,
                        username: Username(stored: "m\(100 + number)"), profile: Profile(name: "M"), createdAt: now)
                    // Found by the whole text too.
                    if number == 3 { user.profile.employeeID = "m1" }
                    try db.users(Samples.sealingKey).insert(user)
                }
            }
            let first = try await Self.search("m1", browser)
            let next = try await browser.submit(try first.form(to: ConsolePath.members) { $0["after"] != nil })
            let seen = Self.names(first.reply) + Self.names(next.reply)
            #expect(Self.names(first.reply).first == "m103")
            #expect(seen.sorted() == (100..<130).map { "m\($0)" })
            #expect(try next.form(to: ConsolePath.members)["search"] == "m1")
        }
    }

    @Test("what was typed and what people are called comes back as text", .tags(.security))
    func markup() async throws {
        try await TestServer.run { server in
            let browser = try await server.administrator()
            try await server.change { db in
                var bob = Samples.bob
                bob.profile.name = "<script>alert(1)</script>"
                try db.users(Samples.sealingKey).update(bob)
            }
            for visit in [
                try await browser.visit(ConsolePath.members), try await browser.openReset(["user-bob"]),
                try await browser.visit("\(ConsolePath.phone)?user=user-bob"),
            ] {
                #expect(!visit.reply.text.contains("<script>alert"))
                #expect(visit.reply.text.contains("&lt;script&gt;alert"))
            }
            let found = try await Self.search("\"><script>alert(1)</script>", browser)
            #expect(!found.reply.text.contains("<script>alert"))
            let many = try await Self.search(String(repeating: "a", count: 5_000), browser)
            #expect(many.reply.status == 200 && Self.names(many.reply).isEmpty)
        }
    }

    @Test(
        "ends the freeze of those who are selected, and of nobody else", .tags(.security), arguments: Backend.journeys)
    func unfreeze(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = try await server.administrator()
            try await SameWordsTests.freezeMember(server)
            let list = try await browser.visit(ConsolePath.members)
            let csrf = try #require(try list.form(to: ConsolePath.reset)["csrf"])
            func unfreeze(_ ids: [String]) async throws -> Reply {
                try await browser.post(
                    ConsolePath.unfreeze, [.init("csrf", csrf)] + ids.map { FormURLEncoded.Pair("user", $0) })
            }
            #expect(try await unfreeze([]).location == "\(ConsolePath.members)?notice=noneSelected")
            #expect(try await unfreeze(["user-bob"]).status == 303)
            #expect(try await server.browser().signIn().reply.status == 422)
            for ids in [["user-alice", "nobody"], ["user-alice", "user-alice-globex"]] {
                #expect(try await unfreeze(ids).status == 404)
            }
            #expect(try await server.browser().signIn().reply.status == 422)
            let done = try await browser.visit(try #require(try await unfreeze(["user-alice"]).location))
            #expect(done.reply.text.contains("The selected members can try to sign in again."))
            #expect(try await server.browser().signIn().reply.status == 200)
            #expect(try await server.events().filter { $0.hasPrefix("account.unfrozen") }.count == 1)
        }
    }

    @Test("another administrator releases one who is frozen", .tags(.security))
    func releaseAdministrator() async throws {
        try await TestServer.run { server in
            try await SameWordsTests.freeze(server)
            try await server.give()
            try await server.give(to: "user-alice")
            let browser = try await server.signedIn()
            let list = try await browser.visit(ConsolePath.members)
            let csrf = try #require(try list.form(to: ConsolePath.reset)["csrf"])
            _ = try await browser.post(ConsolePath.unfreeze, [.init("csrf", csrf), .init("user", "user-frank")])
            #expect(try await server.browser().signIn("frank").reply.status == 200)
        }
    }

    @Test("is in both languages and has no word without a translation")
    func languages() async throws {
        try await TestServer.run { server in
            let browser = try await server.administrator()
            let pages = [
                ConsolePath.members, "\(ConsolePath.reset)?user=user-alice", "\(ConsolePath.phone)?user=user-alice",
            ]
            for (page, headings) in zip(
                pages, [("成员", "Members"), ("重置密码", "Reset passwords"), ("更换成员的手机", "Change a member's phone")])
            {
                let separator = page.contains("?") ? "&" : "?"
                #expect(try await browser.get("\(page)\(separator)lang=zh-Hans").heading == headings.0)
                #expect(try await browser.get("\(page)\(separator)lang=en").heading == headings.1)
            }
        }
    }
}

extension SameWordsTests {
    /// Freezes Alice by wrong passwords.
    static func freezeMember(_ server: TestServer) async throws {
        let browser = server.browser()
        let page = try await browser.visit("/")
        for _ in 1...10 { _ = try await browser.enter("alice", "Wrong-Horse-1", on: page) }
    }
}
