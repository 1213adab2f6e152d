import Directory
package import Gateways
import Identity

/// What sends a tenant's e-mails.
package struct MailSettings: Equatable, Sendable, Concealed {
    /// One way to send.
    package enum Gateway: Equatable, Sendable {
        /// To the terminal.
        case log
        /// To a file.
        case file(String)
        case smtp(SMTPMailGateway.Settings)
    }

    /// nil where no e-mail is sent: then no address can be proved either.
    package let gateway: Gateway?

    package init(gateway: Gateway?) {
        self.gateway = gateway
    }
}

extension SettingReader {
    /// The mail gateway that the settings name.
    func mail() throws(SettingRefusal) -> MailSettings {
        switch try choice("mail.gateway") {
        case "log": MailSettings(gateway: .log)
        case "file": MailSettings(gateway: .file(try requiredText("mail.file", for: "by the mail gateway file")))
        case "smtp": MailSettings(gateway: .smtp(try smtp()))
        default: MailSettings(gateway: nil)
        }
    }

    private func smtp() throws(SettingRefusal) -> SMTPMailGateway.Settings {
        let reason = "by the mail gateway smtp"
        guard let server = SMTPServer(try requiredText("mail.smtp.url", for: reason)) else {
            throw SettingRefusal("mail.smtp.url", "must be smtps://host or smtp://host, with a port where it differs")
        }
        guard let from = MailAddress(try requiredText("mail.from", for: reason)) else {
            throw SettingRefusal("mail.from", "must be an e-mail address")
        }
        let name = optionalText("mail.fromName")
        if let name, (try? DisplayName.checked(name)) == nil {
            throw SettingRefusal("mail.fromName", "must be a name without control characters")
        }
        return SMTPMailGateway.Settings(server: server, login: try login(), from: from, fromName: name)
    }

    private func login() throws(SettingRefusal) -> SMTPMailGateway.Login? {
        switch (optionalText("mail.smtp.username"), optionalText("mail.smtp.password")) {
        case (nil, nil): nil
        case (let name?, let password?): SMTPMailGateway.Login(name: name, password: password)
        case (nil, _): throw SettingRefusal("mail.smtp.username", "is needed beside mail.smtp.password")
        case (_, nil): throw SettingRefusal("mail.smtp.password", "is needed beside mail.smtp.username")
        }
    }
}

extension SettingDefinition {
    /// The settings of the personal centre, for `Docs/operate.md` in this order.
    static let personalCentre: [SettingDefinition] = [
        .init(
            "profile.editable", .words(ProfileField.allCases.map(\.rawValue)), "language",
            "what people may change about themselves", isPerTenant: true),
        .init(
            "session.places", .text, "",
            "names of networks for the list of sessions: 10.0.0.0/8 Office, 192.168.7.0/24 Lab", isPerTenant: true),
    ]

    /// The settings of e-mail.
    static let mail: [SettingDefinition] = [
        .init(
            "mail.gateway", .choice(["none", "log", "file", "smtp"]), "none",
            "what sends e-mails; without one no address can be proved", isPerTenant: true),
        .init("mail.file", .text, "", "the file that the gateway `file` appends to"),
        .init(
            "mail.smtp.url", .text, "", "the mail server: smtps://host, or smtp://host with STARTTLS",
            isPerTenant: true),
        .init("mail.smtp.username", .text, "", "the name to log in with; nothing for no login", isPerTenant: true),
        .init("mail.smtp.password", .text, "", "its password", isSecret: true, isPerTenant: true),
        .init("mail.from", .text, "", "the address that messages come from", isPerTenant: true),
        .init("mail.fromName", .text, "", "the name before it, such as the enterprise's", isPerTenant: true),
    ]

    /// The settings that make an account at a mail server: a tenant has all of its own or none, so that nobody has
    /// another's password sent to a server of their choice.
    static let mailAccountKeys = ["mail.smtp.url", "mail.smtp.username", "mail.smtp.password"]
}
