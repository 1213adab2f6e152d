import Wire

/// What a client is told when its request cannot be met: a code that a specification defines and a fixed sentence.
///
/// The sentence is a literal, so request text, table names and library messages cannot get into it. No HTTP status is
/// known here; the server maps codes to statuses.
package struct OAuth2Error: Error, Equatable, Sendable {
    /// The value of `error`; the raw values are the specifications' words.
    package enum Code: String, Equatable, Sendable, CaseIterable {
        // RFC 6749 §4.1.2.1 and §5.2
        case invalidRequest = "invalid_request"
        case invalidClient = "invalid_client"
        case invalidGrant = "invalid_grant"
        case unauthorizedClient = "unauthorized_client"
        case unsupportedGrantType = "unsupported_grant_type"
        case unsupportedResponseType = "unsupported_response_type"
        case invalidScope = "invalid_scope"
        case accessDenied = "access_denied"
        case serverError = "server_error"
        case temporarilyUnavailable = "temporarily_unavailable"
        // RFC 6750 §3.1
        case invalidToken = "invalid_token"
        case insufficientScope = "insufficient_scope"
        // OpenID Connect Core §3.1.2.6
        case loginRequired = "login_required"
        case accountSelectionRequired = "account_selection_required"
        case consentRequired = "consent_required"
        case requestNotSupported = "request_not_supported"
        case requestURINotSupported = "request_uri_not_supported"
        case registrationNotSupported = "registration_not_supported"
    }

    /// The value of `error`.
    package let code: Code
    /// The value of `error_description`: for the developer of the client, in English, never request text.
    package let description: String

    /// - Parameter description: A literal sentence. Characters that RFC 6749 §5.2 does not allow there (quotes,
    ///   backslashes, anything outside ASCII) are written as `?`, so that a slip cannot break a header or a URL.
    package init(_ code: Code, _ description: StaticString) {
        self.code = code
        self.description = String(decoding: description.description.utf8.map(Self.allowed), as: UTF8.self)
    }

    /// `%x20-21 / %x23-5B / %x5D-7E` (RFC 6749 §4.1.2.1).
    private static func allowed(_ byte: UInt8) -> UInt8 {
        switch byte {
        case 0x20...0x21, 0x23...0x5B, 0x5D...0x7E: byte
        default: UInt8(ascii: "?")
        }
    }

    /// The body of an error answer (RFC 6749 §5.2); sent with `Cache-Control: no-store`.
    package var json: [UInt8] {
        var writer = JSONWriter(reserving: 128)
        writer.beginObject()
        writer.member("error", code.rawValue)
        writer.member("error_description", description)
        writer.endObject()
        return writer.bytes
    }
}

extension OAuth2Error {
    /// The value of `WWW-Authenticate` that must go with this error, nil when none does.
    ///
    /// `invalid_client` asks for HTTP Basic (RFC 6749 §5.2); the two errors of a protected resource for a bearer token
    /// (RFC 6750 §3), with the error repeated in the header.
    /// - Parameter realm: Text from configuration, such as the issuer.
    package func challenge(realm: String) -> String? {
        switch code {
        case .invalidClient: "Basic realm=\"\(Self.quotable(realm))\", charset=\"UTF-8\""
        case .invalidToken, .insufficientScope: "\(Self.bearerChallenge(realm: realm)), \(quotedFields)"
        default: nil
        }
    }

    /// The challenge for a request without any bearer token: no error code is given then (RFC 6750 §3.1).
    package static func bearerChallenge(realm: String) -> String {
        "Bearer realm=\"\(quotable(realm))\""
    }

    /// Safe without escaping: the code is a constant and the description holds neither quote nor backslash.
    private var quotedFields: String {
        "error=\"\(code.rawValue)\", error_description=\"\(description)\""
    }

    private static func quotable(_ realm: String) -> String {
        String(decoding: realm.utf8.map(allowed), as: UTF8.self)
    }
}
