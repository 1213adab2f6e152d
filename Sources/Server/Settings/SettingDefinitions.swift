import Identity

extension SettingDefinition {
    /// Every setting there is, in the order of `Docs/operate.md`.
    package static let all: [SettingDefinition] =
        places + http + operations + tokens + sms + outgoing + work + identity + tenantOnly
        + mail + personalCentre

    /// The definition of a key, or nil.
    package static func named(_ key: String) -> SettingDefinition? { all.first { $0.key == key } }

    private static let places: [SettingDefinition] = [
        .init("data.directory", .text, "Data", "where the embedded database lives; created with mode 0700"),
        .init("keys.directory", .text, "Keys", "where the sealing key lives; created with mode 0700"),
        .init("templates.directory", .text, "Templates", "pages, style sheet, languages"),
        .init(
            "password.commonList", .text, "Resources/common-passwords.txt",
            "file with the passwords that nobody may choose, one a line"),
        .init(
            "database.url", .text, "", "a postgresql:// URL; nothing for the embedded database", isSecret: true),
        .init("database.connections", .number(1...64, unit: "connections"), "8", "PostgreSQL connections of this node"),
    ]

    private static let http: [SettingDefinition] = [
        .init("http.host", .text, "127.0.0.1", "the address to listen at"),
        .init("http.port", .number(0...65_535, unit: "port"), "8080", "the port to listen at; 0 takes a free one"),
        .init(
            "http.trustedProxies", .networks, "",
            "proxies whose X-Forwarded-For is believed and that may use plain HTTP"),
        .init(
            "http.sharedAddress", .text, "",
            "an address such as https://sso.example.com at which people of every tenant begin, as account@code"),
        .init("http.headerSize", .number(2_048...81_920, unit: "bytes"), "16384", "request line and header fields"),
        .init("http.bodySize", .number(1_024...1_048_576, unit: "bytes"), "65536", "a request's body"),
        .init("http.requestTime", .span(1...300, mayBeOff: false), "10s", "for a request's body to arrive"),
        .init("http.idleTime", .span(1...3_600, mayBeOff: false), "1m", "until an idle connection is closed"),
        .init(
            "http.exemptNetworks", .networks, "",
            "networks that per-address limits do not count; per-phone and per-account limits still do"),
        .init("tls.certificate", .text, "", "PEM file with the certificate chain; with it Gatehouse speaks https"),
        .init("tls.key", .text, "", "PEM file with the certificate's private key"),
        .init(
            "pages.language", .choice(["zh-Hans", "en"]), "zh-Hans", "the language for browsers that prefer no other"),
    ]

    private static let operations: [SettingDefinition] = [
        .init("operations.host", .text, "127.0.0.1", "the address of /healthz and /readyz"),
        .init("operations.port", .number(0...65_535, unit: "port"), "8081", "the port of /healthz and /readyz"),
        .init("log.level", .choice(["debug", "info", "notice", "error"]), "info", "what is logged"),
    ]

    private static let tokens: [SettingDefinition] = [
        .init(
            "token.codeLifetime", .span(1...600, mayBeOff: false), "1m", "an authorization code", isPerTenant: true),
        .init(
            "token.accessLifetime", .span(1...2_592_000, mayBeOff: false), "2h", "an access token", isPerTenant: true),
        .init("token.idLifetime", .span(1...2_592_000, mayBeOff: false), "1h", "an ID token", isPerTenant: true),
        .init(
            "token.refreshLifetime", .span(1...315_360_000, mayBeOff: true), "30d",
            "a grant's refresh tokens, from the first to the last", isPerTenant: true),
        .init(
            "cas.ticketLifetime", .span(1...86_400, mayBeOff: true), "3m", "a service ticket", isPerTenant: true),
    ]

    private static let outgoing: [SettingDefinition] = [
        .init("outgoing.certificates", .text, "", "PEM file with further CA certificates for requests we make"),
        .init("outgoing.loopback", .flag, "off", "whether requests we make may go to loopback addresses"),
        .init(
            "outgoing.privateNetworks", .flag, "off",
            "whether requests we make may go to addresses of private networks"),
        .init("outgoing.time", .span(1...60, mayBeOff: false), "10s", "for a request that we make, answer included"),
        .init(
            "dns.servers", .text, "",
            "up to three name servers for domains' records, such as 10.0.0.2 or 10.0.0.2:5353; nothing for the system's"
        ),
    ]

