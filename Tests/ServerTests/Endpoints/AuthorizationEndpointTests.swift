import TestSupport
import Testing

@Suite("GET and POST /oauth2/authorize (RFC 6749 §4.1.1, OIDC Core §3.1.2)")
struct AuthorizationEndpointTests {
    @Test("sends a code, the state and the issuer to the registered address")
    func authorizes() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            let reply = try await browser.get(authorize())
            let code = try #require(reply.answer["code"])
            #expect(code.utf8.count == 43)
            #expect(reply.status == 303)
            #expect(
                reply.fixedHeaders == [
                    "location":
                        "https://notes.example/cb?code=\(code)&state=af0ifjsldkj&iss=https%3A%2F%2Fsso.acme.example",
                    "cache-control": "no-store", "referrer-policy": "no-referrer",
                    "strict-transport-security": "max-age=31536000", "x-content-type-options": "nosniff",
                ])
            #expect(reply.body.isEmpty)
            #expect(reply.cookies.isEmpty)
        }
    }

    @Test("sends somebody unknown to sign in, bound to the browser by a cookie")
    func asksToSignIn() async throws {
        try await TestServer.run { server in
            let reply = try await server.send("GET", authorize())
            let id = try #require(reply.answer["i"])
            #expect(reply.status == 303)
            #expect(reply.location == "/login?i=\(id)")
            #expect(reply.cookies.count == 1)
            #expect(reply.cookies.first?.hasPrefix("__Host-gatehouse-browser=") == true)
        }
    }

    @Test("hands login_hint and ui_locales to the page, and nothing else of the request")
    func hints() async throws {
        try await TestServer.run { server in
            let reply = try await server.send(
                "GET", authorize(["login_hint": "ali&ce", "ui_locales": "fr en", "display": "popup"]))
            let id = try #require(reply.answer["i"])
            #expect(reply.location == "/login?i=\(id)&lang=en&username=ali%26ce")
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var changes: Changes
        var error: String
        var description: String

        init(_ name: String, _ changes: Changes, _ error: String, _ description: String) {
            testDescription = name
            self.changes = changes
            self.error = error
            self.description = description
        }
    }

    static let shown: [Case] = [
        Case("unknown client", ["client_id": "nobody"], "", "client_id is unknown"),
        Case("client id in another case", ["client_id": "Notes"], "", "client_id is unknown"),
        Case("no client", ["client_id": nil], "", "client_id is missing"),
        Case("empty client", ["client_id": ""], "", "client_id is missing"),
        Case("no redirect_uri", ["redirect_uri": nil], "", "redirect_uri is missing"),
        Case("another client's address", ["redirect_uri": "https://mail.example/cb"], "", unregistered),
        Case("response_mode", ["response_mode": "fragment"], "", "response_mode must be query"),
    ]
    static let unregistered = "redirect_uri is not registered for the client"

    @Test(
        "shows an error while there is no address to send it to, signed in or not", .tags(.security), arguments: shown)
    func shows(_ refusal: Case) async throws {
        try await TestServer.run { server in
            for browser in [server.browser(), try await server.signedIn()] {
                let reply = try await browser.get(authorize(refusal.changes))
                #expect(reply.status == 400)
                #expect(reply.location == nil)
                #expect(reply.heading == "This application is not recognised")
                #expect(reply.text.contains("<code>\(refusal.description)</code>"))
            }
        }
    }

    @Test(
        "never leads to an address that is not byte-equal to a registered one", .tags(.security),
        arguments: [
            "https://notes.example/cb/", "https://notes.example/CB", "https://NOTES.example/cb",
            "https://notes.example:443/cb", "https://notes.example./cb", "https://notes.example/cb?x=1",
            "https://notes.example/cb#f", "https://notes.example/./cb", "https://notes.example/a/../cb",
            "https://notes.example/%63b", "https://notes.example//cb", "https://notes.example/cb%00",
            "https://user@notes.example/cb", "https://notes.example@evil.example/cb",
            "https://notes.example\\@evil.example/cb", "https://notes.example/cb;.evil", "http://notes.example/cb",
            "https://notes.example/c\u{0062}\u{0301}", "//notes.example/cb", "/cb", "javascript:alert(1)",
            "https://evil.example/https://notes.example/cb", " https://notes.example/cb", "https://notes.example/cb ",
        ])
    func exactRedirectURI(_ hostile: String) async throws {
        try await TestServer.run { server in
            let reply = try await server.send("GET", authorize(["redirect_uri": hostile]))
            #expect(reply.status == 400)
            #expect(reply.location == nil)
            #expect(!reply.text.contains("evil"))
        }
    }

    static let sent: [Case] = [
        Case("no response_type", ["response_type": nil], "invalid_request", "response_type is missing"),
        Case("implicit", ["response_type": "token"], "unsupported_response_type", "response_type must be code"),
        Case("hybrid", ["response_type": "code id_token"], "unsupported_response_type", "response_type must be code"),
        Case("no scope", ["scope": nil], "invalid_scope", "scope is missing"),
        Case("unknown scope", ["scope": "admin"], "invalid_scope", "nothing in scope is allowed for the client"),
        Case(
            "no PKCE", ["code_challenge": nil, "code_challenge_method": nil], "invalid_request",
            "code_challenge is missing; the client must use PKCE with S256"),
        Case(
            "PKCE plain", ["code_challenge_method": "plain"], "invalid_request", "code_challenge_method must be S256"),
        Case(
            "PKCE by default plain", ["code_challenge_method": nil], "invalid_request",
            "code_challenge_method must be S256"),
        Case(
            "short challenge", ["code_challenge": "abc"], "invalid_request",
            "code_challenge is not 43 characters of base64url"),
        Case("request", ["request": "e30."], "request_not_supported", "the request parameter is not supported"),
        Case(
            "request_uri", ["request_uri": "https://evil.example/"], "request_uri_not_supported",
            "the request_uri parameter is not supported"),
        Case(
            "registration", ["registration": "{}"], "registration_not_supported",
            "the registration parameter is not supported"),
        Case("prompt=none", ["prompt": "none"], "login_required", "the person has to sign in and prompt is none"),
        Case(
            "prompt=none login", ["prompt": "none login"], "invalid_request", "prompt has none beside another value"),
        Case(
            "prompt=consent", ["prompt": "consent"], "consent_required",
            "consent is given by the administrator and cannot be asked for"),
        Case("prompt unknown", ["prompt": "create"], "invalid_request", "prompt has a value that is not defined"),
        Case("max_age", ["max_age": "-1"], "invalid_request", "max_age is not a whole number of seconds"),
        Case(
            "id_token_hint", ["id_token_hint": "e30.e30.e30"], "invalid_request",
            "id_token_hint is not an ID token of this issuer"),
    ]

    @Test("sends every later error to the registered address, with state and issuer", arguments: sent)
    func sends(_ refusal: Case) async throws {
        try await TestServer.run { server in
            let reply = try await server.send("GET", authorize(refusal.changes))
            let answer = [
                ("error", refusal.error), ("error_description", refusal.description), ("state", "af0ifjsldkj"),
                ("iss", "https://sso.acme.example"),
            ]
            #expect(reply.status == 303)
            #expect(reply.location == address("https://notes.example/cb", answer))
            #expect(reply.cookies.isEmpty)
        }
    }

    @Test("refuses a person whom the access rule leaves out, and writes it down", .tags(.security))
    func accessRule() async throws {
        try await TestServer.run { server in
            let payroll = authorize(["client_id": "payroll", "redirect_uri": "https://payroll.example/cb"])
            let refused = try await server.signedIn("frank").get(payroll)
            #expect(refused.answer["error"] == "access_denied")
            #expect(refused.answer["code"] == nil)
            #expect(
                try await server.events().filter { $0.hasPrefix("application.access_refused") } == [
                    #"application.access_refused {"decision":"not_selected"}"#
                ])
            #expect(try await server.signedIn("alice").get(payroll).answer["code"] != nil)
        }
    }

    @Test("refuses for a disabled application before anyone signs in", .tags(.security))
    func disabledApplication() async throws {
        try await TestServer.run { server in
            try await server.disable(Samples.notes)
            for browser in [server.browser(), try await server.signedIn()] {
                let reply = try await browser.get(authorize())
                #expect(reply.status == 403)
                #expect(reply.location == nil)
                #expect(reply.heading == "You have no access to this application")
            }
        }
    }

    @Test("takes the same request as a form and comes back by GET with the cookies")
    func byPost() async throws {
        try await TestServer.run { server in
            let reply = try await server.post("/oauth2/authorize", authorizeParameters())
            #expect(reply.status == 303)
            #expect(reply.location == authorize())
        }
    }

    @Test("lets a public client in only with PKCE", .tags(.security))
    func publicClient() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            let desk: Changes = ["client_id": "desk", "redirect_uri": "com.example.desk:/cb"]
            let entered = try await browser.get(authorize(desk))
            #expect(entered.location?.hasPrefix("com.example.desk:/cb?code=") == true)
            let bare = desk.merging(["code_challenge": nil, "code_challenge_method": nil]) { $1 }
            #expect(try await browser.get(authorize(bare)).answer["error"] == "invalid_request")
        }
    }
}
