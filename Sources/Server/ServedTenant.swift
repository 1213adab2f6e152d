import Cryptography
package import Directory
import FoundationEssentials
package import JOSE
import OAuth2
import OIDC
import Storage
import Synchronization
import Wire

/// A tenant with everything that follows from it and is the same for every request: policy, keys, documents.
package struct ServedTenant: Sendable {
    package let tenant: Tenant
    package let policy: TenantPolicy
    /// The tenant's published keys, for tokens that come back.
    package let keySet: JWKSet
    /// The key set as the answer of `/oauth2/jwks`.
    let keySetDocument: [UInt8]
    /// The answer of `/.well-known/openid-configuration`.
    let providerDocument: [UInt8]
    /// The answer of `/.well-known/oauth-authorization-server`.
    let serverDocument: [UInt8]
    /// `scheme://host[:port]` of the issuer: what `Origin` says of our own forms.
    let origin: String
    /// Whether the sign-in page offers to come in by an invitation. Only the link goes by it.
    let offersJoining: Bool
    private let signers: [SignatureAlgorithm: JWSSigner]

    /// - Parameter keys: The tenant's signing keys, oldest first; the newest of an algorithm signs.
    init(_ tenant: Tenant, policy: TenantPolicy, keys: [SigningKeys.Entry], offersJoining: Bool = false) {
        self.tenant = tenant
        self.policy = policy
        self.offersJoining = offersJoining
        signers = Dictionary(
            keys.map { ($0.key.algorithm, JWSSigner($0.key, type: "JWT")) }, uniquingKeysWith: { _, newest in newest })
        keySet = JWKSet(keys.map { JWK($0.key.verificationKey) })
        keySetDocument = Array(keySet.json.text.utf8)
        origin = WebOrigin.of(tenant.issuer)
        let server = ServerMetadata(
            issuer: tenant.issuer,
            endpoints: .init(
                authorization: tenant.issuer + Path.authorize, token: tenant.issuer + Path.token,
                jwks: tenant.issuer + Path.keySet),
            uiLocales: Language.allCases.map(\.rawValue))
        serverDocument = server.json
        providerDocument =
            ProviderMetadata(
                server: server, userinfoEndpoint: tenant.issuer + Path.userInfo,
                endSessionEndpoint: tenant.issuer + Path.endSession
            ).json
    }

    /// The signer for an algorithm.
    /// - Throws: `server_error` when the tenant has no such key, which its creation makes impossible.
    func signer(_ algorithm: SignatureAlgorithm) throws(OAuth2Error) -> JWSSigner {
        guard let signer = signers[algorithm] else {
            throw OAuth2Error(.serverError, "the tenant has no key of the client's signing algorithm")
        }
        return signer
    }

    /// Whether cookies are Secure and the `__Host-` prefix is used.
    var isSecure: Bool { tenant.issuer.hasPrefix("https://") }
}

/// Tenants by host, kept for a few seconds so that a request does not begin with reading keys.
///
/// Nothing that must hold at once is in here: users, applications, grants and sessions are read for every request. A
/// changed setting or a new key is in use within ``lifetime`` on every node.
package final class ServedTenants: Sendable {
    private struct Entry {
        let tenant: ServedTenant
        let loadedAt: Date
    }

    /// Seconds.
    private static let lifetime: TimeInterval = 5
    private let database: any Database
    private let sealingKey: SealingKey
    private let policy: TenantPolicy
    private let now: @Sendable () -> Date
    private let entries = Mutex<[String: Entry]>([:])

    init(
        database: any Database, sealingKey: SealingKey, policy: TenantPolicy, now: @escaping @Sendable () -> Date
    ) {
        self.database = database
        self.sealingKey = sealingKey
        self.policy = policy
        self.now = now
    }

    /// The tenant that answers at an authority; nil when none does.
    package func tenant(atHost authority: String?) async throws -> ServedTenant? {
        guard let host = authority.flatMap(HostName.host(ofAuthority:)) else { return nil }
        let now = now()
        if let kept = entries.withLock({ $0[host] }), now.timeIntervalSince(kept.loadedAt) < Self.lifetime {
            return kept.tenant
        }
        guard let loaded = try await load(host) else {
            entries.withLock { $0[host] = nil }
            return nil
        }
        entries.withLock { $0[host] = Entry(tenant: loaded, loadedAt: now) }
        return loaded
    }

    private func load(_ host: String) async throws -> ServedTenant? {
        let sealingKey = sealingKey
        let policy = policy
        return try await database.read { db in
            guard let tenant = try db.tenants.atHost(host) else { return nil }
            return ServedTenant(
                tenant, policy: try policy.of(tenant, sealingKey),
                keys: try db.signingKeys(sealingKey).all(in: tenant.id),
                offersJoining: try db.departments.invite(in: tenant.id))
        }
    }
}
