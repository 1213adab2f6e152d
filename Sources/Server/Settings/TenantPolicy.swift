package import Directory
package import FoundationEssentials
package import Identity
package import OAuth2

/// What a tenant may decide for itself: everything about signing in, the lifetimes of what is issued, and who sends its
/// messages.
package struct TenantPolicy: Equatable, Sendable {
    package var identity: IdentityPolicy
    package var tokens: TokenLifetimes
    /// Seconds; nil: a service ticket does not expire by itself.
    package var ticketLifetime: TimeInterval?
    package private(set) var sms: SMSSettings
    package private(set) var mail = MailSettings(gateway: nil)
    /// What people may change about themselves.
    package private(set) var editable = ProfileField.standard
    package private(set) var places = Places.none
    /// The hash of the password that new members get; nil: they enter by code first.
    package private(set) var initialPassword: String?
    /// The settings that ``sms`` was read from, which a tenant's own are put over.
    private var smsTexts: [String: String]
    /// The same of ``mail``.
    private var mailTexts: [String: String] = [:]

    /// The product's defaults.
    package static let standard = TenantPolicy(
        identity: IdentityPolicy(),
        tokens: TokenLifetimes(authorizationCode: 60, accessToken: 7_200, idToken: 3_600, refreshToken: 2_592_000),
        ticketLifetime: 180, sms: SMSSettings(gateways: [.log]), smsTexts: [:])

    private init(
        identity: IdentityPolicy, tokens: TokenLifetimes, ticketLifetime: TimeInterval?, sms: SMSSettings,
        smsTexts: [String: String]
    ) {
        self.identity = identity
        self.tokens = tokens
        self.ticketLifetime = ticketLifetime
        self.sms = sms
        self.smsTexts = smsTexts
    }

    /// What the installation's settings say for every tenant.
    init(installation reader: SettingReader) throws(SettingRefusal) {
        // One password for the members of every tenant would be nobody's secret.
        guard reader.optionalText(SettingDefinition.initialPassword) == nil else {
            throw SettingRefusal(SettingDefinition.initialPassword, "is a setting of tenants only")
        }
        let texts = reader.texts.filter { key, _ in SettingDefinition.named(key)?.isPerTenant == true }
        self = try Self.standard.replacing(
            texts, sms: reader.texts.filter { $0.key.hasPrefix("sms.") },
            mail: reader.texts.filter { $0.key.hasPrefix("mail.") })
    }

    /// This policy with some settings replaced.
    /// - Parameter texts: By key, only such as are per tenant; secrets in the clear.
    /// - Throws: ``SettingRefusal`` for a key that a tenant may not set, and for a text that is not allowed.
    package func overridden(by texts: [String: String]) throws(SettingRefusal) -> TenantPolicy {
        for key in texts.keys where SettingDefinition.named(key)?.isPerTenant != true {
            throw SettingRefusal(key, "is not a setting that a tenant can have")
        }
        try Self.checkMessages(texts)
        return try replacing(
            texts, sms: smsTexts.merging(texts.filter { $0.key.hasPrefix("sms.") }) { $1 },
            mail: try mailTexts(overriddenBy: texts))
    }

    private func replacing(
        _ texts: [String: String], sms: [String: String], mail: [String: String]
    ) throws(SettingRefusal) -> TenantPolicy {
        var next = self
        do { try next.identity.apply(texts) } catch { throw SettingRefusal(error.key, error.problem) }
        let reader = SettingReader(unchecked: texts)
        next.tokens = TokenLifetimes(
            authorizationCode: try reader.span("token.codeLifetime", or: tokens.authorizationCode) ?? 60,
            accessToken: try reader.span("token.accessLifetime", or: tokens.accessToken) ?? 7_200,
            idToken: try reader.span("token.idLifetime", or: tokens.idToken) ?? 3_600,
            refreshToken: try reader.span("token.refreshLifetime", or: tokens.refreshToken))
        next.ticketLifetime = try reader.span("cas.ticketLifetime", or: ticketLifetime)
        next.initialPassword = reader.optionalText(SettingDefinition.initialPassword)
        next.smsTexts = sms
        next.sms = try SettingReader(unchecked: sms).sms()
        next.mailTexts = mail
        next.mail = try SettingReader(unchecked: mail).mail()
        if texts["profile.editable"] != nil { next.editable = try reader.words("profile.editable") }
        if texts["session.places"] != nil { next.places = try reader.places("session.places") }
        return next
    }

    /// A tenant mails through a server, and with a login that is all its own or all the installation's.
    private func mailTexts(overriddenBy texts: [String: String]) throws(SettingRefusal) -> [String: String] {
        if texts["mail.gateway"] == "log" || texts["mail.gateway"] == "file" {
            throw SettingRefusal("mail.gateway", "must be smtp or none in a tenant's settings")
        }
        var merged = mailTexts
        if SettingDefinition.mailAccountKeys.contains(where: { texts[$0] != nil }) {
            guard texts["mail.smtp.url"] != nil else {
                throw SettingRefusal("mail.smtp.url", "is needed beside the tenant's own login at the mail server")
            }
            for key in SettingDefinition.mailAccountKeys { merged[key] = nil }
        }
        merged.merge(texts.filter { $0.key.hasPrefix("mail.") }) { $1 }
        return merged
    }

    /// A tenant sends by a vendor, and by an account that is all its own or all the installation's.
    private static func checkMessages(_ texts: [String: String]) throws(SettingRefusal) {
        for key in ["sms.gateway", "sms.fallback"] where texts[key] == "log" || texts[key] == "file" {
            throw SettingRefusal(key, "must name a vendor in a tenant's settings")
        }
        for vendor in SMSSettings.Vendor.allCases {
            let account = SettingDefinition.accountKeys(of: vendor)
            guard account.contains(where: { texts[$0] != nil }) else { continue }
            // An address that has a default need not be given.
            let missing = account.first { texts[$0] == nil && SettingDefinition.named($0)?.standard.isEmpty == true }
            if let missing { throw SettingRefusal(missing, "is needed beside the tenant's own account at the vendor") }
        }
    }
}

/// It holds SMS vendors' secrets.
extension TenantPolicy: Concealed {}
