/// What a vendor has approved for us to send with.
package struct SMSApproval: Equatable, Sendable {
    /// The signature's name (签名名称), which the vendor sets before the text as `【name】`; nil where none is needed.
    package var signature: String?
    package var templates: SMSTemplates

    package init(signature: String? = nil, templates: SMSTemplates) {
        self.signature = signature
        self.templates = templates
    }

    /// Whether there is a template for a purpose that messages with these variables can fill.
    package func serves(_ purpose: String, variables: [String]) -> Bool {
        guard let template = templates.template(for: purpose) else { return false }
        return template.variables?.allSatisfy(variables.contains) ?? true
    }
}

/// The pair that a vendor gives an account to sign requests with. Prints as `•••`.
package struct AccessKey: Equatable, Sendable {
    /// Travels with each request.
    package var id: String
    /// Never travels.
    package var secret: String

    package init(id: String, secret: String) {
        self.id = id
        self.secret = secret
    }
}

extension AccessKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
