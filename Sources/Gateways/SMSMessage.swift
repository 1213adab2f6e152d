/// One text message to one phone, rendered and ready to send.
///
/// It carries a phone number and usually a one-time code, so it prints as `•••` wherever it ends up.
package struct SMSMessage: Equatable, Sendable {
    /// The receiver in E.164 form: `+`, country code, number, digits only.
    package var to: String
    /// What the message is for: a name of the caller's closed list, such as `LOGIN_SMS`. Vendors that only send
    /// approved templates choose the template by it.
    package var purpose: String
    /// The whole text in the receiver's language; what gateways without templates send.
    package var text: String
    /// The variables that a template of this purpose may use, in their order; what gateways with templates send.
    package var parameters: [Parameter]
    /// The one-time code inside the text, for gateways that show it to a developer or a test.
    package var code: String?

    /// One variable of a template.
    package struct Parameter: Equatable, Sendable {
        /// ASCII letters, such as `code`.
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package init(to: String, purpose: String, text: String, parameters: [Parameter], code: String?) {
        self.to = to
        self.purpose = purpose
        self.text = text
        self.parameters = parameters
        self.code = code
    }
}

extension SMSMessage: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
