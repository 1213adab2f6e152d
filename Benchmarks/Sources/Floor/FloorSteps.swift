import Glibc

/// One measured request; its raw value names the file of the recorded answer.
enum Step: String, CaseIterable, Sendable {
    case authorize, token, userInfo, casLogin, casValidate
    case portal, signInPage, askCode, enterCode

    /// The step that a request belongs to; nil for one that is not measured.
    /// - Parameter form: What was posted; empty for a GET.
    init?(path: Substring, form: [UInt8]) {
        switch path {
        case "/oauth2/authorize": self = .authorize
        case "/oauth2/token": self = .token
        case "/oauth2/userinfo": self = .userInfo
        case "/cas/login": self = .casLogin
        case "/cas/p3/serviceValidate": self = .casValidate
        case "/": self = .portal
        case "/login" where form.isEmpty: self = .signInPage
        case "/login": self = form.firstRange(of: "&action=send", from: 0) == nil ? .enterCode : .askCode
        default: return nil
        }
    }

    /// Behind which an answer has its code, token or ticket; the floor puts a fresh one there, of the same length.
    var marker: String? {
        switch self {
        case .authorize: "?code="
        case .token: "\"access_token\":\""
        case .casLogin: "?ticket="
        case .portal: "?i="
        case .userInfo, .casValidate, .signInPage, .askCode, .enterCode: nil
        }
    }
}

/// What a request reads and writes, in the order in which the server does.
struct FloorSteps: Sendable {
    let database: BareDatabase
    let signer: BareSigner
    let tenant: BareValue
    private let client: BareValue
    private let application: BareValue
    private let secret: BareValue
    private let session: BareValue
    private let sessionID: BareValue
    private let user: BareValue
    private let service: BareValue
    private let casApplication: BareValue
    /// Everybody who may ask for a code.
    let people: [FloorPerson]
    /// As long as the header and the claims of the ID token that was recorded.
    private let message: [UInt8]

    /// - Parameter messageLength: Bytes that ES256 signs.
    init(path: String, messageLength: Int) throws(Failure) {
        let database = try BareDatabase(path: path)
        func first(_ statement: FloorStatement, _ column: Int32) throws(Failure) -> BareValue {
            let text = try database.read { db throws(Failure) in try db.run(statement, column: column) }
            guard let text else { throw Failure("the floor's database has no row for \(statement)") }
            return .text(text)
        }
        self.database = database
        signer = try BareSigner()
        message = [UInt8](repeating: 0x61, count: messageLength)
        tenant = try first(.anyClient, 0)
        client = try first(.anyClient, 1)
        application = try first(.anyClient, 2)
        secret = try first(.anySecret, 0)
        session = try first(.anySession, 0)
        sessionID = try first(.anySession, 1)
        user = try first(.anySession, 2)
        service = try first(.anyService, 0)
        casApplication = try first(.anyService, 1)
        let ids = try database.read { db throws(Failure) in try db.texts(of: .people, column: 0) }
        let phones = try database.read { db throws(Failure) in try db.texts(of: .people, column: 1) }
        people = zip(ids, phones).map(FloorPerson.init)
    }

    static var now: Int64 { Int64(time(nil)) }

    func word() throws(Failure) -> BareValue { .text(try BareCrypto.randomWord()) }

    // MARK: - OAuth

    /// 5 reads; the session used, 1 read, 3 rows written.
    func authorize(code: String) async throws {
        try database.read { db throws(Failure) in
            try db.run(.client, [tenant, client])
            try db.run(.session, [session, tenant])
            try readUser(db)
            try db.run(.application, [tenant, application])
        }
        let (grant, event, now) = (try word(), BareValue.text(try BareCrypto.risingWord()), Self.now)
        try await database.write { db throws(Failure) in
            try db.run(.useSession, [.integer(now), sessionID])
            try db.run(.application, [tenant, application])
            try db.run(.insertEvent, [event, tenant, .integer(now), user, application])
            try db.run(.insertGrant, [grant, tenant, client, user, sessionID, .integer(now)])
            try db.run(.insertCode, [.text(code), grant, client, .integer(now + 60)])
        }
    }

    /// 2 reads; the code taken, 5 reads, 2 rows written, the secret's use noted; one signature.
    func token(code: String, access: String) async throws {
        try database.read { db throws(Failure) in
            try db.run(.client, [tenant, client])
            try db.run(.clientSecrets, [tenant, client])
        }
        let (refresh, now) = (try word(), Self.now)
        try await database.write { db throws(Failure) in
            guard let taken = try db.run(.takeCode, [.integer(now), .text(code)], column: 1) else {
                throw Failure("the code is not there")
            }
            let grant = BareValue.text(taken)
            try db.run(.grant, [grant])
            try readStanding(db, application)
            try db.run(.insertAccessToken, [.text(access), grant, .integer(now), .integer(now + 7_200)])
            try db.run(.insertRefreshToken, [refresh, grant, client, .integer(now), .integer(now + 2_592_000)])
            try db.run(.noteSecretUse, [.integer(now), secret, .integer(now - 60)])
        }
        try signer.sign(message)
    }

    /// 7 reads.
    func userInfo(access: String) throws {
        try database.read { db throws(Failure) in
            guard let grant = try db.run(.accessToken, [.text(access)], column: 1) else {
                throw Failure("the token is not there")
            }
            try db.run(.grant, [.text(grant)])
            try db.run(.clientApplication, [tenant, client])
            try readStanding(db, application)
        }
    }

    // MARK: - CAS

    /// 7 reads; the session used, 1 read, 2 rows written.
    func casLogin(ticket: String) async throws {
        try database.read { db throws(Failure) in
            try db.run(.session, [session, tenant])
            try readUser(db)
            try db.run(.serviceURL, [tenant, service])
            try db.run(.service, [casApplication])
            try db.run(.serviceURLs, [casApplication])
            try db.run(.application, [tenant, casApplication])
        }
        let (event, now) = (BareValue.text(try BareCrypto.risingWord()), Self.now)
        try await database.write { db throws(Failure) in
            try db.run(.useSession, [.integer(now), sessionID])
            try db.run(.application, [tenant, casApplication])
            try db.run(.insertEvent, [event, tenant, .integer(now), user, casApplication])
            try db.run(
                .insertTicket,
                [
                    .text(ticket), tenant, casApplication, service, user, sessionID, .integer(now), .integer(now + 180),
                ])
        }
    }

    /// The ticket taken, 5 reads, all in the writing transaction.
    func casValidate(ticket: String) async throws {
        let now = Self.now
        try await database.write { db throws(Failure) in
            guard try db.run(.takeTicket, [.integer(now), .text(ticket), tenant], column: 0) != nil else {
                throw Failure("the ticket is not there")
            }
            try readStanding(db, casApplication)
            try db.run(.memberships, [user])
        }
    }

    // MARK: - What several requests read

    private func readUser(_ db: BareConnection) throws(Failure) {
        try db.run(.user, [tenant, user])
        try db.run(.members, [user])
    }

    private func readStanding(_ db: BareConnection, _ application: BareValue) throws(Failure) {
        try readUser(db)
        try db.run(.application, [tenant, application])
        try db.run(.sessionByID, [sessionID, tenant])
    }
}
