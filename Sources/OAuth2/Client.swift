package import Cryptography
package import FoundationEssentials
import Wire

/// OAuth's view of an application (RFC 6749 §2): what it may ask for and where answers to it go.
package struct Client: Equatable, Sendable {
    /// Whether the client can keep a secret (RFC 6749 §2.1).
    package enum Kind: String, Equatable, Sendable, CaseIterable {
        case confidential
        case `public`
    }

    /// How a client shows who it is at the token endpoint; raw values of RFC 7591 §2.
    package enum AuthenticationMethod: String, Equatable, Sendable, CaseIterable {
        case basic = "client_secret_basic"
        case post = "client_secret_post"
        case none
    }

    /// Lifetimes that differ from the installation's, in seconds; nil leaves the installation's.
    package struct Lifetimes: Equatable, Sendable {
        package var authorizationCode: TimeInterval?
        package var accessToken: TimeInterval?
        package var idToken: TimeInterval?
        package var refreshToken: TimeInterval?

        package init(
            authorizationCode: TimeInterval? = nil, accessToken: TimeInterval? = nil, idToken: TimeInterval? = nil,
            refreshToken: TimeInterval? = nil
        ) {
            self.authorizationCode = authorizationCode
            self.accessToken = accessToken
            self.idToken = idToken
            self.refreshToken = refreshToken
        }
    }

    /// `client_id`; generated, or brought along by the enterprise. Compared by bytes.
    package let id: String
    package let applicationID: String
    package let tenantID: String
    package let kind: Kind
    package var authenticationMethods: Set<AuthenticationMethod>
    package var grantTypes: Set<GrantType>
    /// All that the client may be given.
    package var scope: Scope
    package var redirectURIs: [RedirectURI] = []
    package var postLogoutRedirectURIs: [RedirectURI] = []
    /// Checked by ``RedirectURI/check(callback:)``.
    package var backChannelLogoutURI: String?
    /// Off only for a confidential client whose library cannot do PKCE; see ``mustUsePKCE``.
    package var requiresPKCE = true
    package var idTokenAlgorithm: SignatureAlgorithm = .rs256
    package var lifetimes = Lifetimes()

    /// A client with the defaults of its kind: code and refresh token, PKCE, all scopes that need no permission.
    package init(id: String, applicationID: String, tenantID: String, kind: Kind) {
        self.id = id
        self.applicationID = applicationID
        self.tenantID = tenantID
        self.kind = kind
        authenticationMethods = kind == .public ? [.none] : [.basic, .post]
        grantTypes = [.authorizationCode, .refreshToken]
        scope = .standard
    }
}

extension Client {
    /// A public client has nothing but PKCE to show that it is the one that asked (RFC 9700 §2.1.1), whatever is set.
    package var mustUsePKCE: Bool { requiresPKCE || kind == .public }

    /// Whether an authorization request may send its answer to `presented`.
    package func accepts(redirectURI presented: String) -> Bool {
        redirectURIs.contains { $0.matches(presented, from: kind) }
    }

    /// Whether a logout request may lead to `presented`: byte equality, no exception (OIDC RP-Initiated Logout §3).
    package func accepts(postLogoutRedirectURI presented: String) -> Bool {
        postLogoutRedirectURIs.contains { $0.text.isByteEqual(to: presented) }
    }
}

// MARK: - Registration

extension Client {
    /// What is wrong with a client that somebody wants to register or change.
    package enum Problem: String, Error, Equatable, Sendable, CaseIterable {
        /// Not 1 to 128 visible ASCII characters without `%`, `+`, `"` and `\`. Those four are read differently by
        /// client libraries that do and that do not form-encode HTTP Basic (RFC 6749 §2.3.1, appendix A.1).
        case id
        /// A public client with a secret, or a confidential one without any method.
        case authenticationMethods
        /// The authorization code grant without an address to send codes to.
        case redirectURIs
        /// Refresh tokens without a grant that gives the first one.
        case grantTypes
    }

    /// All that is wrong, in the order of the cases; empty for a client that can be stored.
    package var problems: [Problem] {
        var problems: [Problem] = []
        if !Self.isAcceptable(id: id) { problems.append(.id) }
        if authenticationMethods.isEmpty || (kind == .public) != (authenticationMethods == [.none])
            || (kind == .confidential && authenticationMethods.contains(.none))
        {
            problems.append(.authenticationMethods)
        }
        if grantTypes.contains(.authorizationCode), redirectURIs.isEmpty { problems.append(.redirectURIs) }
        if !grantTypes.contains(.authorizationCode) { problems.append(.grantTypes) }
        return problems
    }

    private static func isAcceptable(id: String) -> Bool {
        (1...128).contains(id.utf8.count)
            && id.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"%+\"\\".utf8.contains($0) }
    }
}
