import Directory
import FoundationEssentials
import Server
import Storage
import TestSupport
import Testing
import Wire

@Suite("/admin/domains", .timeLimit(.minutes(10)))
struct AdminDomainsTests {
    static let path = "/admin/domains"
    static let check = "/admin/domains/check"
    static let remove = "/admin/domains/remove"

    private func claims(_ server: TestServer, of tenant: Tenant = Samples.acme) async throws -> [ClaimedDomain] {
        try await server.database.read { db in try db.domains.all(of: tenant.id) }
    }

    private func add(_ domain: String, _ browser: Browser) async throws -> Browser.Visit {
        let page = try await browser.visit(Self.path)
        return try await browser.submit(try page.form(to: Self.path), ["domain": domain])
    }

    /// Sends a form of the page for a domain that need not be on it.
    private func send(
        _ path: String, _ domain: String, _ browser: Browser, from page: Browser.Visit, csrf: String? = nil
    ) async throws -> Reply {
        let token = try csrf ?? page.form(to: Self.path)["csrf"] ?? ""
        return try await browser.post(path, [.init("csrf", token), .init("domain", domain)])
    }

    @Test("says what to put where, looks for it, and tells what it found", arguments: Backend.journeys)
    func whole(backend: Backend) async throws {
        let proofs = PublishedProofs()
        try await proofs.serve { probe in
            try await TestServer.run(on: backend, domainProbe: probe) { server in
                let browser = try await server.administrator()
                let added = try await add(" People.Example ", browser)
                #expect(added.reply.status == 200)
                let claim = try #require(try await claims(server).first)
                for text in [claim.fileURL, claim.token, claim.recordName, claim.recordTarget] {
                    #expect(added.reply.text.contains("<code>\(text)</code>"))
                }
                #expect(added.reply.text.contains("Not looked for yet"))
                let missing = try await browser.submit(try added.form(to: Self.check))
                #expect(missing.reply.text.contains("File: the web server has no such file."))
                #expect(missing.reply.text.contains("Record: there is none, or it has not spread yet."))
                proofs.publish(recordOf: claim)
                // Not asked again so soon.
                let hasty = try await browser.submit(try missing.form(to: Self.check))
                #expect(hasty.reply.text.contains("Proof not found yet"))
                server.clock.advance(by: 10)
                let found = try await browser.submit(try hasty.form(to: Self.check))
                #expect(found.reply.text.contains("Verified"))
                #expect(!found.reply.text.contains(claim.token))
                #expect(try await server.browser().signIn("alice@people.example").reply.status == 200)
                let gone = try await browser.submit(try found.form(to: Self.remove))
                #expect(gone.reply.text.contains("There is no domain yet."))
                #expect(try await server.browser().signIn("alice@people.example").reply.status == 422)
            }
        }
    }

    @Test("the audit log tells who did it, and from where", .tags(.security))
    func audited() async throws {
        try await TestServer.run { server in
            let browser = try await server.administrator()
            let added = try await add("acme.example", browser)
            _ = try await browser.submit(try added.form(to: Self.remove))
            let rows = try await server.database.read { db in
                try db.rows("SELECT name, actor_name, address FROM events WHERE name LIKE 'domain.%' ORDER BY id") {
                    row in
                    [try row.next(String.self), try row.next(String?.self) ?? "", try row.next(String?.self) ?? ""]
                }
            }
            #expect(rows.map { $0[0] } == ["domain.added", "domain.removed"])
            #expect(rows.allSatisfy { $0[1] == Samples.frank.id && !$0[2].isEmpty })
        }
    }

    @Test(
        "what is no domain is refused, and comes back as it was typed", .tags(.security),
        arguments: ["", "https://acme.example", "www.acme.example", "acme", "10.0.0.1", "db.internal", "<b>.example"])
    func malformed(_ typed: String) async throws {
        try await TestServer.run { server in
            let reply = try await add(typed, try await server.administrator()).reply
            #expect(reply.status == 422)
            #expect(reply.formErrors.count == 1)
            #expect(reply.forms.first { $0["domain"] != nil }?["domain"] == typed)
            #expect(try await claims(server) == [])
        }
    }

