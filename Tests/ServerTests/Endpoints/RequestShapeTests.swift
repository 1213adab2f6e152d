import Identity
import TestSupport
import Testing
import Wire

@Suite("What bad input gets: 400, 413, 415 in the protocol's own shape")
struct RequestShapeTests {
    /// An address that reads a form.
    enum Reader: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case authorize = "/oauth2/authorize"
        case token = "/oauth2/token"
        case userInfo = "/oauth2/userinfo"
        case endSession = "/oauth2/logout"
        case signIn = "/login"
        case setPassword = "/login/password"
        case signOut = "/logout"
        case endOneSession = "/account/sessions/end"
        case endOtherSessions = "/account/sessions/end-others"
        case accountPassword = "/account/password"
        case accountPhone = "/account/phone"
        case accountProfile = "/account/profile"
        case accountEmail = "/account/email"
        case withdraw = "/account/applications/withdraw"

        var testDescription: String { rawValue }
        var isForPrograms: Bool { self == .token || self == .userInfo }
    }

    /// Whether an answer is an error of this status in the words of its address.
    private func expect(_ reply: Reply, _ status: Int, from reader: Reader, _ description: String) throws {
        #expect(reply.status == status)
        #expect(reply.location == nil)
        #expect(reply["Cache-Control"] == "no-store")
        if reader.isForPrograms {
            #expect(try reply.json == oauthError("invalid_request", description))
        } else {
            #expect(reply["Content-Type"] == "text/html; charset=utf-8")
            #expect(reply.text.contains("<code>\(description)</code>"))
        }
    }

    @Test(
        "refuses a body that is no form",
        arguments: Reader.allCases,
        ["application/json", "text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencodedx", ""])
    func contentType(_ reader: Reader, _ type: String) async throws {
        try await TestServer.run { server in
            let reply = try await server.send(
                "POST", reader.rawValue, headers: [("Content-Type", type)], body: Array("a=b".utf8))
            try expect(reply, 415, from: reader, "the body must be application/x-www-form-urlencoded")
        }
    }

    @Test("takes a form with a charset, in any case")
    func charset() async throws {
        try await TestServer.run { server in
            let reply = try await server.send(
                "POST", "/oauth2/authorize",
                headers: [("Content-Type", "Application/X-WWW-Form-URLEncoded; charset=UTF-8")], body: Array("a=b".utf8)
            )
            #expect(reply.location == "/oauth2/authorize?a=b")
        }
    }

    @Test("refuses a body above the limit", .tags(.security), arguments: Reader.allCases)
    func size(_ reader: Reader) async throws {
        try await TestServer.run(settings: ["http.bodySize": "1024"]) { server in
            let reply = try await server.post(reader.rawValue, [("a", String(repeating: "x", count: 1_023))])
            try expect(reply, 413, from: reader, "the body is too large")
        }
    }

    /// Bytes that do not decode, as they stand in a body or a query.
    static let undecodable: [[UInt8]] = [
        Array("a=%".utf8), Array("a=%4".utf8), Array("a=%zz".utf8), Array("%=b".utf8), Array("a=%00".utf8),
        Array("a=%ff".utf8), Array("a=%c0%af".utf8), Array("a=%ed%a0%80".utf8), [0x61, 0x3D, 0x00], [0x61, 0x3D, 0xFF],
        Array(Array(repeating: "a=b", count: 257).joined(separator: "&").utf8),
    ]

    @Test("refuses a body that does not decode", .tags(.security), arguments: Reader.allCases)
    func body(_ reader: Reader) async throws {
        try await TestServer.run { server in
            for bytes in Self.undecodable {
                let reply = try await server.send(
                    "POST", reader.rawValue, headers: [("Content-Type", "application/x-www-form-urlencoded")],
                    body: bytes)
                try expect(reply, 400, from: reader, "the parameters do not decode")
            }
        }
    }

    @Test(
        "refuses a query that does not decode", .tags(.security),
        arguments: [
            "/login", "/login/password", "/oauth2/authorize", "/oauth2/logout", "/cas/login", "/cas/logout",
        ])
    func query(_ path: String) async throws {
        try await TestServer.run { server in
            for bytes in Self.undecodable where bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) {
                let reply = try await server.send("GET", "\(path)?\(String(decoding: bytes, as: UTF8.self))")
                #expect(reply.status == 400)
                #expect(reply.location == nil)
                #expect(reply.text.contains("<code>the parameters do not decode</code>"))
            }
        }
    }

    @Test("refuses a query that does not decode in the words of CAS and of OAuth", .tags(.security))
    func queryForPrograms() async throws {
        try await TestServer.run { server in
            for path in ["/cas/serviceValidate", "/cas/p3/serviceValidate"] {
                let reply = try await server.send("GET", "\(path)?ticket=%ff")
                #expect(reply.status == 200)
                #expect(
                    reply.text == CASValidationEndpointTests.failure("INVALID_REQUEST", "the request cannot be read"))
            }
            let reply = try await server.send("GET", "/oauth2/userinfo?a=%ff")
            try expect(reply, 400, from: .userInfo, "the parameters do not decode")
        }
    }
}

