import CAS
import Cryptography
import Directory
import FoundationEssentials
import Identity
import OAuth2
import Storage
import TestSupport
import Testing

@Suite("Clients, secrets, grants, codes, tokens, tickets")
struct OAuthStoreTests {
    static func grant(_ id: String, session: String = "session-1", scope: String = "openid") -> Grant {
        let scope = (try? Scope(parsing: scope)) ?? .empty
        return Grant(
            id: id, tenantID: Samples.acme.id, clientID: "notes", userID: Samples.alice.id, sessionID: session,
            scope: scope, authentication: .init(time: now, methods: ["pwd"], level: nil), createdAt: now)
    }

    @Test("a client comes back whole, and only in its tenant", arguments: Backend.available)
    func clients(backend: Backend) async throws {
        try await backend.withSamples { database in
            var client = Samples.payrollClient
            client.authenticationMethods = [.post]
            client.grantTypes = [.authorizationCode]
            client.scope = Scope.supported
            client.redirectURIs = ["https://a.example/cb?x=%2C", "com.example:/b"].map(RedirectURI.init(stored:))
            client.postLogoutRedirectURIs = []
            client.backChannelLogoutURI = "https://a.example/logout"
            client.requiresPKCE = false
            client.idTokenAlgorithm = .es256
            client.lifetimes = .init(authorizationCode: 1, accessToken: 2, idToken: 3, refreshToken: 4)
            let update = client
            let found = try await database.roundTrip({ try $0.clients.update(update) }) { db in
                [
                    try db.clients.identified("payroll", in: Samples.acme.id),
                    try db.clients.ofApplication(Samples.payroll.id),
                    try db.clients.identified("notes", in: Samples.acme.id),
                    try db.clients.identified("payroll", in: Samples.globex.id),
                    try db.clients.identified("PAYROLL", in: Samples.acme.id),
                ]
            }
            #expect(found == [update, update, Samples.notesClient, nil, nil])
        }
    }