    private static let work: [SettingDefinition] = [
        .init("argon2.memory", .number(8...262_144, unit: "KiB"), "19456", "memory of a new password hash"),
        .init("argon2.iterations", .number(1...16, unit: "passes"), "2", "passes of a new password hash"),
        .init("argon2.parallelism", .number(1...16, unit: "lanes"), "1", "lanes of a new password hash"),
        .init("argon2.queue", .number(1...10_000, unit: "hashes"), "64", "hashes that may wait; above, 503"),
        .init("sweep.interval", .span(1...86_400, mayBeOff: true), "5m", "between two clearings of what has expired"),
        .init(
            "domain.checkInterval", .span(1...86_400, mayBeOff: true), "1m",
            "between two looks for domains that are to be checked"),
    ]

    private static let tenantOnly: [SettingDefinition] = [
        .init(
            initialPassword, .text, "",
            "a tenant's only: the password of members added from now on, changed at their first sign-in",
            isSecret: true, isPerTenant: true)
    ]

    /// Stored as its hash.
    static let initialPassword = "password.initial"

    private static let identity: [SettingDefinition] = IdentitySetting.allCases.map { setting in
        SettingDefinition(
            setting.rawValue, .identity(setting), setting.defaultText, setting.purpose, isPerTenant: true)
    }
}

extension IdentitySetting {
    /// One line for the operator.
    fileprivate var purpose: String {
        switch self {
        case .methods: "ways in that the sign-in page offers"
        case .identifiers: "by what people are found on the sign-in page"
        case .interactionLifetime: "for a person to go through the sign-in pages"
        case .logRetention: "how long the sign-in log is kept"
        case .codeDigits: "digits of an SMS code"
        case .codeLifetime: "how long an SMS code is accepted"
        case .codeTries: "tries of one SMS code"
        case .sendInterval: "between two messages to one phone"
        case .sendsPerPhoneHour: "messages to one phone in an hour"
        case .sendsPerPhoneDay: "messages to one phone in a day"
        case .sendsPerAddressHour: "messages asked for from one client address in an hour"
        case .sendsPerTenantMonth: "messages of the tenant in a calendar month"
        case .freezeFailures: "wrong passwords and codes that freeze an account"
        case .freezeWindow: "the time within which they count"
        case .freezeDuration: "how long an account stays frozen"
        case .addressFailures: "wrong passwords and codes from one client address that pause it"
        case .addressWindow: "the time within which they count"
        case .addressPause: "how long that address is refused"
        case .puzzlePhoneSends: "messages to one phone in an hour, after which the next costs a puzzle"
        case .puzzleAddressSends: "messages asked for from one address in an hour, after which the next costs a puzzle"
        case .puzzleTenantSends: "messages asked for in the tenant in ten minutes, likewise"
        case .puzzleAddressFailures: "wrong attempts from one address, after which the next costs a puzzle"
        case .puzzleWork: "the work of a puzzle: so many bits of hashing"
        case .puzzleWait: "what a browser without script waits instead"
        case .passwordMinimumLength: "characters of a password, at least"
        case .passwordMaximumLength: "characters of a password, at most"
        case .passwordClasses: "of upper case, lower case, digits, symbols: how many must occur"
        case .passwordAccountName: "whether the account name, forwards or backwards, is refused"
        case .passwordCommon: "whether common passwords are refused"
        case .passwordHistory: "how many of the last passwords are refused"
        case .passwordMaximumAge: "after which a password must be changed"
        case .passwordWarning: "so long before that a person is told"
        case .passwordForgotten: "whether a person may set a new password with a code to the phone"
        case .passwordOneTimeLifetime: "how long a one-time password from an administrator is good"
        case .secondFactorDemand: "of whom a second factor is demanded; whoever has one is asked for it in any case"
        case .secondFactorMethods: "what is accepted as second factor"
        case .sessionLifetime: "a session, from sign-in"
        case .sessionIdleLifetime: "a session, from its last use"
        case .sessionRememberedLifetime: "a session of someone who chose to stay signed in"
        case .sessionOffersToRemember: "whether the page offers to stay signed in"
        case .invitationLifetime: "how long an invitation works"
        }
    }
}
