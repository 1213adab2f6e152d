package import Identity
package import JOSE
package import OAuth2
package import Wire

/// A relying party's wish to end the person's session here (OIDC RP-Initiated Logout §2). Errors are shown, never sent.
package struct RPInitiatedLogout: Equatable, Sendable {
    /// The client that asks: `client_id`, or the one audience of the hint; nil when neither says.
    package let clientID: String?
    package let hint: IDTokenHint?
    package let postLogoutRedirectURI: String?
    package let state: String?
    /// Language tags for the page, the most wanted first.
    package let uiLocales: [String]

    /// What to do. "End" means the browser's session if it has one.
    package enum Decision: Equatable, Sendable {
        /// Ask the person; on yes, decide again with `isConfirmed`.
        case askConfirmation
        /// End, then redirect to this address of the client.
        case endAndGo(to: String)
        /// End, then show that the person is signed out.
        case endAndShowPage
    }

    /// - Parameters:
    ///   - parameters: Of the query and of a form body together.
    ///   - issuer: The tenant's issuer.
    ///   - keys: The tenant's published keys.
    /// - Throws: `invalid_request` for a repeated parameter, a hint that we did not issue, and a `client_id` that the
    ///   hint was not issued to.
    package init(_ parameters: RequestParameters, issuer: String, keys: JWKSet) throws(OAuth2Error) {
        try parameters.requireSingleValues()
        var hint: IDTokenHint?
        if let text = try parameters.optional("id_token_hint") {
            hint = try IDTokenHint(text, issuer: issuer, keys: keys)
        }
        let named = try parameters.optional("client_id")
        if let named, let hint {
            guard hint.isIssued(to: named) else {
                throw OAuth2Error(.invalidRequest, "id_token_hint was issued to another client than client_id")
            }
        }
        self.hint = hint
        clientID = named ?? (hint?.audience.count == 1 ? hint?.audience.first : nil)
        postLogoutRedirectURI = try parameters.optional("post_logout_redirect_uri")
        state = try parameters.optional("state")
        uiLocales = (try parameters.optional("ui_locales") ?? "").split(separator: " ").map(String.init)
    }

    /// Decides, with what is stored.
    ///
    /// Without a question a session ends only on the word of the client it was shared with: otherwise any page could
    /// sign people out (§2, §6). Where nobody is signed in there is nothing to ask.
    /// - Parameters:
    ///   - client: The stored client of ``clientID``; nil when there is none.
    ///   - session: The browser's live session; nil when there is none.
    ///   - isConfirmed: Whether the person has just said yes, on a page with a CSRF token.
    /// - Throws: `invalid_request` for an address that is not registered for the client (§3). The session goes on then.
    package func decide(client: Client?, session: Session?, isConfirmed: Bool) throws(OAuth2Error) -> Decision {
        let destination = try destination(client)
        guard session == nil || isConfirmed || belongs(to: session) else { return .askConfirmation }
        return destination.map { .endAndGo(to: $0) } ?? .endAndShowPage
    }

    private func destination(_ client: Client?) throws(OAuth2Error) -> String? {
        guard let postLogoutRedirectURI else { return nil }
        guard let clientID, let client, client.id.isByteEqual(to: clientID) else {
            throw OAuth2Error(.invalidRequest, "post_logout_redirect_uri needs id_token_hint or a known client_id")
        }
        guard client.accepts(postLogoutRedirectURI: postLogoutRedirectURI) else {
            throw OAuth2Error(.invalidRequest, "post_logout_redirect_uri is not registered for the client")
        }
        let state = state.map { [FormURLEncoded.Pair("state", $0)] } ?? []
        return FormURLEncoded.adding(state, toQueryOf: postLogoutRedirectURI)
    }

    /// Whether the hint is a token of this very session and person.
    private func belongs(to session: Session?) -> Bool {
        guard let session, let hint, let sessionID = hint.sessionID else { return false }
        return sessionID.isByteEqual(to: session.id) && hint.subject == SubjectIdentifier(stored: session.userID)
    }
}
