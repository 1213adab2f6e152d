import Directory
import Identity
import TestSupport
import Testing

@Suite("Cookies (RFC 6265bis §4.1.3.2)")
struct CookieTests {
    @Test("on https: __Host-, Secure, HttpOnly, SameSite=Lax, no domain", .tags(.security))
    func https() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let first = try await browser.get("/")
            let page = try await browser.visit("/")
            let reply = try await browser.post(
                "/login", try page.passwordForm.sending(["username": "alice", "password": Samples.password]))
            let language = try await browser.get("/?lang=en")
            let shapes = [first, reply, language].flatMap(\.cookies).map(Self.withoutValue)
            let attributes = "; Path=/; HttpOnly; SameSite=Lax; Secure"
            #expect(
                shapes == [
                    "__Host-gatehouse-browser=43" + attributes, "__Host-gatehouse-session=43" + attributes,
                    "__Host-gatehouse-language=2" + attributes + "; Max-Age=31536000",
                ])
        }
    }

    @Test("on http, which is for a developer's own machine: without Secure and prefix")
    func http() async throws {
        try await TestServer.run { server in
            let browser = server.browser(at: Samples.local.issuer)
            let first = try await browser.get("/")
            let page = try await browser.visit("/")
            let reply = try await browser.post(
                "/login", try page.passwordForm.sending(["username": "alice", "password": Samples.password]))
            #expect(first["Strict-Transport-Security"] == nil)
            let shapes = [first, reply].flatMap(\.cookies).map(Self.withoutValue)
            #expect(
                shapes == [
                    "gatehouse-browser=43; Path=/; HttpOnly; SameSite=Lax",
                    "gatehouse-session=43; Path=/; HttpOnly; SameSite=Lax",
                ])
        }
    }

    @Test("a cookie without the prefix counts for nothing on https", .tags(.security))
    func unprefixed() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            let token = try #require(browser.cookies["__Host-gatehouse-session"])
            browser.cookies = ["gatehouse-session": token]
            #expect(try await !browser.isSignedIn())
        }
    }

    @Test("of two cookies of one name the first counts", .tags(.security))
    func first() async throws {
        try await TestServer.run { server in
            let token = try #require(try await server.signedIn().cookies["__Host-gatehouse-session"])
            func status(_ cookies: String) async throws -> Int {
                try await server.send("GET", "/", headers: [("Cookie", cookies)]).status
            }
            let name = "__Host-gatehouse-session"
            #expect(try await status("\(name)=\(token); \(name)=x") == 200)
            #expect(try await status("\(name)=x; \(name)=\(token)") == 303)
            #expect(try await status("x\(name)=\(token)") == 303)
            #expect(try await status("\(name)x=\(token)") == 303)
        }
    }

    @Test("a new sign-in gets a new token: one that was planted before is worth nothing after", .tags(.security))
    func fixation() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            browser.cookies = ["__Host-gatehouse-session": String(repeating: "A", count: 43)]
            try await browser.signIn()
            let token = try #require(browser.cookies["__Host-gatehouse-session"])
            #expect(token != String(repeating: "A", count: 43))
            #expect(try await server.onlySession().tokenHash != token)
        }
    }

    /// The length in place of the value.
    private static func withoutValue(_ cookie: String) -> String {
        let name = cookie.prefix { $0 != "=" }
        let value = cookie.dropFirst(name.count + 1).prefix { $0 != ";" }
        return "\(name)=\(value.count)\(cookie.dropFirst(name.count + 1 + value.count))"
    }
}
