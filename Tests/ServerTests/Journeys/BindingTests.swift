import Directory
import Identity
import Storage
import TestSupport
import Testing
import Wire

@Suite("A sign-in belongs to the browser that began it (peers' class 7)")
struct BindingTests {
    static let pages = ["/login", "/login/password", "/oauth2/authorize"]

    @Test("another browser that has the address sees nothing of it", .tags(.security), arguments: pages)
    func anotherBrowser(_ path: String) async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let page = try await browser.visit(authorize())
            let id = try page.interactionID
            for thief in [server.browser(), try await server.signedIn("frank")] {
                let reply = try await thief.get("\(path)?i=\(id)")
                #expect(reply.status == 400)
                #expect(reply.heading == "This sign-in has expired")
                #expect(!reply.text.contains("Notes"))
            }
            #expect(try await browser.enter("alice", Samples.password, on: page).answer["code"] != nil)
        }
    }

    @Test("another browser can send neither password nor code into it", .tags(.security))
    func forms() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let page = try await browser.visit(authorize())
            let form = try page.passwordForm.sending(["username": "frank", "password": Samples.password])
            let thief = server.browser()
            _ = try await thief.visit("/")
            let reply = try await thief.post("/login", form)
            #expect(reply.status == 400)
            #expect(reply.cookies.isEmpty)
            #expect(try await server.sessions().isEmpty)
        }
    }

    @Test("what it is for cannot be changed on the way", .tags(.security))
    func tampering() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let page = try await browser.visit(authorize())
            let id = try page.interactionID
            let hostile = authorizeParameters([
                "client_id": "mail", "redirect_uri": "https://mail.example/cb", "state": "x",
            ])
            let form = try page.passwordForm.sending(
                Dictionary(uniqueKeysWithValues: hostile.map { ($0.0, $0.1 as String?) })
                    .merging(["username": "alice", "password": Samples.password]) { $1 })
            _ = try await browser.post("/login", form)
            let reply = try await browser.get(address("/oauth2/authorize", [("i", id)] + hostile))
            #expect(reply.location?.hasPrefix("https://notes.example/cb?code=") == true)
            #expect(reply.answer["state"] == "af0ifjsldkj")
        }
    }

    @Test("one for OAuth does not serve CAS, nor the other way round", .tags(.security))
    func otherEndpoint() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let oauth = try await browser.visit(authorize())
            let cas = try await browser.visit(CASLoginEndpointTests.wiki)
            _ = try await browser.enter("alice", Samples.password, on: oauth)
            for address in ["/cas/login?i=\(try oauth.interactionID)", "/oauth2/authorize?i=\(try cas.interactionID)"] {
                #expect(try await browser.get(address).status == 400)
            }
        }
    }

    @Test("an SMS code serves only in the sign-in that asked for it", .tags(.security))
    func smsCode() async throws {
        try await TestServer.run { server in
            let thief = server.browser()
            let thiefs = try await thief.visit("/")
            let browser = server.browser()
            let sent = try await browser.askForCode("13800000001", on: try await browser.visit("/"))
            let code = try await server.lastCode(to: "+8613800000001")
            let stolen = try await thief.enterCode(code, on: thiefs, ["phone": "13800000001"])
            #expect(stolen.reply.status == 422)
            #expect(try await server.events().contains(#"sign_in.failed {"method":"sms","reason":"foreign_code"}"#))
            #expect(try await browser.enterCode(code, on: sent).reply.status == 200)
        }
    }

    @Test("is over after half an hour, and begins anew", .tags(.security))
    func expires() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let page = try await browser.visit(authorize())
            server.clock.advance(by: 1_800)
            let late = try await browser.enter("alice", Samples.password, on: page)
            #expect(late.reply.status == 400)
            #expect(try await server.sessions().isEmpty)
            #expect(try await browser.signIn(at: authorize()).answer["code"] != nil)
        }
    }

    @Test("two tabs wait beside each other")
    func twoTabs() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let first = try await browser.visit(authorize(["state": "first"]))
            let second = try await browser.visit(CASLoginEndpointTests.wiki)
            #expect(try await browser.enter("alice", Samples.password, on: second).answer["ticket"] != nil)
            #expect(try await browser.enter("alice", Samples.password, on: first).answer["state"] == "first")
        }
    }

    @Test("a form that is sent twice just goes on")
    func doubleSubmission() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let page = try await browser.visit("/")
            let form = try page.passwordForm.sending(["username": "alice", "password": Samples.password])
            #expect(try await browser.post("/login", form).location == "/")
            #expect(try await browser.post("/login", form).location == "/")
            #expect(try await server.sessions().count == 1)
        }
    }
}

