package import Wire

/// How OAuth 2.0 reads parameters: each once, an empty one like an absent one (RFC 6749 §3.1, §3.2).
extension RequestParameters {
    /// The value of a parameter, nil when it is absent or empty.
    /// - Throws: `invalid_request` when it occurs twice.
    package func optional(_ name: String) throws(OAuth2Error) -> String? {
        do {
            return try single(name)
        } catch { throw .repeated(name) }
    }

    /// The value of a parameter that must be there.
    /// - Throws: `invalid_request` when it occurs twice; `missing` when it is absent or empty.
    package func required(_ name: String, orThrow missing: OAuth2Error) throws(OAuth2Error) -> String {
        guard let value = try optional(name) else { throw missing }
        return value
    }

    /// Refuses any name that occurs twice, known or not: two readers of one request must not see two requests.
    ///
    /// `resource` alone may be repeated (RFC 8707 §2); it is ignored here.
    /// - Throws: `invalid_request`.
    package func requireSingleValues() throws(OAuth2Error) {
        for name in names where !name.isByteEqual(to: "resource") && values(name).count > 1 {
            throw .repeated(name)
        }
    }
}

extension OAuth2Error {
    /// `invalid_request` for a repeated parameter. Names the parameter when it is one that we know; a name that the
    /// request made up stays out of the answer.
    package static func repeated(_ name: String) -> OAuth2Error {
        let sentence = repeatedSentences.first { $0.description.isByteEqual(to: name + " is repeated") }
        return OAuth2Error(.invalidRequest, sentence ?? "a parameter is repeated")
    }

    private static let repeatedSentences: [StaticString] = [
        "client_id is repeated", "client_secret is repeated", "redirect_uri is repeated", "response_type is repeated",
        "response_mode is repeated", "scope is repeated", "state is repeated", "nonce is repeated",
        "prompt is repeated", "max_age is repeated", "code_challenge is repeated", "code_challenge_method is repeated",
        "code_verifier is repeated", "grant_type is repeated", "code is repeated", "refresh_token is repeated",
        "access_token is repeated", "id_token_hint is repeated", "post_logout_redirect_uri is repeated",
    ]
}
