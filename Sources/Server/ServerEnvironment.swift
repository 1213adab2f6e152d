package import Cryptography
import Directory
package import FoundationEssentials
import Gateways
package import Logging
package import Storage

/// All that an endpoint may use. Made once at start; everything in it may be used from any number of requests at once.
package struct ServerEnvironment: Sendable {
    package let settings: Settings
    package let database: any Database
    package let keys: InstallationKeys
    package let tenants: ServedTenants
    package let pages: Pages
    package let passwords: PasswordHashing
    package let sms: SMSDispatch
    package let mail: MailDispatch
    package let domainProbe: DomainProbe
    /// Passwords that nobody may choose, in small letters.
    package let commonPasswords: Set<String>
    package let logger: Logger
    /// The one clock: whole seconds.
    package let now: @Sendable () -> Date

    /// Puts an environment together; nothing is started.
    package init(
        settings: Settings, database: any Database, sealingKey: SealingKey, pages: Pages, passwords: PasswordHashing,
        sms: SMSDispatch, mail: MailDispatch, domainProbe: DomainProbe, commonPasswords: Set<String>, logger: Logger,
        now: @escaping @Sendable () -> Date
    ) {
        self.settings = settings
        self.database = database
        keys = InstallationKeys(sealingKey)
        tenants = ServedTenants(database: database, sealingKey: sealingKey, policy: settings.policy, now: now)
        self.pages = pages
        self.passwords = passwords
        self.sms = sms
        self.mail = mail
        self.domainProbe = domainProbe
        self.commonPasswords = commonPasswords
        self.logger = logger
        self.now = now
    }

    /// The system's time, cut to whole seconds, so that a time survives the way through the database.
    package static let systemClock: @Sendable () -> Date = {
        Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded(.down))
    }
}

/// The sealing key and the keys for single purposes that follow from it, derived once.
package struct InstallationKeys: Sendable {
    package let sealing: SealingKey
    /// For ``CSRFToken``.
    let forms: [UInt8]
    /// For ``Puzzle``.
    let puzzles: [UInt8]
    /// For codes of ``SMSChallenge``.
    let smsCodes: [UInt8]
    /// For ``RecoveryCode``.
    package let recoveryCodes: [UInt8]
    /// For codes of ``EmailChallenge``.
    let emailCodes: [UInt8]
    /// For client secrets that came from elsewhere.
    package let importedSecrets: [UInt8]

    package init(_ sealing: SealingKey) {
        self.sealing = sealing
        forms = sealing.subkey("forms")
        puzzles = sealing.subkey("puzzles")
        smsCodes = sealing.subkey("sms-codes")
        recoveryCodes = sealing.subkey("recovery-codes")
        emailCodes = sealing.subkey("email-codes")
        importedSecrets = sealing.subkey("imported-client-secrets")
    }
}

/// Whatever prints an environment, a service group's log line for one, must not print keys.
extension InstallationKeys: Concealed {}
extension ServerEnvironment: Concealed {}
