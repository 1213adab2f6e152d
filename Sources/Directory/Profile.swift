/// The personal data of a user. Stored encrypted; prints as `•••`.
package struct Profile: Equatable, Sendable, Concealed {
    /// Checked by ``DisplayName``.
    package var name: String
    package var phone: PhoneNumber?
    package var email: EmailAddress?
    /// The number the enterprise's personnel department gave.
    package var employeeID: String?

    package init(name: String, phone: PhoneNumber? = nil, email: EmailAddress? = nil, employeeID: String? = nil) {
        self.name = name
        self.phone = phone
        self.email = email
        self.employeeID = employeeID
    }

    /// What employee ids are compared and looked up by; nil for what can be none.
    package static func employeeKey(of typed: String) -> String? {
        let plain = TypedText.lowercasedASCII(TypedText.plain(typed))
        return (1...128).contains(plain.unicodeScalars.count) ? plain : nil
    }
}