@Suite("A parameter that occurs twice is an error, in query, body and mixed (peers' class 2)")
struct RepeatedParameterTests {
    @Test(
        "authorize: shown while there is no target, sent afterwards", .tags(.security),
        arguments: authorizeParameters().map(\.0))
    func authorization(_ name: String) async throws {
        try await TestServer.run { server in
            let value = authorizeParameters().first { $0.0 == name }?.1 ?? ""
            let twice = address("/oauth2/authorize", authorizeParameters() + [(name, value)])
            let reply = try await server.signedIn().get(twice)
            #expect(reply.answer["code"] == nil)
            if name == "client_id" || name == "redirect_uri" {
                #expect(reply.status == 400)
                #expect(reply.text.contains("<code>\(name) is repeated</code>"))
            } else {
                #expect(reply.location?.hasPrefix("https://notes.example/cb?error=invalid_request") == true)
                #expect(reply.answer["error_description"] == "\(name) is repeated")
                #expect(reply.answer["state"] == (name == "state" ? nil : "af0ifjsldkj"))
            }
        }
    }

    @Test("authorize by form: one in the query and one in the body count as two", .tags(.security))
    func mixed() async throws {
        try await TestServer.run { server in
            let reply = try await server.post("/oauth2/authorize?client_id=notes", authorizeParameters())
            let browser = try await server.signedIn()
            let next = try await browser.get(try #require(reply.location))
            #expect(next.status == 400)
            #expect(next.text.contains("<code>client_id is repeated</code>"))
        }
    }

    @Test(
        "token", .tags(.security),
        arguments: ["grant_type", "code", "redirect_uri", "code_verifier", "client_id", "client_secret", "x"])
    func token(_ name: String) async throws {
        try await TestServer.run { server in
            let code = try await server.signedIn().enterNotes()
            let form = [
                ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", "https://notes.example/cb"),
                ("code_verifier", SamplePKCE.verifier), ("client_id", "notes"), ("client_secret", Samples.notesSecret),
                ("x", "y"),
            ]
            let value = form.first { $0.0 == name }?.1 ?? ""
            let reply = try await server.post("/oauth2/token", form + [(name, value)])
            #expect(reply.status == 400)
            #expect(
                try reply.json
                    == oauthError("invalid_request", name == "x" ? "a parameter is repeated" : "\(name) is repeated"))
            #expect(try await server.post("/oauth2/token", form).status == 200)
        }
    }

    @Test("userinfo", .tags(.security))
    func userInfo() async throws {
        try await TestServer.run { server in
            let token = try await server.tokens().access
            let reply = try await server.post(
                "/oauth2/userinfo", [("access_token", token), ("access_token", token)])
            #expect(reply.status == 400)
            #expect(try reply.json == oauthError("invalid_request", "access_token is repeated"))
        }
    }

    @Test(
        "CAS validation: nothing is attempted with the ticket", .tags(.security),
        arguments: ["service", "ticket", "renew", "pgtUrl", "format"])
    func validation(_ name: String) async throws {
        try await TestServer.run { server in
            let ticket = try await server.signedIn().enterWiki()
            let parameters = [("service", "https://wiki.example/cas"), ("ticket", ticket)]
            let value = parameters.first { $0.0 == name }?.1 ?? "XML"
            let twice = parameters.filter { $0.0 != name } + [(name, value), (name, value)]
            let reply = try await server.send("GET", address("/cas/serviceValidate", twice))
            #expect(
                reply.text
                    == CASValidationEndpointTests.failure("INVALID_REQUEST", "a parameter was given more than once"))
            #expect(try await server.validate(ticket).text.contains("<cas:user>alice</cas:user>"))
        }
    }

    @Test(
        "sign-in form, in the body and mixed", .tags(.security),
        arguments: ["csrf", "i", "tab", "username", "password"])
    func signIn(_ name: String) async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let page = try await browser.visit("/")
            let pairs = try page.passwordForm.sending(["username": "alice", "password": Samples.password])
            let pair = try #require(pairs.first { $0.name == name })
            let query = FormURLEncoded.encode([pair])
            for reply in [
                try await browser.post("/login", pairs + [pair]), try await browser.post("/login?\(query)", pairs),
            ] {
                #expect(reply.status == 400)
                #expect(reply.cookies.isEmpty)
            }
            #expect(try await server.sessions().isEmpty)
        }
    }
}
