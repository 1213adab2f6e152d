package import Directory
package import Gateways
package import Identity

/// Which gateways send a tenant's messages, and what each of them needs.
package struct SMSSettings: Equatable, Sendable, Concealed {
    /// One way to send.
    package enum Gateway: Equatable, Sendable {
        /// To the terminal.
        case log
        /// To a file.
        case file(String)
        case huawei(HuaweiCloudSMSGateway.Settings)
        case alibaba(AlibabaCloudSMSGateway.Settings)
        case tencent(TencentCloudSMSGateway.Settings)
        case webhook(WebhookSMSGateway.Settings)
    }

    /// The vendors we speak to; the raw value is the setting's word.
    package enum Vendor: String, Equatable, Sendable, CaseIterable {
        case huawei
        case alibaba
        case tencent
        case webhook
    }

    /// In the order in which they are tried: the second one when the first cannot.
    package let gateways: [Gateway]

    /// Whether one of the gateways has what it takes to send messages of a purpose to a phone: a template, where the
    /// vendor wants one. It is a matter of settings alone, the same for phones that are somebody's and nobody's.
    package func canSend(_ purpose: SMSPurpose, to phone: PhoneNumber) -> Bool {
        let variables = MessageTexts.names(of: purpose)
        return gateways.contains { gateway in
            switch gateway {
            case .log, .file: true
            case .webhook(let settings): settings.canSend(purpose.rawValue, variables: variables)
            case .huawei(let settings): settings.approved.serves(purpose.rawValue, variables: variables)
            case .alibaba(let settings):
                settings.approval(forPhone: phone.e164)?.serves(purpose.rawValue, variables: variables) == true
            case .tencent(let settings):
                settings.approval(forPhone: phone.e164).serves(purpose.rawValue, variables: variables)
            }
        }
    }
}

extension SettingReader {
    /// The gateways that the settings name.
    func sms() throws(SettingRefusal) -> SMSSettings {
        let first = try choice("sms.gateway")
        let second = try choice("sms.fallback")
        guard first != second else { throw SettingRefusal("sms.fallback", "names the same gateway as sms.gateway") }
        var gateways = [try gateway(first)]
        if second != "none" { gateways.append(try gateway(second)) }
        return SMSSettings(gateways: gateways)
    }

    private func gateway(_ name: String) throws(SettingRefusal) -> SMSSettings.Gateway {
        if name == "file" { return .file(try requiredText("sms.file", for: "by the SMS gateway file")) }
        guard let vendor = SMSSettings.Vendor(rawValue: name) else { return .log }
        let account = VendorTexts(reader: self, vendor: vendor)
        switch vendor {
        case .huawei:
            return .huawei(
                .init(
                    endpoint: try account.address(), key: try account.key(), sender: try account.needed("sender"),
                    approved: try account.approved()))
        case .alibaba:
            return .alibaba(
                .init(
                    endpoint: try account.address(), key: try account.key(), approved: try account.approved(),
                    approvedAbroad: try account.approvedAbroad()))
        case .tencent:
            return .tencent(
                .init(
                    endpoint: try account.address(), region: try account.needed("region"), key: try account.key(),
                    applicationID: try account.needed("application"), approved: try account.approved(),
                    approvedAbroad: try account.approvedAbroad()))
        case .webhook:
            return .webhook(
                .init(
                    url: try account.address(), secret: try account.webhookSecret(),
                    approved: try account.approved(needsTemplates: false)))
        }
    }
}

/// The settings of one vendor, below `sms.<vendor>.`.
private struct VendorTexts {
    let reader: SettingReader
    let vendor: SMSSettings.Vendor

    private func name(_ part: String) -> String { "sms.\(vendor.rawValue).\(part)" }

    func needed(_ part: String) throws(SettingRefusal) -> String {
        try reader.requiredText(name(part), for: "by the SMS gateway \(vendor.rawValue)")
    }

    /// An https address; http on loopback, where only a test listens.
    func address() throws(SettingRefusal) -> String {
        let text = try needed("url")
        guard let url = try? WebURL(text), url.scheme == "https" || url.isLoopback else {
            throw SettingRefusal(name("url"), "must be an https address")
        }
        // A vendor's path is its own; what would fail with every message is refused here.
        guard vendor == .webhook || url.rest.isEmpty else {
            throw SettingRefusal(name("url"), "must be an address without a path")
        }
        return text
    }

    func key() throws(SettingRefusal) -> AccessKey {
        AccessKey(id: try needed("key"), secret: try needed("secret"))
    }

    func webhookSecret() throws(SettingRefusal) -> WebhookSecret {
        let text = try needed("secret")
        do { return try WebhookSecret(text) } catch {
            throw SettingRefusal(name("secret"), "must be whsec_ and 24 to 64 bytes in base64")
        }
    }

    func approved(needsTemplates: Bool = true) throws(SettingRefusal) -> SMSApproval {
        if needsTemplates { _ = try needed("templates") }
        return SMSApproval(signature: reader.optionalText(name("signature")), templates: try templates("templates"))
    }

