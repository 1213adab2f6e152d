import Directory
import FoundationEssentials
import Identity
import Server
import Storage
import TestSupport
import Testing
import Wire

@Suite("/admin/invitations", .timeLimit(.minutes(10)))
struct AdminInvitationsTests {
    static let gates = [JoinPath.new, JoinPath.open + "?department=sales", JoinPath.accept + "?request=request-1"]

    /// Fills the page for a new invitation in and sends it.
    private static func make(
        _ page: Browser.Visit, _ browser: Browser, _ changes: Changes = [:]
    ) async throws -> Browser.Visit {
        let filling: Changes = ["department": "sales", "currentPassword": Samples.password]
        return try await browser.submit(
            try page.form(to: JoinPath.new), filling.merging(changes) { $1 }, pressing: "confirm")
    }

    /// Sends one of the pages that ask for a proof.
    private static func confirm(
        _ path: String, _ page: Browser.Visit, _ browser: Browser, _ changes: Changes = [:]
    ) async throws -> Browser.Visit {
        let filling: Changes = ["currentPassword": Samples.password]
        return try await browser.submit(
            try page.form(to: path), filling.merging(changes) { $1 }, pressing: "confirm")
    }

    /// A server with Sales, an invitation with approval, and Grace who waits.
    private static func waiting(
        on backend: Backend = .sqliteMemory, _ body: @escaping @Sendable (TestServer, JoinRequest) async throws -> Void
    ) async throws {
        try await TestServer.run(on: backend) { server in
            try await server.invite { $0.needsApproval = true }
            let visit = try await server.browser().joinByLink("13900000001", server, ["username": "grace"])
            #expect(visit.reply.heading == "Your request was sent")
            let requests = try await server.requests()
            try await body(server, try #require(requests.first))
        }
    }

    // MARK: - Making one

    @Test(
        "an invitation is made with either proof; its code, link and picture are shown once", .tags(.security),
        arguments: Backend.journeys, AdminResetTests.Proof.allCases)
    func make(backend: Backend, proof: AdminResetTests.Proof) async throws {
        try await TestServer.run(on: backend) { server in
            try await server.change { db in try db.departments.insert(TestServer.sales) }
            let browser = try await server.administrator()
            var page = try await browser.visit(JoinPath.new)
            var changes: Changes = ["label": "Fair", "limit": "2", "days": "3", "approval": "yes"]
            if proof == .code {
                let filling = changes.merging(["department": "sales"]) { $1 }
                page = try await browser.submit(try page.form(to: JoinPath.new), filling, pressing: "send")
                #expect(try page.form(to: JoinPath.new)["label"] == "Fair")
                changes["code"] = try await server.lastCode(to: TestServer.administratorPhone)
                changes["currentPassword"] = String?.none
            }
            let made = try await Self.make(page, browser, changes)
            #expect(made.reply.status == 200 && made.reply.heading == "The invitation is made")
            #expect(made.reply["Cache-Control"] == "no-store")
            let link = made.reply.text.split(separator: "https://sso.acme.example/join?code=").dropFirst().first
            let text = String(try #require(link).prefix(8))
            let code = try #require(InvitationCode(typed: text))
            #expect(made.reply.text.contains("<code>\(code.shown)</code>"))
            #expect(made.reply.text.contains("alt=\"QR code: join Acme\""))
            let invitation = try #require(try await server.invitations().first)
            var expected = Invitation(
                id: invitation.id, tenantID: Samples.acme.id, departmentID: TestServer.sales.id,
                codeIndex: code.index(Samples.sealingKey), createdAt: server.clock.now,
                expiresAt: server.clock.now + 3 * 86_400)
            expected.label = "Fair"
            expected.needsApproval = true
            expected.useLimit = 2
            #expect(invitation == expected)
            let list = try await browser.visit(JoinPath.list)
            #expect(list.reply.text.contains("Fair") && list.reply.text.contains("0 of 2"))
            for secret in [code.text, code.shown] {
                #expect(!list.reply.text.contains(secret))
                #expect(try await server.events().allSatisfy { !$0.contains(secret) })
                #expect(server.log.lines.allSatisfy { !$0.contains(secret) })
            }
            let texts = try await server.database.read { db in
                try db.rows("SELECT code_index FROM invitations") { try $0.next(String.self) }
            }
            #expect(texts.allSatisfy { !$0.contains(code.text) })
            let visitor = try await server.browser().joinByLink("13900000001", server, code: code.text)
            #expect(visitor.reply.heading == "Your request was sent")
        }
    }

    struct Wrong: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var changes: Changes
        var error: String
    }

    static let wrong = [
        Wrong(testDescription: "no proof", changes: ["currentPassword": ""], error: "Enter your current password."),
        Wrong(testDescription: "no days", changes: ["days": "0"], error: "Enter a number of days from 1 to 365."),
        Wrong(
            testDescription: "too many days", changes: ["days": "366"], error: "Enter a number of days from 1 to 365."),
        Wrong(
            testDescription: "for nobody", changes: ["limit": "0"],
            error: "Enter a number from 1 to 100000, or nothing."
        ),
        Wrong(
            testDescription: "a label of two lines", changes: ["label": "a\nb"],
            error: "A label has up to 128 characters and no control characters."),
        Wrong(
            testDescription: "a department that is off", changes: ["department": "off"],
            error: "No invitation into this department works: it is off or gone."),
        Wrong(
            testDescription: "another tenant's department", changes: ["department": "theirs"],
            error: "No invitation into this department works: it is off or gone."),
    ]

    @Test(
        "what is wrong with it is told, what was typed stays, and nothing is made", .tags(.security), arguments: wrong)
    func refused(_ wrong: Wrong) async throws {
        try await TestServer.run { server in
            try await server.change { db in
                try db.departments.insert(TestServer.sales)
                for (code, tenant, invites) in [("off", Samples.acme, false), ("theirs", Samples.globex, true)] {
                    try db.departments.insert(
                        Department(
                            id: code, tenantID: tenant.id, code: code, name: code, invites: invites,
                            createdAt: FixedClock.start))
                }
            }
            let browser = try await server.administrator()
            let visit = try await Self.make(
                try await browser.visit(JoinPath.new), browser, ["label": "Fair"].merging(wrong.changes) { $1 })
            #expect(visit.reply.status == 422)
            #expect(visit.reply.formErrors == [wrong.error])
            #expect(try visit.form(to: JoinPath.new)["label"]?.isEmpty == false)
            #expect(try await server.invitations() == [])
        }
    }

    @Test("a wrong password makes nothing and counts", .tags(.security))
    func wrongPassword() async throws {
        try await TestServer.run { server in
            try await server.change { db in try db.departments.insert(TestServer.sales) }
            let browser = try await server.administrator()
            let visit = try await Self.make(
                try await browser.visit(JoinPath.new), browser, ["currentPassword": "Wrong-Horse-1"])
            #expect(visit.reply.status == 422)
            #expect(try await server.invitations() == [])
            #expect(try await server.throttle(of: Samples.frank)?.failures == 1)
        }
    }

    // MARK: - The list

    @Test("revoking and switching off need no proof, act at once, and are audited", arguments: Backend.journeys)
    func close(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            try await server.invite()
            try await server.invite("EFGH-2345")
            let browser = try await server.administrator()
            let list = try await browser.visit(JoinPath.list)
            let revoked = try await browser.submit(
                try list.form(to: JoinPath.revoke) { $0["invitation"] == "invitation-ab" })
            #expect(revoked.reply.text.contains("The invitation is revoked."))
            #expect(try await server.invitations().filter { $0.revokedAt != nil }.map(\.id) == ["invitation-ab"])
            let closed = try await browser.submit(try revoked.form(to: JoinPath.close))
            #expect(closed.reply.text.contains("No invitation into the department works any more."))
            let visitor = server.browser()
            let visit = try await visitor.askToJoin(
                "13900000001", on: try await visitor.openJoin("EFGH-2345"))
            #expect(visit.reply.formErrors == badInvitation)
            let page = try await browser.visit(JoinPath.open + "?department=sales")
            #expect(page.reply.heading == "Allow invitations")
            let opened = try await Self.confirm(JoinPath.open, page, browser)
            #expect(opened.trail.last == JoinPath.list + "?notice=departmentOpened")
            let again = try await visitor.askToJoin("13900000001", on: visit)
            #expect(again.reply.status == 200)
            let events = try await server.events().filter { $0.hasPrefix("invitation.") || $0.hasPrefix("department.") }
            #expect(
                events == [
                    #"department.changed {"department":"sales","changes":[{"field":"invites","before":"off","after":"on"}]}"#,
                    #"department.changed {"department":"sales","changes":[{"field":"invites","before":"on","after":"off"}]}"#,
                    #"invitation.revoked {"invitation":"invitation-ab"}"#,
                ])
        }
    }

    @Test("without a proof no switch goes on and nobody is accepted", .tags(.security))
    func proofs() async throws {
        try await Self.waiting { server, request in
            try await server.turn(false)
            let browser = try await server.administrator()
            for path in [JoinPath.open + "?department=sales", "\(JoinPath.accept)?request=\(request.id)"] {
                let page = try await browser.visit(path)
                let target = String(path.prefix { $0 != "?" })
                for password in ["", "Wrong-Horse-1"] {
                    let visit = try await Self.confirm(target, page, browser, ["currentPassword": password])
                    #expect(visit.reply.status == 422)
                }
            }
            #expect(try await server.database.read { db in try db.departments.invite(in: Samples.acme.id) } == false)
            #expect(try await server.requests() == [request])
        }
    }

    // MARK: - Requests

    @Test("who is accepted becomes a member, hears of it, and comes in by SMS", arguments: Backend.journeys)
    func accept(backend: Backend) async throws {
        try await Self.waiting(on: backend) { server, request in
            #expect(try await server.member(with: "+8613900000001") == nil)
            #expect(try await server.invitations().map(\.uses) == [1])
            let browser = try await server.administrator()
            let list = try await browser.visit(JoinPath.list)
            #expect(list.reply.text.contains("Grace Gold") && list.reply.text.contains("139****0001"))
            #expect(!list.reply.text.contains("13900000001"))
            let page = try await browser.visit("\(JoinPath.accept)?request=\(request.id)")
            #expect(page.reply.text.contains("Grace Gold") && page.reply.text.contains("Sales"))
            let done = try await Self.confirm(JoinPath.accept, page, browser)
            #expect(done.trail.last == JoinPath.list + "?notice=requestAccepted")
            let member = try #require(try await server.member(with: "+8613900000001"))
            #expect(member.username.text == "grace" && member.status == .pending)
            #expect(
                try await server.database.read { db in try db.departments.ofUser(member.id).map(\.code) } == ["sales"])
            #expect(try await server.requests() == [])
            #expect(try await server.notices() == ["NEW_MEMBER_SMS +8613900000001"])
            server.clock.advance(by: 120)
            let visitor = server.browser()
            let sent = try await visitor.askForCode("13900000001", on: try await visitor.visit("/"))
            let entered = try await visitor.enterCode(try await server.lastCode(to: "+8613900000001"), on: sent)
            #expect(entered.reply.heading == "Set a password")
            let names = try await server.events().map { $0.prefix { $0 != " " } }
            #expect(names.contains("join.requested") && names.contains("join.accepted"))
        }
    }

    @Test("an act that is sent many times at once makes one member", .tags(.security), arguments: Backend.journeys)
    func acceptOnce(backend: Backend) async throws {
        try await Self.waiting(on: backend) { server, request in
            let browser = try await server.administrator()
            let page = try await browser.visit("\(JoinPath.accept)?request=\(request.id)")
            let visits = try await inParallel(4) { _ in try await Self.confirm(JoinPath.accept, page, browser) }
            #expect(visits.filter { $0.reply.status == 200 }.count == 1)
            #expect(try await server.notices() == ["NEW_MEMBER_SMS +8613900000001"])
        }
    }

    @Test("a phone that became somebody's meanwhile is not taken from them", .tags(.security))
    func takenPhone() async throws {
        try await Self.waiting { server, request in
            try await server.change { db in
                var bob = Samples.bob
                bob.profile.phone = request.phone
                try db.users(Samples.sealingKey).update(bob)
            }
            let browser = try await server.administrator()
            let page = try await browser.visit("\(JoinPath.accept)?request=\(request.id)")
            let visit = try await Self.confirm(JoinPath.accept, page, browser)
            #expect(visit.reply.status == 422)
            #expect(visit.reply.formErrors == ["The phone of this request has become a member's. Decline it."])
            #expect(try await server.member(with: request.phone.e164)?.id == Samples.bob.id)
            let list = try await browser.visit(JoinPath.list)
            let declined = try await browser.submit(try list.form(to: JoinPath.decline))
            #expect(declined.reply.text.contains("The request is declined."))
            #expect(try await server.requests() == [])
            #expect(try await server.notices() == ["JOIN_DECLINED_SMS +8613900000001"])
        }
    }

    @Test("an account name that became somebody's meanwhile gives way to one that is made")
    func takenName() async throws {
        try await Self.waiting { server, request in
            try await server.change { db in
                var bob = Samples.bob
                bob.username = Username(stored: "grace")
                try db.users(Samples.sealingKey).update(bob)
            }
            let browser = try await server.administrator()
            let page = try await browser.visit("\(JoinPath.accept)?request=\(request.id)")
            _ = try await Self.confirm(JoinPath.accept, page, browser)
            let name = try #require(try await server.member(with: request.phone.e164)).username.text
            #expect(name != "grace" && name.count == 8)
        }
    }

    @Test("a phone that waits does not wait twice", .tags(.security))
    func waitsOnce() async throws {
        try await Self.waiting { server, request in
            server.clock.advance(by: 120)
            let visit = try await server.browser().joinByLink("13900000001", server)
            #expect(visit.reply.heading == "Your request is being looked at")
            #expect(try await server.requests() == [request])
            #expect(try await server.invitations().map(\.uses) == [1])
        }
    }

    // MARK: - Who may

    @Test("who has no role sees nothing and does nothing, also when it was taken a moment ago", .tags(.security))
    func withoutRole() async throws {
        try await Self.waiting { server, request in
            let member = try await server.signedIn("alice")
            for path in [JoinPath.list] + Self.gates {
                #expect(try await member.visit(path).reply.status == 403)
                #expect(try await server.browser().visit(path).reply.heading == "Sign in")
            }
            let browser = try await server.administrator()
            let list = try await browser.visit(JoinPath.list)
            let page = try await browser.visit("\(JoinPath.accept)?request=\(request.id)")
            try await server.take()
            for path in [JoinPath.revoke, JoinPath.close, JoinPath.decline] {
                #expect(try await browser.submit(try list.form(to: path)).reply.status == 403)
            }
            #expect(try await Self.confirm(JoinPath.accept, page, browser).reply.status == 403)
            #expect(try await server.requests() == [request])
            #expect(try await server.invitations().map(\.revokedAt) == [nil])
        }
    }

    @Test(
        "a form needs its token", .tags(.security),
        arguments: [
            JoinPath.new, JoinPath.open, JoinPath.close, JoinPath.accept, JoinPath.decline, JoinPath.revoke,
        ])
    func forged(_ path: String) async throws {
        try await Self.waiting { server, request in
            let browser = try await server.administrator()
            for token in ["", "x"] {
                let pairs = [
                    ("csrf", token), ("invitation", "invitation-ab"), ("department", "sales"),
                    ("request", request.id), ("days", "1"), ("currentPassword", Samples.password),
                ]
                let reply = try await browser.post(path, pairs.map { .init($0.0, $0.1) })
                #expect(reply.status == 403)
            }
            #expect(try await server.requests() == [request])
            #expect(try await server.invitations().map(\.revokedAt) == [nil])
        }
    }

    @Test("what is another tenant's is neither seen nor touched", .tags(.security))
    func foreign() async throws {
        try await TestServer.run { server in
            let theirs = Department(
                id: "theirs", tenantID: Samples.globex.id, code: "theirs", name: "Their Secrets", invites: true,
                createdAt: FixedClock.start)
            let invitation = try await server.invite(into: theirs) { $0.needsApproval = true }
            let stranger = server.browser(at: Samples.globex.issuer)
            let visit = try await stranger.joinByLink("13900000001", server)
            #expect(visit.reply.heading == "Your request was sent")
            let request = try #require(try await server.requests(of: Samples.globex).first)
            try await server.change { db in try db.departments.insert(TestServer.sales) }
            let browser = try await server.administrator()
            let list = try await browser.visit(JoinPath.list)
            #expect(!list.reply.text.contains("Their Secrets") && !list.reply.text.contains("Grace"))
            let csrf = try #require(list.reply.forms.compactMap { $0["csrf"] }.first)
            for path in [JoinPath.revoke, JoinPath.close, JoinPath.decline] {
                let pairs = [
                    ("csrf", csrf), ("invitation", invitation.id), ("department", "theirs"), ("request", request.id),
                ]
                let reply = try await browser.post(path, pairs.map { .init($0.0, $0.1) })
                #expect(reply.location == JoinPath.list)
            }
            for path in [JoinPath.open + "?department=theirs", "\(JoinPath.accept)?request=\(request.id)"] {
                #expect(try await browser.visit(path).reply.status == 404)
            }
            #expect(try await server.requests(of: Samples.globex) == [request])
            #expect(try await server.invitations(of: Samples.globex).map(\.revokedAt) == [nil])
        }
    }

    @Test("what is taken between any two transactions counts: nobody is accepted without it", .tags(.security))
    func between() async throws {
        var number = 0
        while try await between(before: number) { number += 1 }
        #expect(number >= 3)
    }

    private func between(before number: Int) async throws -> Bool {
        try await Backend.sqliteMemory.withDatabase { inner in
            let watched = WatchedDatabase(inner)
            return try await TestServer.run(over: watched, ledger: inner) { server in
                try await Samples.store(in: inner)
                try await server.invite { $0.needsApproval = true }
                _ = try await server.browser().joinByLink("13900000001", server)
                let request = try #require(try await server.requests().first)
                let browser = try await server.administrator()
                let page = try await browser.visit("\(JoinPath.accept)?request=\(request.id)")
                let pairs = try page.form(to: JoinPath.accept).sending(
                    ["currentPassword": Samples.password], pressing: "confirm")
                let reply = try await watched.interrupting(before: number) { database in
                    try await database.write { db in
                        try db.userRoles.remove(.administrator, ofUser: Samples.frank.id)
                    }
                } during: {
                    try await browser.post(JoinPath.accept, pairs)
                }
                let isMember = try await server.member(with: "+8613900000001") != nil
                guard let reply else {
                    #expect(isMember)
                    return false
                }
                #expect(reply.status == 403, "before transaction \(number)")
                #expect(!isMember, "before transaction \(number)")
                return true
            }
        }
    }
}
