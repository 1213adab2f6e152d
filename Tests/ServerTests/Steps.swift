import Directory
import FoundationEssentials
import Storage
import TestSupport
import Wire

extension Backend {
    /// The engines that stories run on: those whose files differ only in where they lie once.
    static let journeys = available.filter { $0 != .sqliteFile }
}

/// Changes to a set of parameters: a new value, or nil to leave one out.
typealias Changes = [String: String?]

extension [(String, String)] {
    /// These parameters with some changed; new ones come last, by name.
    func changed(_ changes: Changes) -> [(String, String)] {
        let kept = compactMap { name, value -> (String, String)? in
            guard let change = changes[name] else { return (name, value) }
            return change.map { (name, $0) }
        }
        let added = changes.filter { change in !contains { $0.0 == change.key } }
        return kept + added.sorted { $0.key < $1.key }.compactMap { name, value in value.map { (name, $0) } }
    }
}

/// `path?query`.
func address(_ path: String, _ parameters: [(String, String)]) -> String {
    FormURLEncoded.adding(parameters.map { FormURLEncoded.Pair($0.0, $0.1) }, toQueryOf: path)
}

// MARK: - OAuth

/// RFC 7636 appendix B.
enum SamplePKCE {
    static let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    static let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
}

/// The authorization request of Notes that every test begins with.
func authorizeParameters(_ changes: Changes = [:]) -> [(String, String)] {
    [
        ("response_type", "code"), ("client_id", "notes"), ("redirect_uri", "https://notes.example/cb"),
        ("scope", "openid profile"), ("state", "af0ifjsldkj"), ("nonce", "n-0S6_WzA2Mj"),
        ("code_challenge", SamplePKCE.challenge), ("code_challenge_method", "S256"),
    ].changed(changes)
}

/// Its address.
func authorize(_ changes: Changes = [:]) -> String { address("/oauth2/authorize", authorizeParameters(changes)) }

/// HTTP Basic of a client (RFC 6749 §2.3.1).
func basic(_ id: String, _ secret: String) -> (String, String) {
    ("Authorization", "Basic " + Base64.encode(Array("\(id):\(secret)".utf8)))
}

let notesBasic = basic("notes", Samples.notesSecret)
let mailBasic = basic("mail", Samples.mailSecret)

extension TestServer {
    /// Redeems a code as Notes does.
    func redeem(
        _ code: String, _ changes: Changes = [:], as caller: (String, String)? = notesBasic,
        host: String = "sso.acme.example"
    ) async throws -> Reply {
        let form = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", "https://notes.example/cb"),
            ("code_verifier", SamplePKCE.verifier),
        ]
        return try await post("/oauth2/token", form.changed(changes), host: host, headers: caller.map { [$0] } ?? [])
    }

    /// Uses a refresh token as Notes does.
    func refresh(
        _ token: String, _ changes: Changes = [:], as caller: (String, String)? = notesBasic,
        host: String = "sso.acme.example"
    ) async throws -> Reply {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token)]
        return try await post("/oauth2/token", form.changed(changes), host: host, headers: caller.map { [$0] } ?? [])
    }

    /// Asks about the person behind an access token.
    func userInfo(_ token: String, host: String = "sso.acme.example") async throws -> Reply {
        try await send("GET", "/oauth2/userinfo", host: host, headers: [("Authorization", "Bearer \(token)")])
    }

    /// Validates a service ticket as Wiki does.
    func validate(
        _ ticket: String, _ changes: Changes = [:], path: String = "/cas/serviceValidate",
        host: String = "sso.acme.example"
    ) async throws -> Reply {
        let form = [("service", "https://wiki.example/cas"), ("ticket", ticket)]
        return try await send("GET", address(path, form.changed(changes)), host: host)
    }
}

/// The tokens of one answer.
struct Tokens: Sendable {
    let access: String
    let refresh: String
    let id: String

    init(_ reply: Reply) throws {
        let json = try reply.json
        guard let access = json["access_token"]?.string else { throw Browser.Missing("an access token in \(reply)") }
        self.access = access
        refresh = json["refresh_token"]?.string ?? ""
        id = json["id_token"]?.string ?? ""
    }
}

/// The claims of a JWT, unverified.
func claims(of token: String) throws -> JSON {
    let parts = token.split(separator: ".")
    guard parts.count == 3 else { throw Browser.Missing("a JWT") }
    return try JSON.parse(try Base64URL.decode(String(parts[1])))
}

