import Directory
import HTTPTypes
package import Hummingbird
import Logging
import NIOCore

/// What a connection tells about a request.
package struct ConnectionContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The connection's other end; nil where there is no socket (router tests).
    let peer: IPAddress?

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = source.channel.remoteAddress.flatMap(IPAddress.init)
    }
}

/// The way every request takes: peer, path, tenant, endpoint, answer, log line.
///
/// Rules of protocols are not here; this settles only what HTTP and the host name decide, and it is the one place
/// where an error becomes an answer and a log line.
package struct FrontDoor: HTTPResponder {
    package typealias Context = ConnectionContext

    let environment: ServerEnvironment
    let routes: RouteTable
    /// The address at which no tenant is known, and what it answers; nil where there is none.
    private let shared: (host: String, served: ServedTenant, routes: RouteTable)?

    /// Puts a front door before a route table.
    package init(_ environment: ServerEnvironment, routes: RouteTable) {
        self.environment = environment
        self.routes = routes
        shared = environment.settings.sharedAddress.flatMap { address in
            guard let host = HostName.host(ofAuthority: String(address.drop { $0 != "/" }.dropFirst(2))) else {
                return nil
            }
            let name = environment.pages.text("productName", environment.pages.standardLanguage)
            let served = ServedTenant.sharedAddress(address, name: name, policy: environment.settings.policy)
            return (host, served, .shared(environment))
        }
    }

    package func respond(to request: Request, context: ConnectionContext) async throws -> Response {
        let started = ContinuousClock.now
        var log = RequestLog(request, id: context.id, logger: environment.logger)
        let response = await answer(request, context: context, log: &log)
        log.write(status: response.status, took: started.duration(to: .now))
        return response
    }

    private func answer(_ request: Request, context: ConnectionContext, log: inout RequestLog) async -> Response {
        var answerer = ErrorAnswer(shape: .page, pages: environment.pages, requestID: log.id)
        var reached: Call?
        do {
            let client = try clientAddress(request, context)
            log.client = client
            let (path, query) = try Self.target(of: request.head)
            let (route, served) = try await found(request, path, shape: &answerer.shape)
            log.tenant = served.tenant.code
            answerer.tenant = served.tenant
            let call = Call(
                method: route.method, path: path, query: query, served: served, client: client, requestID: log.id,
                logger: log.logger, now: environment.now(), head: request.head, body: request.body,
                limits: environment.settings.http.bodyLimits)
            reached = call
            let response = try await route.endpoint(call)
            return secured(request.method == .head ? response.createHeadResponse() : response, served.tenant)
        } catch {
            log.note(error)
            let pages = environment.pages
            answerer.language = reached.map(pages.language(of:)) ?? pages.language(of: request.head, chosen: nil)
            return secured(answerer.response(to: error), answerer.tenant)
        }
    }

    /// The endpoint of a request and the tenant whose host was called.
    private func found(
        _ request: Request, _ path: String, shape: inout ErrorShape
    ) async throws -> (Route, ServedTenant) {
        if let shared, request.head.authority.flatMap(HostName.host(ofAuthority:)) == shared.host {
            return (try match(shared.routes, request.method, path, shape: &shape), shared.served)
        }
        let route = try match(routes, request.method, path, shape: &shape)
        guard let served = try await environment.tenants.tenant(atHost: request.head.authority) else {
            throw RequestRefusal.unknownHost
        }
        return (route, served)
    }

    /// Whom the request came from; refuses plain HTTP from anywhere but loopback and the declared proxies.
    private func clientAddress(_ request: Request, _ context: ConnectionContext) throws(RequestRefusal) -> IPAddress {
        let http = environment.settings.http
        guard let peer = context.peer else { return .loopback }
        let isProxy = http.trustedProxies.contains { $0.contains(peer) }
        guard http.isTLS || peer.isLoopback || isProxy else { throw .untrustedPeer }
        guard isProxy else { return peer }
        let forwarded = request.headers[.xForwardedFor]
        return ClientAddress.resolve(peer: peer, forwardedFor: forwarded, proxies: http.trustedProxies)
    }

    /// Splits the request target; the path must be in the one form that needs no interpretation.
    private static func target(of head: HTTPRequest) throws(RequestRefusal) -> (path: String, query: String?) {
        let target = head.path ?? "/"
        let mark = target.utf8.firstIndex(of: UInt8(ascii: "?"))
        let path = String(target[..<(mark ?? target.endIndex)])
        guard isPlain(path.utf8) else { throw .unsafePath }
        return (path, mark.map { String(target[target.utf8.index(after: $0)...]) })
    }

    /// Whether a path begins with a slash, has no two in a row and only bytes that our own paths are made of.
    private static func isPlain(_ path: String.UTF8View) -> Bool {
        let slash = UInt8(ascii: "/")
        guard path.first == slash else { return false }
        var previous: UInt8 = 0
        for byte in path {
            guard isPlainPathByte(byte), byte != slash || previous != slash else { return false }
            previous = byte
        }
        return true
    }

    /// Letters, digits and `/ . - _`: what our own paths are made of.
    private static func isPlainPathByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "-"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// The route of a method and path; its words are those of the answer from then on, also of a refusal.
    private func match(
        _ routes: RouteTable, _ method: HTTPRequest.Method, _ path: String, shape: inout ErrorShape
    ) throws(RequestRefusal) -> Route {
        switch routes.match(method, path: path) {
        case .route(let route):
            shape = route.shape
            return route
        case .methodNotAllowed(let words, let allowed):
            shape = words
            throw RequestRefusal(
                .methodNotAllowed, "this address does not answer that method", allowedMethods: allowed)
        case .none: throw .notFound
        }
    }

    /// RFC 6797: a tenant on https is never reached without it again.
    private func secured(_ response: Response, _ tenant: Tenant?) -> Response {
        guard let tenant, tenant.issuer.hasPrefix("https://") else { return response }
        return response.setting(.strictTransportSecurity, to: "max-age=31536000")
    }
}

/// One line a request, at `info`: fixed keys, and never a query, which may hold a code or a ticket.
struct RequestLog {
    let id: String
    var logger: Logger
    var client: IPAddress?
    var tenant: String?
    private let method: String
    private let path: String
    private var failure: String?

    init(_ request: Request, id: String, logger: Logger) {
        self.id = id
        var logger = logger
        logger[metadataKey: "request_id"] = .string(id)
        self.logger = logger
        method = request.method.rawValue
        path = String((request.head.path ?? "/").prefix { $0 != "?" }.prefix(128))
    }

    /// Remembers an error's type; its content could hold request data, so it stays out unless it is our own.
    mutating func note(_ error: any Error) {
        failure = ErrorAnswer.logName(of: error)
        if ErrorAnswer.isFault(error) {
            logger.error("request failed", metadata: ["error": .string(ErrorAnswer.faultText(of: error))])
        }
    }

    func write(status: HTTPResponse.Status, took: Duration) {
        let micros = took.components.seconds * 1_000_000 + took.components.attoseconds / 1_000_000_000_000
        var metadata: Logger.Metadata = [
            "method": .string(method), "path": .string(path), "status": .stringConvertible(status.code),
            "microseconds": .stringConvertible(micros),
        ]
        if let client { metadata["client_address"] = .string(client.description) }
        if let tenant { metadata["tenant"] = .string(tenant) }
        if let failure { metadata["error"] = .string(failure) }
        logger.info("request", metadata: metadata)
    }
}
