extension AlibabaCloudSMSGateway {
    /// What the vendor's console shows for the SMS service. Prints as `•••`.
    package struct Settings: Equatable, Sendable {
        /// `https://host`, maybe with port, without path.
        package var endpoint: String
        /// AccessKey ID and AccessKey Secret of a RAM user that may call `dysms:SendSms`.
        package var key: AccessKey
        /// The vendor wants a signature with every message.
        package var approved: SMSApproval
        /// For phones outside the Chinese mainland, as the vendor's templates are for one or the other. When it is nil,
        /// ``approved`` serves them too, except those that would be read as phones of the mainland.
        package var approvedAbroad: SMSApproval?

        package init(
            endpoint: String = "https://dysmsapi.aliyuncs.com", key: AccessKey, approved: SMSApproval,
            approvedAbroad: SMSApproval? = nil
        ) {
            self.endpoint = endpoint
            self.key = key
            self.approved = approved
            self.approvedAbroad = approvedAbroad
        }

        /// What serves a phone; nil when nothing does.
        ///
        /// A number of country code 1 has 11 digits and begins like a mobile number of the mainland. With a template for
        /// the mainland the vendor would send to the stranger there, so it needs one for abroad.
        /// - Parameter phone: E.164.
        package func approval(forPhone phone: String) -> SMSApproval? {
            if SMSMessage.isMainland(phone) { return approved }
            return approvedAbroad ?? (phone.hasPrefix("+1") ? nil : approved)
        }
    }
}

extension AlibabaCloudSMSGateway.Settings: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
