package import FoundationEssentials

/// One way in which a person proved who they are, by its Authentication Method Reference (RFC 8176 §2).
package enum AuthenticationMethod: String, Equatable, Sendable, CaseIterable {
    case password = "pwd"
    case sms
    /// A one-time code; always together with ``sms``, which says how it came.
    case oneTimeCode = "otp"
}

/// The fact that a person signed in: who, when and how (OpenID Connect Core §2: `auth_time`, `amr`, `acr`).
package struct Authentication: Equatable, Sendable {
    package var userID: String
    /// When the person presented the credential, not when a session was made of it; whole seconds.
    package var at: Date
    /// In the order in which they were presented.
    package var amr: [AuthenticationMethod]
    /// The interaction in which it happened: what makes a demand for a fresh sign-in answerable exactly.
    package var interactionID: String

    package init(userID: String, at: Date, amr: [AuthenticationMethod], interactionID: String) {
        self.userID = userID
        self.at = at
        self.amr = amr
        self.interactionID = interactionID
    }

    /// The authentication context class: one factor, whichever it was.
    package var acr: String { "1" }
}
