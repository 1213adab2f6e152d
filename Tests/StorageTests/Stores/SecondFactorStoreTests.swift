import Cryptography
import Directory
import FoundationEssentials
import Identity
import Storage
import TestSupport
import Testing
import Wire

@Suite("Second factors and passkeys", .timeLimit(.minutes(10)))
struct SecondFactorStoreTests {
    static let sealing: SealingKey = Samples.sealingKey
    static let factor = TOTPFactor(
        totp: TOTP(secret: Array("12345678901234567890".utf8)), confirmedAt: now, lastStep: 7)

    /// The point of RFC 7515 appendix A.3, in COSE's form.
    static func key() throws -> COSEKey {
        let x = try Base64URL.decode("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU")
        let y = try Base64URL.decode("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")
        return try COSEKey(
            [0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20] + x + [0x22, 0x58, 0x20] + y)
    }

    static func passkey(
        _ id: String, of user: User = Samples.alice, counter: Int64 = 0
    ) throws -> Passkey {
        Passkey(
            credentialID: id, tenantID: user.tenantID, userID: user.id, publicKey: try key(),
            signatureCounter: counter, label: PasskeyLabel(stored: awkward), transports: ["internal", "hybrid"],
            aaguid: "00000000000000000000000000000000", isBackupEligible: true, isBackedUp: false, createdAt: now)
    }

    /// How many of 40 writes at once on four handles came out true.
    private static func winners(
        _ backend: Backend, preparing: @escaping @Sendable (any Connection) throws -> Void,
        _ body: @escaping @Sendable (any Connection) throws -> Bool
    ) async throws -> Int {
        try await backend.withDatabases(4) { databases in
            try await databases[0].migrate(now: now)
            try await Samples.store(in: databases[0])
            try await databases[0].write { db in try preparing(db) }
            return try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<40 { group.addTask { try await databases[number % 4].write { db in try body(db) } } }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
        }
    }

    // MARK: Authenticator apps

    @Test("an app comes back as it was stored, another takes its place, and it goes", arguments: Backend.available)
    func app(backend: Backend) async throws {
        try await backend.withSamples { database in
            let second = TOTPFactor(totp: TOTP(secret: [1]), confirmedAt: now + 1, lastStep: nil)
            let stored = try await database.write { db in
                let factors = db.totpFactors(Self.sealing)
                try factors.put(Self.factor, ofUser: Samples.alice.id)
                let first = try factors.ofUser(Samples.alice.id)
                try factors.put(second, ofUser: Samples.alice.id)
                return [first, try factors.ofUser(Samples.alice.id), try factors.ofUser(Samples.bob.id)]
            }
            #expect(stored == [Self.factor, second, nil])
            let removed = try await database.write { db in
                try (0..<2).map { _ in try db.totpFactors(Self.sealing).remove(ofUser: Samples.alice.id) }
            }
            #expect(removed == [true, false])
        }
    }

