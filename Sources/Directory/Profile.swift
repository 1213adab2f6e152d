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
}
