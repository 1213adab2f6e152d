import Identity
import Storage
import TestSupport
import Testing
import Wire

@Suite("Single use means single use (peers' class 5)")
struct SingleUseTests {
    @Test("a code that comes again revokes what it gave", .tags(.security), arguments: Backend.journeys)
    func replayedCode(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = try await server.signedIn()
            let code = try await browser.enterNotes()
            let tokens = try Tokens(try await server.redeem(code))
            let next = try Tokens(try await server.refresh(tokens.refresh))
            let replay = try await server.redeem(code)
            #expect(replay.status == 400)
            #expect(
                try replay.json == oauthError("invalid_grant", "code is unknown or was redeemed before"))
            for token in [tokens.access, next.access] { #expect(try await server.userInfo(token).status == 401) }
            #expect(try await server.refresh(next.refresh).status == 400)
            #expect(try await server.events().filter { $0.hasPrefix("authorization_code.replayed") }.count == 1)
            #expect(try await browser.isSignedIn())
        }
    }

    @Test("a code that comes again late still revokes", .tags(.security))
    func lateReplay() async throws {
        try await TestServer.run { server in
            let code = try await server.signedIn().enterNotes()
            let tokens = try Tokens(try await server.redeem(code))
            server.clock.advance(by: 3_600)
            #expect(try await server.redeem(code).status == 400)
            #expect(try await server.userInfo(tokens.access).status == 401)
        }
    }

    @Test("a stranger who has the code cannot revoke what it gave", .tags(.security))
    func foreignReplay() async throws {
        try await TestServer.run { server in
            let code = try await server.signedIn().enterNotes()
            let tokens = try Tokens(try await server.redeem(code))
            #expect(try await server.redeem(code, as: mailBasic).status == 400)
            #expect(try await server.redeem(code, as: basic("notes", "wrong")).status == 401)
            #expect(try await server.userInfo(tokens.access).status == 200)
        }
    }

    @Test(
        "a refresh token is rotated; when the old one comes again, the family ends", .tags(.security),
        arguments: Backend.journeys)
    func rotation(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let first = try await server.tokens()
            let second = try Tokens(try await server.refresh(first.refresh))
            let third = try Tokens(try await server.refresh(second.refresh))
            #expect(Set([first.refresh, second.refresh, third.refresh]).count == 3)
            let reuse = try await server.refresh(first.refresh)
            #expect(reuse.status == 400)
            #expect(try reuse.json == oauthError("invalid_grant", "refresh token is unknown, used or revoked"))
            #expect(try await server.refresh(third.refresh).status == 400)
            #expect(try await server.userInfo(third.access).status == 401)
            #expect(try await server.events().filter { $0.hasPrefix("refresh_token.reused") }.count == 1)
        }
    }

    @Test(
        "of twenty parallel redemptions of one code one wins, and the losers revoke it", .tags(.security),
        arguments: Backend.journeys)
    func parallelCode(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let code = try await server.signedIn().enterNotes()
            let replies = try await inParallel(20) { _ in try await server.redeem(code) }
            let winners = replies.filter { $0.status == 200 }
            #expect(winners.count == 1)
            #expect(replies.filter { $0.status == 400 }.count == 19)
            let tokens = try Tokens(try #require(winners.first))
            #expect(try await server.userInfo(tokens.access).status == 401)
        }
    }

    @Test("of twenty parallel uses of one refresh token one wins", .tags(.security), arguments: Backend.journeys)
    func parallelRefresh(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let tokens = try await server.tokens()
            let replies = try await inParallel(20) { _ in try await server.refresh(tokens.refresh) }
            #expect(replies.filter { $0.status == 200 }.count == 1)
            #expect(replies.filter { $0.status == 400 }.count == 19)
        }
    }

    @Test("of twenty parallel validations of one ticket one wins", .tags(.security), arguments: Backend.journeys)
    func parallelTicket(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let ticket = try await server.signedIn().enterWiki()
            let replies = try await inParallel(20) { _ in try await server.validate(ticket).text }
            #expect(replies.filter { $0.contains("<cas:user>alice</cas:user>") }.count == 1)
            #expect(replies.filter { $0.contains("ticket was already validated once") }.count == 19)
        }
    }

    @Test("of twenty parallel uses of one SMS code one signs in", .tags(.security), arguments: Backend.journeys)
    func parallelSMSCode(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = server.browser()
            let sent = try await browser.askForCode("13800000001", on: try await browser.visit("/"))
            let code = try await server.lastCode(to: "+8613800000001")
            let form = try sent.phoneForm.sending(["code": code], pressing: "verify")
            _ = try await inParallel(20) { _ in try await browser.post("/login", form).status }
            #expect(try await server.sessions().count == 1)
        }
    }

    @Test(
        "of twenty parallel returns to one interaction one gets a code", .tags(.security), arguments: Backend.journeys)
    func parallelInteraction(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = server.browser()
            let page = try await browser.visit(authorize())
            let id = try page.interactionID
            let form = try page.passwordForm.sending(["username": "alice", "password": Samples.password])
            _ = try await browser.post("/login", form)
            let replies = try await inParallel(20) { _ in try await browser.get("/oauth2/authorize?i=\(id)") }
            #expect(replies.filter { $0.answer["code"] != nil }.count == 1)
            #expect(replies.filter { $0.status == 400 }.count == 19)
        }
    }

    @Test("what was used once stays used after a restart", .tags(.security), arguments: Backend.persistent)
    func restart(backend: Backend) async throws {
        try await backend.withPlace { place in
            let first = try await place.open()
            let spent = try await TestServer.run(over: first) { server in
                try await Samples.store(in: server.database)
                let browser = try await server.signedIn()
                let (code, ticket) = (try await browser.enterNotes(), try await browser.enterWiki())
                _ = try await server.redeem(code)
                _ = try await server.validate(ticket)
                return [code, ticket]
            }
            await first.close()
            let second = try await place.open()
            try await TestServer.run(over: second) { server in
                #expect(try await server.redeem(spent[0]).status == 400)
                let again = try await server.validate(spent[1])
                #expect(again.text.contains("ticket was already validated once"))
            }
            await second.close()
        }
    }
}
