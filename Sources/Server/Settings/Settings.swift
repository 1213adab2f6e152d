package import Cryptography
import Directory
package import FoundationEssentials
package import Identity
package import OAuth2

/// The settings of the installation, read once at start and checked as a whole.
package struct Settings: Sendable {
    package let dataDirectory: String
    package let keysDirectory: String
    package let templatesDirectory: String
    /// One password a line.
    package let commonPasswordsFile: String
    package let database: DatabaseSettings
    package let http: HTTPSettings
    /// Networks that per-address limits do not count.
    package let exemptNetworks: [IPNetwork]
    package let operations: Listener
    package let logLevel: String
    package let language: Language
    package let sms: SMSSettings
    package let outgoing: OutgoingSettings
    package let argon2: Argon2id.Parameters
    /// Hashes that may wait.
    package let argon2Queue: Int
    /// Seconds; nil for never.
    package let sweepInterval: TimeInterval?
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

    /// Which gateway sends, and what it needs.
    package struct SMSSettings: Sendable {
        package enum Gateway: Sendable {
            case log
            case file(String)
            case huawei(HuaweiSettings)
        }

        package let gateway: Gateway
    }

    /// Huawei Cloud SMS.
    package struct HuaweiSettings: Sendable {
        package let url: String
        package let key: String
        package let secret: String
        package let sender: String
        package let signature: String
        package let template: String
    }

    /// What requests that we make may do.
    package struct OutgoingSettings: Sendable {
        /// PEM file, or nil.
        package let certificates: String?
        package let allowsLoopback: Bool
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
        exemptNetworks = try reader.networks("http.exemptNetworks")
        operations = Listener(host: reader.text("operations.host"), port: try reader.number("operations.port"))
        logLevel = try reader.choice("log.level")
        language = Language(rawValue: try reader.choice("pages.language")) ?? .chinese
        sms = try reader.sms()
        outgoing = OutgoingSettings(
            certificates: reader.optionalText("outgoing.certificates"),
            allowsLoopback: try reader.flag("outgoing.loopback"))
        argon2 = try reader.argon2()
        argon2Queue = try reader.number("argon2.queue")
        sweepInterval = try reader.span("sweep.interval")
        policy = try TenantPolicy.standard.overridden(
            by: texts.filter { key, _ in
                SettingDefinition.named(key)?.isPerTenant == true
            })
    }
}

/// What a tenant may decide for itself: everything about signing in, and the lifetimes of what is issued.
package struct TenantPolicy: Equatable, Sendable {
    package var identity: IdentityPolicy
    package var tokens: TokenLifetimes
    /// Seconds; nil: a service ticket does not expire by itself.
    package var ticketLifetime: TimeInterval?

    /// The product's defaults.
    package static let standard = TenantPolicy(
        identity: IdentityPolicy(),
        tokens: TokenLifetimes(authorizationCode: 60, accessToken: 7_200, idToken: 3_600, refreshToken: 2_592_000),
        ticketLifetime: 180)

    /// This policy with some settings replaced.
    /// - Parameter texts: By key, only such as are per tenant.
    /// - Throws: ``SettingRefusal`` for a key that a tenant may not set, and for a text that is not allowed.
    package func overridden(by texts: [String: String]) throws(SettingRefusal) -> TenantPolicy {
        for key in texts.keys where SettingDefinition.named(key)?.isPerTenant != true {
            throw SettingRefusal(key, "is not a setting that a tenant can have")
        }
        var next = self
        do { try next.identity.apply(texts) } catch { throw SettingRefusal(error.key, error.problem) }
        let reader = SettingReader(unchecked: texts)
        next.tokens = TokenLifetimes(
            authorizationCode: try reader.span("token.codeLifetime", or: tokens.authorizationCode) ?? 60,
            accessToken: try reader.span("token.accessLifetime", or: tokens.accessToken) ?? 7_200,
            idToken: try reader.span("token.idLifetime", or: tokens.idToken) ?? 3_600,
            refreshToken: try reader.span("token.refreshLifetime", or: tokens.refreshToken))
        next.ticketLifetime = try reader.span("cas.ticketLifetime", or: ticketLifetime)
        return next
    }
}

/// It holds the database's URL and the SMS vendor's secret.
extension Settings: Concealed {}
