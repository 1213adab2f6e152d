import Cryptography
import FoundationEssentials
import OAuth2
import Testing
import Wire

@Suite("RFC 6749 §2.3 Client authentication")
struct ClientAuthenticationTests {
    static func basic(_ id: String, _ secret: String) -> String {
        "Basic " + Base64.encode(Array("\(id):\(secret)".utf8))
    }

    static func read(_ authorization: String?, _ body: KeyValuePairs<String, String> = [:]) throws
        -> ClientAuthentication
    {
        try ClientAuthentication(authorization: authorization, body: RequestParameters(body))
    }

    static func verify(
        _ authentication: ClientAuthentication, as client: Client?, secrets: [ClientSecret] = [Sample.secret()],
        now: Date = Sample.now
    ) throws -> AuthenticatedClient {
        try authentication.verify(as: client, secrets: secrets, importKey: Sample.importKey, now: now)
    }

    // MARK: - Reading

    @Test("§2.3.1: reads HTTP Basic with any case of the scheme", arguments: ["Basic", "basic", "BASIC"])
    func readsBasic(_ scheme: String) throws {
        let header = Self.basic("s6BhdRkqt3", "gX1fBat3bV").replacing("Basic", with: scheme)
        let read = try Self.read(header)
        #expect(read.clientID == "s6BhdRkqt3")
        #expect(read.method == .basic)
    }

    @Test("§2.3.1: a client_id in the body may repeat the one in the header")
    func sameID() throws {
        let read = try Self.read(Self.basic("s6BhdRkqt3", "x"), ["client_id": "s6BhdRkqt3"])
        #expect(read.method == .basic)
    }

    @Test("reads post and none")
    func readsBody() throws {
        #expect(try Self.read(nil, ["client_id": "a", "client_secret": "b"]).method == .post)
        #expect(try Self.read(nil, ["client_id": "a"]).method == .none)
        // §3.2: a parameter without value is an absent one.
        #expect(try Self.read(nil, ["client_id": "a", "client_secret": ""]).method == .none)
    }

    @Test("§2.3.1: id and secret are form-encoded before they are Basic")
    func formEncoded() throws {
        let client = try Sample.client(id: "https://client.example/a:b")
        let secret = try ClientSecretHash(importing: "p@ss word+%/=", importKey: Sample.importKey)
        let stored = ClientSecret(id: "cs", clientID: client.id, hash: secret, label: "", createdAt: Sample.now)
        let header = Self.basic("https%3A%2F%2Fclient.example%2Fa%3Ab", "p%40ss+word%2B%25%2F%3D")
        let authenticated = try Self.verify(Self.read(header), as: client, secrets: [stored])
        #expect(authenticated.client == client)
    }

    @Test(
        "a library that does not form-encode gets in with the same secret",
        arguments: ["a+b/c=d1", "100%sure", "a%20b+c+d"])
    func notFormEncoded(_ text: String) throws {
        let hash = try ClientSecretHash(importing: text, importKey: Sample.importKey)
        let stored = ClientSecret(id: "cs", clientID: "s6BhdRkqt3", hash: hash, label: "", createdAt: Sample.now)
        let read = try Self.read(Self.basic("s6BhdRkqt3", text))
        #expect(try Self.verify(read, as: Sample.client(), secrets: [stored]).secretID == "cs")
    }

