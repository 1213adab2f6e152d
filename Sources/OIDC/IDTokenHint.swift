package import JOSE
package import OAuth2
import Wire

/// An ID token that a client sends back to say whom it means (OIDC Core §3.1.2.1, RP-Initiated Logout §2).
///
/// It authenticates nobody: the person in front of the browser may be another. Its end does not matter, since clients
/// send it hours later.
package struct IDTokenHint: Equatable, Sendable {
    package let subject: SubjectIdentifier
    /// The clients it was issued to.
    package let audience: [String]
    /// The session it was issued in; nil in a token without `sid`.
    package let sessionID: String?

    /// - Parameters:
    ///   - text: As it was sent.
    ///   - issuer: The tenant's issuer: another tenant's token is none of ours.
    ///   - keys: The tenant's published keys, retired ones included for as long as they are published.
    /// - Throws: `invalid_request` unless this issuer signed it.
    package init(_ text: String, issuer: String, keys: JWKSet) throws(OAuth2Error) {
        let token: JWT
        let audience: [String]
        do {
            token = try JWT(text, verifiedWith: keys, type: "JWT")
            audience = try token.audience()
        } catch { throw Self.refused }
        guard token.text("iss")?.isByteEqual(to: issuer) ?? false, let subject = token.text("sub") else {
            throw Self.refused
        }
        self.subject = SubjectIdentifier(stored: subject)
        self.audience = audience
        sessionID = token.text("sid")
    }

    /// Whether the token was issued to this client.
    package func isIssued(to clientID: String) -> Bool { audience.contains { $0.isByteEqual(to: clientID) } }

    private static let refused = OAuth2Error(.invalidRequest, "id_token_hint is not an ID token of this issuer")
}
