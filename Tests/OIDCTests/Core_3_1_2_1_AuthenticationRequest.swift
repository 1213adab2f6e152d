import Identity
import JOSE
import OAuth2
import OIDC
import Testing
import Wire

@Suite("OIDC Core §3.1.2.1 Authentication request")
struct AuthenticationRequestTests {
    @Test("holds what OpenID Connect adds")
    func reads() throws {
        let request = try Sample.request([
            "prompt": "login", "max_age": "3600", "ui_locales": "zh-CN en", "login_hint": "alice",
        ])
        #expect(request.nonce == "n-0S6_WzA2Mj")
        #expect(request.prompt == .login)
        #expect(request.maximumAge == 3600)
        #expect(request.pageHints.uiLocales == ["zh-CN", "en"])
        #expect(request.pageHints.loginHint == "alice")
        #expect(request.hint == nil)
        #expect(request.authorization.scope.contains(Scope.openID))
    }

    @Test("all of it may be absent")
    func absent() throws {
        let request = try Sample.request(["nonce": ""])
        #expect(request.nonce == nil)
        #expect(request.prompt == nil)
        #expect(request.maximumAge == nil)
        #expect(request.pageHints.uiLocales == [])
        #expect(request.requirement == .any)
    }

    @Test("unknown parameters are ignored")
    func unknown() throws {
        let extra = [
            "display": "page", "acr_values": "urn:example:gold", "claims": "{}", "claims_locales": "en", "x": "y",
        ]
        #expect(try Sample.request(extra) == Sample.request())
    }

    @Test(
        "prompt, max_age and acr_values become a demand on the sign-in", .tags(.security),
        arguments: [
            (["prompt": "login"], .fresh), (["max_age": "60"], .maxAge(60)), (["max_age": "0"], .maxAge(0)),
            (["prompt": "login", "max_age": "3600"], .fresh), (["prompt": "none", "max_age": "60"], .maxAge(60)),
            (["prompt": "none"], .any), (["prompt": "login", "scope": "profile"], .fresh),
            (["max_age": "60", "scope": "profile"], .maxAge(60)),
            (["acr_values": "2"], .init(.any, level: .twoFactors)),
            (["acr_values": "phr gold 2"], .init(.any, level: .twoFactors)),
            (["acr_values": "phr 1"], .any),
            (["acr_values": "phr", "max_age": "60"], .init(.maxAge(60), level: .phishingResistant)),
        ] as [([String: String], AuthenticationRequirement)])
    func requirement(_ change: [String: String], _ expected: AuthenticationRequirement) throws {
        #expect(try Sample.request(change).requirement == expected)
    }

    @Test(
        "refuses what it cannot do, with the error for that", .tags(.security),
        arguments: [
            (["prompt": "consent"], .consentRequired), (["prompt": "login consent"], .consentRequired),
            (["prompt": "select_account"], .accountSelectionRequired),
            (["prompt": "none login"], .invalidRequest), (["prompt": "login none"], .invalidRequest),
            (["prompt": "None"], .invalidRequest), (["prompt": "create"], .invalidRequest),
            (["prompt": "login  login"], .invalidRequest), (["prompt": " none"], .invalidRequest),
            (["max_age": "-1"], .invalidRequest), (["max_age": "1.5"], .invalidRequest),
            (["max_age": "+60"], .invalidRequest), (["max_age": "1e3"], .invalidRequest),
            (["max_age": "９"], .invalidRequest), (["max_age": "9999999999"], .invalidRequest),
            (["max_age": "99999999999999999999"], .invalidRequest), (["max_age": "sixty"], .invalidRequest),
            (["id_token_hint": "not.a.token"], .invalidRequest),
            (["registration": "{}"], .registrationNotSupported), (["request": "e30."], .requestNotSupported),
            (["request_uri": "urn:x"], .requestURINotSupported),
        ] as [([String: String], OAuth2Error.Code)])
    func refuses(_ change: [String: String], _ code: OAuth2Error.Code) throws {
        let error = #expect(throws: OAuth2Error.self) { try Sample.request(change) }
        #expect(error?.code == code)
    }

    @Test(
        "refuses a repeated parameter", .tags(.security),
        arguments: ["nonce", "prompt", "max_age", "ui_locales", "login_hint", "id_token_hint"])
    func repeated(_ name: String) throws {
        let client = try Sample.client()
        let once = RequestParameters(Sample.parameters, changing: [name: "1"])
        let target = try ResponseTarget(once, client: client, issuer: Sample.issuer)
        let error = #expect(throws: OAuth2Error.self) {
            try AuthenticationRequest(once.repeating(name, "1"), target: target, keys: JWKSet([]))
        }
        #expect(error == .repeated(name))
    }

    @Test("the hints for the page print as •••: they hold phone numbers", .tags(.security))
    func conceals() throws {
        let request = try Sample.request(["login_hint": "13800001234"])
        var dumped = ""
        dump(request, to: &dumped)
        #expect(!"\(request) \(String(reflecting: request)) \(dumped)".contains("13800001234"))
    }
}

@Suite("OIDC Core §3.1.2.1 id_token_hint")
struct IDTokenHintTests {
    @Test("an ended ID token of ours says whom the client means", arguments: [.es256, .rs256] as [SampleAlgorithm])
    func accepts(_ algorithm: SampleAlgorithm) throws {
        let keys = try SampleKeys(algorithm.value)
        let request = try Sample.request(["id_token_hint": keys.hint()], keys: keys.published)
        #expect(request.hint?.subject == SubjectIdentifier(stored: "u-1"))
        #expect(request.hint?.sessionID == "s-1")
        #expect(request.hint?.isIssued(to: "s6BhdRkqt3") == true)
        #expect(request.hint?.isIssued(to: "other") == false)
    }

    @Test("refuses a token of another issuer, key or kind", .tags(.security))
    func refuses() throws {
        let keys = try SampleKeys()
        let good = try keys.hint()
        let parts = good.split(separator: ".")
        let foreignBody = try keys.hint(["sub": "u-2"]).split(separator: ".")[1]
        let logoutToken = JWSSigner(keys.own.key, type: "logout+jwt")
        let unsigned = Base64URL.encode(Array(#"{"alg":"none","typ":"JWT"}"#.utf8)) + ".\(parts[1])."
        let bad = [
            try keys.hint(by: keys.foreign), try keys.hint(["iss": "https://other.example"]),
            try keys.hint(["iss": .null]), try keys.hint(["sub": .null]), try keys.hint(["sub": 1]),
            try keys.hint(["aud": 1]), try keys.hint(by: logoutToken), "\(parts[0]).\(foreignBody).\(parts[2])",
            unsigned, "\(parts[0]).\(parts[1]).", "\(parts[0]).\(parts[1])", good + "x", "",
        ]
        _ = try IDTokenHint(good, issuer: Sample.issuer, keys: keys.published)
        for text in bad {
            let error = #expect(throws: OAuth2Error.self, "\(text)") {
                try IDTokenHint(text, issuer: Sample.issuer, keys: keys.published)
            }
            #expect(error?.code == .invalidRequest)
        }
    }

    @Test("another tenant's issuer with the same keys is another issuer", .tags(.security))
    func otherTenant() throws {
        let keys = try SampleKeys()
        let hint = try keys.hint()
        #expect(throws: OAuth2Error.self) {
            try IDTokenHint(hint, issuer: "https://id.example/", keys: keys.published)
        }
    }
}
