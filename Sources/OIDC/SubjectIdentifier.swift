package import Directory
import Wire

/// Who a token speaks of: `sub` (OIDC Core §2, §8). The same for every client (`public`).
package struct SubjectIdentifier: Equatable, Sendable {
    /// The user's id: opaque, never reused, not even after deletion.
    package let text: String

    package init(of user: User) {
        text = user.id
    }

    /// Takes the `sub` of a token of ours, or the user id of a grant.
    package init(stored text: String) {
        self.text = text
    }

    /// Case-sensitive, by bytes (OIDC Core §2).
    package static func == (left: Self, right: Self) -> Bool { left.text.isByteEqual(to: right.text) }
}
