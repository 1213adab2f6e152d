import HTTPTypes
import HummingbirdCore

/// Discovery documents and keys: made when the tenant is loaded, the same for everyone, cacheable.
enum MetadataEndpoints {
    /// `/.well-known/openid-configuration` (OIDC Discovery §4).
    static let provider: @Sendable (Call) async throws -> Response = { call in document(call.served.providerDocument) }

    /// `/.well-known/oauth-authorization-server` (RFC 8414 §3).
    static let server: @Sendable (Call) async throws -> Response = { call in document(call.served.serverDocument) }

    /// `/oauth2/jwks` (RFC 7517 §5).
    static let keySet: @Sendable (Call) async throws -> Response = { call in document(call.served.keySetDocument) }

    /// Five minutes: a client that meets an unknown `kid` asks again anyway (OIDC Core §10.1.1).
    private static func document(_ bytes: [UInt8]) -> Response {
        Response.json(bytes, isCacheable: true).setting(.cacheControl, to: "public, max-age=300")
    }
}
