import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL
package import ServiceLifecycle

/// The running server: the main port, the operations port and the background services, in the order in which they
/// start; they stop in the opposite order.
package struct GatehouseServer: Sendable {
    private let environment: ServerEnvironment

    package init(_ environment: ServerEnvironment) {
        self.environment = environment
    }

    /// All services, to be run in one group.
    /// - Throws: ``SettingRefusal`` when certificate or key cannot be read.
    package func services() throws -> [any Service] {
        [
            environment.sms, environment.mail, ExpirySweep(environment), DomainChecks(environment), operations(),
            try main(),
        ]
    }

    private func main() throws -> some Service {
        let http = environment.settings.http
        let logger = environment.logger
        return Application(
            responder: FrontDoor(environment, routes: .gatehouse(environment)), server: try server(http),
            configuration: ApplicationConfiguration(
                address: .hostname(http.listener.host, port: http.listener.port)),
            onServerRunning: { channel in
                logger.notice(
                    "listening",
                    metadata: [
                        "address": .string(channel.localAddress?.description ?? "unknown"),
                        "tls": .stringConvertible(http.isTLS),
                    ])
            }, logger: Self.quiet(logger))
    }

    private func operations() -> some Service {
        let listener = environment.settings.operations
        return Application(
            responder: OperationsResponder(database: environment.database),
            configuration: ApplicationConfiguration(address: .hostname(listener.host, port: listener.port)),
            logger: Self.quiet(environment.logger))
    }

    private func server(_ http: Settings.HTTPSettings) throws -> HTTPServerBuilder {
        var decoder = HTTP1Channel.Configuration.DecoderConfiguration()
        decoder.maxHeaderListSize = http.headerSize
        decoder.maxHeaderFieldSize = http.headerSize
        decoder.maxHeaderFieldCount = 100
        let plain = HTTPServerBuilder.http1(
            configuration: .init(
                idleTimeout: .milliseconds(Int64(http.idleTime * 1_000)), httpDecoderConfiguration: decoder))
        guard let files = http.tls else { return plain }
        return try .tls(plain, tlsConfiguration: try Self.tls(files))
    }

    private static func tls(_ files: (certificate: String, key: String)) throws -> TLSConfiguration {
        let chain: [NIOSSLCertificate]
        do { chain = try NIOSSLCertificate.fromPEMFile(files.certificate) } catch {
            throw SettingRefusal("tls.certificate", "names a file without a readable PEM certificate")
        }
        let key: NIOSSLPrivateKey
        do { key = try NIOSSLPrivateKey(file: files.key, format: .pem) } catch {
            throw SettingRefusal("tls.key", "names a file without a readable PEM private key")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        return configuration
    }

    /// The framework's own lines say what ours say already; its warnings and errors stay.
    private static func quiet(_ logger: Logger) -> Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .warning)
        return logger
    }
}
