/// One e-mail to one mailbox, in words and ready to send.
///
/// It carries an address and sometimes a one-time code, so it prints as `•••` wherever it ends up.
package struct MailMessage: Equatable, Sendable {
    package var to: MailAddress
    /// What the message is for: a name of the caller's closed list, such as `VERIFY_EMAIL`.
    package var purpose: String
    package var subject: String
    /// Plain text, lines parted by `\n`.
    package var text: String
    /// The one-time code inside the text, for gateways that show it to a developer or a test.
    package var code: String?

    package init(to: MailAddress, purpose: String, subject: String, text: String, code: String? = nil) {
        self.to = to
        self.purpose = purpose
        self.subject = subject
        self.text = text
        self.code = code
    }
}

extension MailMessage: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