@Suite("Every form carries a token and an Origin that is ours (peers' class 14)")
struct CrossSiteForgeryTests {
    /// A form and what fills it.
    enum Form: String, CaseIterable, Sendable {
        case signIn = "/login"
        case setPassword = "/login/password"
        case signOut = "/logout"
        case endOneSession = "/account/sessions/end"
        case endOtherSessions = "/account/sessions/end-others"
        case accountPassword = "/account/password"

        /// A browser at the page of the form, and the filled-in form.
        func filled(_ server: TestServer) async throws -> (Browser, [FormURLEncoded.Pair]) {
            switch self {
            case .signIn:
                let browser = server.browser()
                let form = try await browser.visit("/").passwordForm
                return (browser, form.sending(["username": "alice", "password": Samples.password]))
            case .setPassword:
                let (browser, page) = try await SetPasswordPageTests.atPage(server)
                let new = "Better-Horse-8"
                let form = try page.form(to: rawValue)
                return (browser, form.sending(["newPassword": new, "repeatedPassword": new]))
            case .signOut: return try await signedIn(server, at: "/logout")
            case .endOneSession, .endOtherSessions:
                _ = try await server.signedIn()
                return try await signedIn(server, at: "/account/sessions")
            case .accountPassword:
                let new = "Better-Horse-8"
                return try await signedIn(
                    server, at: "/account/password",
                    ["currentPassword": Samples.password, "newPassword": new, "repeatedPassword": new])
            }
        }

        private func signedIn(
            _ server: TestServer, at page: String, _ filling: Changes = [:]
        ) async throws -> (Browser, [FormURLEncoded.Pair]) {
            let browser = try await server.signedIn()
            return (browser, try await browser.visit(page).form(to: rawValue).sending(filling))
        }
    }

    /// What the database holds of sessions and passwords.
    static func state(_ server: TestServer) async throws -> [String] {
        let people = Samples.people.map(\.id)
        let hashes = try await server.database.read { db in try people.map { try db.credentials.ofUser($0)?.hash ?? "" }
        }
        return try await server.sessions().map(\.id).sorted() + hashes
    }

    @Test(
        "refused without a token, with a wrong one, an empty one or one of another page", .tags(.security),
        arguments: Form.allCases)
    func token(_ form: Form) async throws {
        try await TestServer.run { server in
            let (browser, pairs) = try await form.filled(server)
            let (_, foreign) = try await Form.signIn.filled(server)
            let before = try await Self.state(server)
            let others = [nil, "", "x", foreign.first { $0.name == "csrf" }?.value]
            for token in others {
                let forged = pairs.filter { $0.name != "csrf" } + (token.map { [.init("csrf", $0)] } ?? [])
                let reply = try await browser.post(form.rawValue, forged)
                #expect(reply.status == 403)
                #expect(reply.heading == "This page has expired")
            }
            #expect(try await Self.state(server) == before)
            _ = try await browser.post(form.rawValue, pairs)
            #expect(try await Self.state(server) != before)
        }
    }

    @Test("refused from another origin, even with the right token", .tags(.security), arguments: Form.allCases)
    func origin(_ form: Form) async throws {
        try await TestServer.run { server in
            let (browser, pairs) = try await form.filled(server)
            let before = try await Self.state(server)
            for origin in [
                "https://evil.example", "null", "http://sso.acme.example", "https://sso.acme.example:8443",
                "https://sso.acme.example.evil.example", "https://sso.globex.example", "",
            ] {
                let reply = try await browser.post(form.rawValue, pairs, headers: [("Origin", origin)])
                #expect(reply.status == 403)
            }
            #expect(try await Self.state(server) == before)
        }
    }

    @Test("a token of one interaction does not serve another", .tags(.security))
    func otherInteraction() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let (first, second) = (try await browser.visit("/"), try await browser.visit("/"))
            let token = try #require(try first.passwordForm["csrf"])
            let form = try second.passwordForm.sending([
                "csrf": token, "username": "alice", "password": Samples.password,
            ])
            #expect(try await browser.post("/login", form).status == 403)
        }
    }
}
