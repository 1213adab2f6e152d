import CAS
import Cryptography
import Directory
import FoundationEssentials
import Identity
import OAuth2
import Storage
import TestSupport
import Testing

@Suite("Keys, facts, leases, logs, and what is swept")
struct InstallationStoreTests {
    @Test(
        "signing keys come back and sign, and cannot be read in the rows", .tags(.security),
        arguments: Backend.available)
    func signingKeys(backend: Backend) async throws {
        try await backend.withSamples { database in
            let entries = try await database.read { db in
                try db.signingKeys(Samples.sealingKey).all(in: Samples.acme.id)
            }
            #expect(Set(entries.map(\.key.algorithm)) == Set(SignatureAlgorithm.allCases))
            for entry in entries {
                let signature = try entry.key.sign(Array("x".utf8))
                #expect(entry.key.verificationKey.verify(signature, for: Array("x".utf8)))
            }
            let sealed = try await database.rawTexts("SELECT sealed_key FROM signing_keys", columns: 1)
            #expect(sealed.allSatisfy { $0.hasPrefix("v1.") })
        }
    }

    @Test("a key opens under its own sealing key, tenant and id only", .tags(.security), arguments: Backend.available)
    func boundKeys(backend: Backend) async throws {
        try await backend.withSamples { database in
            var random = SecureRandom()
            let stranger = SealingKey.generate(using: &random)
            await #expect(throws: DatabaseError.unexpectedValue(column: "sealed_key")) {
                try await database.read { db in try db.signingKeys(stranger).all(in: Samples.acme.id).count }
            }
            try await database.write { db in
                try db.execute("DELETE FROM signing_keys WHERE tenant_id = \(Samples.globex.id)")
                try db.execute(
                    "UPDATE signing_keys SET tenant_id = \(Samples.globex.id) WHERE tenant_id = \(Samples.acme.id)")
            }
            await #expect(throws: DatabaseError.unexpectedValue(column: "sealed_key")) {
                try await database.read { db in
                    try db.signingKeys(Samples.sealingKey).all(in: Samples.globex.id).count
                }
            }
        }
    }

    @Test("a fact is settled once", arguments: Backend.available)
    func installation(backend: Backend) async throws {
        try await backend.withSamples { database in
            let values = try await database.write { db in
                [
                    try db.installation.value("x") ?? "none", try db.installation.settle("x", "1"),
                    try db.installation.settle("x", "2"),
                ]
            }
            #expect(values == ["none", "1", "1"])
        }
    }

    @Test("a lease is held by one until it runs out", arguments: Backend.available)
    func leases(backend: Backend) async throws {
        try await backend.withSamples { database in
            let taken = try await database.write { db in
                try [("a", 0.0), ("b", 9), ("a", 9), ("b", 18), ("b", 19), ("a", 20)].map { holder, seconds in
                    try db.leases.take("sweep", holder: holder, lifetime: 10, now: now + seconds)
                }
            }
            #expect(taken == [true, false, true, false, true, false])
        }
    }

    @Test("the sweep removes what is over and nothing that is not", .tags(.security), arguments: Backend.available)
    func sweep(backend: Backend) async throws {
        try await backend.withSamples { database in
            try await database.write { db in try Self.fill(db) }
            let before = try await Self.counts(database)
            try await database.sweep(
                keeping: .init(signInLogs: [Samples.acme.id: 1_000], sessionLifetime: 500), now: now)
            let after = try await Self.counts(database)
            #expect(before == Dictionary(uniqueKeysWithValues: Self.tables.map { ($0, 2) }))
            #expect(after == Dictionary(uniqueKeysWithValues: Self.tables.map { ($0, 1) }))
            let kept = try await database.read { db in
                (
                    try db.interactions.identified("new") != nil, try db.grants.identified("new") != nil,
                    try db.accessTokens.hashed("new") != nil,
                    try db.sessions.identified("new", in: Samples.acme.id) != nil
                )
            }
            #expect(kept.0 && kept.1 && kept.2 && kept.3)
        }
    }

    static let tables = [
        "throttles", "interactions", "sms_challenges", "sms_sends", "spent_puzzles", "service_tickets", "sessions",
        "grants",
        "authorization_codes", "access_tokens", "refresh_tokens", "events",
    ]

    private static func counts(_ database: any Database) async throws -> [String: Int] {
        try await database.read { db in
            var counts: [String: Int] = [:]
            for (table, sql) in zip(tables, statements) {
                counts[table] = try db.row(sql) { row in try row.next(Int.self) }
            }
            return counts
        }
    }

    /// In the order of ``tables``; a statement is a literal.
    private static let statements: [SQL] = [
        "SELECT COUNT(*) FROM throttles", "SELECT COUNT(*) FROM interactions", "SELECT COUNT(*) FROM sms_challenges",
        "SELECT COUNT(*) FROM sms_sends", "SELECT COUNT(*) FROM spent_puzzles", "SELECT COUNT(*) FROM service_tickets",
        "SELECT COUNT(*) FROM sessions",
        "SELECT COUNT(*) FROM grants", "SELECT COUNT(*) FROM authorization_codes", "SELECT COUNT(*) FROM access_tokens",
        "SELECT COUNT(*) FROM refresh_tokens", "SELECT COUNT(*) FROM events",
    ]

    /// One row of each kind that is over long since, and one that is not.
    private static func fill(_ db: any Connection) throws {
        let day: TimeInterval = 86_400
        for (id, age) in [("old", 400 * day), ("new", 10)] {
            let time = now - age
            _ = try db.throttles.locked(id, now: time)
            try db.throttles.put(Throttle(key: id, failures: 1, windowStartedAt: time), expiresAt: time + 900)
            try db.interactions.insert(
                Interaction(
                    id: id, tenantID: Samples.acme.id, browserHash: "b", request: .init(resume: "/", requirement: .any),
                    lifetime: 1_800, now: time))
            let target = SMSChallenge.Target(
                tenantID: Samples.acme.id, purpose: .signIn, phoneIndex: id, interactionID: id)
            try db.smsChallenges.put(
                SMSChallenge(
                    target: target, userID: nil, codeHash: "h", triesUsed: 0, createdAt: time, expiresAt: time + 300,
                    usedAt: nil))
            try db.smsSends.insert(
                .init(
                    id: id, tenantID: Samples.acme.id, purpose: .signIn, userID: nil, phoneIndex: id, address: "a",
                    segments: 1, isDecoy: false), now: time)
            _ = try db.spentPuzzles.spend(id, expiresAt: time + 1_800)
            var ticket = OAuthStoreTests.ticket
            ticket.expiresAt = time + 180
            try db.serviceTickets.insert(ticket, hash: id, now: time)
            try db.sessions.insert(StoreSamples.session(id) { $0.createdAt = time })
            var grant = OAuthStoreTests.grant(id)
            grant = Grant(
                id: id, tenantID: grant.tenantID, clientID: grant.clientID, userID: grant.userID, sessionID: id,
                scope: grant.scope, authentication: grant.authentication, createdAt: time)
            try db.grants.insert(grant)
            try db.authorizationCodes.insert(
                AuthorizationCode(
                    hash: id, grantID: id, clientID: "notes", redirectURI: "x", codeChallenge: nil, expiresAt: time + 60
                ))
            try db.accessTokens.insert(
                AccessToken(hash: id, grantID: id, scope: grant.scope, createdAt: time, expiresAt: time + 7_200))
            try db.refreshTokens.insert(
                RefreshToken(hash: id, grantID: id, clientID: "notes", createdAt: time, expiresAt: time + 30 * day))
            try db.events.insert(
                EventRecord(
                    id: id, tenantID: Samples.acme.id, actor: .system, address: nil, requestID: nil,
                    event: .signIn(.codeSent(userID: "u")), now: time))
        }
    }
}
