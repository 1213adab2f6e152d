package import FoundationEssentials
package import Wire

/// Who a client says it is and what it shows for it (RFC 6749 §2.3), not believed yet. The secret prints as `•••`.
package struct ClientAuthentication: Equatable, Sendable {
    /// The client to load.
    package let clientID: String
    /// The method that was used.
    package let method: Client.AuthenticationMethod
    private let secret: PresentedSecret

    /// Reads the credentials of a token request.
    ///
    /// - Parameters:
    ///   - authorization: The `Authorization` header; several lines joined by commas.
    ///   - body: The parameters of the **body** alone: RFC 6749 §2.3.1 forbids credentials in the request URI.
    /// - Throws: `invalid_request` for two methods at once, for a `client_id` that differs from the header's, and for a
    ///   repeated parameter; `invalid_client` when there are no usable credentials.
    package init(authorization: String?, body: RequestParameters) throws(OAuth2Error) {
        let bodyID = try body.optional("client_id")
        let bodySecret = try body.optional("client_secret")
        let assertion = try body.optional("client_assertion")
        guard [authorization, bodySecret, assertion].filter({ $0 != nil }).count <= 1 else {
            throw OAuth2Error(.invalidRequest, "more than one way of client authentication was used")
        }
        guard assertion == nil else { throw OAuth2Error(.invalidClient, "client_assertion is not supported") }
        if let authorization {
            let basic = try BasicCredentials(authorization)
            guard bodyID.map(basic.isClient) ?? true else {
                throw OAuth2Error(.invalidRequest, "client_id differs from the one in the Authorization header")
            }
            (clientID, method, secret) = (basic.clientID, .basic, basic.secret)
        } else {
            guard let bodyID else { throw OAuth2Error(.invalidClient, "client authentication is missing") }
            (clientID, method) = (bodyID, bodySecret == nil ? .none : .post)
            secret = PresentedSecret(readings: bodySecret.map { [$0] } ?? [])
        }
    }

    /// Decides whether the credentials are the client's.
    ///
    /// - Parameters:
    ///   - client: The stored client of that id; nil when there is none, which takes the same time.
    ///   - secrets: All secrets of that client.
    ///   - importKey: The installation's key for imported secrets.
    ///   - now: The current time; whole seconds.
    /// - Throws: `invalid_client` (RFC 6749 §5.2), with one sentence for unknown client and wrong secret.
    package func verify(
        as client: Client?, secrets: [ClientSecret], importKey: [UInt8], now: Date
    ) throws(OAuth2Error) -> AuthenticatedClient {
        let match = ClientSecret.matching(secret, among: secrets, importKey: importKey, now: now)
        guard let client, client.id.isByteEqual(to: clientID) else { throw Self.failed }
        guard client.authenticationMethods.contains(method) else {
            throw OAuth2Error(.invalidClient, "this way of client authentication is not allowed for the client")
        }
        if method == .none {
            guard client.kind == .public else { throw Self.failed }
            return AuthenticatedClient(client: client, secretID: nil)
        }
        guard let match, match.clientID.isByteEqual(to: client.id) else { throw Self.failed }
        return AuthenticatedClient(client: client, secretID: match.id)
    }

    private static let failed = OAuth2Error(.invalidClient, "client authentication failed")
}

/// A client that has shown who it is. Only ``ClientAuthentication/verify(as:secrets:importKey:now:)`` makes one, so a
/// function that asks for this cannot be called before authentication.
package struct AuthenticatedClient: Equatable, Sendable {
    package let client: Client
    /// The secret that was used, to note when; nil for a public client.
    package let secretID: String?

    fileprivate init(client: Client, secretID: String?) {
        self.client = client
        self.secretID = secretID
    }
}

/// The user name and password of HTTP Basic (RFC 7617) as client id and secret (RFC 6749 §2.3.1).
private struct BasicCredentials {
    let clientID: String
    let secret: PresentedSecret

    init(_ authorization: String) throws(OAuth2Error) {
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "basic" else {
            throw OAuth2Error(.invalidClient, "the Authorization header is not HTTP Basic")
        }
        guard let text = Self.decode(String(parts[1])), let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else {
            throw OAuth2Error(.invalidClient, "the Authorization header does not decode")
        }
        let name = String(text[..<colon])
        let password = String(text[text.utf8.index(after: colon)...])
        // Neither `%` nor `+` is allowed in a registered id: a reading that fails cannot be one of ours.
        clientID = Self.formDecoded(name) ?? name
        let readings = [Self.formDecoded(password), password].compactMap(\.self)
        secret = PresentedSecret(readings: readings.count == 2 && readings[0] == readings[1] ? [password] : readings)
    }

    func isClient(_ id: String) -> Bool { clientID.isByteEqual(to: id) }

    private static func decode(_ text: String) -> String? {
        do {
            return String(validating: try Base64.decode(text), as: UTF8.self)
        } catch { return nil }
    }

    private static func formDecoded(_ text: String) -> String? {
        do {
            return try FormURLEncoded.decode(text)
        } catch { return nil }
    }
}