    @Test("a domain is claimed once by a tenant, and a hundred at most", .tags(.security))
    func bounded() async throws {
        try await TestServer.run { server in
            let browser = try await server.administrator()
            _ = try await add("acme.example", browser)
            #expect(try await add("ACME.example", browser).reply.status == 422)
            try await server.change { db in
                for number in 1..<100 {
                    try db.domains.insert(
                        ClaimedDomain(
                            DomainName(stored: "d\(number).example"), of: Samples.acme.id, token: "t\(number)",
                            now: server.clock.now))
                }
            }
            #expect(try await add("last.example", browser).reply.status == 422)
            #expect(try await claims(server).count == 100)
        }
    }

    @Test("who has no role sees nothing and does nothing, also when it was taken a moment ago", .tags(.security))
    func withoutRole() async throws {
        try await TestServer.run { server in
            let member = try await server.signedIn("alice")
            #expect(try await member.visit(Self.path).reply.status == 403)
            #expect(try await server.browser().visit(Self.path).reply.heading == "Sign in")
            let browser = try await server.administrator()
            let page = try await add("acme.example", browser)
            try await server.take()
            for path in [Self.path, Self.check, Self.remove] {
                #expect(try await send(path, "acme.example", browser, from: page).status == 403)
            }
            #expect(try await claims(server).map(\.name.text) == ["acme.example"])
        }
    }

    @Test("a form needs its token and its origin", .tags(.security), arguments: [path, check, remove])
    func forged(_ path: String) async throws {
        try await TestServer.run { server in
            let browser = try await server.administrator()
            let page = try await add("acme.example", browser)
            for token in ["", "x"] {
                #expect(try await send(path, "acme.example", browser, from: page, csrf: token).status == 403)
            }
            #expect(try await claims(server).map(\.checkedAt) == [nil])
        }
    }

    @Test("another tenant's domains are neither seen nor touched", .tags(.security))
    func foreign() async throws {
        try await TestServer.run { server in
            let theirs = ClaimedDomain(
                DomainName(stored: "globex.example"), of: Samples.globex.id, token: "t", now: server.clock.now)
            try await server.change { db in try db.domains.insert(theirs) }
            let browser = try await server.administrator()
            let page = try await browser.visit(Self.path)
            #expect(!page.reply.text.contains("globex.example"))
            for path in [Self.check, Self.remove] {
                #expect(try await send(path, "globex.example", browser, from: page).location == Self.path)
            }
            #expect(try await claims(server, of: Samples.globex) == [theirs])
            // Claiming the same domain tells nothing about the other.
            #expect(try await add("globex.example", browser).reply.status == 200)
        }
    }

    @Test("many checks at once ask once, and another of the tenant's domains waits a little", .tags(.security))
    func parallelChecks() async throws {
        let proofs = PublishedProofs()
        try await proofs.serve { probe in
            try await TestServer.run(domainProbe: probe) { server in
                let browser = try await server.administrator()
                _ = try await add("one.example", browser)
                let page = try await add("two.example", browser)
                _ = try await inParallel(12) { _ in
                    try await send(Self.check, "one.example", browser, from: page)
                }
                _ = try await send(Self.check, "two.example", browser, from: page)
                let failed = "domain.failed"
                let events = try await server.events().filter { $0.hasPrefix(failed) }
                #expect(events.count == 1)
                #expect(try await claims(server).map { $0.checkedAt == nil } == [false, true])
                server.clock.advance(by: 5)
                _ = try await send(Self.check, "two.example", browser, from: page)
                #expect(try await claims(server).map { $0.checkedAt == nil } == [false, false])
            }
        }
    }

    @Test("a check that ends after the role was taken writes nothing", .tags(.security))
    func overtaken() async throws {
        let proofs = PublishedProofs()
        try await proofs.serve { probe in
            try await Backend.sqliteMemory.withDatabase { inner in
                let database = WatchedDatabase(inner)
                try await TestServer.run(over: database, domainProbe: probe) { server in
                    try await Samples.store(in: inner)
                    let browser = try await server.administrator()
                    let page = try await add("acme.example", browser)
                    var number = 0
                    var isReached = true
                    while isReached {
                        try await server.give()
                        server.clock.advance(by: 10)
                        let events = try await server.events().count
                        isReached =
                            try await database.interrupting(before: number) { inner in
                                try await inner.write { db in
                                    try db.userRoles.remove(.administrator, ofUser: Samples.frank.id)
                                }
                            } during: {
                                _ = try await send(Self.check, "acme.example", browser, from: page)
                            } != nil
                        if isReached { #expect(try await server.events().count == events, "before \(number)") }
                        number += 1
                    }
                    // Who it is, the beginning, the result.
                    #expect(number > 2)
                }
            }
        }
    }
}
