import Directory
import FoundationEssentials
import Identity
import Server
import Storage
import TestSupport
import Testing
import Wire

@Suite("An administrator acts while somebody signs in", .timeLimit(.minutes(10)))
struct OvertakenTests {
    /// What an administrator does to Alice.
    enum Act: String, CaseIterable, Sendable {
        case disable, delete, clear, oneTime

        func carry(out administration: Administration, _ server: TestServer) async throws {
            let now = server.clock.now
            switch self {
            case .disable: _ = try await administration.disableUser("alice", of: "acme", now: now)
            case .delete: try await administration.deleteUser("alice", of: "acme", now: now)
            case .clear:
                _ = try await administration.resetPasswords(of: ["alice"], in: "acme", by: .clear, now: now)
            case .oneTime:
                _ = try await administration.resetPasswords(of: ["alice"], in: "acme", by: .oneTime, now: now)
            }
        }
    }

    /// The ways in that begin before the act and go on to a token after it.
    enum Way: String, CaseIterable, Sendable {
        case password, code, forgotten

        /// - Returns: An access token, if it comes so far.
        func go(_ server: TestServer, _ browser: Browser, from page: Browser.Visit) async throws -> String? {
            var visit: Browser.Visit
            switch self {
            case .password: visit = try await browser.enter("alice", Samples.password, on: page)
            case .code:
                let code = try await server.lastCode(to: "+8613800000001")
                visit = try await browser.enterCode(code, on: page)
            case .forgotten: visit = try await browser.setPassword("Better-Horse-8", on: page)
            }
            guard let code = visit.answer["code"] else { return nil }
            return try? Tokens(try await server.redeem(code)).access
        }

        /// The page from which it goes on.
        func page(_ server: TestServer, _ browser: Browser) async throws -> Browser.Visit {
            let start = try await browser.visit(authorize())
            switch self {
            case .password: return start
            case .code:
                let sent = try await browser.askForCode("13800000001", on: start)
                _ = await server.sentCodes()
                return sent
            case .forgotten:
                let sent = try await browser.askToForget("13800000001", on: try await browser.forget(on: start))
                return try await browser.enterForgotten(try await server.lastCode(to: "+8613800000001"), on: sent)
            }
        }
    }

    /// Holds that nothing of Alice is alive: not by what is stored, and not by what was handed out.
    private static func expectNothingAlive(
        _ server: TestServer, _ browser: Browser, _ token: String?, _ what: String
    ) async throws {
        #expect(try await !browser.isSignedIn(), "\(what)")
        if let token { #expect(try await server.userInfo(token).status == 401, "\(what)") }
        let open = try await server.database.read { db in
            (
                try db.sessions.open(ofUser: Samples.alice.id).count,
                try db.row(
                    "SELECT COUNT(*) FROM grants WHERE user_id = \(Samples.alice.id) AND revoked_at IS NULL"
                ) { try $0.next(Int.self) }
            )
        }
        #expect(open == (0, 0), "\(what)")
    }

    @Test(
        "between any two transactions of a sign-in: nothing of what was there before stays alive", .tags(.security),
        arguments: Act.allCases, Way.allCases)
    func between(act: Act, way: Way) async throws {
        var number = 0
        var isReached = true
        while isReached {
            isReached = try await between(act, way, before: number)
            number += 1
        }
        // The interaction, the attempt, the decision, the application's answer, its code redeemed.
        #expect(number > 4)
    }

    /// - Returns: Whether there were so many transactions.
    private func between(_ act: Act, _ way: Way, before number: Int) async throws -> Bool {
        try await Backend.sqliteMemory.withDatabase { inner in
            let database = WatchedDatabase(inner)
            return try await TestServer.run(over: database) { server in
                try await Samples.store(in: inner)
                let browser = server.browser()
                let page = try await way.page(server, browser)
                let gone = try await database.interrupting(before: number) { inner in
                    try await act.carry(out: server.administration(over: inner), server)
                } during: {
                    try await way.go(server, browser, from: page)
                }
                guard let token = gone else { return false }
                // By code a person whose password was cleared comes in again by right, but only to set another one.
                try await Self.expectNothingAlive(server, browser, token, "\(act), \(way), before \(number)")
                return true
            }
        }
    }

    @Test(
        "at the very same time: nothing of what was there before stays alive", .tags(.security),
        arguments: Backend.journeys, Act.allCases)
    func parallel(backend: Backend, act: Act) async throws {
        try await TestServer.run(on: backend) { server in
            var pages: [(Browser, Browser.Visit)] = []
            for _ in 0..<6 {
                let browser = server.browser()
                pages.append((browser, try await browser.visit(authorize())))
            }
            let (browsers, administration) = (pages, server.administration())
            async let tokens = inParallel(6) { number in
                try await Way.password.go(server, browsers[number].0, from: browsers[number].1)
            }
            try await act.carry(out: administration, server)
            for (number, token) in try await tokens.enumerated() {
                // The results come in any order: each token and each browser is asked.
                try await Self.expectNothingAlive(server, browsers[number].0, token, "\(act)")
            }
        }
    }
}
