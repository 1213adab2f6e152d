import OAuth2
import Testing
import Wire

/// Phase one: nothing may be sent anywhere yet.
@Suite("RFC 6749 §4.1.1 Authorization request: errors that are shown")
struct ResponseTargetTests {
    @Test("is the client, its address and the state")
    func accepts() throws {
        let client = try Sample.client()
        let target = try ResponseTarget(RequestParameters(Sample.authorization), client: client, issuer: Sample.issuer)
        #expect(target.client == client)
        #expect(target.redirectURI == Sample.callback)
        #expect(target.state == "xyz")
        #expect(target.issuer == Sample.issuer)
    }

    @Test("response_mode may name the default")
    func query() throws {
        _ = try ResponseTarget(
            RequestParameters(Sample.authorization, changing: ["response_mode": "query"]), client: Sample.client(),
            issuer: Sample.issuer)
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var change: [String: String] = [:]
        var description: String
        var isKnown = true
    }

    @Test(
        "refuses", .tags(.security),
        arguments: [
            Refusal(testDescription: "no client_id", change: ["client_id": ""], description: "client_id is missing"),
            Refusal(testDescription: "an unknown client", description: "client_id is unknown", isKnown: false),
            Refusal(
                testDescription: "a client loaded by another spelling", change: ["client_id": "S6BHDRKQT3"],
                description: "client_id is unknown"),
            Refusal(
                testDescription: "no redirect_uri", change: ["redirect_uri": ""],
                description: "redirect_uri is missing"),
            Refusal(
                testDescription: "an address that is not registered",
                change: ["redirect_uri": "https://client.example/cb/"],
                description: "redirect_uri is not registered for the client"),
            Refusal(
                testDescription: "fragment mode", change: ["response_mode": "fragment"],
                description: "response_mode must be query"),
            Refusal(
                testDescription: "form_post mode", change: ["response_mode": "form_post"],
                description: "response_mode must be query"),
        ])
    func refuses(_ refusal: Refusal) throws {
        let client = try refusal.isKnown ? Sample.client() : nil
        let parameters = RequestParameters(Sample.authorization, changing: refusal.change)
        let error = #expect(throws: OAuth2Error.self) {
            try ResponseTarget(parameters, client: client, issuer: Sample.issuer)
        }
        #expect(error?.code == .invalidRequest)
        #expect(error?.description == refusal.description)
    }

    @Test(
        "refuses a repeated parameter that decides where the answer goes", .tags(.security),
        arguments: ["client_id", "redirect_uri", "response_mode"])
    func repeated(_ name: String) throws {
        let client = try Sample.client()
        let value = ["client_id": "s6BhdRkqt3", "redirect_uri": Sample.callback, "response_mode": "query"][name] ?? ""
        let once = RequestParameters(Sample.authorization, changing: [name: value])
        _ = try ResponseTarget(once, client: client, issuer: Sample.issuer)
        let error = #expect(throws: OAuth2Error.self) {
            try ResponseTarget(once.repeating(name, value), client: client, issuer: Sample.issuer)
        }
        #expect(error == .repeated(name))
    }

    @Test("query and body together repeat a parameter", .tags(.security))
    func mixed() throws {
        let query = FormURLEncoded.encode(RequestParameters(Sample.authorization).all)
        let parameters = try RequestParameters(query: query, body: Array("redirect_uri=https://evil.example/".utf8))
        let client = try Sample.client()
        let error = #expect(throws: OAuth2Error.self) {
            try ResponseTarget(parameters, client: client, issuer: Sample.issuer)
        }
        #expect(error == .repeated("redirect_uri"))
    }

    @Test("a repeated or empty state is none", .tags(.security))
    func state() throws {
        let client = try Sample.client()
        let twice = RequestParameters(Sample.authorization).repeating("state", "abc")
        #expect(try ResponseTarget(twice, client: client, issuer: Sample.issuer).state == nil)
        let none = RequestParameters(Sample.authorization, changing: ["state": ""])
        #expect(try ResponseTarget(none, client: client, issuer: Sample.issuer).state == nil)
    }
}

@Suite("CSP3 §6.4.2 form-action: the end of the redirects after a form")
struct ResponseOriginTests {
    @Test(
        "is scheme, host and port of the address",
        arguments: [
            ("https://client.example/cb?x=https://other.example/", "https://client.example"),
            ("https://client.example:8443/cb", "https://client.example:8443"),
            ("https://client.example?x=1", "https://client.example"), ("http://[::1]:3000/cb", "http://[::1]:3000"),
            ("com.example.app:/cb", "com.example.app:"), ("com.example.app://cb/x", "com.example.app:"),
        ])
    func origin(_ redirectURI: String, _ origin: String) throws {
        #expect(try AuthorizationResponseTests.target(redirectURI, state: nil).origin == origin)
    }
}

/// Phase two: every error goes to the target.
@Suite("RFC 6749 §4.1.1 Authorization request: errors that are sent")
struct AuthorizationRequestTests {
    static func read(
        _ change: [String: String] = [:], client: Client, also extra: (String, String)? = nil
    ) throws -> AuthorizationRequest {
        var parameters = RequestParameters(Sample.authorization, changing: change)
        if let extra { parameters = parameters.repeating(extra.0, extra.1) }
        return try AuthorizationRequest(parameters, target: Sample.target(client))
    }

