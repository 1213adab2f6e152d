package import Directory

/// By what a person may be found on the sign-in page; the raw values are the setting's words.
package enum LoginIdentifier: String, Equatable, Sendable, CaseIterable {
    case username
    case phone
    case email
    case employeeID = "employee-id"
}

/// What a person typed into the account field. Prints as `•••`, because people type their password there by mistake.
///
/// ```swift
/// LoginName("Li.Ming").candidates                       // [.username("li.ming")]
/// LoginName("138 0000 1234").candidates                 // [.phone(+8613800001234)]
/// LoginName("13800001234").candidates                   // [.username("13800001234"), .phone(+8613800001234)]
/// LoginName("li.ming@acme", at: ["acme"]).candidates    // [.username("li.ming")]
/// LoginName("li.ming@acme.example", at: ["acme", "acme.example"]).candidates
/// // [.username("li.ming"), .email("li.ming@acme.example")]
/// ```
package struct LoginName: Equatable, Sendable, Concealed {
    /// One reading of it, in the form in which users are looked up.
    package enum Candidate: Equatable, Sendable {
        /// `Username.key`.
        case username(String)
        case phone(PhoneNumber)
        /// `EmailAddress.key`.
        case email(String)
        /// `Profile.employeeKey`.
        case employeeID(String)
    }

    /// All readings that the tenant accepts. Whoever is found by one of them is meant; when two of them find two people,
    /// it is nobody, since no reading is better than another. Empty when it can be nobody's.
    package let candidates: [Candidate]

    /// What a throttle for an unknown name is keyed by: the same for every spelling of one name.
    package let canonical: String

    /// Reads what was typed; anything is accepted, since a page answers an impossible name like an unknown one.
    /// - Parameters:
    ///   - accepted: What the tenant accepts.
    ///   - suffixes: What may stand behind `@` after a username: the tenant's code and its proved domains, in small
    ///     letters.
    package init(
        _ typed: String, accepting accepted: Set<LoginIdentifier> = [.username, .phone, .email],
        at suffixes: [String] = []
    ) {
        guard typed.utf8.count <= 1_024 else {
            candidates = []
            canonical = ""
            return
        }
        let plain = TypedText.lowercasedASCII(TypedText.plain(typed))
        let local = suffixes.lazy.compactMap { Self.local(plain, before: $0) }.first
        var candidates: [Candidate] = []
        if accepted.contains(.username), let name = try? Username(local ?? typed) {
            candidates.append(.username(name.key))
        }
        if accepted.contains(.phone), let phone = try? PhoneNumber(typed) { candidates.append(.phone(phone)) }
        if accepted.contains(.email), let email = try? EmailAddress(typed) { candidates.append(.email(email.key)) }
        if accepted.contains(.employeeID), let key = Profile.employeeKey(of: typed) {
            candidates.append(.employeeID(key))
        }
        self.candidates = candidates
        canonical = TypedText.lowercasedASCII((try? PhoneNumber(local ?? typed))?.e164 ?? local ?? plain)
    }

    /// What stands before `@suffix`; nil when the text does not end so.
    private static func local(_ plain: String, before suffix: String) -> String? {
        guard plain.hasSuffix("@" + suffix) else { return nil }
        return String(plain.dropLast(suffix.count + 1))
    }
}
