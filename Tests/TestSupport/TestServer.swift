package import Cryptography
import Directory
import FoundationEssentials
import Gateways
import HTTPTypes
import Hummingbird
import HummingbirdTesting
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
    /// What the server logs.
    package let log: LogBook
    private let client: any TestClientProtocol

    /// Runs `body` with a server on which ``Samples`` are stored.
    /// - Parameters:
    ///   - backend: Where the data is.
    ///   - settings: Of the installation, by key; over those that make tests quick.
    @discardableResult
    package static func run<T: Sendable>(
        on backend: Backend = .sqliteMemory, settings: [String: String] = [:],
        _ body: @escaping @Sendable (TestServer) async throws -> T
    ) async throws -> T {
        try await backend.withDatabase { database in
            try await run(over: database, settings: settings) { server in
                try await Samples.store(in: database)
                return try await body(server)
            }
        }
    }

    /// Runs `body` with a server over a database that is there already; nothing is stored first but the schema.
    @discardableResult
    package static func run<T: Sendable>(
        over database: any Database, settings: [String: String] = [:],
        _ body: @escaping @Sendable (TestServer) async throws -> T
    ) async throws -> T {
        let clock = FixedClock()
        let sms = SMSInbox()
        try await database.migrate(now: clock.now)
        let log = LogBook()
        let logger = log.logger
        let environment = ServerEnvironment(
            settings: try Settings(quick.merging(settings) { _, given in given }), database: database,
            sealingKey: Samples.sealingKey, pages: try await sharedPages.value, passwords: try passwords.get(),
            sms: SMSDispatch(gateway: sms, logger: logger, parallelism: 1), commonPasswords: ["password-1234"],
            logger: logger, now: { clock.now })
        let application = Application(
            responder: Addressed(door: FrontDoor(environment, routes: .gatehouse(environment))),
            services: [environment.sms], logger: logger)
        return try await application.test(.router) { client in
            try await body(TestServer(environment: environment, clock: clock, sms: sms, log: log, client: client))
        }
    }

    /// The database behind the server.
    package var database: any Database { environment.database }

    /// A new browser without cookies.
    package func browser(at origin: String = Samples.acme.issuer, language: String = "en") -> Browser {
        Browser(self, origin: origin, language: language)
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
        environment.sms.enqueue(SMSInbox.mark(mark))
        await sms.wait(forMark: mark)
        return sms.messages.map { SentCode(phone: $0.to, code: $0.code ?? "", text: $0.text) }
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
    ]

    /// Of ``quick``.
    package static let parameters = Argon2id.Parameters(memoryKiB: 8, iterations: 1, parallelism: 1)

    private static let passwords = Result {
        try PasswordHashing(parameters: parameters, threads: 2, capacity: 10_000)
    }

    private static let sharedPages = Task {
        try await Pages(directory: repository + "/Templates", standardLanguage: .chinese)
    }
}
