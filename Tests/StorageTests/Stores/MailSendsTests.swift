import Directory
import FoundationEssentials
import Identity
import OAuth2
import Storage
import TestSupport
import Testing

@Suite("E-mails and their codes", .timeLimit(.minutes(10)))
struct MailSendsTests {
    private static func send(
        _ id: String, email: String = "e", user: String = Samples.alice.id, address: String = "203.0.113.7",
        isDecoy: Bool = false
    ) -> MailSends.Send {
        .init(
            id: id, tenantID: Samples.acme.id, purpose: .verifyAddress, userID: user, emailIndex: email,
            address: address, isDecoy: isDecoy)
    }

    private static func history(_ db: any Connection, email: String = "e", user: String = Samples.alice.id) throws
        -> SendHistory
    {
        try db.mailSends.history(
            emailIndex: email, userID: user, address: "203.0.113.7", in: Samples.acme.id, now: now)
    }

    @Test(
        "receiver and account are counted each, and the larger holds; decoys count", .tags(.security),
        arguments: Backend.available)
    func counts(backend: Backend) async throws {
        try await backend.withSamples { database in
            try await database.write { db in
                try db.mailSends.insert(Self.send("1"), now: now - 100)
                try db.mailSends.insert(Self.send("2", email: "other", isDecoy: true), now: now - 50)
                try db.mailSends.insert(
                    Self.send("3", user: Samples.frank.id, address: "203.0.113.8"), now: now - 7_200)
                // A notice, and what failed, keep nobody waiting.
                try db.mailSends.insert(Self.send("4", address: ""), now: now - 1)
                try db.mailSends.insert(Self.send("5"), now: now - 2)
                try db.mailSends.settle("5", .init(.failed), now: now)
            }
            let history = try await database.write { db in try Self.history(db) }
            #expect(
                history
                    == SendHistory(
                        lastSentAt: now - 50, phoneHour: .init(2, oldestAt: now - 100),
                        phoneDay: .init(2, oldestAt: now - 7_200), addressHour: .init(2, oldestAt: now - 100)))
            let other = try await database.write { db in try Self.history(db, email: "none", user: "nobody") }
            #expect(other.lastSentAt == nil)
            #expect(other.phoneDay == .none)
        }
    }

    @Test("of forty that ask at once each sees those before it", .tags(.security), arguments: Backend.available)
    func race(backend: Backend) async throws {
        try await backend.withDatabases(4) { databases in
            try await databases[0].migrate(now: now)
            try await Samples.store(in: databases[0])
            let won = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        try await databases[number % 4].write { db in
                            guard try Self.history(db).phoneHour.count == 0 else { return false }
                            try db.mailSends.insert(Self.send("\(number)"), now: now)
                            return true
                        }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(won == 1)
        }
    }

    @Test("a tenant's last message tells whether e-mail gets out", arguments: Backend.available)
    func failing(backend: Backend) async throws {
        try await backend.withSamples { database in
            func isFailing() async throws -> Bool {
                try await database.read { db in try db.mailSends.isFailing(in: Samples.acme.id, after: now - 120) }
            }
            try await database.write { db in
                try db.mailSends.insert(Self.send("1"), now: now - 20)
                try db.mailSends.settle("1", .init(.failed), now: now - 19)
            }
            #expect(try await isFailing())
            try await database.write { db in
                for (id, isDecoy, outcome) in [("2", true, SMSOutcome.accepted), ("3", false, .rejected)] {
                    try db.mailSends.insert(Self.send(id, isDecoy: isDecoy), now: now - 10)
                    try db.mailSends.settle(id, .init(outcome), now: now - 9)
                }
            }
            #expect(try await isFailing())
            try await database.write { db in
                try db.mailSends.insert(Self.send("4"), now: now - 5)
                try db.mailSends.settle("4", .init(.accepted, gateway: "smtp", reference: "x"), now: now - 4)
            }
            #expect(try await !isFailing())
        }
    }

    @Test(
        "a challenge comes back whole, one for each account, and its address is sealed", .tags(.security),
        arguments: Backend.available)
    func challenges(backend: Backend) async throws {
        try await backend.withSamples { database in
            let key = Samples.sealingKey
            @Sendable func challenge(_ email: String) -> EmailChallenge {
                EmailChallenge(
                    target: .init(
                        tenantID: Samples.acme.id, userID: Samples.alice.id, sessionID: "s",
                        email: EmailAddress(stored: email)),
                    codeHash: "h", triesUsed: 2, provedAt: now, expiresAt: nil, isDecoy: true)
            }
            try await database.write { db in
                try db.emailChallenges(key).put(challenge("first@acme.example"))
                try db.emailChallenges(key).put(challenge("second@acme.example"))
            }
            let stored = try await database.read { db in try db.emailChallenges(key).ofUser(Samples.alice.id) }
            #expect(stored == challenge("second@acme.example"))
            let raw = try await database.rawTexts("SELECT sealed_email FROM email_challenges", columns: 1)
            #expect(raw.count == 1)
            #expect(raw.allSatisfy { !$0.contains("second") })
            try await database.write { db in try db.users(key).delete(Samples.alice.id) }
            #expect(try await database.rawTexts("SELECT user_id FROM email_challenges", columns: 1) == [])
        }
    }

    @Test("both are swept when they serve no more", arguments: Backend.available)
    func swept(backend: Backend) async throws {
        try await backend.withSamples { database in
            let key = Samples.sealingKey
            try await database.write { db in
                for (user, age) in [(Samples.alice, 86_400.0), (Samples.frank, 86_399)] {
                    try db.emailChallenges(key).put(
                        EmailChallenge(
                            target: .init(
                                tenantID: Samples.acme.id, userID: user.id, sessionID: "s",
                                email: EmailAddress(stored: "a@b.example")),
                            codeHash: "h", triesUsed: 0, provedAt: now - age, expiresAt: nil, isDecoy: false))
                }
                try db.mailSends.insert(Self.send("old"), now: now - 366 * 86_400)
                try db.mailSends.insert(Self.send("new"), now: now - 366 * 86_400 + 1)
            }
            try await database.sweep(keeping: .init(signInLogs: [:], sessionLifetime: nil), now: now)
            #expect(
                try await database.rawTexts("SELECT user_id FROM email_challenges", columns: 1) == [Samples.frank.id])
            #expect(try await database.rawTexts("SELECT id FROM mail_sends", columns: 1) == ["new"])
        }
    }

    @Test(
        "a profile keeps nickname, language and the time of its proof; another address loses it", .tags(.security),
        arguments: Backend.available)
    func profile(backend: Backend) async throws {
        try await backend.withSamples { database in
            var alice = Samples.alice
            alice.profile.nickname = awkward
            alice.profile.language = "en"
            alice.profile.emailVerifiedAt = now
            let expected = alice
            let stored = try await database.roundTrip { db in
                try db.users(Samples.sealingKey).update(expected)
            } _: { db in
                try db.users(Samples.sealingKey).identified(expected.id, in: expected.tenantID)
            }
            #expect(stored == expected)
            alice.profile.email = alice.profile.email
            #expect(alice.profile.emailVerifiedAt == now)
            alice.profile.email = EmailAddress(stored: "Alice@acme.example")
            #expect(alice.profile.emailVerifiedAt == nil)
        }
    }
}
