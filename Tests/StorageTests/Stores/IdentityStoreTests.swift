import Directory
import FoundationEssentials
import Identity
import OAuth2
import Storage
import TestSupport
import Testing

@Suite("Passwords, throttles, codes, interactions, sessions")
struct IdentityStoreTests {
    @Test("a credential comes back whole", arguments: Backend.available)
    func credentials(backend: Backend) async throws {
        try await backend.withSamples { database in
            let credential = Credential(
                hash: nil, version: 1, changedAt: now, mustChangeSince: now + 1, history: ["$argon2id$a", "b,\"c"])
            let found = try await database.roundTrip({ db in
                let isStored = try db.credentials.put(credential, ofUser: Samples.bob.id)
                #expect(isStored)
            }) { db in (try db.credentials.ofUser(Samples.bob.id), try db.credentials.ofUser("nobody")) }
            #expect(found.0 == credential)
            #expect(found.1 == nil)
        }
    }

    @Test("a credential is stored only over the version before it", .tags(.security), arguments: Backend.available)
    func versions(backend: Backend) async throws {
        try await backend.withSamples { database in
            let next = Credential(hash: "next", version: 2, changedAt: now)
            let stored = try await database.write { db in
                try [2, 2, 1, 4, 3].map { version in
                    var credential = next
                    credential.version = version
                    return try db.credentials.put(credential, ofUser: Samples.alice.id)
                }
            }
            #expect(stored == [true, false, false, false, true])
        }
    }

    @Test("of parallel passwords one is stored", .tags(.security), arguments: Backend.available)
    func parallelCredentials(backend: Backend) async throws {
        try await backend.withSamples { database in
            let winners = try await countingTrue(30) { number in
                let credential = Credential(hash: "hash \(number)", version: 2, changedAt: now)
                return try await database.write { db in try db.credentials.put(credential, ofUser: Samples.alice.id) }
            }
            #expect(winners == 1)
        }
    }

    @Test("an upgraded hash replaces only the one it was made from", .tags(.security), arguments: Backend.available)
    func upgrade(backend: Backend) async throws {
        try await backend.withSamples { database in
            let found = try await database.roundTrip({ db in
                try db.credentials.upgrade("newer", from: "another", ofUser: Samples.alice.id)
                try db.credentials.upgrade("newest", from: Samples.passwordHash, ofUser: Samples.alice.id)
            }) { db in try db.credentials.ofUser(Samples.alice.id) }
            #expect(found?.hash == "newest")
            #expect(found?.version == 1)
        }
    }

    @Test("a throttle comes back as it was put, and an empty row counts as none", arguments: Backend.available)
    func throttles(backend: Backend) async throws {
        try await backend.withSamples { database in
            let throttle = Throttle(key: "k", failures: 3, windowStartedAt: now, frozenUntil: now + 9)
            let found = try await database.write { db in
                let before = try db.throttles.locked("k", now: now)
                try db.throttles.put(throttle, expiresAt: now + 9)
                let between = [try db.throttles.locked("k", now: now + 1), try db.throttles.peek("k")]
                try db.throttles.clear("k")
                return [before] + between + [try db.throttles.peek("k")]
            }
            #expect(found == [nil, throttle, throttle, nil])
        }
    }

    @Test("parallel attempts are all counted", .tags(.security), arguments: Backend.available)
    func parallelThrottle(backend: Backend) async throws {
        try await backend.withSamples { database in
            _ = try await countingTrue(60) { _ in
                try await database.write { db in
                    var row =
                        try db.throttles.locked("k", now: now) ?? Throttle(key: "k", failures: 0, windowStartedAt: now)
                    row.failures += 1
                    try db.throttles.put(row, expiresAt: nil)
                    return true
                }
            }
            #expect(try await database.read { db in try db.throttles.peek("k")?.failures } == 60)
        }
    }

    @Test("a challenge comes back whole; a phone has one for a purpose", .tags(.security), arguments: Backend.available)
    func challenges(backend: Backend) async throws {
        try await backend.withSamples { database in
            let target = SMSChallenge.Target(
                tenantID: Samples.acme.id, purpose: .signIn, phoneIndex: "index", interactionID: "i")
            var challenge = SMSChallenge(
                target: target, userID: Samples.alice.id, codeHash: "hash", triesUsed: 2, createdAt: now,
                expiresAt: now + 5, usedAt: now + 1)
            let first = challenge
            challenge.target.interactionID = "j"
            challenge.userID = nil
            challenge.codeHash = "other"
            challenge.expiresAt = nil
            challenge.usedAt = nil
            let second = challenge
            let found = try await database.write { db in
                try [first, second].map { challenge in
                    try db.smsChallenges.put(challenge)
                    return try db.smsChallenges.locked(.signIn, phoneIndex: "index", in: Samples.acme.id)
                } + [try db.smsChallenges.locked(.signIn, phoneIndex: "index", in: Samples.globex.id)]
            }
            #expect(found == [first, second, nil])
        }
    }

