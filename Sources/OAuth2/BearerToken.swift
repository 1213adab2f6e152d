package import Wire

/// An access token as it arrived at a protected resource (RFC 6750 §2). Prints as `•••`.
package struct BearerToken: Equatable, Sendable {
    /// The characters of `b64token`; to be hashed and looked up.
    package let text: String

    /// Finds the token of a request: in the `Authorization` header, or in a form body as `access_token`.
    ///
    /// - Parameters:
    ///   - authorization: The `Authorization` header; several lines joined by commas.
    ///   - query: The parameters of the query. A token there is refused: it is in logs and histories by now
    ///     (RFC 6750 §5.3, RFC 9700 §4.3.2).
    ///   - body: The parameters of a form body, nil when there is none.
    /// - Returns: nil when the request has no token at all: answer with ``OAuth2Error/bearerChallenge(realm:)``.
    /// - Throws: `invalid_request` for a token in the query or in two places, and for a header that is not
    ///   `Bearer b64token`.
    package static func find(
        authorization: String?, query: RequestParameters, body: RequestParameters?
    ) throws(OAuth2Error) -> BearerToken? {
        guard !query.contains("access_token") else {
            throw OAuth2Error(.invalidRequest, "access tokens are not accepted in the query")
        }
        let posted = try body?.optional("access_token")
        guard let authorization else {
            guard let posted else { return nil }
            return try BearerToken(checking: posted)
        }
        guard posted == nil else { throw OAuth2Error(.invalidRequest, "the access token was sent in two places") }
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else {
            throw OAuth2Error(.invalidRequest, "the Authorization header is not Bearer and a token")
        }
        return try BearerToken(checking: String(parts[1]))
    }

    /// `b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`
    private init(checking text: String) throws(OAuth2Error) {
        let body = text.utf8.prefix { $0 != UInt8(ascii: "=") }
        guard !body.isEmpty, body.allSatisfy(Self.isAllowed),
            text.utf8.dropFirst(body.count).allSatisfy({ $0 == UInt8(ascii: "=") })
        else { throw OAuth2Error(.invalidRequest, "the access token has characters that no token has") }
        self.text = text
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"), UInt8(ascii: "+"), UInt8(ascii: "/"):
            true
        default: false
        }
    }
}

extension BearerToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
