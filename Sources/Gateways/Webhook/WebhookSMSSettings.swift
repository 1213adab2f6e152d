extension WebhookSMSGateway {
    /// Where an enterprise's own receiver is, and what it is told. Prints as `•••`.
    package struct Settings: Equatable, Sendable {
        /// Absolute; may have a path and a query.
        package var url: String
        package var secret: WebhookSecret
        /// Passed on. A receiver may need neither, so a purpose without a template is sent all the same.
        package var approved: SMSApproval

        package init(url: String, secret: WebhookSecret, approved: SMSApproval = SMSApproval(templates: .none)) {
            self.url = url
            self.secret = secret
            self.approved = approved
        }

        /// Whether the template of a purpose, if the receiver is to be told one, can be filled from these variables.
        package func canSend(_ purpose: String, variables: [String]) -> Bool {
            approved.templates.template(for: purpose) == nil || approved.serves(purpose, variables: variables)
        }
    }
}

extension WebhookSMSGateway.Settings: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
