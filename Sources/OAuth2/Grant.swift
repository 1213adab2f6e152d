package import FoundationEssentials

/// What a client was allowed once, by one person in one session (RFC 6749 §1.3). Codes and tokens point to it, so that
/// ending it ends all of them.
package struct Grant: Equatable, Sendable {
    /// How and when the person signed in; what ID tokens say about it (OIDC Core §2).
    package struct Authentication: Equatable, Sendable {
        /// `auth_time`; whole seconds.
        package let time: Date
        /// `amr` (RFC 8176).
        package let methods: [String]
        /// `acr`, nil when nothing is claimed.
        package let level: String?

        package init(time: Date, methods: [String], level: String?) {
            self.time = time
            self.methods = methods
            self.level = level
        }
    }

    package let id: String
    package let tenantID: String
    package let clientID: String
    package let userID: String
    /// The session in which it was given; outlives that session only when ``survivesSession`` says so.
    package let sessionID: String
    package let scope: Scope
    package let authentication: Authentication
    /// `nonce` of the authentication request; goes into the first ID token only.
    package let nonce: String?
    package let createdAt: Date
    package var revokedAt: Date?

    /// A grant as it is stored; a new one is made by whoever decided to authorize.
    package init(
        id: String, tenantID: String, clientID: String, userID: String, sessionID: String, scope: Scope,
        authentication: Authentication, nonce: String? = nil, createdAt: Date, revokedAt: Date? = nil
    ) {
        self.id = id
        self.tenantID = tenantID
        self.clientID = clientID
        self.userID = userID
        self.sessionID = sessionID
        self.scope = scope
        self.authentication = authentication
        self.nonce = nonce
        self.createdAt = createdAt
        self.revokedAt = revokedAt
    }

    /// Whether the grant goes on when the session in which it was given ends: only `offline_access` asks for that
    /// (OIDC Core §11), and only a client that an administrator allowed that scope can be granted it.
    package var survivesSession: Bool { scope.contains(Scope.offlineAccess) }
}
