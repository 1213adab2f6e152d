import FoundationEssentials
import Storage
import TestSupport
import Testing

@Suite("Secrets stay where they belong (peers' class 16)")
struct SecretsTests {
    /// What one person typed and was given on the way through everything.
    private static func secrets(_ server: TestServer) async throws -> [String] {
        let browser = server.browser()
        let sent = try await browser.askForCode("13800000002", on: try await browser.visit(authorize()))
        let smsCode = try await server.lastCode(to: "+8613800000002")
        let page = try await browser.enterCode(smsCode, on: sent)
        let done = try await browser.setPassword("Better-Horse-8", on: page)
        let code = try #require(done.answer["code"])
        let tokens = try Tokens(try await server.redeem(code))
        let next = try Tokens(try await server.refresh(tokens.refresh))
        _ = try await server.userInfo(next.access)
        let ticket = try await browser.enterWiki()
        _ = try await server.validate(ticket, ["service": "https://wiki.example/"])
        _ = try await server.redeem(code)
        _ = try await server.browser().signIn("13800000001", "Wrong-Horse-1")
        let logout = [("id_token_hint", next.id), ("post_logout_redirect_uri", "https://evil.example/")]
        _ = try await browser.get(address("/oauth2/logout", logout))
        return [
            code, ticket, tokens.access, tokens.refresh, next.access, next.refresh, tokens.id, next.id,
            "Better-Horse-8", "Wrong-Horse-1", Samples.notesSecret,
        ] + browser.cookies.values
    }

    @Test("no secret and no phone number reaches the log", .tags(.security))
    func log() async throws {
        try await TestServer.run { server in
            let secrets = try await Self.secrets(server) + ["13800000001", "13800000002", "Alice", "Bob"]
            let lines = server.log.lines
            #expect(lines.count >= 20)
            for secret in secrets { #expect(lines.allSatisfy { !$0.contains(secret) }) }
        }
    }

    @Test("no secret, code, token, cookie or name can be read in the database file", .tags(.security))
    func database() async throws {
        try await Backend.sqliteFile.withPlace { place in
            let database = try await place.open()
            let secrets = try await TestServer.run(over: database) { server in
                try await Samples.store(in: server.database)
                return try await Self.secrets(server)
            }
            await database.close()
            let files = ["", "-wal"].compactMap { try? Data(contentsOf: URL(filePath: place.path + $0)) }
            let bytes = files.flatMap(Array.init)
            #expect(bytes.count > 100_000)
            #expect(bytes.holds("notes.example"))
            for secret in secrets + ["13800000002", "Alice Liddell", "alice@acme.example", "PRIVATE KEY"] {
                #expect(!bytes.holds(secret))
            }
        }
    }
}

extension [UInt8] {
    /// Whether a text occurs somewhere.
    func holds(_ text: String) -> Bool {
        let wanted = Array(text.utf8)
        guard let first = wanted.first else { return true }
        return unsafe withUnsafeBufferPointer { bytes in
            var index = 0
            while index + wanted.count <= bytes.count {
                if unsafe bytes[index] == first, unsafe bytes[index..<index + wanted.count].elementsEqual(wanted) {
                    return true
                }
                index += 1
            }
            return false
        }
    }
}

@Suite("While the store cannot be reached")
struct StoreUnavailableTests {
    @Test("every address answers 503 in its own words, and nothing is said of the store", .tags(.security))
    func unavailable() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            let (code, ticket) = (try await browser.enterNotes(), try await browser.enterWiki())
            await server.database.close()
            for path in ["/", "/account", "/login", authorize(), CASLoginEndpointTests.wiki] {
                let reply = try await browser.get(path)
                #expect(reply.status == 503)
                #expect(reply.heading == "Temporarily unavailable")
                #expect(reply["Retry-After"] == "5")
                #expect(reply.location == nil)
            }
            let words = oauthError("temporarily_unavailable", "the store cannot be reached; try again")
            for reply in [try await server.redeem(code), try await server.userInfo("x")] {
                #expect(reply.status == 503)
                #expect(try reply.json == words)
                #expect(reply["Retry-After"] == "5")
            }
            let validation = try await server.validate(ticket)
            #expect(validation.status == 503)
            #expect(
                validation.text
                    == CASValidationEndpointTests.failure("INTERNAL_ERROR", "the validation could not be finished"))
        }
    }
}
