package import Directory
package import FoundationEssentials
import Gateways
package import Server
import Synchronization

extension DomainProbe {
    /// Runs `body` with a probe that asks loopback servers of a test, wherever a domain may be.
    package static func loopback<T: Sendable>(
        web: LoopbackWeb.Answer, dns: @escaping @Sendable (LoopbackDNS.Question) -> [[UInt8]],
        timeout: TimeInterval = 60, _ body: @escaping @Sendable (DomainProbe) async throws -> T
    ) async throws -> T {
        try await LoopbackDNS.run(dns) { names in
            let port = names.port
            return try await LoopbackWeb.run(web) { web in
                let http = try client(timeout: timeout)
                let probe = made(http, origin: web.origin, dns: port)
                let outcome: Result<T, any Error>
                do { outcome = .success(try await body(probe)) } catch { outcome = .failure(error) }
                try await http.shutdown()
                return try outcome.get()
            }
        }
    }

    /// For tests of something else: reaches nothing but a port of this machine where nobody listens. Its client lives
    /// as long as the process.
    package static let nowhere: DomainProbe = {
        do { return made(try client(timeout: 1), origin: "http://127.0.0.1:1", dns: 1) } catch {
            preconditionFailure("an HTTP client cannot be made: \(error)")
        }
    }()

    private static func client(timeout: TimeInterval) throws -> OutboundHTTP {
        var settings = OutboundHTTP.Settings()
        settings.allowsLoopback = true
        settings.requestTimeout = timeout
        settings.connectTimeout = timeout
        return try OutboundHTTP(settings)
    }

    private static func made(_ http: OutboundHTTP, origin: String, dns port: Int) -> DomainProbe {
        let servers = [NameServer("127.0.0.1:\(port)")].compactMap(\.self)
        return DomainProbe(http: http, dns: DNSResolver(servers: servers, timeout: 10)) { _ in origin }
    }
}

/// What the owners of domains have put onto their web servers and into their zones, all of them on one loopback.
package final class PublishedProofs: Sendable {
    private struct State {
        var files: [String: String] = [:]
        var aliases: [String: String] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// Puts the file of a domain where it belongs.
    package func publish(fileOf domain: ClaimedDomain) {
        state.withLock { $0.files["/" + domain.fileName] = domain.token + "\n" }
    }

    /// Adds the record of a domain.
    /// - Parameter target: Another than it must be.
    package func publish(recordOf domain: ClaimedDomain, target: String? = nil) {
        state.withLock { $0.aliases[domain.recordName] = target ?? domain.recordTarget }
    }

    /// Takes everything away.
    package func withdraw() {
        state.withLock { $0 = State() }
    }

    /// Runs `body` with a probe that finds what is published at the time.
    package func serve<T: Sendable>(
        _ body: @escaping @Sendable (DomainProbe) async throws -> T
    ) async throws -> T {
        try await DomainProbe.loopback(
            web: .files { path in self.state.withLock { $0.files[path] } },
            dns: { question in
                guard let target = self.state.withLock({ $0.aliases[question.name] }) else {
                    return [question.answer(flags: 0x8183, [])]
                }
                return [question.answer([LoopbackDNS.alias(question.name, target)])]
            }, body)
    }
}