    @Test(
        "sends are counted by phone, address and tenant, each over its own window", .tags(.security),
        arguments: Backend.available)
    func sends(backend: Backend) async throws {
        try await backend.withSamples { database in
            let history = try await database.write { db in
                func send(_ id: String, _ phone: String, _ address: String, at time: Date, decoy: Bool = false) throws {
                    try db.smsSends.insert(
                        .init(
                            id: id, tenantID: Samples.acme.id, purpose: .signIn, userID: nil, phoneIndex: phone,
                            address: address, segments: 1, isDecoy: decoy),
                        now: time)
                }
                try send("1", "p", "a", at: now - 90_000)
                try send("2", "p", "a", at: now - 86_399)
                try send("3", "p", "b", at: now - 3_600)
                try send("4", "p", "a", at: now - 3_599, decoy: true)
                try send("5", "q", "a", at: now - 10)
                try db.smsSends.insert(
                    .init(
                        id: "6", tenantID: Samples.globex.id, purpose: .signIn, userID: nil, phoneIndex: "p",
                        address: "a", segments: 1, isDecoy: false),
                    now: now - 5)
                var limits = SMSSendingLimits()
                limits.perTenantMonth = 1_000
                return try db.smsSends.history(
                    phoneIndex: "p", address: "a", in: Samples.acme.id, limits: limits, now: now)
            }
            #expect(
                history
                    == SendHistory(
                        lastSentAt: now - 3_599, phoneHour: .init(1, oldestAt: now - 3_599),
                        phoneDay: .init(3, oldestAt: now - 86_399), addressHour: .init(2, oldestAt: now - 3_599),
                        tenantMonth: 4))
        }
    }

    @Test("parallel sends never find room for the same last message", .tags(.security), arguments: Backend.available)
    func parallelSends(backend: Backend) async throws {
        try await backend.withSamples { database in
            let sent = try await countingTrue(40) { number in
                try await database.write { db in
                    let history = try db.smsSends.history(
                        phoneIndex: "p", address: "a", in: Samples.acme.id, limits: SMSSendingLimits(), now: now)
                    guard history.phoneHour.count < 5 else { return false }
                    try db.smsSends.insert(
                        .init(
                            id: "\(number)", tenantID: Samples.acme.id, purpose: .signIn, userID: nil, phoneIndex: "p",
                            address: "a", segments: 1, isDecoy: false),
                        now: now)
                    return true
                }
            }
            #expect(sent == 5)
        }
    }

    static let proof = SignIn.Proof(
        userID: "u", factors: [.sms, .totp], since: now, isRemembered: true, credentialVersion: 3, phoneIndex: "p",
        sessionID: "s")
    static let states: [SignIn.State] = [
        .choosingMethod,
        .setPassword(.init(proof, reason: .forcedChange)),
        .secondFactor(.init(proof)),
        .secondFactor(.init(proof, wish: .forgotten)),
        .completed(Authentication(userID: "u", at: now, amr: [.password], interactionID: "i")),
    ]

    @Test("an interaction comes back whole in each of its states and requirements", arguments: Backend.available)
    func interactions(backend: Backend) async throws {
        try await backend.withSamples { database in
            for (number, state) in Self.states.enumerated() {
                let requirements: [AuthenticationRequirement] = [
                    .any, .fresh, .maxAge(60), .init(.any, level: .twoFactors),
                    .init(.maxAge(5), level: .phishingResistant),
                ]
                let requirement = requirements[number]
                var interaction = Interaction(
                    id: "i\(number)", tenantID: Samples.acme.id, browserHash: "b",
                    request: .init(
                        resume: "/x?\(awkward)", requirement: requirement, applicationID: number == 0 ? nil : "a",
                        destinationOrigin: number == 0 ? nil : "https://a.example"), lifetime: 60, now: now)
                let new = interaction
                interaction.state = state
                let stepped = interaction
                let found = try await database.roundTrip({ db in
                    try db.interactions.insert(new)
                    try db.interactions.setState(state, of: new.id)
                }) { db in try db.interactions.identified(new.id) }
                #expect(found == stepped)
                #expect(try await database.write { db in try db.interactions.locked(new.id) } == stepped)
            }
        }
    }

    @Test("of parallel removals of one interaction one succeeds", .tags(.security), arguments: Backend.available)
    func parallelInteraction(backend: Backend) async throws {
        try await backend.withSamples { database in
            let interaction = Interaction(
                id: "i", tenantID: Samples.acme.id, browserHash: "b", request: .init(resume: "/", requirement: .any),
                lifetime: 60, now: now)
            try await database.write { db in try db.interactions.insert(interaction) }
            let winners = try await countingTrue(60) { _ in
                try await database.write { db in try db.interactions.remove("i") }
            }
            #expect(winners == 1)
        }
    }

    @Test(
        "a session comes back whole, by token and by id, only in its tenant", .tags(.security),
        arguments: Backend.available)
    func sessions(backend: Backend) async throws {
        try await backend.withSamples { database in
            let session = StoreSamples.session("s")
            let found = try await database.roundTrip({ try $0.sessions.insert(session) }) { db in
                [
                    try db.sessions.withToken("hash of s", in: Samples.acme.id),
                    try db.sessions.identified("s", in: Samples.acme.id),
                    try db.sessions.withToken("hash of s", in: Samples.globex.id),
                    try db.sessions.identified("s", in: Samples.globex.id),
                ]
            }
            #expect(found == [session, session, nil, nil])
        }
    }

    @Test(
        "ending a session ends its grants but those that survive it, once", .tags(.security),
        arguments: Backend.available)
    func endSession(backend: Backend) async throws {
        try await backend.withSamples { database in
            let result = try await database.write { db in
                try db.sessions.insert(StoreSamples.session("s"))
                try db.sessions.insert(StoreSamples.session("t"))
                try db.grants.insert(OAuthStoreTests.grant("dies", session: "s"))
                try db.grants.insert(OAuthStoreTests.grant("survives", session: "s", scope: "openid offline_access"))
                try db.grants.insert(OAuthStoreTests.grant("other", session: "t"))
                return [try db.sessions.end("s", now: now + 7), try db.sessions.end("s", now: now + 8)]
            }
            #expect(result == [true, false])
            let after = try await database.write { db in
                (
                    try db.sessions.identified("s", in: Samples.acme.id)?.endedAt,
                    try db.sessions.use("s", now: now + 9),
                    try db.sessions.use("t", now: now + 9), try db.sessions.open(ofUser: Samples.alice.id).map(\.id),
                    try ["dies", "survives", "other"].map { try db.grants.identified($0)?.revokedAt }
                )
            }
            #expect(after.0 == now + 7)
            #expect(!after.1)
            #expect(after.2)
            #expect(after.3 == ["t"])
            #expect(after.4 == [now + 7, nil, nil])
        }
    }

    @Test(
        "a renewed session keeps its id and nothing else; an ended one is neither renewed nor touched",
        .tags(.security), arguments: Backend.available)
    func renew(backend: Backend) async throws {
        try await backend.withSamples { database in
            let renewed = StoreSamples.session("s", token: "new token") {
                $0.isRemembered = false
                $0.createdAt = now + 60
                $0.lastUsedAt = now + 60
                $0.authentication.amr = [.password]
            }
            let found = try await database.roundTrip({ db in
                try db.sessions.insert(StoreSamples.session("s"))
                try db.sessions.renew(renewed)
            }) { db in try db.sessions.identified("s", in: Samples.acme.id) }
            #expect(found == renewed)
            let ended = try await database.roundTrip({ db in
                try db.sessions.end("s", now: now + 70)
                try db.sessions.renew(StoreSamples.session("s", token: "third"))
                try db.sessions.touch("s", now: now + 80)
            }) { db in try db.sessions.identified("s", in: Samples.acme.id) }
            #expect(ended?.tokenHash == "new token")
            #expect(ended?.lastUsedAt == now + 60)
        }
    }
}

/// Runs something so many times at once and counts how often it said yes.
func countingTrue(_ count: Int, _ body: @escaping @Sendable (Int) async throws -> Bool) async throws -> Int {
    try await withThrowingTaskGroup(of: Bool.self) { group in
        for number in 0..<count { group.addTask { try await body(number) } }
        return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
}
