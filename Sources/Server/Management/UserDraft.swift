import Cryptography
import Directory
import Identity

/// What an administrator says about a user. What is nil is left as it is. Personal data: prints as `•••`.
package struct UserDraft: Equatable, Sendable, Concealed {
    package var username: String
    /// The display name; a new user without one is shown by the username.
    package var name: String?
    package var phone: String?
    package var email: String?
    package var employeeID: String?
    /// Names of groups; all that the user is a member of.
    package var groups: [String]?
    /// Names of roles; all that the user has.
    package var roles: [String]?
    /// Codes of departments, the primary one first; all that the user belongs to.
    package var departments: [String]?
    /// How the user signs in at first; nil: by SMS code, and then sets a password.
    package var credential: InitialCredential?

    package init(
        username: String, name: String? = nil, phone: String? = nil, email: String? = nil, employeeID: String? = nil,
        groups: [String]? = nil, roles: [String]? = nil, departments: [String]? = nil,
        credential: InitialCredential? = nil
    ) {
        self.username = username
        self.name = name
        self.phone = phone
        self.email = email
        self.employeeID = employeeID
        self.groups = groups
        self.roles = roles
        self.departments = departments
        self.credential = credential
    }

    /// The profile as it is to be.
    func profile(replacing old: Profile?) throws(AdministrationError) -> Profile {
        var profile = old ?? Profile(name: username)
        profile.name = try checking("name") { () throws(DirectoryError) in
            try DisplayName.checked(name ?? profile.name)
        }
        if let phone {
            profile.phone = try checking("phone") { () throws(DirectoryError) in try PhoneNumber(phone) }
        }
        if let email {
            profile.email = try checking("email") { () throws(DirectoryError) in try EmailAddress(email) }
        }
        if let employeeID {
            profile.employeeID = try checking("employeeID") { () throws(DirectoryError) in
                try DisplayName.checked(employeeID)
            }
        }
        return profile
    }

    func checkedUsername() throws(AdministrationError) -> Username {
        try checking("username") { () throws(DirectoryError) in try Username(username) }
    }
}

/// A password that a new user is given, or brings along. Prints as `•••`.
package enum InitialCredential: Equatable, Sendable, Concealed {
    /// An initial password: whoever entered it knows it, so its first use leads to setting another one.
    case password(String)
    /// A hash from another system, in a form of ``StoredPassword``; the person's own password, which stays and is hashed
    /// anew when they first sign in.
    case hash(String)

    /// Refuses what could not be used later; cheap, so that a whole file is checked before anything is hashed.
    func check(for username: Username, policy: PasswordPolicy, common: () throws -> Set<String>) throws {
        switch self {
        case .password(let text):
            let broken = policy.violations(of: Password(text), for: username, common: try common(), isReused: false)
            if let violation = broken.first { throw AdministrationError("password", violation) }
        case .hash(let phc):
            guard StoredPassword.scheme(of: phc) != nil else {
                throw AdministrationError(
                    .invalid, "passwordHash",
                    """
                    the form of this hash is not accepted, or it costs more than a sign-in may; Docs/operate.md has \
                    the list; users with other hashes are added without and sign in by SMS first
                    """)
            }
        }
    }

    /// Whether the password is known to somebody else than its owner.
    var mustChange: Bool {
        guard case .password = self else { return false }
        return true
    }
}

extension PasswordHashing {
    /// The hash to store for an initial credential.
    func hash(of credential: InitialCredential) async throws -> String {
        switch credential {
        case .password(let text): try await hash(Password(text).bytes)
        case .hash(let phc): phc
        }
    }
}
