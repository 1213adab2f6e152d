import Directory
import FoundationEssentials
import Identity
import Server
import Storage
import TestSupport
import Testing
import Wire

extension TestServer {
    /// Deletes somebody of Acme.
    func delete(_ username: String) async throws {
        try await administration().deleteUser(username, of: "acme", now: clock.now)
    }
}

@Suite("Somebody was deleted")
struct DeletedUserTests {
    @Test("every way there was is closed at once", .tags(.security), arguments: Backend.journeys)
    func everything(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let twin = try await server.signedIn(at: Samples.globex.issuer)
            let tokens = try await server.tokens(["scope": "openid profile"])
            let browser = try await server.signedIn()
            let (code, ticket) = (try await browser.enterNotes(), try await browser.enterWiki())
            let change = try await browser.visit("/account/password").form(to: "/account/password")
            try await server.delete("alice")
            #expect(try await !browser.isSignedIn())
            #expect(try await browser.get("/account").status == 303)
            #expect(try await browser.visit(authorize()).departure == nil)
            #expect(try await browser.visit(CASLoginEndpointTests.wiki).departure == nil)
            let silent = try await browser.visit(authorize(["prompt": "none"]))
            #expect(silent.answer["error"] == "login_required")
            #expect(try await server.userInfo(tokens.access).status == 401)
            #expect(try await server.refresh(tokens.refresh).status == 400)
            #expect(try await server.redeem(code).status == 400)
            #expect(try await server.validate(ticket).text.contains("INVALID_TICKET"))
            let changed = try await browser.submit(
                change,
                [
                    "currentPassword": Samples.password, "newPassword": "Better-Horse-8",
                    "repeatedPassword": "Better-Horse-8",
                ])
            #expect(changed.reply.status == 403)
            #expect(try await server.browser().signIn().reply.status == 422)
            #expect(try await twin.isSignedIn())
        }
    }

    @Test(
        "a password that was being set is set for nobody", .tags(.security), arguments: Backend.journeys)
    func settingPassword(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let (browser, page) = try await SetPasswordPageTests.atPage(server)
            try await server.delete("bob")
            #expect(try await browser.get("/login/password?i=\(try page.interactionID)").status == 400)
            #expect(try await browser.setPassword("Better-Horse-8", on: page).reply.status == 400)
            #expect(try await server.database.read { db in try db.credentials.ofUser(Samples.bob.id) } == nil)
            #expect(try await server.sessions().isEmpty)
        }
    }

    @Test(
        "a code on its way opens nothing, not even for whom the phone belongs to by then", .tags(.security),
        arguments: [SMSPurpose.signIn, .forgottenPassword])
    func code(_ purpose: SMSPurpose) async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let signIn = try await browser.visit("/")
            let isForgotten = purpose == .forgottenPassword
            let sent =
                isForgotten
                ? try await browser.askToForget("13800000001", on: try await browser.forget(on: signIn))
                : try await browser.askForCode("13800000001", on: signIn)
            let code = try await server.lastCode(to: "+8613800000001")
            try await server.delete("alice")
            let heir = UserDraft(username: "alice", phone: "13800000001", credential: .password("Quiet-Harbour-42"))
            _ = try await server.administration().addUser(heir, to: "acme", now: server.clock.now)
            let visit =
                isForgotten
                ? try await browser.enterForgotten(code, on: sent) : try await browser.enterCode(code, on: sent)
            #expect(visit.reply.status == 422)
            #expect(try await server.database.read { db in try db.sessions.open(ofUser: "user-alice") }.isEmpty)
        }
    }

    @Test(
        "name, phone and e-mail are free for somebody new, who is somebody else to every application",
        .tags(.security), arguments: Backend.journeys)
    func heir(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let tokens = try await server.tokens()
            try await server.delete("alice")
            let draft = UserDraft(
                username: "alice", phone: "13800000001", email: "alice@acme.example",
                credential: .password("Quiet-Harbour-42"))
            let heir = try await server.administration().addUser(draft, to: "acme", now: server.clock.now)
            #expect(heir.id != Samples.alice.id)
            let browser = server.browser()
            let page = try await browser.signIn("alice", "Quiet-Harbour-42", at: authorize())
            let done = try await browser.setPassword("Better-Horse-8", on: page)
            let own = try Tokens(try await server.redeem(try #require(done.answer["code"])))
            #expect(try claims(of: own.id)["sub"]?.string == heir.id)
            #expect(try claims(of: tokens.id)["sub"]?.string == Samples.alice.id)
            #expect(try await server.userInfo(tokens.access).status == 401)
            #expect(try await server.userInfo(own.access).status == 200)
        }
    }

    @Test("an id that was somebody's is known for good", .tags(.security), arguments: Backend.journeys)
    func id(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            try await server.delete("alice")
            try await server.delete("bob")
            let known = try await server.database.read { db in
                try ["user-alice", "user-bob", "user-frank"].map { try db.deletedUsers.contains($0) }
            }
            #expect(known == [true, true, false])
            await #expect(throws: AdministrationError.self) { try await server.delete("alice") }
        }
    }

    @Test("the logs keep what they tell, and say who did it", .tags(.security))
    func logs() async throws {
        try await TestServer.run { server in
            _ = try await server.signedIn()
            let before = try await server.events()
            try await server.delete("alice")
            let after = try await server.events()
            #expect(Set(after).isSuperset(of: before))
            #expect(after.contains { $0.hasPrefix("user.deleted") && $0.contains("alice") })
            #expect(after.contains { $0.hasPrefix("session.ended") && $0.contains("user_deleted") })
        }
    }

    @Test("nothing of the person is left in a table but the logs and the id", .tags(.security))
    func rows() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            _ = try await server.redeem(try await browser.enterNotes())
            _ = try await browser.enterWiki()
            let other = server.browser()
            let page = try await other.signIn("alice", "Wrong-Horse-1")
            _ = try await other.askForCode("13800000001", on: page)
            try await server.delete("alice")
            let left = try await server.database.read { db -> [Int] in
                let id = Samples.alice.id
                return try [
                    db.row("SELECT COUNT(*) FROM users WHERE id = \(id)") { try $0.next() } ?? 0,
                    db.row("SELECT COUNT(*) FROM credentials WHERE user_id = \(id)") { try $0.next() } ?? 0,
                    db.row("SELECT COUNT(*) FROM sessions WHERE user_id = \(id)") { try $0.next() } ?? 0,
                    db.row("SELECT COUNT(*) FROM grants WHERE user_id = \(id)") { try $0.next() } ?? 0,
                    db.row("SELECT COUNT(*) FROM service_tickets WHERE user_id = \(id)") { try $0.next() } ?? 0,
                    db.row("SELECT COUNT(*) FROM sms_challenges WHERE user_id = \(id)") { try $0.next() } ?? 0,
                    db.row("SELECT COUNT(*) FROM group_members WHERE user_id = \(id)") { try $0.next() } ?? 0,
                    db.row("SELECT COUNT(*) FROM throttles WHERE key = \(Throttle.key(ofUser: id))") {
                        try $0.next()
                    } ?? 0,
                ]
            }
            #expect(left == .init(repeating: 0, count: left.count))
        }
    }
}
