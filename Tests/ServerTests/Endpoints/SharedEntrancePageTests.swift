import Server
import TestSupport
import Testing
import Wire

@Suite("/login at the shared address")
struct SharedEntrancePageTests {
    static let origin = "https://sso.example.com"
    static let host = "sso.example.com"
    static let beginning = "0; url=https://sso.acme.example/login?username="

    private func run(_ body: @escaping @Sendable (TestServer) async throws -> Void) async throws {
        try await TestServer.run(settings: ["http.sharedAddress": Self.origin], body)
    }

    private func enter(
        _ account: String?, _ server: TestServer, headers: [(String, String)] = [("Origin", origin)]
    ) async throws -> Reply {
        try await server.post(
            "/login", account.map { [("account", $0)] } ?? [], host: Self.host,
            headers: headers + [("Accept-Language", "en")])
    }

    /// What the tenant's page is told, as it stands in the address.
    private func hint(in reply: Reply) -> String? {
        guard let refresh = reply["Refresh"], refresh.hasPrefix(Self.beginning) else { return nil }
        return String(refresh.dropFirst(Self.beginning.count))
    }

    @Test(
        "asks for account and enterprise, in the reader's language",
        arguments: [
            ("en", "Sign in", "Enter your account and your enterprise."), ("zh-Hans", "登录", "请输入您的账号和所属企业。"),
        ])
    func page(_ language: String, _ heading: String, _ lead: String) async throws {
        try await run { server async throws in
            let visit = try await server.browser(at: Self.origin, language: language).visit("/")
            #expect(visit.trail == ["/", "/login"])
            #expect(visit.reply.status == 200)
            #expect(visit.reply.heading == heading)
            #expect(visit.reply.text.contains(lead))
            #expect(visit.reply["Cache-Control"] == "no-store")
            #expect(visit.reply["Strict-Transport-Security"] == "max-age=31536000")
            #expect(try visit.form(to: "/login").fields.map(\.name) == ["account"])
        }
    }

    @Test("the language somebody chose by the link stays for the next answer")
    func language() async throws {
        try await run { server async throws in
            let browser = server.browser(at: Self.origin, language: "zh-Hans")
            let page = try await browser.visit("/login?lang=en")
            let refused = try await browser.submit(try page.form(to: "/login"), ["account": "li.ming@nowhere"])
            #expect(refused.reply.heading == "Sign in")
        }
    }

    @Test(
        "leads on to the tenant's own page, and decides nothing", .tags(.security),
        arguments: [
            ("li.mei@acme", "li.mei"), (" Li.Mei@ACME ", "Li.Mei"), ("li.mei＠acme", "li.mei"),
            ("li.mei@acme.example@acme", "li.mei%40acme.example"), ("李梅@acme", "%E6%9D%8E%E6%A2%85"),
            ("13800000001@acme", "13800000001"), ("nobody at all@acme", "nobody%20at%20all"),
        ])
    func onward(_ account: String, _ name: String) async throws {
        try await run { server async throws in
            let reply = try await enter(account, server)
            #expect(reply.status == 200)
            #expect(reply.heading == "On to your enterprise")
            #expect(reply["Refresh"] == Self.beginning + name)
            #expect(reply.text.contains("href=\"https://sso.acme.example/login?username"))
            #expect(reply.location == nil)
            #expect(reply.cookies == [])
        }
    }

    @Test("what names no enterprise comes back as it was typed", .tags(.security))
    func refuses() async throws {
        try await run { server async throws in
            let unknown = "There is no such enterprise here. Check what stands behind @, or ask your administrator."
            let malformed = "Enter the account with @ and your enterprise behind it, such as li.mei@acme."
            for (account, error) in [
                ("li.mei@nowhere", unknown), ("li.mei@tenant-acme", unknown), ("li.mei@acme.example", unknown),
                ("li.mei@acme ' OR 1=1", unknown), ("li.mei@sso.acme.example", unknown), ("li.mei@shared", unknown),
                ("li.mei", malformed), ("@acme", malformed), ("li.mei@", malformed), (" ", malformed),
            ] {
                let reply = try await enter(account, server)
                #expect(reply.status == 422)
                #expect(reply.formErrors == [error])
                #expect(reply.forms.first?["account"] == account)
                #expect(reply["Refresh"] == nil)
                #expect(reply.cookies == [])
            }
            for account in [nil, ""] {
                #expect(try await enter(account, server).formErrors == ["Enter your account."])
            }
        }
    }

    static let hostile = [
        "javascript:alert(1)@acme", "\"><script>alert(1)</script>@acme", "x\r\nSet-Cookie: a=b@acme",
        "x\u{1}\u{7F}\u{85}@acme", "https://evil.example/?@acme", "x&username=root@acme", "x#@acme",
        "x;url=//evil@acme",
        "x\u{202E}y\u{2028}@acme", "{{text.goOn}}@acme", "%0d%0aX: y@acme", "//evil.example@acme",
        String(repeating: "李", count: 250) + "@acme",
    ]

