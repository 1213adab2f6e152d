import Cryptography
import FoundationEssentials
import OAuth2
import Wire

/// The accepted case that every refused case differs from by one field.
enum Sample {
    static let now = Date(timeIntervalSince1970: 1_700_000_000)
    static let importKey = [UInt8](repeating: 7, count: 32)
    static let callback = "https://client.example/cb"
    static let issuer = "https://id.example"

    /// RFC 7636 appendix B.
    static let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    static let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

    static func token(_ seed: UInt64 = 1) -> OpaqueToken {
        var random = SeededRandom(seed: seed)
        return OpaqueToken(using: &random)
    }

    static func client(
        _ kind: Client.Kind = .confidential, id: String = "s6BhdRkqt3",
        _ change: (inout Client) throws -> Void = { _ in }
    ) throws -> Client {
        var client = Client(id: id, applicationID: "a-1", tenantID: "t-1", kind: kind)
        client.redirectURIs = [try RedirectURI(registering: callback)]
        try change(&client)
        return client
    }

    static let secretText = ClientSecret.text(of: token(9))

    static func secret(
        _ id: String = "cs-1", text: String = secretText, clientID: String = "s6BhdRkqt3"
    ) -> ClientSecret {
        ClientSecret(
            id: id, clientID: clientID, hash: ClientSecretHash(generated: text), label: "first", createdAt: now)
    }

    /// An authenticated client, by the only way to get one.
    static func authenticated(_ client: Client) throws -> AuthenticatedClient {
        var body = [FormURLEncoded.Pair("client_id", client.id)]
        if client.kind == .confidential { body.append(FormURLEncoded.Pair("client_secret", secretText)) }
        return try ClientAuthentication(authorization: nil, body: RequestParameters(body))
            .verify(as: client, secrets: [secret(clientID: client.id)], importKey: importKey, now: now)
    }

    /// The parameters of an authorization request that is in order.
    static let authorization: KeyValuePairs = [
        "response_type": "code", "client_id": "s6BhdRkqt3", "redirect_uri": callback, "scope": "openid profile",
        "state": "xyz", "code_challenge": challenge, "code_challenge_method": "S256",
    ]

    static func target(_ client: Client) throws -> ResponseTarget {
        try ResponseTarget(RequestParameters(authorization), client: client, issuer: issuer)
    }

    static func grant(_ change: (inout Grant) -> Void = { _ in }, scope: String = "openid profile") throws -> Grant {
        var grant = Grant(
            id: "g-7", tenantID: "t-1", clientID: "s6BhdRkqt3", userID: "u-1", sessionID: "s-1",
            scope: try Scope(parsing: scope),
            authentication: Grant.Authentication(time: now, methods: ["pwd"], level: nil), createdAt: now)
        change(&grant)
        return grant
    }
}

extension RequestParameters {
    /// Decoded pairs with some of them replaced, added (a new name) or left out (an empty value).
    init(_ pairs: KeyValuePairs<String, String>, changing changes: [String: String] = [:]) {
        var pairs = pairs.map { FormURLEncoded.Pair($0.key, changes[$0.key] ?? $0.value) }
        for (name, value) in changes.sorted(by: { $0.key < $1.key }) where !pairs.contains(where: { $0.name == name }) {
            pairs.append(FormURLEncoded.Pair(name, value))
        }
        self.init(pairs.filter { !$0.value.isEmpty })
    }

    /// The same pairs and one more, whether or not its name occurs.
    func repeating(_ name: String, _ value: String) -> RequestParameters {
        RequestParameters(all + [FormURLEncoded.Pair(name, value)])
    }
}

/// The same numbers for the same seed (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
