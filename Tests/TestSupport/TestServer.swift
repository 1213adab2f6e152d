package import Cryptography
import Directory
package import FoundationEssentials
package import Gateways
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Identity
import Logging
import NIOCore
package import Server
package import Storage
import Wire

/// A whole server on a database of its own: the real front door, routes, pages and stores; only the clock and the SMS
/// gateway are doubles.
///
/// ```swift
/// try await TestServer.run { server in
///     let browser = server.browser()
///     let page = try await browser.visit("/")
///     #expect(page.reply.heading == "Sign in")
/// }
/// ```
package struct TestServer: Sendable {
    package let environment: ServerEnvironment
    package let clock: FixedClock
    package let sms: SMSInbox
    package let mail: MailInbox
    /// What the server logs.
    package let log: LogBook
    private let client: any TestClientProtocol

    /// Runs `body` with a server on which ``Samples`` are stored.
    /// - Parameters:
    ///   - backend: Where the data is.
    ///   - settings: Of the installation, by key; over those that make tests quick.
    ///   - hashing: For a test of what hashes cost; otherwise all tests share one that is quick.
    ///   - sms: How messages leave.
    @discardableResult
    package static func run<T: Sendable>(
        on backend: Backend = .sqliteMemory, settings: [String: String] = [:], hashing: PasswordHashing? = nil,
        sms: Post = Post(), domainProbe: DomainProbe = .nowhere,
        _ body: @escaping @Sendable (TestServer) async throws -> T
    ) async throws -> T {
        try await backend.withDatabase { database in
            try await run(
                over: database, settings: settings, hashing: hashing, sms: sms, domainProbe: domainProbe
            ) { server in
                try await Samples.store(in: database)
                return try await body(server)
            }
        }
    }

    /// How messages leave a server.
    package struct Post: Sendable {
        /// Makes the gateway of a tenant's settings from the inbox; the inbox itself unless something else is said.
        package var gateway: @Sendable (SMSSettings, SMSInbox) throws -> any SMSGateway = { $1 }
        /// Messages that may wait.
        package var capacity = 1_000

        package init() {}
    }

    /// Runs `body` with a server over a database that is there already; nothing is stored first but the schema.
    /// - Parameter ledger: Where it is written what became of messages, for tests that watch `database`; nil for there.
    @discardableResult
    package static func run<T: Sendable>(
        over database: any Database, ledger: (any Database)? = nil, settings: [String: String] = [:],
        hashing: PasswordHashing? = nil, sms post: Post = Post(), domainProbe: DomainProbe = .nowhere,
        _ body: @escaping @Sendable (TestServer) async throws -> T
    ) async throws -> T {
        let clock = FixedClock()
        let sms = SMSInbox()
        let mail = MailInbox()
        try await database.migrate(now: clock.now)
        let log = LogBook()
        let logger = log.logger
        let environment = ServerEnvironment(
            settings: try Settings(quick.merging(settings) { _, given in given }), database: database,
            sealingKey: Samples.sealingKey, pages: try await sharedPages.value,
            passwords: try hashing ?? passwords.get(),
            sms: SMSDispatch(
                SMSPost(database: ledger ?? database, logger: logger, now: { clock.now }) {
                    try post.gateway($0, sms)
                }, logger: logger, capacity: post.capacity, parallelism: 1),
            mail: MailDispatch(
                MailPost(database: ledger ?? database, logger: logger, now: { clock.now }) { _ in mail },
                logger: logger, capacity: post.capacity, parallelism: 1),
            domainProbe: domainProbe, commonPasswords: ["password-1234"], logger: logger, now: { clock.now })
        let application = Application(
            responder: Addressed(door: FrontDoor(environment, routes: .gatehouse(environment))),
            services: [environment.sms, environment.mail], logger: logger)
        return try await application.test(.router) { client in
            try await body(
                TestServer(environment: environment, clock: clock, sms: sms, mail: mail, log: log, client: client))
        }
    }

    /// The database behind the server.
    package var database: any Database { environment.database }

    /// A new browser without cookies.
    /// - Parameter address: Where it is, for a server whose `http.trustedProxies` has `127.0.0.1`.
    package func browser(
        at origin: String = Samples.acme.issuer, language: String = "en", address: String? = nil
    ) -> Browser {
        Browser(self, origin: origin, language: language, address: address)
    }

    /// Sends one request.
    /// - Parameters:
    ///   - target: Path and query, as they go over the wire.
    ///   - host: What `Host` says; nil for none.
    ///   - peer: The other end of the connection; nil for none.
    package func send(
        _ method: String, _ target: String, host: String? = "sso.acme.example", peer: String? = nil,
        headers: [(String, String)] = [], body: [UInt8]? = nil
    ) async throws -> Reply {
        var fields = HTTPFields()
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        fields[.testAuthority] = host
        fields[.testPeer] = peer
        guard let method = HTTPRequest.Method(method) else { preconditionFailure("not a method") }
        let response = try await client.executeRequest(
            uri: target, method: method, headers: fields, body: body.map { ByteBuffer(bytes: $0) })
        return Reply(
            status: response.status.code, headers: response.headers, body: Array(response.body.readableBytesView))
    }

    /// Sends a form, as a program does: without cookies.
    package func post(
        _ target: String, _ form: [(String, String)], host: String = "sso.acme.example",
        headers: [(String, String)] = []
    ) async throws -> Reply {
        let body = FormURLEncoded.encode(form.map { FormURLEncoded.Pair($0.0, $0.1) })
        return try await send(
            "POST", target, host: host,
            headers: headers + [("Content-Type", "application/x-www-form-urlencoded")], body: Array(body.utf8))
    }

    /// Every message that was sent up to now, oldest first, as `to` and code.
    package func sentCodes() async -> [SentCode] {
        var random = SecureRandom()
        let mark = Identifier.make(using: &random)
        let delivery = SMSDelivery(
            id: mark, tenantID: "", purpose: .signIn, settings: environment.settings.policy.sms,
            message: SMSInbox.mark(mark))
        // A test may have filled the queue.
        while !environment.sms.enqueue(delivery) { await Task.yield() }
        await sms.wait(forMark: mark)
        return sms.messages.map { SentCode(phone: $0.to, code: $0.code ?? "", text: $0.text) }
    }

    /// Every e-mail that was sent up to now, oldest first.
    package func sentMails() async -> [MailMessage] {
        var random = SecureRandom()
        let mark = Identifier.make(using: &random)
        let delivery = MailDelivery(
            id: mark, tenantID: "", purpose: .test, settings: environment.settings.policy.mail,
            message: MailInbox.mark(mark))
        while !environment.mail.enqueue(delivery) { await Task.yield() }
        await mail.wait(forMark: mark)
        return mail.messages
    }

    /// One code that arrived at a phone.
    package struct SentCode: Equatable, Sendable {
        /// E.164.
        package let phone: String
        package let code: String
        package let text: String
    }

    /// What the log says, oldest first: names of events with their details.
    package func events(of tenantID: String = Samples.acme.id) async throws -> [String] {
        try await database.read { db in
            try db.rows("SELECT name, detail FROM events WHERE tenant_id = \(tenantID) ORDER BY at, name, detail") {
                row in
                let name: String = try row.next()
                let detail: String = try row.next()
                return "\(name) \(detail)"
            }
        }
    }

    // MARK: - Shared by all tests

    /// The root of the repository.
    package static let repository = String(#filePath.dropLast("/Tests/TestSupport/TestServer.swift".count))

    private static let quick = [
        "argon2.memory": "8", "argon2.iterations": "1", "argon2.parallelism": "1", "http.host": "127.0.0.1",
        // A suite about something else asks for more codes than a person does.
        "puzzle.phoneSends": "off", "puzzle.addressSends": "off", "puzzle.tenantSends": "off",
        "puzzle.addressFailures": "off", "address.failures": "off", "puzzle.work": "8",
        "mail.gateway": "log",
    ]

    /// Of ``quick``.
    package static let parameters = Argon2id.Parameters(memoryKiB: 8, iterations: 1, parallelism: 1)

    private static let passwords = Result {
        try PasswordHashing(parameters: parameters, threads: 2, capacity: 10_000)
    }

    fileprivate static let sharedPages = Task {
        try await Pages(directory: repository + "/Templates", standardLanguage: .chinese)
    }
}

extension Messenger {
    /// Sends to an inbox, in the language of the test's pages.
    package static func toInbox(_ inbox: SMSInbox, _ database: any Database, now: Date) -> Messenger {
        Messenger(
            post: SMSPost(database: database, logger: Logger(label: "test"), now: { now }) { _ in inbox }
        ) { try await TestServer.sharedPages.value }
    }
}