    @Test(
        "secrets come back with their ends, and no secret itself is stored", .tags(.security),
        arguments: Backend.available)
    func secrets(backend: Backend) async throws {
        try await backend.withSamples { database in
            var second = ClientSecret(
                id: "second", clientID: "notes", hash: ClientSecretHash(generated: "another"), label: awkward,
                createdAt: now + 1)
            second.expiresAt = now + 100
            let inserted = second
            let found = try await database.roundTrip({ db in
                try db.clientSecrets.insert(inserted, in: Samples.acme.id)
                try db.clientSecrets.noteUse(of: "second", now: now + 10)
                try db.clientSecrets.noteUse(of: "second", now: now + 69)
                #expect(try !db.clientSecrets.end("second", of: "notes", in: Samples.globex.id, at: nil, now: now))
                #expect(try !db.clientSecrets.end("second", of: "mail", in: Samples.acme.id, at: nil, now: now))
                #expect(
                    try db.clientSecrets.end("secret-notes", of: "notes", in: Samples.acme.id, at: nil, now: now + 5))
                #expect(
                    try !db.clientSecrets.end("secret-notes", of: "notes", in: Samples.acme.id, at: nil, now: now + 6))
            }) { db in try db.clientSecrets.ofClient("notes", in: Samples.acme.id) }
            second.lastUsedAt = now + 10
            #expect(found.map(\.id) == ["secret-notes", "second"])
            #expect(found.first?.revokedAt == now + 5)
            #expect(found.last == second)
            let texts = try await database.rawTexts("SELECT hash FROM client_secrets", columns: 1)
            #expect(texts.allSatisfy { !$0.contains("secret-of-the-tests") && !$0.contains("another") })
        }
    }

    @Test("a grant comes back whole", arguments: Backend.available)
    func grants(backend: Backend) async throws {
        try await backend.withSamples { database in
            let found = try await database.roundTrip({ try $0.grants.insert(StoreSamples.grant) }) { db in
                try db.grants.identified(StoreSamples.grant.id)
            }
            #expect(found == StoreSamples.grant)
        }
    }

    @Test(
        "revoking reaches what it names and nothing else, and keeps the first time", .tags(.security),
        arguments: Backend.available)
    func revoke(backend: Backend) async throws {
        try await backend.withSamples { database in
            let revoked = try await database.write { db in
                for id in ["a", "b", "c", "d"] { try db.grants.insert(Self.grant(id, session: "session \(id)")) }
                try db.grants.revoke("a", now: now + 1)
                try db.grants.revoke(ofSession: "session b", now: now + 2)
                try db.grants.revoke(ofClient: "notes", in: Samples.globex.id, now: now + 3)
                try db.grants.revoke(ofUser: Samples.bob.id, now: now + 4)
                let before = try ["a", "b", "c", "d"].map { try db.grants.identified($0)?.revokedAt }
                try db.grants.revoke(ofClient: "notes", in: Samples.acme.id, now: now + 5)
                try db.grants.revoke(ofUser: Samples.alice.id, now: now + 6)
                return [before, try ["a", "b", "c", "d"].map { try db.grants.identified($0)?.revokedAt }]
            }
            #expect(revoked == [[now + 1, now + 2, nil, nil], [now + 1, now + 2, now + 5, now + 5]])
        }
    }

    static let code = AuthorizationCode(
        hash: "hash", grantID: "g", clientID: "notes", redirectURI: "https://a.example/cb?é",
        codeChallenge: PKCE.Challenge(stored: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"), expiresAt: now + 60)

    @Test(
        "a code is taken once, comes back whole both times, and can be given back", .tags(.security),
        arguments: Backend.available)
    func codes(backend: Backend) async throws {
        try await backend.withSamples { database in
            var taken = Self.code
            taken.isRedeemed = true
            let found = try await database.write { db in
                try db.grants.insert(Self.grant("g"))
                try db.authorizationCodes.insert(Self.code)
                let first = [
                    try db.authorizationCodes.take("hash", now: now), try db.authorizationCodes.take("hash", now: now),
                ]
                try db.authorizationCodes.giveBack("hash")
                return first + [
                    try db.authorizationCodes.take("hash", now: now), try db.authorizationCodes.take("none", now: now),
                ]
            }
            #expect(found == [Self.code, taken, Self.code, nil])
        }
    }

    @Test("taking is undone with the transaction that throws", .tags(.security), arguments: Backend.available)
    func rollback(backend: Backend) async throws {
        try await backend.withSamples { database in
            try await database.write { db in
                try db.grants.insert(Self.grant("g"))
                try db.authorizationCodes.insert(Self.code)
            }
            await #expect(throws: Refusal.self) {
                try await database.write { db in
                    _ = try db.authorizationCodes.take("hash", now: now)
                    throw Refusal()
                }
            }
            #expect(try await database.write { db in try db.authorizationCodes.take("hash", now: now) } == Self.code)
        }
    }

    @Test(
        "a stored challenge that does not read is an error, not a code without PKCE", .tags(.security),
        arguments: Backend.available)
    func challenge(backend: Backend) async throws {
        try await backend.withSamples { database in
            try await database.write { db in
                try db.grants.insert(Self.grant("g"))
                try db.authorizationCodes.insert(Self.code)
                try db.execute("UPDATE authorization_codes SET code_challenge = 'x'")
            }
            await #expect(throws: DatabaseError.unexpectedValue(column: "code_challenge")) {
                try await database.write { db in try db.authorizationCodes.take("hash", now: now) }
            }
        }
    }

    enum Takeable: String, CaseIterable, Sendable {
        case code, refreshToken, ticket
    }

    @Test("of sixty parallel takers one wins", .tags(.security), arguments: Backend.available, Takeable.allCases)
    func gates(backend: Backend, _ kind: Takeable) async throws {
        try await backend.withSamples { database in
            try await database.write { db in
                try db.grants.insert(Self.grant("g"))
                try db.authorizationCodes.insert(Self.code)
                try db.refreshTokens.insert(Self.refreshToken)
                try db.serviceTickets.insert(Self.ticket, hash: "hash", now: now)
            }
            let winners = try await countingTrue(60) { _ in
                try await database.write { db in
                    switch kind {
                    case .code: try db.authorizationCodes.take("hash", now: now)?.isRedeemed == false
                    case .refreshToken: try db.refreshTokens.take("hash", now: now)?.isRedeemed == false
                    case .ticket: try db.serviceTickets.take("hash", in: Samples.acme.id, now: now)?.isTaken == false
                    }
                }
            }
            #expect(winners == 1)
        }
    }

    static let refreshToken = RefreshToken(
        hash: "hash", grantID: "g", clientID: "notes", createdAt: now, expiresAt: now + 9)

    @Test(
        "a refresh token is taken once and comes back whole, with an end or without", .tags(.security),
        arguments: Backend.available)
    func refreshTokens(backend: Backend) async throws {
        try await backend.withSamples { database in
            let endless = RefreshToken(hash: "endless", grantID: "g", clientID: "notes", createdAt: now, expiresAt: nil)
            var used = Self.refreshToken
            used.isRedeemed = true
            let found = try await database.write { db in
                try db.grants.insert(Self.grant("g"))
                try db.refreshTokens.insert(Self.refreshToken)
                try db.refreshTokens.insert(endless)
                return try ["hash", "hash", "endless", "none"].map { try db.refreshTokens.take($0, now: now) }
            }
            #expect(found == [Self.refreshToken, used, endless, nil])
        }
    }

    @Test("an access token comes back whole", arguments: Backend.available)
    func accessTokens(backend: Backend) async throws {
        try await backend.withSamples { database in
            let token = AccessToken(
                hash: "hash", grantID: "g", scope: Scope.standard, createdAt: now, expiresAt: now + 9)
            let found = try await database.roundTrip({ db in
                try db.grants.insert(Self.grant("g"))
                try db.accessTokens.insert(token)
            }) { db in [try db.accessTokens.hashed("hash"), try db.accessTokens.hashed("none")] }
            #expect(found == [token, nil])
        }
    }

    static let ticket = ServiceTicket(
        tenantID: Samples.acme.id, applicationID: Samples.wiki.id,
        service: ServiceURL(stored: "https://wiki.example/?é"),
        userID: Samples.alice.id, sessionID: "s", authenticatedAt: now - 1, isFromNewLogin: true,
        isFromRememberedSession: false, expiresAt: now + 9)

    @Test(
        "a ticket is taken once, comes back whole, and does not exist in another tenant", .tags(.security),
        arguments: Backend.available)
    func tickets(backend: Backend) async throws {
        try await backend.withSamples { database in
            var taken = Self.ticket
            taken.isTaken = true
            let found = try await database.write { db in
                try db.serviceTickets.insert(Self.ticket, hash: "hash", now: now)
                return [
                    try db.serviceTickets.take("hash", in: Samples.globex.id, now: now),
                    try db.serviceTickets.take("hash", in: Samples.acme.id, now: now),
                    try db.serviceTickets.take("hash", in: Samples.acme.id, now: now),
                    try db.serviceTickets.take("none", in: Samples.acme.id, now: now),
                ]
            }
            #expect(found == [nil, Self.ticket, taken, nil])
        }
    }
}
