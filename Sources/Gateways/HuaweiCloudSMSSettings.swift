extension HuaweiCloudSMSGateway {
    /// What the vendor's console shows for an SMS application. Prints as `•••`.
    package struct Settings: Sendable {
        /// "Application access address" (APP接入地址): `https://host`, maybe with port, without path.
        package var endpoint: String
        /// Application Key.
        package var applicationKey: String
        /// Application Secret.
        package var applicationSecret: String
        package var authentication: Authentication
        /// By purpose of the message.
        package var templates: [String: Template]
        /// For purposes without a template of their own; nil refuses them.
        package var defaultTemplate: Template?

        package init(
            endpoint: String, applicationKey: String, applicationSecret: String,
            authentication: Authentication = .signature, templates: [String: Template] = [:],
            defaultTemplate: Template? = nil
        ) {
            self.endpoint = endpoint
            self.applicationKey = applicationKey
            self.applicationSecret = applicationSecret
            self.authentication = authentication
            self.templates = templates
            self.defaultTemplate = defaultTemplate
        }
    }

    /// The vendor's two ways to authenticate a request.
    package enum Authentication: String, CaseIterable, Sendable {
        /// AK/SK, `SDK-HMAC-SHA256`; recommended by the vendor.
        case signature
        /// `X-WSSE` with a password digest.
        case usernameToken
    }

    /// One approved template and what it is sent with.
    package struct Template: Equatable, Sendable {
        /// `templateId`.
        package var id: String
        /// `from`: the channel number (通道号) of the signature, or of international messages.
        package var sender: String
        /// The name of the signature (签名名称); needed with templates of the general kind.
        package var signature: String?

        package init(id: String, sender: String, signature: String? = nil) {
            self.id = id
            self.sender = sender
            self.signature = signature
        }
    }
}

extension HuaweiCloudSMSGateway.Settings: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
