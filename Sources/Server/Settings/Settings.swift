package import Cryptography
import Directory
package import FoundationEssentials
package import Gateways
import Identity
import OAuth2

/// The settings of the installation, read once at start and checked as a whole.
package struct Settings: Sendable {
    package let dataDirectory: String
    package let keysDirectory: String
    package let templatesDirectory: String
    /// One password a line.
    package let commonPasswordsFile: String
    package let database: DatabaseSettings
    package let http: HTTPSettings
    /// Where people of every tenant may begin; nil where there is no such address.
    package let sharedAddress: String?
    /// Networks that per-address limits do not count.
    package let exemptNetworks: [IPNetwork]
    package let operations: Listener
    package let logLevel: String
    package let language: Language
    package let outgoing: OutgoingSettings
    package let argon2: Argon2id.Parameters
    /// Hashes that may wait.
    package let argon2Queue: Int
    /// Seconds; nil for never.
    package let sweepInterval: TimeInterval?
    /// Seconds; nil for never.
    package let domainCheckInterval: TimeInterval?
    /// What tenants may change for themselves.
    package let policy: TenantPolicy

    /// Where the data is.
    package enum DatabaseSettings: Sendable, Equatable {
        case embedded
        case postgresql(url: String, connections: Int)
    }

    /// An address and a port to listen at.
    package struct Listener: Sendable, Equatable {
        package let host: String
        package let port: Int
    }

    /// What HTTP goes by.
    package struct HTTPSettings: Sendable {
        package let listener: Listener
        package let trustedProxies: [IPNetwork]
        package let headerSize: Int
        package let bodyLimits: BodyLimits
        /// Seconds.
        package let idleTime: Double
        /// PEM files; both or neither.
        package let tls: (certificate: String, key: String)?
        package var isTLS: Bool { tls != nil }
    }

    /// What requests that we make may do.
    package struct OutgoingSettings: Sendable {
        /// PEM file, or nil.
        package let certificates: String?
        package let allowsLoopback: Bool
        package let allowsPrivateNetworks: Bool
        /// Seconds for a whole request.
        package let time: TimeInterval
        /// Whom to ask for domains' records; none: whom the system asks.
        package let nameServers: [NameServer]
    }

    /// Reads the settings.
    /// - Parameter texts: By key, what files, environment and flags say; a key that is missing has its default.
    /// - Throws: ``SettingRefusal`` for an unknown key, a text that its definition does not allow, and settings that
    ///   do not go together.
    package init(_ texts: [String: String]) throws(SettingRefusal) {
        let reader = try SettingReader(texts)
        dataDirectory = reader.text("data.directory")
        keysDirectory = reader.text("keys.directory")
        templatesDirectory = reader.text("templates.directory")
        commonPasswordsFile = reader.text("password.commonList")
        database = try reader.database()
        http = try reader.http()
        sharedAddress = try reader.sharedAddress()
        exemptNetworks = try reader.networks("http.exemptNetworks")
        operations = Listener(host: reader.text("operations.host"), port: try reader.number("operations.port"))
        logLevel = try reader.choice("log.level")
        language = Language(rawValue: try reader.choice("pages.language")) ?? .chinese
        outgoing = try reader.outgoing()
        argon2 = try reader.argon2()
        argon2Queue = try reader.number("argon2.queue")
        sweepInterval = try reader.span("sweep.interval")
        domainCheckInterval = try reader.span("domain.checkInterval")
        policy = try TenantPolicy(installation: reader)
    }
}

/// It holds the database's URL and SMS vendors' secrets.
extension Settings: Concealed {}
