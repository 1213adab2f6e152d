package import Directory

/// What a person typed into the account field: username, phone or e-mail. Prints as `•••`, because people type their
/// password there by mistake.
///
/// ```swift
/// LoginName("Li.Ming").candidates          // [.username("li.ming")]
/// LoginName("138 0000 1234").candidates    // [.phone(+8613800001234)]
/// LoginName("13800001234").candidates      // [.username("13800001234"), .phone(+8613800001234)]
/// ```
package struct LoginName: Equatable, Sendable, Concealed {
    /// One reading of it, in the form in which users are looked up.
    package enum Candidate: Equatable, Sendable {
        /// `Username.key`.
        case username(String)
        case phone(PhoneNumber)
        /// `EmailAddress.key`.
        case email(String)
    }

    /// All readings in the order in which they are tried; the first that finds a user counts. `User.checkIdentifiers`
    /// sees to it that two readings of one text never find two people. Empty when it can be nobody's.
    package let candidates: [Candidate]

    /// What a throttle for an unknown name is keyed by: the same for every spelling of one name.
    package let canonical: String

    /// Reads what was typed; anything is accepted, since a page answers an impossible name like an unknown one.
    package init(_ typed: String) {
        guard typed.utf8.count <= 1_024 else {
            candidates = []
            canonical = ""
            return
        }
        let username = (try? Username(typed)).map { Candidate.username($0.key) }
        let phone = (try? PhoneNumber(typed)).map { Candidate.phone($0) }
        let email = (try? EmailAddress(typed)).map { Candidate.email($0.key) }
        candidates = [username, phone, email].compactMap { $0 }
        canonical = TypedText.lowercasedASCII((try? PhoneNumber(typed))?.e164 ?? TypedText.plain(typed))
    }
}
