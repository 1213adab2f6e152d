import AsyncHTTPClient
package import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// The only way out: every HTTP request that Gatehouse makes by itself goes through this client.
///
/// What it will not do is what server-side requests are abused for (peers' class 8): it speaks https and verifies
/// the certificate, it follows no redirect, it reads no more and waits no longer than it was told, and it connects to
/// no address of the inside unless a setting says so. The address is checked twice: after the name is resolved, and
/// again on the connection that was made, so that a name which changes its address in between gains nothing.
package struct OutboundHTTP: Sendable {
    private let client: HTTPClient
    private let settings: Settings
    private var resolve: Resolver

    /// What may be called, how long it may take and how much it may answer.
    package struct Settings: Sendable {
        /// Whether loopback addresses may be called; then also over plain http.
        package var allowsLoopback = false
        /// Whether addresses of private networks (RFC 1918, RFC 4193, RFC 6598) may be called. Link-local addresses
        /// never may: the metadata services of clouds live there.
        package var allowsPrivateNetworks = false
        /// Certificates of further authorities to trust beside the system's, PEM, one after the other.
        package var trustedCertificates: [UInt8] = []
        /// Seconds to resolve the name, and again to connect.
        package var connectTimeout: TimeInterval = 5
        /// Seconds for the whole request, name resolution and the last byte of the answer included.
        package var requestTimeout: TimeInterval = 10
        /// Bytes of a response body; more is an error.
        package var maximumResponseBytes = 262_144

        package init() {}
    }

    /// Turns a host name into the addresses it stands for.
    typealias Resolver =
        @Sendable (_ host: String, _ port: Int, _ timeout: TimeInterval) async throws -> [SocketAddress]

    /// - Throws: ``OutboundError/unreadableCertificates`` when ``Settings/trustedCertificates`` is no PEM.
    package init(_ settings: Settings) throws {
        try self.init(settings, resolve: NameResolution.addresses(of:port:timeout:))
    }

    init(_ settings: Settings, resolve: @escaping Resolver) throws {
        self.settings = settings
        self.resolve = resolve
        self.client = HTTPClient(
            eventLoopGroupProvider: .singleton, configuration: try Self.configuration(settings))
    }

    /// The same client for hosts whose names anybody may choose: they wait for each other only.
    package var toStrangers: OutboundHTTP {
        var copy = self
        copy.resolve = NameResolution.addresses(ofStranger:port:timeout:)
        return copy
    }

    /// Sends one request and reads the whole answer. Statuses, also 3xx, are for the caller to judge.
    ///
    /// - Throws: ``OutboundError``, or `CancellationError`.
    package func send(_ request: OutboundRequest) async throws -> OutboundResponse {
        let target = try OutboundTarget(request.url, allowsLoopback: settings.allowsLoopback)
        do {
            return try await withTimeout(settings.requestTimeout) {
                try await checkAddresses(of: target)
                let response = try await client.execute(request.clientRequest, deadline: .distantFuture)
                let limit = min(request.maximumResponseBytes ?? .max, settings.maximumResponseBytes)
                return try await read(response, limit)
            }
        } catch {
            // What a cancelled request fails with depends on how far it came; its caller is to hear one thing.
            guard !Task.isCancelled else { throw CancellationError() }
            throw OutboundError.telling(error)
        }
    }

    /// Closes the pooled connections; the client sends nothing afterwards. Must be called once before the last
    /// reference goes away.
    package func shutdown() async throws { try await client.shutdown() }

    private func checkAddresses(of target: OutboundTarget) async throws {
        // A look-up cannot be cancelled, so it must not be given more time than the whole request has.
        let timeout = min(settings.connectTimeout, settings.requestTimeout)
        let addresses = try await resolve(target.host, target.port, timeout)
        guard !addresses.isEmpty else { throw OutboundError.unresolvable }
        for address in addresses {
            let reach = AddressReach(address)
            guard reach.isAllowed(by: settings) else { throw OutboundError.forbiddenAddress }
            // http is for loopback only, whatever else is allowed.
            guard target.isSecure || reach == .loopback else { throw OutboundError.insecure }
        }
    }

    private func read(_ response: HTTPClientResponse, _ limit: Int) async throws -> OutboundResponse {
        do {
            let body = try await response.body.collect(upTo: limit)
            return OutboundResponse(status: Int(response.status.code), body: Array(buffer: body))
        } catch is NIOTooManyBytesError { throw OutboundError.responseTooLarge }
    }
}

extension OutboundHTTP {
    private static func configuration(_ settings: Settings) throws -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.tlsConfiguration = try tlsConfiguration(settings)
        configuration.timeout.connect = .seconds(settings.connectTimeout)
        configuration.httpVersion = .http1Only
        // A refused or failed connection is an answer, not something to try again behind the caller's back.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.http1_1ConnectionDebugInitializer = { channel in
            guard let address = channel.remoteAddress, AddressReach(address).isAllowed(by: settings) else {
                // In the next turn of the loop, when the pool has given the connection up.
                channel.eventLoop.execute { channel.close(promise: nil) }
                return channel.eventLoop.makeFailedFuture(OutboundError.forbiddenAddress)
            }
            return channel.eventLoop.makeSucceededVoidFuture()
        }
        return configuration
    }

    private static func tlsConfiguration(_ settings: Settings) throws -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        tls.certificateVerification = .fullVerification
        guard !settings.trustedCertificates.isEmpty else { return tls }
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(settings.trustedCertificates),
            !certificates.isEmpty
        else { throw OutboundError.unreadableCertificates }
        tls.additionalTrustRoots = [.certificates(certificates)]
        return tls
    }
}

/// Runs `body` and cancels it when it takes longer than `seconds`.
/// - Throws: ``OutboundError/timedOut``, or what `body` throws.
private func withTimeout<T: Sendable>(
    _ seconds: TimeInterval, _ body: @escaping @Sendable () async throws -> T
) async throws -> T {
    try await withThrowingTaskGroup(of: T?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: .seconds(seconds))
            return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let result = first else { throw OutboundError.timedOut }
        return result
    }
}

extension TimeAmount {
    /// From seconds and their fraction.
    static func seconds(_ interval: TimeInterval) -> TimeAmount { .milliseconds(Int64(interval * 1000)) }
}