    @Test("holds what was asked for")
    func accepts() throws {
        let request = try Self.read(client: Sample.client())
        #expect(request.scope.text == "openid profile")
        #expect(request.codeChallenge?.text == Sample.challenge)
        #expect(request.target.redirectURI == Sample.callback)
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var change: [String: String] = [:]
        var code: OAuth2Error.Code
        var client: @Sendable (inout Client) -> Void = { _ in }
    }

    @Test(
        "refuses", .tags(.security),
        arguments: [
            Refusal(testDescription: "no response_type", change: ["response_type": ""], code: .invalidRequest),
            Refusal(
                testDescription: "implicit flow", change: ["response_type": "token"], code: .unsupportedResponseType),
            Refusal(
                testDescription: "hybrid flow", change: ["response_type": "code id_token"],
                code: .unsupportedResponseType),
            Refusal(
                testDescription: "another case", change: ["response_type": "Code"], code: .unsupportedResponseType),
            Refusal(testDescription: "a request object", change: ["request": "e30.e30."], code: .requestNotSupported),
            Refusal(
                testDescription: "a request_uri", change: ["request_uri": "https://client.example/r"],
                code: .requestURINotSupported),
            Refusal(
                testDescription: "a client without the code grant", code: .unauthorizedClient,
                client: { $0.grantTypes = [.refreshToken] }),
            Refusal(testDescription: "no scope", change: ["scope": ""], code: .invalidScope),
            Refusal(testDescription: "a malformed scope", change: ["scope": "openid\""], code: .invalidScope),
            Refusal(
                testDescription: "only unknown scope", change: ["scope": "get_user_info"], code: .invalidScope),
            Refusal(
                testDescription: "only scope that the client is not allowed", change: ["scope": "offline_access"],
                code: .invalidScope),
            Refusal(
                testDescription: "plain PKCE", change: ["code_challenge_method": "plain"], code: .invalidRequest),
            Refusal(
                testDescription: "no PKCE", change: ["code_challenge": "", "code_challenge_method": ""],
                code: .invalidRequest),
        ])
    func refuses(_ refusal: Refusal) throws {
        let client = try Sample.client { refusal.client(&$0) }
        let error = #expect(throws: OAuth2Error.self) { try Self.read(refusal.change, client: client) }
        #expect(error?.code == refusal.code)
    }

    @Test(
        "refuses every repeated parameter, known or not", .tags(.security),
        arguments: [
            "response_type", "scope", "state", "code_challenge", "code_challenge_method", "nonce", "prompt",
            "max_age", "unknown", "id_token_hint",
        ])
    func repeated(_ name: String) throws {
        let client = try Sample.client()
        let values = Dictionary(uniqueKeysWithValues: Sample.authorization.map { ($0.key, $0.value) })
        let value = values[name] ?? "1"
        _ = try Self.read([name: value], client: client)
        let error = #expect(throws: OAuth2Error.self) {
            try Self.read([name: value], client: client, also: (name, value))
        }
        #expect(error == .repeated(name))
    }

    @Test("RFC 8707 §2: resource alone may be repeated")
    func resource() throws {
        _ = try Self.read(
            ["resource": "https://a.example"], client: Sample.client(), also: ("resource", "https://b.example"))
    }

    @Test("the name of a repeated parameter is told only when it is ours", .tags(.security))
    func repeatedName() {
        #expect(OAuth2Error.repeated("state").description == "state is repeated")
        #expect(OAuth2Error.repeated("<script>").description == "a parameter is repeated")
    }

    @Test("OIDC Core §3.1.2.1: unknown and forbidden words are left out of the scope")
    func scope() throws {
        let request = try Self.read(["scope": "get_user_info email openid offline_access"], client: Sample.client())
        #expect(request.scope.text == "email openid")
    }

    @Test("offline_access needs an administrator's permission and the refresh token grant", .tags(.security))
    func offlineAccess() throws {
        let change = ["scope": "openid offline_access"]
        let allowed = try Sample.client { $0.scope = .supported }
        #expect(try Self.read(change, client: allowed).scope.text == "openid offline_access")
        let withoutGrant = try Sample.client {
            $0.scope = .supported
            $0.grantTypes = [.authorizationCode]
        }
        #expect(try Self.read(change, client: withoutGrant).scope.text == "openid")
    }

    @Test("only a confidential client can be excused from PKCE", .tags(.security))
    func excused() throws {
        let without = ["code_challenge": "", "code_challenge_method": ""]
        let confidential = try Sample.client { $0.requiresPKCE = false }
        #expect(try Self.read(without, client: confidential).codeChallenge == nil)
        #expect(throws: OAuth2Error.self) { try Self.read(["code_challenge_method": "plain"], client: confidential) }
        let native = try Sample.client(.public) { $0.requiresPKCE = false }
        let error = #expect(throws: OAuth2Error.self) { try Self.read(without, client: native) }
        #expect(error?.code == .invalidRequest)
    }
}