/// `{"error": …, "error_description": …}`.
func oauthError(_ code: String, _ description: String) -> JSON {
    ["error": .string(code), "error_description": .string(description)]
}

// MARK: - Signing in

extension Browser {
    /// Goes to an address and signs in there with a password.
    @discardableResult
    func signIn(
        _ username: String = "alice", _ password: String = Samples.password, at address: String = "/",
        _ further: Changes = [:]
    ) async throws -> Visit {
        let page = try await visit(address)
        return try await enter(username, password, on: page, further)
    }

    /// Fills the password form of a sign-in page.
    func enter(
        _ username: String, _ password: String, on page: Visit, _ further: Changes = [:]
    ) async throws -> Visit {
        let filling: Changes = ["username": username, "password": password]
        return try await submit(try page.passwordForm, filling.merging(further) { $1 })
    }

    /// Asks for an SMS code on a sign-in page.
    func askForCode(_ phone: String, on page: Visit) async throws -> Visit {
        try await submit(try page.phoneForm, ["phone": phone], pressing: "send")
    }

    /// Types the code that came.
    func enterCode(_ code: String, on page: Visit, _ further: Changes = [:]) async throws -> Visit {
        try await submit(try page.phoneForm, ["code": code].merging(further) { $1 }, pressing: "verify")
    }

    /// Sets a password on the set-password page.
    func setPassword(_ password: String, on page: Visit) async throws -> Visit {
        try await submit(
            try page.form(to: "/login/password"), ["newPassword": password, "repeatedPassword": password])
    }

    /// Enters Notes with the session at hand.
    /// - Returns: The authorization code.
    func enterNotes(_ changes: Changes = [:]) async throws -> String {
        let visit = try await visit(authorize(changes))
        guard let code = visit.answer["code"] else { throw Missing("a code after \(visit)") }
        return code
    }

    /// Enters Wiki with the session at hand.
    /// - Returns: The service ticket.
    func enterWiki(_ service: String = "https://wiki.example/cas") async throws -> String {
        let visit = try await visit(address("/cas/login", [("service", service)]))
        guard let ticket = visit.answer["ticket"] else { throw Missing("a ticket after \(visit)") }
        return ticket
    }

    /// Whether the portal opens without a sign-in.
    func isSignedIn() async throws -> Bool { try await get("/").status == 200 }
}

extension Browser.Visit {
    var passwordForm: PageForm {
        get throws { try form(to: "/login") { $0["tab"] == "password" } }
    }

    var phoneForm: PageForm {
        get throws { try form(to: "/login") { $0["tab"] == "phone" } }
    }

    /// The interaction that the last page belongs to.
    var interactionID: String {
        get throws {
            guard let id = reply.forms.compactMap({ $0["i"] }).first else { throw Browser.Missing("an interaction") }
            return id
        }
    }
}

extension TestServer {
    /// The code that was sent last to a phone.
    func lastCode(to phone: String) async throws -> String {
        guard let sent = await sentCodes().last(where: { $0.phone == phone }) else {
            throw Browser.Missing("a message")
        }
        return sent.code
    }

    /// A browser in which somebody has signed in.
    func signedIn(_ username: String = "alice", at origin: String = Samples.acme.issuer) async throws -> Browser {
        let browser = browser(at: origin)
        let visit = try await browser.signIn(username)
        guard visit.reply.status == 200, try await browser.isSignedIn() else {
            throw Browser.Missing("a session after \(visit)")
        }
        return browser
    }

    /// Tokens of Notes for a new session of Alice.
    func tokens(_ changes: Changes = [:]) async throws -> Tokens {
        let browser = try await signedIn()
        return try Tokens(try await redeem(try await browser.enterNotes(changes)))
    }

    /// Changes the database as an administrator would.
    func change(_ body: @escaping @Sendable (any Connection) throws -> Void) async throws {
        try await database.write { db in try body(db) }
    }
}

/// A wrong code of the same form.
func other(_ code: String) -> String { code == "000000" ? "000001" : "000000" }

/// Does the same so many times at once.
func inParallel<T: Sendable>(_ count: Int, _ body: @escaping @Sendable (Int) async throws -> T) async throws -> [T] {
    try await withThrowingTaskGroup(of: T.self) { group in
        for number in 0..<count { group.addTask { try await body(number) } }
        var results: [T] = []
        for try await result in group { results.append(result) }
        return results
    }
}