    @Test("§2.3: two methods at once are refused", .tags(.security))
    func twoMethods() {
        let header = Self.basic("s6BhdRkqt3", Sample.secretText)
        let bodies: [KeyValuePairs<String, String>] = [
            ["client_secret": Sample.secretText],
            ["client_id": "s6BhdRkqt3", "client_secret": Sample.secretText],
            ["client_assertion": "x.y.z"],
            ["client_id": "other"],
        ]
        for body in bodies {
            let error = #expect(throws: OAuth2Error.self) { try Self.read(header, body) }
            #expect(error?.code == .invalidRequest)
        }
        let error = #expect(throws: OAuth2Error.self) {
            try Self.read(nil, ["client_id": "a", "client_secret": "b", "client_assertion": "c"])
        }
        #expect(error?.code == .invalidRequest)
    }

    @Test(
        "a repeated credential is refused", .tags(.security),
        arguments: ["client_id", "client_secret", "client_assertion"])
    func repeated(_ name: String) {
        let body = RequestParameters(["client_id": "a", "client_secret": "b"]).repeating(name, "a").repeating(name, "a")
        let error = #expect(throws: OAuth2Error.self) { try ClientAuthentication(authorization: nil, body: body) }
        #expect(error?.code == .invalidRequest)
    }

    @Test(
        "§5.2: a header that holds no credentials is invalid_client", .tags(.security),
        arguments: [
            "", "Basic", "Basic ", "Basic !!!", "Basic czZCaGRSa3F0Mw==", "Bearer czZCaGRSa3F0Mzp4",
            "Basic czZCaGRSa3F0Mzp4, Basic czZCaGRSa3F0Mzp4",
            "Basic czZCaGRSa3F0Mzp4 ", "Basic /zo=", "Digest username=a",
        ])
    func badHeader(_ header: String) {
        let error = #expect(throws: OAuth2Error.self) { try Self.read(header) }
        #expect(error?.code == .invalidClient)
    }

    @Test("§5.2: no credentials at all are invalid_client")
    func missing() {
        let error = #expect(throws: OAuth2Error.self) { try Self.read(nil, ["client_secret": "b"]) }
        #expect(error?.code == .invalidClient)
        #expect(
            error?.challenge(realm: "https://id.example") == "Basic realm=\"https://id.example\", charset=\"UTF-8\"")
    }

    // MARK: - Verifying

    @Test("the right secret authenticates by either method and says which one it was")
    func verifies() throws {
        let client = try Sample.client()
        let header = try Self.read(Self.basic(client.id, Sample.secretText))
        let post = try Self.read(nil, ["client_id": client.id, "client_secret": Sample.secretText])
        for authentication in [header, post] {
            let authenticated = try Self.verify(authentication, as: client)
            #expect(authenticated.client == client)
            #expect(authenticated.secretID == "cs-1")
        }
    }

    @Test("a public client authenticates with its id alone")
    func publicClient() throws {
        let client = try Sample.client(.public)
        let authenticated = try Self.verify(Self.read(nil, ["client_id": client.id]), as: client, secrets: [])
        #expect(authenticated.secretID == nil)
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var id = "s6BhdRkqt3"
        var presented: String? = Sample.secretText
        var kind = Client.Kind.confidential
        var methods: Set<Client.AuthenticationMethod> = [.basic, .post]
        var isKnown = true
        var change: @Sendable (inout ClientSecret) -> Void = { _ in }
        var owner = "s6BhdRkqt3"
    }

    @Test(
        "answers invalid_client", .tags(.security),
        arguments: [
            Refusal(testDescription: "unknown client", isKnown: false),
            Refusal(testDescription: "a client loaded by another spelling of its id", id: "S6BhdRkqt3"),
            Refusal(testDescription: "wrong secret", presented: Sample.secretText + "x"),
            Refusal(
                testDescription: "the secret without its prefix", presented: String(Sample.secretText.dropFirst(5))),
            Refusal(testDescription: "the stored hash", presented: Sample.secret().hash.text),
            Refusal(testDescription: "no secret", presented: nil),
            Refusal(
                testDescription: "no secret, and none allowed by mistake", presented: nil, methods: [.none, .post]),
            Refusal(testDescription: "a method that is not allowed", methods: [.basic]),
            Refusal(testDescription: "a public client with a secret", kind: .public, methods: [.none]),
            Refusal(testDescription: "a revoked secret", change: { $0.revokedAt = Sample.now }),
            Refusal(testDescription: "a secret at the second it expires", change: { $0.expiresAt = Sample.now }),
            Refusal(testDescription: "another client's secret", owner: "other"),
        ])
    func refuses(_ refusal: Refusal) throws {
        var body = ["client_id": refusal.id].map { FormURLEncoded.Pair($0.key, $0.value) }
        if let presented = refusal.presented { body.append(FormURLEncoded.Pair("client_secret", presented)) }
        let authentication = try ClientAuthentication(authorization: nil, body: RequestParameters(body))
        let client = try Sample.client(refusal.kind) { $0.authenticationMethods = refusal.methods }
        var secret = Sample.secret(clientID: refusal.owner)
        refusal.change(&secret)
        let error = #expect(throws: OAuth2Error.self) {
            try Self.verify(authentication, as: refusal.isKnown ? client : nil, secrets: [secret])
        }
        #expect(error?.code == .invalidClient)
    }

    @Test("an unknown client and a wrong secret are told the same", .tags(.security))
    func oneSentence() throws {
        let client = try Sample.client()
        let wrong = try Self.read(nil, ["client_id": client.id, "client_secret": "wrong-secret"])
        let first = #expect(throws: OAuth2Error.self) { try Self.verify(wrong, as: client) }
        let second = #expect(throws: OAuth2Error.self) { try Self.verify(wrong, as: nil, secrets: []) }
        #expect(first == second)
    }

    @Test("credentials print as •••", .tags(.security))
    func conceals() throws {
        let read = try Self.read(Self.basic("s6BhdRkqt3", "top-secret-text"))
        var dumped = ""
        dump(read, to: &dumped)
        #expect(!"\(read) \(String(reflecting: read)) \(dumped)".contains("top-secret"))
    }
}