    @Test("a secret is sealed, and for its user alone", .tags(.security), arguments: Backend.available)
    func sealed(backend: Backend) async throws {
        try await backend.withSamples { database in
            try await database.write { db in
                try db.totpFactors(Self.sealing).put(Self.factor, ofUser: Samples.alice.id)
                try db.execute(
                    """
                    INSERT INTO totp_factors SELECT \(Samples.bob.id), sealed_secret, confirmed_at, last_step
                    FROM totp_factors
                    """)
            }
            let texts = try await database.rawTexts("SELECT sealed_secret FROM totp_factors", columns: 1)
            #expect(texts.allSatisfy { $0.hasPrefix("v1.") && !$0.contains("1234567890") })
            await #expect(throws: SealingError.refused) {
                try await database.read { db in try db.totpFactors(Self.sealing).ofUser(Samples.bob.id) }
            }
        }
    }

    @Test("of forty that use one step, one gets it", .tags(.security), arguments: Backend.available)
    func stepRace(backend: Backend) async throws {
        let won = try await Self.winners(backend) { db in
            try db.totpFactors(Self.sealing).put(Self.factor, ofUser: Samples.alice.id)
        } _: { db in
            try db.totpFactors(Self.sealing).use(step: 8, ofUser: Samples.alice.id)
        }
        #expect(won == 1)
    }

    @Test("neither the last step nor one before it is used again", .tags(.security), arguments: Backend.available)
    func steps(backend: Backend) async throws {
        try await backend.withSamples { database in
            let used = try await database.write { db in
                let factors = db.totpFactors(Self.sealing)
                let none = try factors.use(step: 9, ofUser: Samples.alice.id)
                try factors.put(Self.factor, ofUser: Samples.alice.id)
                return try [none] + [7, 6, 9, 9, 8, 10].map { try factors.use(step: $0, ofUser: Samples.alice.id) }
            }
            #expect(used == [false, false, false, true, false, false, true])
        }
    }

    // MARK: Recovery codes

    @Test("each serves once, its owner alone, until there are new ones", .tags(.security), arguments: Backend.available)
    func recovery(backend: Backend) async throws {
        try await backend.withSamples { database in
            let (alice, bob) = (Samples.alice.id, Samples.bob.id)
            let (taken, counts) = try await database.write { db in
                try db.recoveryCodes.replace(ofUser: alice, with: ["a", "b", "c"])
                var taken = try [(alice, "a"), (alice, "a"), (bob, "b"), (alice, "x")].map { user, hash in
                    try db.recoveryCodes.take(hash, ofUser: user, now: now)
                }
                var counts = [try db.recoveryCodes.count(ofUser: alice), try db.recoveryCodes.count(ofUser: bob)]
                try db.recoveryCodes.replace(ofUser: alice, with: ["a", "d"])
                taken += try ["b", "a", "d"].map { try db.recoveryCodes.take($0, ofUser: alice, now: now) }
                counts.append(try db.recoveryCodes.count(ofUser: alice))
                return (taken, counts)
            }
            #expect(taken == [true, false, false, false, false, true, true])
            #expect(counts == [2, 0, 0])
        }
    }

    @Test("of forty that use one code, one gets it", .tags(.security), arguments: Backend.available)
    func recoveryRace(backend: Backend) async throws {
        let won = try await Self.winners(backend) { db in
            try db.recoveryCodes.replace(ofUser: Samples.alice.id, with: ["a"])
        } _: { db in
            try db.recoveryCodes.take("a", ofUser: Samples.alice.id, now: now)
        }
        #expect(won == 1)
    }

    // MARK: Passkeys

    @Test("a passkey comes back as it was stored, within its tenant", .tags(.security), arguments: Backend.available)
    func passkeys(backend: Backend) async throws {
        try await backend.withSamples { database in
            let first = try Self.passkey("first")
            let second = try changed(Self.passkey("second", counter: 4_294_967_295)) { $0.createdAt = now + 1 }
            let found = try await database.roundTrip({ db in
                try db.passkeys.insert(second)
                try db.passkeys.insert(first)
            }) { db in
                (
                    try db.passkeys.ofUser(Samples.alice.id), try db.passkeys.identified("second", in: Samples.acme.id),
                    try db.passkeys.identified("second", in: Samples.globex.id)
                )
            }
            #expect(found.0 == [first, second])
            #expect(found.1 == second && found.2 == nil)
        }
    }

    @Test("a credential id belongs to one person of a tenant", .tags(.security), arguments: Backend.available)
    func unique(backend: Backend) async throws {
        try await backend.withSamples { database in
            let passkey = try Self.passkey("one")
            try await database.write { db in try db.passkeys.insert(passkey) }
            let other = changed(passkey) { $0.userID = Samples.bob.id }
            await #expect(throws: DatabaseError.uniqueViolation(constraint: "passkeys(tenant_id, credential_id)")) {
                try await database.write { db in try db.passkeys.insert(other) }
            }
        }
    }

    @Test("of forty uses with one counter, one counts", .tags(.security), arguments: Backend.available)
    func counterRace(backend: Backend) async throws {
        let used = try Self.passkey("one", counter: 5)
        let won = try await Self.winners(backend) { db in
            try db.passkeys.insert(changed(used) { $0.signatureCounter = 4 })
        } _: { db in
            try db.passkeys.use(used)
        }
        #expect(won == 1)
    }

    @Test("a counter grows, or stays at zero", .tags(.security), arguments: Backend.available)
    func counters(backend: Backend) async throws {
        try await backend.withSamples { database in
            let passkey = try Self.passkey("one")
            let used = try await database.write { db in
                let gone = try db.passkeys.use(passkey)
                try db.passkeys.insert(passkey)
                return try [gone]
                    + [0, 0, 3, 3, 2, 0, 4].map { counter in
                        try db.passkeys.use(
                            changed(passkey) {
                                ($0.signatureCounter, $0.lastUsedAt, $0.isBackedUp) = (Int64(counter), now + 9, true)
                            })
                    }
            }
            #expect(used == [false, true, true, true, false, false, false, true])
            let stored = try await database.read { db in try db.passkeys.ofUser(Samples.alice.id) }
            let expected = changed(passkey) { ($0.signatureCounter, $0.lastUsedAt, $0.isBackedUp) = (4, now + 9, true) }
            #expect(stored == [expected])
        }
    }

    @Test("only its owner renames and removes a passkey", .tags(.security), arguments: Backend.available)
    func owner(backend: Backend) async throws {
        try await backend.withSamples { database in
            let passkey = try Self.passkey("one")
            let label = PasskeyLabel(stored: "Phone")
            let done = try await database.write { db in
                try db.passkeys.insert(passkey)
                return [
                    try db.passkeys.rename("one", to: label, ofUser: Samples.bob.id),
                    try db.passkeys.remove("one", ofUser: Samples.bob.id),
                    try db.passkeys.rename("one", to: label, ofUser: Samples.alice.id),
                ]
            }
            #expect(done == [false, false, true])
            let stored = try await database.read { db in try db.passkeys.identified("one", in: Samples.acme.id) }
            #expect(stored == changed(passkey) { $0.label = label })
            let removed = try await database.write { db in
                try (0..<2).map { _ in try db.passkeys.remove("one", ofUser: Samples.alice.id) }
            }
            #expect(removed == [true, false])
        }
    }

    // MARK: Challenges

    static func challenge(_ hash: String, userID: String? = nil) -> PasskeyChallenge {
        PasskeyChallenge(
            hash: hash, owner: "session s", purpose: .registration, userID: userID, expiresAt: now + 300)
    }

    @Test(
        "a challenge is taken once, by its owner, for its purpose, in time", .tags(.security),
        arguments: Backend.available)
    func challenges(backend: Backend) async throws {
        try await backend.withSamples { database in
            let challenge = Self.challenge("h", userID: Samples.alice.id)
            let taken = try await database.write { db in
                try db.passkeyChallenges.insert(challenge)
                try db.passkeyChallenges.insert(Self.challenge("other"))
                return [
                    try db.passkeyChallenges.take("x", owner: "session s", purpose: .registration, now: now),
                    try db.passkeyChallenges.take("h", owner: "session t", purpose: .registration, now: now),
                    try db.passkeyChallenges.take("h", owner: "session s", purpose: .authentication, now: now),
                    try db.passkeyChallenges.take("h", owner: "session s", purpose: .registration, now: now + 300),
                    try db.passkeyChallenges.take("h", owner: "session s", purpose: .registration, now: now + 299),
                    try db.passkeyChallenges.take("h", owner: "session s", purpose: .registration, now: now),
                ]
            }
            #expect(taken == [nil, nil, nil, nil, challenge, nil])
        }
    }

    @Test("of forty that answer one challenge, one takes it", .tags(.security), arguments: Backend.available)
    func challengeRace(backend: Backend) async throws {
        let won = try await Self.winners(backend) { db in
            try db.passkeyChallenges.insert(Self.challenge("h"))
        } _: { db in
            try db.passkeyChallenges.take("h", owner: "session s", purpose: .registration, now: now) != nil
        }
        #expect(won == 1)
    }

    @Test("challenges are swept when they can be answered no more", arguments: Backend.available)
    func swept(backend: Backend) async throws {
        try await backend.withSamples { database in
            try await database.write { db in
                try db.passkeyChallenges.insert(Self.challenge("over"))
                try db.passkeyChallenges.insert(changed(Self.challenge("good")) { $0.expiresAt = now + 301 })
            }
            try await database.sweep(keeping: .init(signInLogs: [:], sessionLifetime: nil), now: now + 300)
            let left = try await database.rawTexts("SELECT hash FROM passkey_challenges", columns: 1)
            #expect(left == ["good"])
        }
    }

    // MARK: All together

    @Test(
        "what a person has is counted, for the person alone, and goes at once", .tags(.security),
        arguments: Backend.available)
    func summary(backend: Backend) async throws {
        try await backend.withSamples { database in
            let alice = Samples.alice.id
            let (none, all, removed, after) = try await database.write { db in
                let none = try db.secondFactors(ofUser: alice)
                try db.totpFactors(Self.sealing).put(Self.factor, ofUser: alice)
                try db.passkeys.insert(try Self.passkey("one"))
                try db.passkeys.insert(try Self.passkey("two"))
                try db.recoveryCodes.replace(ofUser: alice, with: ["a", "b", "c"])
                _ = try db.recoveryCodes.take("a", ofUser: alice, now: now)
                let changes = try [true, true].map { try db.smsFactors.set($0, ofUser: alice, now: now) }
                #expect(changes == [true, false])
                #expect(try db.smsFactors.isOn(alice))
                #expect(try !db.smsFactors.isOn(Samples.bob.id))
                #expect(try db.secondFactors(ofUser: Samples.bob.id) == SecondFactors())
                let all = try db.secondFactors(ofUser: alice)
                return (
                    none, all, try db.removeSecondFactors(ofUser: alice, now: now), try db.secondFactors(ofUser: alice)
                )
            }
            #expect(none == SecondFactors() && none.isEmpty)
            #expect(all == SecondFactors(hasApp: true, hasSMS: true, passkeys: 2, recoveryCodes: 2) && !all.isEmpty)
            #expect(removed == all && after == none)
        }
    }

    @Test("what a deleted person had goes too", .tags(.security), arguments: Backend.available)
    func deleted(backend: Backend) async throws {
        try await backend.withSamples { database in
            let alice = Samples.alice.id
            try await database.write { db in
                try db.totpFactors(Self.sealing).put(Self.factor, ofUser: alice)
                try db.passkeys.insert(try Self.passkey("one"))
                try db.recoveryCodes.replace(ofUser: alice, with: ["a"])
                _ = try db.smsFactors.set(true, ofUser: alice, now: now)
                try db.execute("DELETE FROM users WHERE id = \(alice)")
            }
            let left = try await database.rawTexts(
                """
                SELECT user_id FROM totp_factors UNION ALL SELECT user_id FROM passkeys
                UNION ALL SELECT user_id FROM recovery_codes UNION ALL SELECT user_id FROM sms_factors
                """, columns: 1)
            #expect(left == [])
        }
    }
}
