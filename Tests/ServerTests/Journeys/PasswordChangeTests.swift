import Identity
import TestSupport
import Testing
import Wire

@Suite("A person changes their own password")
struct PasswordChangeTests {
    static let next = "Better-Horse-8"

    static func change(_ browser: Browser, from old: String, to new: String) async throws -> Browser.Visit {
        let page = try await browser.visit("/account/password")
        return try await browser.submit(
            try page.form(to: "/account/password"),
            ["currentPassword": old, "newPassword": new, "repeatedPassword": new])
    }

    @Test("this session goes on, every other and every token ends", .tags(.security), arguments: Backend.journeys)
    func endsOthers(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let tokens = try await server.tokens()
            let (thief, browser) = (try await server.signedIn(), try await server.signedIn())
            let (code, ticket) = (try await thief.enterNotes(), try await thief.enterWiki())
            let done = try await Self.change(browser, from: Samples.password, to: Self.next)
            #expect(done.trail == ["/account/password", "/account?notice=passwordSaved"])
            #expect(done.reply.text.contains("Your new password is saved."))
            #expect(try await browser.isSignedIn())
            #expect(try await !thief.isSignedIn())
            #expect(try await server.userInfo(tokens.access).status == 401)
            #expect(try await server.refresh(tokens.refresh).status == 400)
            #expect(try await server.redeem(code).status == 400)
            #expect(try await server.validate(ticket).text.contains("INVALID_TICKET"))
            #expect(try await server.browser().signIn().reply.status == 422)
            #expect(try await server.browser().signIn("alice", Self.next).reply.status == 200)
        }
    }

    @Test("none of the last five can be chosen, the sixth can", .tags(.security))
    func history() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            let passwords = [Samples.password] + (1...5).map { "Better-Horse-\($0)" }
            for (old, new) in zip(passwords, passwords.dropFirst()) {
                #expect(try await Self.change(browser, from: old, to: new).reply.status == 200)
            }
            for old in passwords.dropFirst() {
                let refused = try await Self.change(browser, from: passwords[5], to: old)
                #expect(violatedRules(on: refused.reply) == ["notRecent"])
            }
            #expect(try await Self.change(browser, from: passwords[5], to: passwords[0]).reply.status == 200)
        }
    }

    @Test(
        "of two changes at once one is kept, and it is the one that was answered with success", .tags(.security),
        arguments: Backend.journeys)
    func parallel(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = try await server.signedIn()
            let form = try await browser.visit("/account/password").form(to: "/account/password")
            let saved = try await inParallel(8) { number -> String? in
                let new = "Better-Horse-\(number)"
                let pairs = form.sending([
                    "currentPassword": Samples.password, "newPassword": new, "repeatedPassword": new,
                ])
                return try await browser.post("/account/password", pairs).status == 303 ? new : nil
            }
            let winners = saved.compactMap(\.self)
            #expect(winners.count == 1)
            #expect(try await server.browser().signIn("alice", try #require(winners.first)).reply.status == 200)
        }
    }
}