    @Test(
        "nothing typed leaves the one parameter, header or text that it belongs into", .tags(.security),
        arguments: hostile)
    func hostileName(_ account: String) async throws {
        try await run { server async throws in
            let reply = try await enter(account, server)
            #expect(reply.status == 200)
            let name = try #require(hint(in: reply))
            #expect(name.utf8.count <= 3_072)
            #expect(
                name.unicodeScalars.allSatisfy { scalar in
                    scalar.isASCII
                        && (scalar.properties.isAlphabetic || "0123456789%+*-._".unicodeScalars.contains(scalar))
                })
            #expect(reply.cookies == [])
            #expect(!reply.text.contains("<script>alert"))
            #expect(!reply.text.contains("href=\"javascript:"))
        }
    }

    @Test(
        "hostile enterprises are unknown, and come back as text", .tags(.security),
        arguments: [
            "x@acme\r\nSet-Cookie: a=b", "x@\"><script>alert(1)</script>", "x@acme/../evil", "x@acme?",
            "x@evil.example",
            "x@javascript:alert(1)", "x@%61cme",
        ])
    func hostileEnterprise(_ account: String) async throws {
        try await run { server async throws in
            let reply = try await enter(account, server)
            #expect(reply.status == 422)
            #expect(reply["Refresh"] == nil)
            #expect(reply.cookies == [])
            #expect(!reply.text.contains("<script>alert"))
        }
    }

    @Test(
        "a text without end is cut, and is no account", .tags(.security),
        arguments: [
            String(repeating: "a", count: 10_240) + "@acme",
            "a" + String(repeating: "\u{301}", count: 2_000) + "@acme",
        ])
    func long(_ account: String) async throws {
        try await run { server async throws in
            let reply = try await enter(account, server)
            // Runs of combining marks are refused before any page sees them.
            #expect(reply.status == (account.hasPrefix("aa") ? 422 : 400))
            #expect(reply["Refresh"] == nil)
            #expect(reply.body.count < 10_240)
        }
    }

    @Test("a form from elsewhere is refused", .tags(.security))
    func foreignOrigin() async throws {
        try await run { server async throws in
            for origin in ["https://evil.example", "null", "https://sso.acme.example", "http://sso.example.com"] {
                let reply = try await enter("li.mei@acme", server, headers: [("Origin", origin)])
                #expect(reply.status == 403)
                #expect(reply["Refresh"] == nil)
            }
            #expect(try await enter("li.mei@acme", server, headers: []).status == 200)
        }
    }

    @Test(
        "no tenant's endpoint answers there", .tags(.security),
        arguments: [
            ("POST", "/oauth2/token"), ("GET", "/oauth2/authorize"), ("GET", "/oauth2/userinfo"), ("GET", "/cas/login"),
            ("GET", "/cas/serviceValidate"), ("GET", "/account"), ("GET", "/account/phone"), ("POST", "/account/phone"),
            ("GET", "/.well-known/openid-configuration"), ("GET", "/login/password"), ("GET", "/logout"),
        ])
    func notFound(_ method: String, _ path: String) async throws {
        try await run { server async throws in
            let reply = try await server.send(method, path, host: Self.host)
            #expect(reply.status == 404)
            #expect(reply.cookies == [])
        }
    }

    @Test("the name arrives in the tenant's form, and lets nobody in", .tags(.security))
    func arrives() async throws {
        try await run { server async throws in
            for (account, name) in [("alice@acme", "alice"), ("\"><script>x@acme", "\"><script>x")] {
                let browser = server.browser()
                let target = try #require(hint(in: try await enter(account, server)))
                let page = try await browser.visit("/login?username=" + target)
                #expect(page.reply.status == 200)
                #expect(try page.passwordForm["username"] == name)
                #expect(!page.reply.text.contains("<script>x"))
                #expect(try await !browser.isSignedIn())
            }
            let browser = server.browser()
            let page = try await browser.visit("/login?username=alice")
            let done = try await browser.submit(try page.passwordForm, ["password": Samples.password])
            #expect(done.reply.status == 200)
            #expect(try await browser.isSignedIn())
        }
    }

    @Test("other hosts answer as ever, and without the setting nobody answers at that one", .tags(.security))
    func otherHosts() async throws {
        try await run { server async throws in
            _ = try await server.signedIn()
            for host in ["SSO.example.com", "sso.example.com:443"] {
                #expect(try await server.send("GET", "/login", host: host).status == 200)
            }
            for host in ["sso.example.com.evil.example", "xsso.example.com", "example.com", nil] {
                #expect(try await server.send("GET", "/login", host: host).status == 421, "\(host ?? "no host")")
            }
        }
        try await TestServer.run { server async throws in
            #expect(try await server.send("GET", "/login", host: Self.host).status == 421)
        }
    }

    @Test(
        "the setting takes an origin and nothing else", .tags(.security),
        arguments: [
            "http://sso.example.com", "https://sso.example.com/", "https://sso.example.com/in", "sso.example.com",
            "https://SSO.example.com", "https://a@sso.example.com", "https://sso.example.com?x", "javascript:x",
        ])
    func setting(_ text: String) {
        #expect(throws: SettingRefusal.self) { try Settings(["http.sharedAddress": text]) }
    }
}
