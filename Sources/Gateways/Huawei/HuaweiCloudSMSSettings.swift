extension HuaweiCloudSMSGateway {
    /// What the vendor's console shows for an SMS application. Prints as `•••`.
    package struct Settings: Equatable, Sendable {
        /// "Application access address" (APP接入地址): `https://host`, maybe with port, without path.
        package var endpoint: String
        /// Application Key and Application Secret.
        package var key: AccessKey
        package var authentication: Authentication
        /// `from`: the channel number (通道号) of the signature, or of international messages.
        package var sender: String
        /// The signature is needed with templates of the general kind.
        package var approved: SMSApproval

        package init(
            endpoint: String, key: AccessKey, authentication: Authentication = .signature, sender: String,
            approved: SMSApproval
        ) {
            self.endpoint = endpoint
            self.key = key
            self.authentication = authentication
            self.sender = sender
            self.approved = approved
        }
    }

    /// The vendor's two ways to authenticate a request.
    package enum Authentication: String, CaseIterable, Sendable {
        /// AK/SK, `SDK-HMAC-SHA256`; recommended by the vendor.
        case signature
        /// `X-WSSE` with a password digest.
        case usernameToken
    }
}

extension HuaweiCloudSMSGateway.Settings: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
