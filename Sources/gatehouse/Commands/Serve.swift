import ArgumentParser
import Cryptography
import Foundation
import Logging
import Server
import ServiceLifecycle
import Storage
import UnixSignals

/// `gatehouse serve`: runs the server until it is told to stop.
struct Serve: ConfiguredCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the server.",
        discussion: """
            The first start makes the sealing key and the database. SIGTERM and Ctrl-C stop the server: requests under \
            way are finished first.
            """)

    func run(with sources: ConfigurationSources) async throws {
        let settings = try sources.settings()
        let logger = ServerLog.make(level: settings.logLevel)
        for name in sources.unknownVariables {
            logger.warning("a variable begins like ours and names no setting", metadata: ["name": .string(name)])
        }
        let commonPasswords = try CommonPasswords.load(settings.commonPasswordsFile)
        let pages = try await Pages(directory: settings.templatesDirectory, standardLanguage: settings.language)
        let clock = ServerEnvironment.systemClock
        let database = try await DatabaseOpening.open(settings, logger: logger)
        do {
            let keys = try await InstallationKeys.open(in: settings.keysDirectory, for: database, now: clock())
            let gateways = try SMSGatewayMaker(settings.outgoing, logger: logger, now: clock)
            let environment = ServerEnvironment(
                settings: settings, database: database, sealingKey: keys.sealing, pages: pages,
                passwords: try PasswordHashing(
                    parameters: settings.argon2, threads: ProcessInfo.processInfo.activeProcessorCount,
                    capacity: settings.argon2Queue),
                sms: SMSDispatch(
                    SMSPost(database: database, logger: logger, now: clock, gateway: gateways.gateway), logger: logger),
                mail: MailDispatch(
                    MailPost(database: database, logger: logger, now: clock, gateway: gateways.mailGateway),
                    logger: logger),
                domainProbe: DomainProbe(settings.outgoing, gateways.http), commonPasswords: commonPasswords,
                logger: logger, now: clock)
            try await environment.learnHashes(setSince: .distantPast)
            try await Self.run(GatehouseServer(environment), logger)
            await gateways.close()
        } catch {
            await database.close()
            throw error
        }
        await database.close()
    }

    private static func run(_ server: GatehouseServer, _ logger: Logger) async throws {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        var configuration = ServiceGroupConfiguration(
            services: try server.services(), gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
        configuration.maximumGracefulShutdownDuration = .seconds(10)
        try await ServiceGroup(configuration: configuration).run()
        logger.notice("stopped")
    }
}

/// The server's log: one structured line an event, to standard error.
enum ServerLog {
    /// - Parameter level: A value of the setting `log.level`.
    static func make(level: String) -> Logger {
        var logger = Logger(label: "gatehouse") { _ in LineLogHandler() }
        logger.logLevel = Logger.Level(rawValue: level) ?? .info
        return logger
    }
}
