import FoundationEssentials
package import OAuth2
import Cryptography

/// The OAuth side of applications. A client is known by its tenant and `client_id` together: two enterprises may bring
/// the same id along.
package struct Clients {
    let db: any Connection

    /// The client with this id, or nil.
    package func identified(_ id: String, in tenantID: String) throws -> Client? {
        try db.row(
            "SELECT \(sql: Self.columns) FROM clients WHERE tenant_id = \(tenantID) AND id = \(id)", as: Self.read)
    }

    /// The application of the client with this id, or nil; for those who need no more of it.
    package func applicationID(of id: String, in tenantID: String) throws -> String? {
        try db.row("SELECT application_id FROM clients WHERE tenant_id = \(tenantID) AND id = \(id)") { try $0.next() }
    }

    /// The client of an application, or nil for one that speaks another protocol.
    package func ofApplication(_ applicationID: String) throws -> Client? {
        try db.row("SELECT \(sql: Self.columns) FROM clients WHERE application_id = \(applicationID)", as: Self.read)
    }

    /// Stores a new client; the caller has asked it for its `problems`.
    /// - Throws: `uniqueViolation` for a `client_id` that is taken in the tenant.
    package func insert(_ client: Client) throws {
        try db.execute(
            """
            INSERT INTO clients (tenant_id, id, application_id, kind, authentication_methods, grant_types, scope,
                redirect_uris, post_logout_redirect_uris, back_channel_logout_uri, requires_pkce, id_token_algorithm,
                code_lifetime, access_token_lifetime, id_token_lifetime, refresh_token_lifetime)
            VALUES (\(client.tenantID), \(client.id), \(client.applicationID), \(client.kind),
                \(Self.methods(client)), \(Self.grants(client)), \(client.scope.text),
                \(Self.texts(client.redirectURIs)), \(Self.texts(client.postLogoutRedirectURIs)),
                \(client.backChannelLogoutURI), \(client.requiresPKCE), \(client.idTokenAlgorithm),
                \(Self.seconds(client.lifetimes.authorizationCode)), \(Self.seconds(client.lifetimes.accessToken)),
                \(Self.seconds(client.lifetimes.idToken)), \(Self.seconds(client.lifetimes.refreshToken)))
            """)
    }

    /// Stores every field that may change: all but id, tenant, application and kind.
    package func update(_ client: Client) throws {
        try db.execute(
            """
            UPDATE clients SET authentication_methods = \(Self.methods(client)), grant_types = \(Self.grants(client)),
                scope = \(client.scope.text), redirect_uris = \(Self.texts(client.redirectURIs)),
                post_logout_redirect_uris = \(Self.texts(client.postLogoutRedirectURIs)),
                back_channel_logout_uri = \(client.backChannelLogoutURI), requires_pkce = \(client.requiresPKCE),
                id_token_algorithm = \(client.idTokenAlgorithm),
                code_lifetime = \(Self.seconds(client.lifetimes.authorizationCode)),
                access_token_lifetime = \(Self.seconds(client.lifetimes.accessToken)),
                id_token_lifetime = \(Self.seconds(client.lifetimes.idToken)),
                refresh_token_lifetime = \(Self.seconds(client.lifetimes.refreshToken))
            WHERE tenant_id = \(client.tenantID) AND id = \(client.id)
            """)
    }

    private static let columns: SQL = """
        tenant_id, id, application_id, kind, authentication_methods, grant_types, scope, redirect_uris,
        post_logout_redirect_uris, back_channel_logout_uri, requires_pkce, id_token_algorithm, code_lifetime,
        access_token_lifetime, id_token_lifetime, refresh_token_lifetime
        """

    private static func read(_ row: inout SQLRow) throws -> Client {
        let tenantID: String = try row.next()
        var client = Client(id: try row.next(), applicationID: try row.next(), tenantID: tenantID, kind: try row.next())
        client.authenticationMethods = Set(
            try words(&row, "authentication_methods", Client.AuthenticationMethod.init(rawValue:)))
        client.grantTypes = Set(try words(&row, "grant_types", GrantType.init(rawValue:)))
        client.scope = try storedScope(try row.next())
        client.redirectURIs = try row.next(TextList.self).texts.map(RedirectURI.init(stored:))
        client.postLogoutRedirectURIs = try row.next(TextList.self).texts.map(RedirectURI.init(stored:))
        client.backChannelLogoutURI = try row.next()
        client.requiresPKCE = try row.next()
        client.idTokenAlgorithm = try row.next()
        client.lifetimes = Client.Lifetimes(
            authorizationCode: try span(&row), accessToken: try span(&row), idToken: try span(&row),
            refreshToken: try span(&row))
        return client
    }

    /// Space-separated words of a closed list.
    private static func words<W>(_ row: inout SQLRow, _ column: String, _ read: (String) -> W?) throws -> [W] {
        let text: String = try row.next()
        return try text.split(separator: " ").map { word in
            guard let value = read(String(word)) else { throw DatabaseError.unexpectedValue(column: column) }
            return value
        }
    }

    private static func span(_ row: inout SQLRow) throws -> TimeInterval? {
        try row.next(Int?.self).map(TimeInterval.init)
    }

    private static func methods(_ client: Client) -> String {
        client.authenticationMethods.map(\.rawValue).sorted().joined(separator: " ")
    }

    private static func grants(_ client: Client) -> String {
        client.grantTypes.map(\.rawValue).sorted().joined(separator: " ")
    }

    private static func texts(_ uris: [RedirectURI]) -> TextList { TextList(uris.map(\.text)) }

    private static func seconds(_ span: TimeInterval?) -> Int? { span.map { Int($0) } }
}

/// Reads a scope column; what is there was checked before it was written.
func storedScope(_ text: String) throws -> Scope {
    do { return try Scope(stored: text) } catch { throw DatabaseError.unexpectedValue(column: "scope") }
}

extension Client.Kind: SQLConvertible {}

extension Connection {
    /// The clients of all tenants.
    package var clients: Clients { Clients(db: self) }
}
