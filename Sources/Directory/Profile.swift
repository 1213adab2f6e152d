package import FoundationEssentials

/// The personal data of a user. Stored encrypted; prints as `•••`.
package struct Profile: Equatable, Sendable, Concealed {
    /// Checked by ``DisplayName``.
    package var name: String
    package var phone: PhoneNumber?
    /// Whoever sets another one, it is unverified until its owner proves it.
    package var email: EmailAddress? {
        didSet { if email != oldValue { emailVerifiedAt = nil } }
    }
    /// When the person last proved to receive what is sent to ``email``; nil for an address that somebody entered.
    package var emailVerifiedAt: Date?
    /// The number the enterprise's personnel department gave.
    package var employeeID: String?
    /// What the person likes to be called; checked by ``DisplayName``.
    package var nickname: String?
    /// The language the person chose, as a BCP 47 tag; nil for the browser's.
    package var language: String?

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
