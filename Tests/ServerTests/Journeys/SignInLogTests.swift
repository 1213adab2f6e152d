import Directory
import FoundationEssentials
import Server
import Storage
import TestSupport
import Testing

@Suite("The sign-in log")
struct SignInLogTests {
    static let chrome = ("User-Agent", "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36")

    /// What a line of the log is to say.
    struct Line: Equatable {
        var name: String
        var reason: String?
        var method: Factor?
        var person: LoggedPerson?
        var application: String?
        var device: String?
        var interaction: String?

        init(_ event: LoggedEvent) {
            (name, reason, method, person) = (event.name, event.reason, event.method, event.person)
            (application, device, interaction) = (event.applicationID, event.device, event.interactionID)
        }

        init(
            _ name: String, _ reason: String? = nil, _ method: Factor? = nil, of person: LoggedPerson?,
            for application: String?, by device: String? = "Chrome · Windows", in interaction: String?
        ) {
            (self.name, self.reason, self.method, self.person) = (name, reason, method, person)
            (self.application, self.device, self.interaction) = (application, device, interaction)
        }
    }

    static let alice = LoggedPerson(account: "alice", name: "Alice Liddell", phone: "138****0001")

    @Test(
        "tells of every attempt how, with what result, who it was, from where, for which application and in which interaction",
        arguments: Backend.journeys)
    func attempts(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = server.browser()
            let page = try await browser.visit(authorize())
            let interaction = try page.interactionID
            for (name, password) in [("nobody", "Wrong-1"), ("alice", "Wrong-1"), ("ALICE", Samples.password)] {
                server.clock.advance(by: 1)
                let filling = ["username": name, "password": password]
                _ = try await browser.submit(try page.passwordForm, filling, headers: [Self.chrome])
            }
            server.clock.advance(by: 1)
            _ = try await browser.get("/cas/login?service=https%3A%2F%2Fwiki.example%2Fcas", headers: [Self.chrome])
            let (notes, wiki) = (Samples.notes.id, Samples.wiki.id)
            let log = try await server.signInLog()
            // The way back to the endpoint is another request, without the header here.
            #expect(
                log.map(Line.init) == [
                    Line("sign_in.failed", "unknown_user", .password, of: nil, for: notes, in: interaction),
                    Line("sign_in.failed", "wrong_password", .password, of: Self.alice, for: notes, in: interaction),
                    Line("sign_in.succeeded", nil, .password, of: Self.alice, for: notes, in: interaction),
                    Line("application.entered", of: Self.alice, for: notes, by: nil, in: interaction),
                    Line("application.entered", of: Self.alice, for: wiki, in: nil),
                ])
            #expect(log.allSatisfy { $0.address == "127.0.0.1" && $0.requestID != nil })
            #expect(log.map(\.at.timeIntervalSince1970) == [1, 2, 3, 3, 4].map { 1_700_000_000 + $0 })
        }
    }

    @Test("tells of codes that are asked for and tried", arguments: Backend.journeys)
    func codes(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = server.browser()
            let page = try await browser.visit(authorize())
            let interaction = try page.interactionID
            let sent = try await browser.askForCode("13800000002", on: page)
            server.clock.advance(by: 1)
            _ = try await browser.askForCode("13800000002", on: page)
            server.clock.advance(by: 1)
            _ = try await browser.enterCode(other(try await server.lastCode(to: "+8613800000002")), on: sent)
            server.clock.advance(by: 1)
            _ = try await browser.enterCode(try await server.lastCode(to: "+8613800000002"), on: sent)
            let bob = LoggedPerson(account: "bob", name: "Bob Baker", phone: "138****0002")
            let log = try await server.signInLog()
            #expect(
                log.map(Line.init) == [
                    Line("sms.sent", of: bob, for: Samples.notes.id, by: nil, in: interaction),
                    Line("sms.refused", "interval", of: bob, for: Samples.notes.id, by: nil, in: interaction),
                    Line(
                        "sign_in.failed", "wrong_code", .sms, of: bob, for: Samples.notes.id, by: nil, in: interaction),
                    Line(
                        "sign_in.password_due", "first", .sms, of: bob, for: Samples.notes.id, by: nil, in: interaction),
                ])
            #expect(log.map(\.actorKind) == ["anonymous", "anonymous", "user", "user"])
        }
    }

    @Test("tells who somebody was then, whatever they are called now", .tags(.security))
    func renamed() async throws {
        try await TestServer.run { server in
            _ = try await server.signedIn()
            try await server.change { db in
                var alice = Samples.alice
                alice.username = Username(stored: "a.smith")
                alice.profile = Profile(name: "Alice Smith")
                try db.users(Samples.sealingKey).update(alice)
            }
            server.clock.advance(by: 1)
            _ = try await server.signedIn("a.smith")
            let people = try await server.signInLog().filter { $0.name == "sign_in.succeeded" }.map(\.person)
            #expect(people == [Self.alice, LoggedPerson(account: "a.smith", name: "Alice Smith", phone: nil)])
        }
    }

    @Test("names the person whose session gave way to somebody else's", .tags(.security))
    func replaced() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            _ = try await browser.signIn("frank", at: authorize(["prompt": "login"]))
            let ended = try await server.signInLog().filter { $0.name == "session.ended" }
            #expect(ended.map(\.person) == [Self.alice])
            #expect(ended.map(\.reason) == ["replaced"])
            #expect(ended.map(\.applicationID) == [nil])
            #expect(ended.first?.interactionID != nil)
        }
    }

    @Test("tells of wrong current passwords on the account page and of who may not enter", .tags(.security))
    func otherPages() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn("frank")
            let page = try await browser.visit("/account/password")
            _ = try await browser.submit(
                try page.form(to: "/account/password"),
                ["currentPassword": "Wrong-1", "newPassword": "Better-Horse-8", "repeatedPassword": "Better-Horse-8"],
                headers: [Self.chrome])
            server.clock.advance(by: 1)
            _ = try await browser.get("/cas/login?service=https%3A%2F%2Fledger.example%2Fcas", headers: [Self.chrome])
            let frank = LoggedPerson(account: "frank", name: "Frank Ford", phone: "138****0006")
            let log = try await server.signInLog().map(Line.init).filter { $0.device != nil }
            #expect(
                log == [
                    Line("sign_in.failed", "wrong_password", .password, of: frank, for: nil, in: nil),
                    Line(
                        "application.access_refused", "not_selected", of: frank, for: Samples.ledger.id, in: nil),
                ])
        }
    }

    // MARK: - What is not in it

    @Test(
        "nothing that was typed or sent stands in any column of any event: no name, phone, password, code, header",
        .tags(.security), arguments: Backend.journeys)
    func columns(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let typed = try await Self.journey(server)
            // The ids of people here are made of their names.
            let texts = try await server.eventTexts().map { $0.replacing("user-alice", with: "") }
            #expect(texts.count > 200)
            #expect(texts.contains("Chrome · Windows") && texts.contains("sign_in.failed"))
            for text in typed + ["Alice", "Bob", "alice", "13800000001", "138****", "@acme.example", "Mozilla"] {
                #expect(texts.allSatisfy { !$0.contains(text) }, "\(text)")
            }
        }
    }

    /// - Returns: Everything that somebody typed on the way, and what they were sent.
    private static func journey(_ server: TestServer) async throws -> [String] {
        let hostile = ("User-Agent", "Mozilla Chrome Windows <b>Hostile-Header</b> 13912345678")
        let browser = server.browser()
        let page = try await browser.visit(authorize(["login_hint": "Hinted-Name"]))
        let attempts = [
            ("My-Secret-9", "x"), ("13912345678", "Guess-1"), ("typo@elsewhere.example", "Guess-2"),
            ("alice", "Guess-3"),
            ("138 0000 0001", "Guess-4"), ("carol", Samples.password), ("<i>Markup</i>", "Guess-5"),
        ]
        for (name, password) in attempts {
            let filling = ["username": name, "password": password]
            _ = try await browser.submit(try page.passwordForm, filling, headers: [hostile])
        }
        var typed = attempts.flatMap { [$0.0, $0.1] }.filter { $0 != "x" && $0 != "carol" }
        for phone in ["13912345678", "13800000002", "13800000002"] {
            _ = try await browser.submit(
                try page.phoneForm, ["phone": phone], pressing: "send", headers: [hostile])
        }
        let sent = try await browser.askForCode("13800000002", on: page)
        let code = try await server.lastCode(to: "+8613800000002")
        _ = try await browser.enterCode(other(code), on: sent)
        let due = try await browser.enterCode(code, on: sent)
        let done = try await browser.setPassword("Better-Horse-8", on: due)
        typed += [code, other(code), "Better-Horse-8", "Hinted-Name", "Hostile-Header", "13800000002"]
        typed += [try #require(done.answer["code"]), try await browser.enterWiki()] + browser.cookies.values
        _ = try await browser.submit(try await browser.visit("/logout").form(to: "/logout"))
        return typed
    }

    // MARK: - What it costs

    @Test("costs no writing transaction of its own, however much there is to tell")
    func transactions() async throws {
        try await Backend.sqliteMemory.withDatabase { database in
            let watched = WatchedDatabase(database)
            try await TestServer.run(over: watched, ledger: database) { server in
                try await Samples.store(in: server.database)
                let browser = server.browser()
                func count(_ body: () async throws -> Void) async throws -> Int {
                    try await watched.count(body).writes
                }
                let page = try await browser.visit(authorize())
                // Counting the attempt before Argon2 runs, and what came of it.
                for _ in 1...10 {
                    #expect(try await count { _ = try await browser.enter("frank", "Wrong-1", on: page) } == 2)
                }
                #expect(try await server.events().contains { $0.hasPrefix("account.frozen") })
                #expect(try await count { _ = try await browser.enter("nobody", "Wrong-1", on: page) } == 2)
                #expect(try await count { _ = try await browser.askForCode("13800000001", on: page) } == 1)
                #expect(try await count { _ = try await browser.askForCode("13800000001", on: page) } == 1)
                let code = try await server.lastCode(to: "+8613800000001")
                let sent = try await browser.visit("/login?i=\(try page.interactionID)&tab=phone")
                let pairs = try sent.phoneForm.sending(["phone": "13800000001", "code": code], pressing: "verify")
                #expect(try await count { _ = try await browser.post("/login", pairs) } == 1)
                #expect(try await count { _ = try await browser.enterNotes() } == 1)
                #expect(try await count { _ = try await browser.get("/account/history") } == 0)
                let asked = try await browser.visit("/logout")
                #expect(try await count { _ = try await browser.submit(try asked.form(to: "/logout")) } == 1)
            }
        }
    }

    // MARK: - How long it is kept

    @Test("a sweep keeps each tenant's for as long as that tenant says", .tags(.security), arguments: Backend.journeys)
    func retention(backend: Backend) async throws {
        try await TestServer.run(on: backend, settings: ["signIn.logRetention": "1h"]) { server in
            _ = try await server.signedIn()
            _ = try await server.signedIn(at: Samples.globex.issuer)
            let both = [Samples.acme.id, Samples.globex.id]
            func kept() async throws -> [Bool] {
                var kept: [Bool] = []
                for id in both { kept.append(try await !server.events(of: id).isEmpty) }
                return kept
            }
            try await server.set(["signIn.logRetention": "off"], for: Samples.globex)
            server.clock.advance(by: 3_589)
            let sweep = ExpirySweep(server.environment)
            try await sweep.sweep(every: 60)
            #expect(try await kept() == [true, true])
            server.clock.advance(by: 1)
            try await sweep.sweep(every: 60)
            #expect(try await kept() == [false, true])
            try await server.set(["signIn.logRetention": "1h"], for: Samples.globex)
            try await sweep.sweep(every: 60)
            #expect(try await kept() == [false, false])
        }
    }
}

extension TestServer {
    /// The sign-in log of a tenant, oldest first.
    func signInLog(of tenantID: String = Samples.acme.id) async throws -> [LoggedEvent] {
        let filter = EventLog.Filter(tenantID: tenantID, log: .signIn)
        return try await database.read { db in
            try db.eventLog(Samples.sealingKey).page(filter, limit: 1_000).reversed()
        }
    }

    /// Every text in every column of every event; `at` is a number.
    func eventTexts() async throws -> [String] {
        try await database.read { db in
            try db.rows(
                """
                SELECT id, tenant_id, log, name, actor_kind, actor_name, user_id, application_id,
                    address, request_id, detail, interaction_id, device, sealed_person
                FROM events
                """
            ) { row in try (0..<14).compactMap { _ in try row.next(String?.self) } }.flatMap(\.self)
        }
    }
}
