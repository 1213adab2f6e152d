extension TencentCloudSMSGateway {
    /// What the vendor's console shows for an SMS application. Prints as `•••`.
    package struct Settings: Equatable, Sendable {
        /// `https://host`, maybe with port, without path.
        package var endpoint: String
        /// `X-TC-Region`, such as `ap-guangzhou`.
        package var region: String
        /// SecretId and SecretKey.
        package var key: AccessKey
        /// SmsSdkAppId.
        package var applicationID: String
        /// The vendor wants a signature with messages within the Chinese mainland.
        package var approved: SMSApproval
        /// For phones outside the Chinese mainland, as the vendor's templates and signatures are for one or the other.
        /// When it is nil, ``approved`` serves them too.
        package var approvedAbroad: SMSApproval?

        package init(
            endpoint: String = "https://sms.tencentcloudapi.com", region: String = "ap-guangzhou", key: AccessKey,
            applicationID: String, approved: SMSApproval, approvedAbroad: SMSApproval? = nil
        ) {
            self.endpoint = endpoint
            self.region = region
            self.key = key
            self.applicationID = applicationID
            self.approved = approved
            self.approvedAbroad = approvedAbroad
        }

        /// What serves a phone.
        /// - Parameter phone: E.164.
        package func approval(forPhone phone: String) -> SMSApproval {
            SMSMessage.isMainland(phone) ? approved : approvedAbroad ?? approved
        }
    }
}

extension TencentCloudSMSGateway.Settings: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
