import Directory
package import Identity
package import JOSE
package import OAuth2
package import Wire

/// An authorization request with what OpenID Connect adds to it (Core §3.1.2.1).
///
/// The additions are read whether or not the scope has `openid`: a client that leaves it out does not get past
/// `prompt` and `max_age` by that.
package struct AuthenticationRequest: Equatable, Sendable {
    /// `prompt`. The server has no page to ask for consent or for an account, so it offers no other value.
    package enum Prompt: String, Equatable, Sendable, CaseIterable {
        /// No page may be shown.
        case none
        /// The person has to sign in again.
        case login
    }

    package let authorization: AuthorizationRequest
    /// Goes into the ID token as it is.
    package let nonce: String?
    package let prompt: Prompt?
    /// Seconds.
    package let maximumAge: Int?
    /// `acr_values`, in the client's order, without those that this server does not know: they are a wish, and what
    /// was reached is told in the ID token (Core §3.1.2.1).
    package let levels: [AuthenticationLevel]
    /// Whom the client means; the answer must be about that person or be an error.
    package let hint: IDTokenHint?
    /// For the sign-in page.
    package let pageHints: PageHints

    /// What a client suggests for the sign-in page. Text of the request: to be escaped, never to be trusted. Prints as
    /// `•••`: a login hint is a phone number often enough.
    package struct PageHints: Equatable, Sendable, Concealed {
        /// What to write into the account field.
        package let loginHint: String?
        /// Language tags, the most wanted first (BCP 47).
        package let uiLocales: [String]
    }

    /// - Parameters:
    ///   - parameters: The same parameters that `target` was made of.
    ///   - target: Where the answer, an error included, goes.
    ///   - keys: The tenant's published keys, for `id_token_hint`.
    /// - Throws: what ``AuthorizationRequest`` throws; `invalid_request`, `consent_required`,
    ///   `account_selection_required`, `registration_not_supported`; to be sent to `target`.
    package init(_ parameters: RequestParameters, target: ResponseTarget, keys: JWKSet) throws(OAuth2Error) {
        authorization = try AuthorizationRequest(parameters, target: target)
        guard try parameters.optional("registration") == nil else {
            throw OAuth2Error(.registrationNotSupported, "the registration parameter is not supported")
        }
        nonce = try parameters.optional("nonce")
        prompt = try Self.prompt(parameters.optional("prompt"))
        maximumAge = try Self.maximumAge(parameters.optional("max_age"))
        let wishes = try parameters.optional("acr_values") ?? ""
        levels = wishes.split(separator: " ").compactMap { AuthenticationLevel(rawValue: String($0)) }
        if let text = try parameters.optional("id_token_hint") {
            hint = try IDTokenHint(text, issuer: target.issuer, keys: keys)
        } else {
            hint = nil
        }
        let locales = try parameters.optional("ui_locales") ?? ""
        pageHints = PageHints(
            loginHint: try parameters.optional("login_hint"), uiLocales: locales.split(separator: " ").map(String.init))
    }

    /// What the person's sign-in has to meet.
    package var requirement: AuthenticationRequirement {
        let freshness: AuthenticationRequirement.Freshness =
            prompt == .login ? .fresh : maximumAge.map { .maxAge($0) } ?? .any
        // The weakest of them is enough, whichever the client likes best: the person is asked for no more than that.
        return AuthenticationRequirement(freshness, level: levels.min() ?? .oneFactor)
    }

    /// What we cannot ask the person for gets the error that Core §3.1.2.6 has for that, before anything is shown.
    private static func prompt(_ text: String?) throws(OAuth2Error) -> Prompt? {
        guard let text else { return nil }
        let values = text.split(separator: " ", omittingEmptySubsequences: false)
        guard values.allSatisfy({ ["none", "login", "consent", "select_account"].contains($0) }) else {
            throw OAuth2Error(.invalidRequest, "prompt has a value that is not defined")
        }
        if values.contains("none") {
            guard values.count == 1 else { throw OAuth2Error(.invalidRequest, "prompt has none beside another value") }
            return Prompt.none
        }
        guard !values.contains("consent") else {
            throw OAuth2Error(.consentRequired, "consent is given by the administrator and cannot be asked for")
        }
        guard !values.contains("select_account") else {
            throw OAuth2Error(.accountSelectionRequired, "an account cannot be selected; use prompt=login")
        }
        return .login
    }

    /// Decimal digits, at most nine of them: thirty years.
    private static func maximumAge(_ text: String?) throws(OAuth2Error) -> Int? {
        guard let text else { return nil }
        let isNumber = text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard isNumber, text.utf8.count <= 9, let seconds = Int(text) else {
            throw OAuth2Error(.invalidRequest, "max_age is not a whole number of seconds")
        }
        return seconds
    }
}