    /// What is used for numbers outside the Chinese mainland; nil where nothing is said about them.
    func approvedAbroad() throws(SettingRefusal) -> SMSApproval? {
        guard reader.optionalText(name("templatesAbroad")) != nil else { return nil }
        return SMSApproval(
            signature: reader.optionalText(name("signatureAbroad")), templates: try templates("templatesAbroad"))
    }

    private func templates(_ part: String) throws(SettingRefusal) -> SMSTemplates {
        let purposes = SMSPurpose.allCases.map(\.rawValue)
        do throws(SMSTemplatesError) { return try SMSTemplates(reader.text(name(part)), purposes: purposes) } catch {
            throw SettingRefusal(
                name(part), "is wrong in its entry \(error.entry); an entry is PURPOSE=template:variable,variable")
        }
    }
}

extension SettingDefinition {
    /// The settings of sending, for `Docs/operate.md` in this order.
    static let sms: [SettingDefinition] = gateways + huawei + alibaba + tencent + webhook

    private static let vendors = SMSSettings.Vendor.allCases.map(\.rawValue)

    private static let gateways: [SettingDefinition] = [
        .init(
            "sms.gateway", .choice(["log", "file"] + vendors), "log",
            "what sends messages; a tenant of its own has a vendor", isPerTenant: true),
        .init(
            "sms.fallback", .choice(["none", "log", "file"] + vendors), "none",
            "what sends them when the first cannot", isPerTenant: true),
        .init("sms.file", .text, "", "the file that the gateway `file` appends to"),
    ]

    private static let huawei: [SettingDefinition] = [
        text("huawei.url", "", "Huawei Cloud SMS: the access address of the application"),
        text("huawei.key", "", "Huawei Cloud SMS: the application key"),
        secret("huawei.secret", "Huawei Cloud SMS: the application secret"),
        text("huawei.sender", "", "Huawei Cloud SMS: the channel number"),
        text("huawei.signature", "", "Huawei Cloud SMS: the signature's name, where it is needed"),
        text("huawei.templates", "", "Huawei Cloud SMS: templates by purpose"),
    ]

    private static let alibaba: [SettingDefinition] = [
        text("alibaba.url", "https://dysmsapi.aliyuncs.com", "Alibaba Cloud SMS: the endpoint"),
        text("alibaba.key", "", "Alibaba Cloud SMS: the AccessKey id"),
        secret("alibaba.secret", "Alibaba Cloud SMS: the AccessKey secret"),
        text("alibaba.signature", "", "Alibaba Cloud SMS: the signature's name"),
        text("alibaba.templates", "", "Alibaba Cloud SMS: templates by purpose"),
        text("alibaba.signatureAbroad", "", "Alibaba Cloud SMS: the signature for numbers abroad"),
        text("alibaba.templatesAbroad", "", "Alibaba Cloud SMS: the templates for numbers abroad, where they differ"),
    ]

    private static let tencent: [SettingDefinition] = [
        text("tencent.url", "https://sms.tencentcloudapi.com", "Tencent Cloud SMS: the endpoint"),
        text("tencent.region", "ap-guangzhou", "Tencent Cloud SMS: the region"),
        text("tencent.key", "", "Tencent Cloud SMS: the SecretId"),
        secret("tencent.secret", "Tencent Cloud SMS: the SecretKey"),
        text("tencent.application", "", "Tencent Cloud SMS: the SdkAppId"),
        text("tencent.signature", "", "Tencent Cloud SMS: the signature's name, where it is needed"),
        text("tencent.templates", "", "Tencent Cloud SMS: templates by purpose"),
        text("tencent.signatureAbroad", "", "Tencent Cloud SMS: the signature for numbers abroad"),
        text("tencent.templatesAbroad", "", "Tencent Cloud SMS: the templates for numbers abroad, where they differ"),
    ]

    private static let webhook: [SettingDefinition] = [
        text("webhook.url", "", "a receiver of your own: its https address"),
        secret("webhook.secret", "a receiver of your own: the signing secret, whsec_…"),
        text("webhook.signature", "", "a receiver of your own: a signature's name to pass on"),
        text("webhook.templates", "", "a receiver of your own: templates by purpose to pass on"),
    ]

    private static func text(_ name: String, _ standard: String, _ purpose: String) -> SettingDefinition {
        .init("sms.\(name)", .text, standard, purpose, isPerTenant: true)
    }

    private static func secret(_ name: String, _ purpose: String) -> SettingDefinition {
        .init("sms.\(name)", .text, "", purpose, isSecret: true, isPerTenant: true)
    }

    /// The settings that make a vendor's account: a tenant has all of its own or none, so that nobody has requests
    /// signed with another's secret sent to an address of their choice.
    static func accountKeys(of vendor: SMSSettings.Vendor) -> [String] {
        ["url", "key", "secret"].map { "sms.\(vendor.rawValue).\($0)" }.filter { named($0) != nil }
    }
}
