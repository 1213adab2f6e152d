import Cryptography
import Directory
import Identity
import JOSE
import Storage
import TestSupport
import Testing
import Wire

/// `at_hash` of an access token (OIDC Core §3.1.3.6).
func leftHalf(of accessToken: String) -> String {
    Base64URL.encode(Array(SHA256.hash(accessToken).prefix(16)))
}

extension TestServer {
    /// The one session that was not ended.
    func onlySession() async throws -> Session {
        let sessions = try await sessions()
        try #require(sessions.count == 1)
        return sessions[0]
    }

    /// The sessions of everybody at Acme that were not ended.
    func sessions() async throws -> [Session] {
        try await database.read { db in try Samples.people.flatMap { try db.sessions.open(ofUser: $0.id) } }
    }

    /// Verifies a token as a client does: with the keys that the server publishes.
    func verifySignature(of token: String, algorithm: String) async throws {
        let published = try JWKSet(try await send("GET", "/oauth2/jwks").json)
        let header = try JSON.parse(try Base64URL.decode(String(token.prefix { $0 != "." })))
        #expect(header["alg"]?.string == algorithm)
        #expect(header["typ"]?.string == "JWT")
        _ = try JWT(token, verifiedWith: published, type: "JWT")
    }
}
