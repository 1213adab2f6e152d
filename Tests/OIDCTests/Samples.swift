import Cryptography
import Directory
import FoundationEssentials
import Identity
import JOSE
import OAuth2
import OIDC
import Wire

/// The accepted case that every refused case differs from by one field.
enum Sample {
    static let now = Date(timeIntervalSince1970: 1_700_000_000)
    static let callback = "https://client.example/cb"
    static let afterLogout = "https://client.example/bye"
    static let issuer = "https://id.example"
    static let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

    static func client(
        id: String = "s6BhdRkqt3", _ change: (inout Client) throws -> Void = { _ in }
    ) throws -> Client {
        var client = Client(id: id, applicationID: "a-1", tenantID: "t-1", kind: .confidential)
        client.redirectURIs = [try RedirectURI(registering: callback)]
        client.postLogoutRedirectURIs = [try RedirectURI(registering: afterLogout)]
        client.scope = .supported
        try change(&client)
        return client
    }

    static let parameters: KeyValuePairs = [
        "response_type": "code", "client_id": "s6BhdRkqt3", "redirect_uri": callback, "scope": "openid profile",
        "state": "xyz", "nonce": "n-0S6_WzA2Mj", "code_challenge": challenge, "code_challenge_method": "S256",
    ]

    static func request(_ change: [String: String] = [:], keys: JWKSet = JWKSet([])) throws -> AuthenticationRequest {
        let parameters = RequestParameters(parameters, changing: change)
        let target = try ResponseTarget(parameters, client: client(), issuer: issuer)
        return try AuthenticationRequest(parameters, target: target, keys: keys)
    }

    static func application(_ change: (inout Application) -> Void = { _ in }) -> Application {
        var application = Application(
            id: "a-1", tenantID: "t-1", slug: "client", name: "Client", protocolKind: .oauth, createdAt: now)
        change(&application)
        return application
    }

    static func user(_ change: (inout User) -> Void = { _ in }) -> User {
        var user = User(
            id: "u-1", tenantID: "t-1", username: Username(stored: "alice"),
            profile: Profile(
                name: "爱丽丝", phone: PhoneNumber(stored: "+8613800001234"),
                email: EmailAddress(stored: "alice@corp.example")),
            groupIDs: ["gr-2", "gr-1"], createdAt: now)
        change(&user)
        return user
    }

    static let groups = [
        Group(id: "gr-1", tenantID: "t-1", name: "staff"), Group(id: "gr-2", tenantID: "t-1", name: "finance"),
        Group(id: "gr-3", tenantID: "t-1", name: "board"),
    ]

    /// A session that was begun `ago` seconds before `now`, in some interaction.
    static func session(
        ago: TimeInterval = 10, in interactionID: String = "i-0", userID: String = "u-1",
        _ change: (inout Session) -> Void = { _ in }
    ) -> Session {
        let authentication = Authentication(
            userID: userID, at: now - ago, amr: [.sms, .oneTimeCode], interactionID: interactionID)
        var session = Session(
            id: "s-1", tenantID: "t-1", tokenHash: "h",
            start: SessionStart(authentication: authentication, isRemembered: false, replacedSessionID: nil),
            origin: Session.Origin(address: nil, userAgent: nil), now: now - ago)
        change(&session)
        return session
    }

    static func grant(
        scope: String = "openid profile", nonce: String? = "n-0S6_WzA2Mj", _ change: (inout Grant) -> Void = { _ in }
    ) throws -> Grant {
        var grant = Grant(
            id: "g-7", tenantID: "t-1", clientID: "s6BhdRkqt3", userID: "u-1", sessionID: "s-1",
            scope: try Scope(parsing: scope),
            authentication: Grant.Authentication(time: now - 10, methods: ["sms", "otp"], level: "1"), nonce: nonce,
            createdAt: now)
        change(&grant)
        return grant
    }

    static func token(_ seed: UInt64 = 1) -> OpaqueToken {
        var random = SeededRandom(seed: seed)
        return OpaqueToken(using: &random)
    }
}

/// The keys of the sample issuer, and one of somebody else.
struct SampleKeys {
    let own: JWSSigner
    let foreign: JWSSigner

    init(_ algorithm: SignatureAlgorithm = .es256) throws {
        own = JWSSigner(try SigningKey.generate(algorithm), type: "JWT")
        foreign = JWSSigner(try SigningKey.generate(algorithm), type: "JWT")
    }

    var published: JWKSet { JWKSet([own.jwk]) }

    /// An ID token that was issued an hour ago and ended long since, with some claims changed or, as null, left out.
    func hint(_ change: [String: JSON] = [:], by signer: JWSSigner? = nil) throws -> String {
        let token = IDToken(
            of: try Sample.grant(), issuer: Sample.issuer, accessToken: Sample.token(), isFirst: true, lifetime: 60,
            now: Sample.now - 3600)
        let members = (try JSON.parse(token.claims, maximumDepth: 4).members ?? []).map {
            JSON.Member($0.key, change[$0.key] ?? $0.value)
        }
        return try (signer ?? own).sign(JSON.object(members.filter { $0.value != .null }).bytes)
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

/// A case of a parameterised test that prints as the algorithm's name.
enum SampleAlgorithm: String, Sendable {
    case es256, rs256

    var value: SignatureAlgorithm { self == .es256 ? .es256 : .rs256 }
}
