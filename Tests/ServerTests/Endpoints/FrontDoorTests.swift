import TestSupport
import Testing
import Wire

@Suite("Before any endpoint: path, method, host")
struct FrontDoorTests {
    @Test(
        "refuses a path that a proxy could read differently", .tags(.security),
        arguments: [
            "//", "/login;x=1", "/login%2f", "/login%2Fpassword", "/%6cogin", "//login", "/login//password",
            "/oauth2/%2e%2e/login", "/log\\in", "/login%00", "/login%0d%0aX: y", "/lo gin", "/登录", "login", "*",
            "https://sso.acme.example/login", "/cas/login;jsessionid=1?service=x", "/~root",
        ])
    func unsafePaths(_ target: String) async throws {
        try await TestServer.run { server in
            let reply = try await server.send("GET", target)
            #expect(reply.status == 400)
            #expect(reply.text.contains("<code>the path is not in normal form</code>"))
        }
    }

    @Test(
        "knows no address but its own, byte for byte", .tags(.security),
        arguments: [
            "/Login", "/login/", "/oauth2/", "/oauth2/token/", "/oauth2/../login", "/./login", "/login/..",
            "/CAS/login",
            "/cas", "/healthz", "/readyz", "/metrics", "/api/v2/tenant/users", "/.env", "/index.php",
        ])
    func unknownPaths(_ target: String) async throws {
        try await TestServer.run { server in
            let reply = try await server.send("GET", target)
            #expect(reply.status == 404)
            #expect(reply.text.contains("<code>no such address</code>"))
        }
    }

    struct Method: Sendable, CustomTestStringConvertible {
        var testDescription: String { "\(name) \(path)" }
        var name: String
        var path: String
        var allow: String
    }

    static let pages = [
        Method(name: "POST", path: "/", allow: "GET"), Method(name: "HEAD", path: "/", allow: "GET"),
        Method(name: "PUT", path: "/login", allow: "GET, POST"),
        Method(name: "HEAD", path: "/login", allow: "GET, POST"),
        Method(name: "DELETE", path: "/account", allow: "GET"),
        Method(name: "GET", path: "/account/sessions/end", allow: "POST"),
        Method(name: "HEAD", path: "/account/history", allow: "GET"),
        Method(name: "POST", path: "/account/history", allow: "GET"),
        Method(name: "HEAD", path: "/oauth2/authorize", allow: "GET, POST"),
        Method(name: "OPTIONS", path: "/oauth2/authorize", allow: "GET, POST"),
        Method(name: "POST", path: "/cas/login", allow: "GET"), Method(name: "POST", path: "/cas/logout", allow: "GET"),
        Method(name: "TRACE", path: "/logout", allow: "GET, POST"),
    ]

    @Test("answers 405 and the methods there are, as a page", arguments: pages)
    func methodNotAllowed(_ method: Method) async throws {
        try await TestServer.run { server in
            let reply = try await server.send(method.name, method.path)
            #expect(reply.status == 405)
            #expect(reply["Allow"] == method.allow)
            #expect(reply["Content-Type"] == "text/html; charset=utf-8")
        }
    }

    static let oauth = [
        Method(name: "GET", path: "/oauth2/token", allow: "POST"),
        Method(name: "PUT", path: "/oauth2/token", allow: "POST"),
        Method(name: "PUT", path: "/oauth2/userinfo", allow: "GET, POST"),
        Method(name: "POST", path: "/oauth2/jwks", allow: "GET, HEAD"),
        Method(name: "POST", path: "/.well-known/openid-configuration", allow: "GET, HEAD"),
    ]

    @Test("answers 405 in the words of the protocol to a program", arguments: oauth)
    func methodNotAllowedForPrograms(_ method: Method) async throws {
        try await TestServer.run { server in
            let reply = try await server.send(method.name, method.path)
            #expect(reply.status == 405)
            #expect(reply["Allow"] == method.allow)
            #expect(try reply.json == oauthError("invalid_request", "the method is not supported here"))
        }
    }

    @Test("answers 405 to a CAS client as a failure")
    func methodNotAllowedForCAS() async throws {
        try await TestServer.run { server in
            let reply = try await server.send("POST", "/cas/serviceValidate")
            #expect(reply.status == 405)
            #expect(reply["Allow"] == "GET")
            #expect(
                reply.text == CASValidationEndpointTests.failure("INVALID_REQUEST", "the request cannot be read"))
        }
    }

    @Test(
        "answers only at hosts of a tenant", .tags(.security),
        arguments: [
            nil, "", "evil.example", "sso.acme.example.evil.example", "127.0.0.1", "sso.acme.example@evil.example",
            "evil.example:443", "sso.acme.example, evil.example", "*", "sso.acme.example/", "xn--acme.example",
        ])
    func unknownHost(_ host: String?) async throws {
        try await TestServer.run { server in
            for path in ["/", "/oauth2/token", "/.well-known/openid-configuration"] {
                let reply = try await server.send(path == "/oauth2/token" ? "POST" : "GET", path, host: host)
                #expect(reply.status == 421)
                #expect(reply["Strict-Transport-Security"] == nil)
                #expect(!reply.text.contains("evil"))
                #expect(!reply.text.contains("Acme"))
            }
        }
    }

    @Test(
        "finds the tenant whatever case and port the host is written in",
        arguments: [
            "SSO.ACME.EXAMPLE", "sso.acme.example:443", "sso.acme.example:8443", "sso.acme.example.",
        ])
    func hostForms(_ host: String) async throws {
        try await TestServer.run { server async throws in
            #expect(try await server.send("GET", "/login", host: host).status == 303)
        }
    }

    @Test("makes every link and redirect without the host that was called", .tags(.security))
    func links() async throws {
        try await TestServer.run { server in
            let reply = try await server.send(
                "GET", "/login", host: "sso.acme.example:6666", headers: [("X-Forwarded-Host", "evil.example")])
            #expect(reply.location?.hasPrefix("/login?i=") == true)
        }
    }

    @Test("gives each request an id of its own, which only the error page shows")
    func requestID() async throws {
        try await TestServer.run { server in
            let pages = try await [server.send("GET", "/none").text, server.send("GET", "/none").text]
            #expect(pages[0] != pages[1])
        }
    }
}