@Suite("Product: a client secret is rotated without an outage")
struct ClientSecretTests {
    static let texts = (1...3).map { ClientSecret.text(of: Sample.token($0)) }

    static func authenticate(_ text: String, _ secrets: [ClientSecret], at now: Date = Sample.now) throws -> String? {
        let body = RequestParameters(["client_id": "s6BhdRkqt3", "client_secret": text])
        return try ClientAuthentication(authorization: nil, body: body)
            .verify(as: Sample.client(), secrets: secrets, importKey: Sample.importKey, now: now).secretID
    }

    @Test("a secret is recognisable and has 256 random bits")
    func form() {
        #expect(Self.texts[0].hasPrefix("gths_"))
        #expect(Self.texts[0].utf8.count == 48)
        #expect(Set(Self.texts).count == 3)
    }

    @Test("each of several live secrets is accepted, wherever it stands", arguments: [0, 1, 2])
    func several(_ index: Int) throws {
        let secrets = Self.texts.enumerated().map { Sample.secret("cs-\($0.offset)", text: $0.element) }
        #expect(try Self.authenticate(Self.texts[index], secrets) == "cs-\(index)")
    }

    @Test("a dead secret does not stand in the way of a live one with the same text")
    func deadBesideLive() throws {
        var dead = Sample.secret("dead")
        dead.revokedAt = Sample.now
        #expect(try Self.authenticate(Sample.secretText, [Sample.secret("live"), dead]) == "live")
        #expect(try Self.authenticate(Sample.secretText, [dead, Sample.secret("live")]) == "live")
    }

    @Test("the old secret works until the second before its end", .tags(.security))
    func overlap() throws {
        var old = Sample.secret("old")
        old.expiresAt = Sample.now + 3600
        let new = Sample.secret("new", text: Self.texts[1])
        #expect(try Self.authenticate(Sample.secretText, [old, new], at: Sample.now + 3599) == "old")
        #expect(throws: OAuth2Error.self) {
            try Self.authenticate(Sample.secretText, [old, new], at: Sample.now + 3600)
        }
        #expect(try Self.authenticate(Self.texts[1], [old, new], at: Sample.now + 3600) == "new")
    }

    @Test("stored is a tagged hash and never the secret", .tags(.security))
    func stored() throws {
        let generated = ClientSecretHash(generated: Sample.secretText)
        #expect(generated.text == "sha256." + OpaqueToken.hash(of: Sample.secretText))
        let imported = try ClientSecretHash(importing: "imported-secret", importKey: Sample.importKey)
        #expect(imported.text.hasPrefix("hmac-sha256."))
        #expect(imported.text.utf8.count == "hmac-sha256.".utf8.count + 43)
    }

    @Test("an imported secret is accepted under this installation's key only", .tags(.security))
    func imported() throws {
        let hash = try ClientSecretHash(importing: "imported-secret", importKey: Sample.importKey)
        let other = try ClientSecretHash(importing: "imported-secret", importKey: [UInt8](repeating: 8, count: 32))
        let stored = { ClientSecret(id: "cs", clientID: "s6BhdRkqt3", hash: $0, label: "", createdAt: Sample.now) }
        #expect(try Self.authenticate("imported-secret", [stored(hash)]) == "cs")
        #expect(throws: OAuth2Error.self) { try Self.authenticate("imported-secret", [stored(other)]) }
    }

    @Test(
        "an imported secret has 8 to 256 printable characters",
        arguments: [
            ("1234567", .length), (String(repeating: "a", count: 257), .length), ("", .length),
            ("pass\nword", .character), ("pässword", .character), ("password\u{7f}", .character),
        ] as [(String, ClientSecretHash.ImportProblem)])
    func importRules(_ text: String, _ problem: ClientSecretHash.ImportProblem) {
        #expect(throws: problem) { try ClientSecretHash(importing: text, importKey: Sample.importKey) }
    }

    @Test(
        "an unknown tag and an empty hash match nothing", .tags(.security),
        arguments: ["", "plain.abcdefgh", "sha256."])
    func unknownTag(_ stored: String) {
        let secret = ClientSecret(
            id: "cs", clientID: "s6BhdRkqt3", hash: ClientSecretHash(stored: stored), label: "", createdAt: Sample.now)
        #expect(throws: OAuth2Error.self) { try Self.authenticate("abcdefgh", [secret]) }
    }
}
