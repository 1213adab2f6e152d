import Directory
package import Identity

/// One setting of the installation: its name, what it may hold, and what it holds when nobody says anything.
///
/// The table of definitions is the only place where a setting is described: reading, `gatehouse check` and the test of
/// `Docs/operate.md` all go by it. Settings of signing in are described by ``IdentitySetting`` and join the table.
package struct SettingDefinition: Sendable {
    /// What a setting's text may be.
    package enum Form: Sendable {
        case text
        /// One of these words.
        case choice([String])
        /// A whole number within bounds; the text names the unit.
        case number(ClosedRange<Int>, unit: String)
        /// A span such as `90s`, `5m`, `12h`; bounds in seconds.
        case span(ClosedRange<Int>, mayBeOff: Bool)
        /// `on` or `off`.
        case flag
        /// Networks in CIDR notation, separated by commas.
        case networks
        /// Some of these words, separated by commas, or `none`.
        case words([String])
        /// Described by Identity.
        case identity(IdentitySetting)
    }

    /// The dotted name of a file: `http.trustedProxies`.
    package let key: String
    package let form: Form
    /// The text it holds by default; empty for nothing.
    package let standard: String
    /// One line for the operator.
    package let purpose: String
    /// Whether `gatehouse check` prints `•••` in its place.
    package let isSecret: Bool
    /// Whether a tenant may have its own value.
    package let isPerTenant: Bool

    init(
        _ key: String, _ form: Form, _ standard: String, _ purpose: String, isSecret: Bool = false,
        isPerTenant: Bool = false
    ) {
        self.key = key
        self.form = form
        self.standard = standard
        self.purpose = purpose
        self.isSecret = isSecret
        self.isPerTenant = isPerTenant
    }

    /// The name in the environment: `GATEHOUSE_HTTP_TRUSTED_PROXIES`.
    package var environmentName: String { "GATEHOUSE_" + words("_").uppercased() }

    /// The flag of the command line: `--http-trusted-proxies`.
    package var flag: String { "--" + words("-").lowercased() }

    /// Unit and bounds in words, as `Docs/operate.md` prints them.
    package var bounds: String {
        switch form {
        case .text: "text"
        case .choice(let words): words.joined(separator: ", ")
        case .number(let range, let unit): "\(range.lowerBound) to \(range.upperBound) \(unit)"
        case .span(let range, let off): Self.bounds(range, off)
        case .flag: "on, off"
        case .networks: "networks such as 10.0.0.0/8, separated by commas"
        case .words(let words): words.joined(separator: ", ") + ", separated by commas, or none"
        case .identity(let setting): Self.bounds(of: setting.form)
        }
    }

    /// The value of a setting as it may be printed.
    package static func shown(_ setting: (key: String, value: String)) -> String {
        named(setting.key)?.isSecret == false ? setting.value : "•••"
    }

    /// The dotted, camel-cased key as separate words.
    private func words(_ separator: String) -> String {
        var name = ""
        for character in key {
            if character == "." {
                name += separator
            } else if character.isUppercase {
                name += separator + String(character)
            } else {
                name.append(character)
            }
        }
        return name
    }

    private static func bounds(of form: IdentitySetting.Form) -> String {
        switch form {
        case .span(let range, let off): bounds(range, off)
        case .count(let range, let off): "\(range.lowerBound) to \(range.upperBound)" + (off ? ", off" : "")
        case .flag: "on, off"
        case .methods: "password, sms, passkey, separated by commas"
        case .demand: "choice, administrators, everyone"
        case .secondFactors: "totp, sms, passkey, separated by commas"
        case .identifiers: "username, phone, email, employee-id, separated by commas"
        }
    }

    private static func bounds(_ range: ClosedRange<Int>, _ mayBeOff: Bool) -> String {
        "\(Span.text(Double(range.lowerBound))) to \(Span.text(Double(range.upperBound)))" + (mayBeOff ? ", off" : "")
    }
}
