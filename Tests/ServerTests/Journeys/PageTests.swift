import TestSupport
import Testing

@Suite("Language of the pages")
struct LanguageTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var acceptLanguage: String
        var query = ""
        var heading: String
    }

    static let english = "Sign in"
    static let chinese = "登录"

    static let cases = [
        Case(testDescription: "English", acceptLanguage: "en-GB,en;q=0.9", heading: english),
        Case(testDescription: "Chinese", acceptLanguage: "zh-CN,zh;q=0.9,en;q=0.8", heading: chinese),
        Case(testDescription: "by weight", acceptLanguage: "zh;q=0.3, en;q=0.7", heading: english),
        Case(testDescription: "neither", acceptLanguage: "fr, de;q=0.5", heading: chinese),
        Case(testDescription: "refused", acceptLanguage: "en;q=0, fr", heading: chinese),
        Case(testDescription: "nonsense", acceptLanguage: ";;;,,q=", heading: chinese),
        Case(testDescription: "asked for", acceptLanguage: "zh", query: "?lang=en", heading: english),
        Case(
            testDescription: "asked for what we do not speak", acceptLanguage: "zh", query: "?lang=fr",
            heading: chinese),
    ]

    @Test("follows what the browser prefers and what the person asks for", arguments: cases)
    func prefers(_ sample: Case) async throws {
        try await TestServer.run { server in
            let browser = server.browser(language: sample.acceptLanguage)
            let id = try await browser.visit("/").interactionID
            let query = sample.query.isEmpty ? "?i=\(id)" : "\(sample.query)&i=\(id)"
            let page = try await browser.visit("/login\(query)")
            #expect(page.reply.heading == sample.heading)
            #expect(page.reply.text.contains("<html lang=\"\(sample.heading == Self.english ? "en" : "zh-Hans")\">"))
        }
    }

    @Test("a choice is remembered, on error pages too")
    func remembered() async throws {
        try await TestServer.run { server in
            let browser = server.browser(language: "zh")
            let page = try await browser.visit("/")
            let chosen = try await browser.get("/login?i=\(try page.interactionID)&lang=en")
            #expect(
                chosen.cookies == [
                    "__Host-gatehouse-language=en; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=31536000"
                ])
            #expect(try await browser.visit("/").reply.heading == Self.english)
            #expect(try await browser.get("/login?i=unknown").heading == "This sign-in has expired")
        }
    }

    @Test("ui_locales of the application comes before the browser's preference")
    func uiLocales() async throws {
        try await TestServer.run { server in
            let browser = server.browser(language: "zh")
            let page = try await browser.visit(authorize(["ui_locales": "fr-CA en"]))
            #expect(page.reply.heading == Self.english)
            #expect(page.reply.text.contains("Sign in to continue to Notes"))
        }
    }

    @Test("the switch of languages keeps the sign-in")
    func languageLinks() async throws {
        try await TestServer.run { server in
            let page = try await server.browser().visit(authorize())
            let id = try page.interactionID
            let link = page.reply.text.split(separator: "href=\"").first { $0.contains("hreflang=\"zh-Hans\"") }
            let address = String(link?.prefix { $0 != "\"" } ?? "").replacing("&amp;", with: "&")
            #expect(address == "/login?i=\(id)&tab=password&lang=zh-Hans")
        }
    }
}

@Suite("Content-Security-Policy and its form-action")
struct ContentSecurityPolicyTests {
    static func policy(_ target: String) -> String {
        """
        default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; \
        form-action 'self'\(target); base-uri 'none'; frame-ancestors 'none'
        """
    }

    @Test("names the origin at which this very sign-in ends, and no other", .tags(.security))
    func formAction() async throws {
        try await TestServer.run { server in
            for (address, target) in [
                (authorize(), " https://notes.example"), (CASLoginEndpointTests.wiki, " https://wiki.example"),
                (authorize(["client_id": "desk", "redirect_uri": "com.example.desk:/cb"]), " com.example.desk:"),
                ("/", ""), ("/account", ""),
            ] {
                let browser = server.browser()
                let page = try await browser.visit(address)
                #expect(page.reply["Content-Security-Policy"] == Self.policy(target))
                let wrong = try await browser.enter("alice", "Wrong-Horse-1", on: page)
                #expect(wrong.reply["Content-Security-Policy"] == Self.policy(target))
            }
        }
    }

    @Test("on the way through the password step and through signing out", .tags(.security))
    func furtherPages() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let page = try await browser.signIn("dave", at: authorize())
            #expect(page.reply.heading == "Set a password")
            #expect(page.reply["Content-Security-Policy"] == Self.policy(" https://notes.example"))
            let signedIn = try await server.signedIn()
            let logout = [("client_id", "notes"), ("post_logout_redirect_uri", "https://notes.example/bye")]
            let asked = try await signedIn.get(address("/oauth2/logout", logout))
            #expect(asked["Content-Security-Policy"] == Self.policy(" https://notes.example"))
        }
    }

    @Test(
        "is on every page, error pages too", .tags(.security),
        arguments: [
            "/none", "/login?i=unknown", "/oauth2/authorize", "/cas/login?service=x", "/logout", "/login%00",
        ])
    func everywhere(_ address: String) async throws {
        try await TestServer.run { server in
            let reply = try await server.browser().get(address)
            #expect(reply["Content-Security-Policy"] == Self.policy(""))
            #expect(reply["X-Frame-Options"] == "DENY")
            #expect(reply["X-Content-Type-Options"] == "nosniff")
            #expect(reply["Cache-Control"] == "no-store")
        }
    }

    @Test(
        "pages with a session have it too", .tags(.security),
        arguments: ["/", "/account", "/account/password", "/account/history", "/account/email", "/logout"])
    func signedIn(_ path: String) async throws {
        try await TestServer.run { server in
            let reply = try await server.signedIn().get(path)
            #expect(reply["Content-Security-Policy"] == Self.policy(""))
            #expect(reply["Cache-Control"] == "no-store")
        }
    }
}
