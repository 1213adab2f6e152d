import Directory
package import Gateways
package import Identity

/// One e-mail under way, or a decoy that goes the same way without a message.
package struct MailDelivery: Sendable, Concealed {
    /// The id of its row in the ledger.
    package let id: String
    package let tenantID: String
    package let purpose: MailPurpose
    /// Who sends it.
    package let settings: MailSettings
    /// nil for a decoy.
    package let message: MailMessage?

    package init(id: String, tenantID: String, purpose: MailPurpose, settings: MailSettings, message: MailMessage?) {
        self.id = id
        self.tenantID = tenantID
        self.purpose = purpose
        self.settings = settings
        self.message = message
    }
}
