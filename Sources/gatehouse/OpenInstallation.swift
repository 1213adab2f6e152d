import Directory
import Foundation
import Gateways
import Glibc
import Logging
import Server
import Storage

/// An installation, open for one command or for serving.
struct OpenInstallation: Sendable {
    let settings: Settings
    let database: any Database
    let keys: InstallationKeys
    private let gateways: SMSGatewayMaker

    /// Opens database and keys; the first time, makes them. Brings the schema up to date.
    static func open(_ settings: Settings, logger: Logger, now: Date) async throws -> OpenInstallation {
        let database = try await DatabaseOpening.open(settings, logger: logger)
        do {
            let keys = try await InstallationKeys.open(in: settings.keysDirectory, for: database, now: now)
            let clock = ServerEnvironment.systemClock
            let gateways = try SMSGatewayMaker(settings.outgoing, logger: logger, now: clock)
            return OpenInstallation(settings: settings, database: database, keys: keys, gateways: gateways)
        } catch {
            await database.close()
            throw error
        }
    }

    /// Gives back files and connections.
    func close() async {
        await gateways.close()
        await database.close()
    }

    /// What an operator may do here, in the name of the operating system's account.
    func administration() throws -> Administration {
        Administration(
            database: database, keys: keys,
            passwords: try PasswordHashing(
                parameters: settings.argon2, threads: ProcessInfo.processInfo.activeProcessorCount, capacity: .max),
            commonPasswords: { [file = settings.commonPasswordsFile] in try CommonPasswords.load(file) },
            policy: settings.policy, messenger: messenger, domainProbe: DomainProbe(settings.outgoing, gateways.http),
            by: Administrator(actor: .operator(Self.accountName)))
    }

    /// How commands send.
    private var messenger: Messenger {
        Messenger(
            post: SMSPost(
                database: database, logger: .command, now: ServerEnvironment.systemClock, gateway: gateways.gateway),
            mail: MailPost(
                database: database, logger: .command, now: ServerEnvironment.systemClock,
                gateway: gateways.mailGateway)
        ) { [settings] in
            try await Pages(directory: settings.templatesDirectory, standardLanguage: settings.language)
        }
    }

    /// Who runs this process; the number where the account has no name, as in a container.
    private static var accountName: String {
        let number = getuid()
        var buffer = [CChar](repeating: 0, count: 4_096)
        var entry = unsafe passwd()
        var found: UnsafeMutablePointer<passwd>?
        let status = unsafe getpwuid_r(number, &entry, &buffer, buffer.count, &found)
        guard status == 0, let found = unsafe found, let name = unsafe found.pointee.pw_name else {
            return "uid \(number)"
        }
        return unsafe String(cString: name)
    }
}

extension DomainProbe {
    /// As the settings say.
    init(_ settings: Settings.OutgoingSettings, _ http: OutboundHTTP) {
        self.init(
            http: http.toStrangers, dns: DNSResolver(servers: settings.nameServers, timeout: settings.time))
    }
}

extension Logger {
    /// For commands: what must be heard goes to the standard error.
    static let command: Logger = {
        var logger = Logger(label: "gatehouse") { _ in LineLogHandler() }
        logger.logLevel = .warning
        return logger
    }()
}
