/// Who a person was when something happened: what the sign-in log tells of them even after they are renamed or gone.
/// Stored sealed; prints as `•••`.
package struct LoggedPerson: Equatable, Sendable, Concealed {
    /// The username as the administrator wrote it.
    package let account: String
    /// The display name.
    package let name: String
    /// Masked, as a log may show it; nil without a phone.
    package let phone: String?

    /// A person as they are now.
    package init(_ user: User) {
        self.init(account: user.username.text, name: user.profile.name, phone: user.profile.phone?.masked)
    }

    /// A person as they were.
    package init(account: String, name: String, phone: String?) {
        self.account = account
        self.name = name
        self.phone = phone
    }
}
