import Directory
import FoundationEssentials
import Identity
import Storage
import TestSupport
import Testing

@Suite("The delivery ledger: what counts, what is billed, what tells an outage")
struct SMSLedgerTests {
    /// One message of a test; the accepted one from which others differ.
    struct Sent: Sendable {
        var id: String
        var at: Date = now
        var purpose = SMSPurpose.signIn
        var tenant = Samples.acme
        var userID: String? = "user-alice"
        var phone = "p"
        var address = "a"
        var segments = 1
        var isDecoy = false
        var settlement: SMSSends.Settlement?
        /// When it was settled, after it was sent; seconds.
        var settledAfter: TimeInterval = 1

        func store(_ db: any Connection) throws {
            try db.smsSends.insert(
                .init(
                    id: id, tenantID: tenant.id, purpose: purpose, userID: userID, phoneIndex: phone, address: address,
                    segments: segments, isDecoy: isDecoy), now: at)
            if let settlement { try db.smsSends.settle(id, settlement, now: at + settledAfter) }
        }
    }

    static let accepted = SMSSends.Settlement(.accepted, gateway: "huawei", reference: "ref-1")
    static let rejected = SMSSends.Settlement(.rejected, failure: "rejected: E1")
    static let failed = SMSSends.Settlement(.failed, failure: "unavailable: timeout")

    private static func store(_ sent: [Sent], in database: any Database) async throws {
        try await database.write { db in for message in sent { try message.store(db) } }
    }

    // MARK: - The page

    @Test("a line says what was sent, and what became of it", arguments: Backend.available)
    func lines(backend: Backend) async throws {
        try await backend.withSamples { database in
            try await Self.store(
                [
                    Sent(id: "under way", segments: 2), Sent(id: "accepted", settlement: Self.accepted),
                    Sent(id: "failed", userID: nil, settlement: Self.failed),
                ], in: database)
            let lines = try await database.read { db in
                try ["under way", "accepted", "failed", "none"].map { try db.smsLedger.line($0, in: Samples.acme.id) }
            }
            #expect(lines[0]?.segments == 2)
            #expect(lines[0]?.outcome == nil)
            #expect(lines[1]?.sentAt == now)
            #expect(lines[1]?.purpose == "LOGIN_SMS")
            #expect(lines[1]?.userID == "user-alice")
            #expect(lines[1]?.outcome == .accepted)
            #expect(lines[1]?.gateway == "huawei")
            #expect(lines[1]?.reference == "ref-1")
            #expect(lines[1]?.failure == nil)
            #expect(lines[2]?.userID == nil)
            #expect(lines[2]?.outcome == .failed)
            #expect(lines[2]?.failure == "unavailable: timeout")
            #expect(lines[3] == nil)
        }
    }

    @Test(
        "pages go on where the one before ended, newest first, though many have one time", arguments: Backend.available)
    func paging(backend: Backend) async throws {
        try await backend.withSamples { database in
            let sent = (0..<23).map { Sent(id: "m\($0 % 10)\($0)", at: now - Double($0 / 5)) }
            try await Self.store(sent, in: database)
            let ids = try await database.read { db in
                var ids: [String] = []
                var last: SMSLedger.Line?
                repeat {
                    let page = try db.smsLedger.page(.init(), in: Samples.acme.id, after: last, limit: 4)
                    ids += page.map(\.id)
                    last = page.last
                } while last != nil
                return ids
            }
            let expected = sent.sorted { ($0.at, $0.id) > ($1.at, $1.id) }.map(\.id)
            #expect(ids == expected)
        }
    }

    struct Filtered: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var filter: SMSLedger.Filter
        var ids: [String]
    }

    @Test("the filters choose, and do so together", arguments: Backend.available)
    func filters(backend: Backend) async throws {
        try await backend.withSamples { database in
            try await Self.store(
                [
                    Sent(id: "1", at: now - 40, settlement: Self.accepted),
                    Sent(id: "2", at: now - 30, purpose: .passwordChanged, settlement: Self.rejected),
                    Sent(id: "3", at: now - 20, userID: "user-bob", settlement: Self.failed),
                    Sent(id: "4", at: now - 10, userID: nil),
                ], in: database)
            for sample in [
                Filtered(testDescription: "nothing", filter: .init(), ids: ["4", "3", "2", "1"]),
                Filtered(testDescription: "user", filter: .init(userID: "user-alice"), ids: ["2", "1"]),
                Filtered(testDescription: "purpose", filter: .init(purpose: .signIn), ids: ["4", "3", "1"]),
                Filtered(testDescription: "outcome", filter: .init(outcome: .failed), ids: ["3"]),
                Filtered(testDescription: "from", filter: .init(from: now - 20), ids: ["4", "3"]),
                Filtered(testDescription: "to, which is left out", filter: .init(to: now - 20), ids: ["2", "1"]),
                Filtered(
                    testDescription: "all",
                    filter: .init(
                        userID: "user-alice", purpose: .signIn, outcome: .accepted, from: now - 40, to: now - 39),
                    ids: ["1"]),
                Filtered(
                    testDescription: "all but one", filter: .init(userID: "user-alice", outcome: .failed), ids: []),
            ] {
                let ids = try await database.read { db in
                    try db.smsLedger.page(sample.filter, in: Samples.acme.id, after: nil, limit: 9).map(\.id)
                }
                #expect(ids == sample.ids, "\(sample.testDescription)")
            }
        }
    }

    @Test(
        "neither a decoy nor another tenant's message is on any page or in any sum", .tags(.security),
        arguments: Backend.available)
    func isolated(backend: Backend) async throws {
        try await backend.withSamples { database in
            try await Self.store(
                [
                    Sent(id: "decoy", isDecoy: true, settlement: Self.accepted),
                    Sent(id: "foreign", tenant: Samples.globex, settlement: Self.accepted),
                ], in: database)
            let seen = try await database.read { db in
                let ledger = db.smsLedger
                let month = try ledger.month(now - 9, before: now + 9, in: Samples.acme.id)
                return (
                    try ledger.page(.init(), in: Samples.acme.id, after: nil, limit: 9).count,
                    try ledger.line("foreign", in: Samples.acme.id), month
                )
            }
            #expect(seen.0 == 0)
            #expect(seen.1 == nil)
            #expect(seen.2.billed == 0)
            #expect(seen.2.messages == [:])
        }
    }

    // MARK: - Sums

    @Test(
        "a month is billed from its first second to the next one's, in the network's messages, without those that failed",
        arguments: Backend.available)
    func months(backend: Backend) async throws {
        try await backend.withSamples { database in
            // November 2023 (UTC).
            let (start, end) = (Date(timeIntervalSince1970: 1_698_796_800), Date(timeIntervalSince1970: 1_701_388_800))
            try await Self.store(
                [
                    Sent(id: "before", at: start - 1, segments: 100, settlement: Self.accepted),
                    Sent(id: "first", at: start, settlement: Self.accepted),
                    Sent(id: "long", segments: 3, settlement: Self.accepted),
                    Sent(id: "rejected", segments: 2, settlement: Self.rejected),
                    Sent(id: "failed", segments: 50, settlement: Self.failed), Sent(id: "under way"),
                    Sent(id: "last", at: end - 1, settlement: Self.accepted),
                    Sent(id: "after", at: end, segments: 100, settlement: Self.accepted),
                ], in: database)
            let month = try await database.read { db in
                try db.smsLedger.month(start, before: end, in: Samples.acme.id)
            }
            #expect(SendHistory.monthStart(of: now) == start)
            #expect(SendHistory.nextMonth(after: now) == end)
            #expect(month.start == start)
            #expect(month.billed == 1 + 3 + 2 + 1 + 1)
            #expect(month.messages == [.accepted: 3, .rejected: 1, .failed: 1])
        }
    }

    private static func history(_ database: any Database, quota: Int? = 1_000) async throws -> SendHistory {
        var limits = SMSSendingLimits()
        limits.perTenantMonth = quota
        return try await database.write { [limits] db in
            try db.smsSends.history(phoneIndex: "p", address: "a", in: Samples.acme.id, limits: limits, now: now)
        }
    }

    @Test("what failed counts for nothing; what was rejected counts", .tags(.security), arguments: Backend.available)
    func failedSends(backend: Backend) async throws {
        try await backend.withSamples { database in
            try await Self.store(
                [
                    Sent(id: "1", at: now - 9, settlement: Self.failed),
                    Sent(id: "2", at: now - 8, isDecoy: true, settlement: Self.failed),
                ], in: database)
            #expect(try await Self.history(database) == SendHistory())
            try await Self.store([Sent(id: "3", at: now - 7, settlement: Self.rejected)], in: database)
            let one = SendHistory.Count(1, oldestAt: now - 7)
            #expect(
                try await Self.history(database)
                    == SendHistory(
                        lastSentAt: now - 7, phoneHour: one, phoneDay: one, addressHour: one, tenantMonth: 1))
            #expect(
                try await database.read { try $0.smsSends.asked(in: Samples.acme.id, after: now - 60, most: 9) } == 1)
        }
    }

    @Test("a notice keeps nobody from a code; it is billed and counted by itself", arguments: Backend.available)
    func notices(backend: Backend) async throws {
        try await backend.withSamples { database in
            try await Self.store(
                [
                    Sent(id: "1", at: now - 9, purpose: .passwordChanged, address: "", settlement: Self.accepted),
                    Sent(id: "2", at: now - 8, address: ""),
                    Sent(id: "3", at: now - 7, address: "", settlement: Self.failed),
                    Sent(id: "4", at: now - 7, phone: "q", address: ""),
                    Sent(id: "5", at: now - 7, tenant: Samples.globex, address: ""),
                    Sent(id: "6", at: now - 7, purpose: .domainChecked, address: ""),
                ], in: database)
            let news = try await database.read { db in
                try db.smsSends.notices(
                    like: .domainChecked, phoneIndex: "p", in: Samples.acme.id, after: now - 10)
            }
            #expect(news == 1)
            #expect(try await Self.history(database) == SendHistory(tenantMonth: 4))
            // Where there is no quota nobody asks, and nobody counts.
            #expect(try await Self.history(database, quota: nil) == SendHistory())
            let counts = try await database.read { db in
                try [now - 10, now - 9, now - 8].map {
                    try db.smsSends.notices(
                        like: .passwordChanged, phoneIndex: "p", in: Samples.acme.id, after: $0)
                }
            }
            #expect(counts == [2, 1, 0])
        }
    }

    @Test("asked for are decoys too, in the tenant, after a time", .tags(.security), arguments: Backend.available)
    func asked(backend: Backend) async throws {
        try await backend.withSamples { database in
            try await Self.store(
                [
                    Sent(id: "1", at: now - 600), Sent(id: "2", at: now - 599, phone: "q", isDecoy: true),
                    Sent(id: "3", phone: "r", address: "b"), Sent(id: "4", tenant: Samples.globex),
                ], in: database)
            let counts = try await database.read { db in
                try [9, 2, 1, 0].map { try db.smsSends.asked(in: Samples.acme.id, after: now - 600, most: $0) }
            }
            #expect(counts == [2, 2, 1, 0])
        }
    }

    // MARK: - Outage

    struct Outage: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var sent: [Sent]
        var isFailing: Bool
    }

    static let failure = Sent(id: "1", at: now - 10, settlement: failed)

    static let outages = [
        Outage(testDescription: "nothing sent", sent: [], isFailing: false),
        Outage(testDescription: "the last one failed", sent: [failure], isFailing: true),
        Outage(
            testDescription: "it was settled too long ago", sent: [changed(failure) { $0.at = now - 121 }],
            isFailing: false),
        Outage(
            testDescription: "it was sent long ago, and settled a second ago",
            sent: [
                changed(failure) {
                    $0.at = now - 300; $0.settledAfter = 299
                }
            ], isFailing: true),
        Outage(
            testDescription: "another tenant's", sent: [changed(failure) { $0.tenant = Samples.globex }],
            isFailing: false),
        Outage(
            testDescription: "of another purpose", sent: [changed(failure) { $0.purpose = .forgottenPassword }],
            isFailing: false),
        Outage(testDescription: "a decoy", sent: [changed(failure) { $0.isDecoy = true }], isFailing: false),
        Outage(
            testDescription: "no room in our own queue", sent: [changed(failure) { $0.settlement = .queueFull }],
            isFailing: false),
        Outage(
            testDescription: "then one under way", sent: [failure, Sent(id: "2", at: now - 5)], isFailing: true),
        Outage(
            testDescription: "then one accepted", sent: [failure, Sent(id: "2", at: now - 5, settlement: accepted)],
            isFailing: false),
        Outage(
            testDescription: "then a decoy accepted",
            sent: [failure, Sent(id: "2", at: now - 5, isDecoy: true, settlement: accepted)], isFailing: true),
        Outage(
            testDescription: "then one rejected", sent: [failure, Sent(id: "2", at: now - 5, settlement: rejected)],
            isFailing: true),
        Outage(
            testDescription: "then one without room",
            sent: [
                Sent(id: "1", at: now - 10, settlement: accepted),
                changed(failure) {
                    $0.id = "2"; $0.settlement = .queueFull
                },
            ],
            isFailing: false),
        Outage(
            testDescription: "accepted, then failed",
            sent: [Sent(id: "1", at: now - 10, settlement: accepted), Sent(id: "2", at: now - 5, settlement: failed)],
            isFailing: true),
        Outage(
            testDescription: "only rejected", sent: [Sent(id: "1", at: now - 10, settlement: rejected)],
            isFailing: false),
    ]

    @Test("the last settled message of a purpose tells whether messages get out", .tags(.security), arguments: outages)
    func outage(_ sample: Outage) async throws {
        for backend in Backend.available where backend != .sqliteFile {
            try await backend.withSamples { database in
                try await Self.store(sample.sent, in: database)
                let isFailing = try await database.read { db in
                    try db.smsSends.isFailing(.signIn, in: Samples.acme.id, after: now - 120)
                }
                #expect(isFailing == sample.isFailing, "\(backend)")
            }
        }
    }

    // MARK: - How long

    @Test("the ledger tells of a year", arguments: Backend.available)
    func kept(backend: Backend) async throws {
        let day: TimeInterval = 86_400
        try await backend.withSamples { database in
            let sent = [31, 365, 367].map { Sent(id: "\($0)", at: now - Double($0) * day) }
            try await Self.store(sent, in: database)
            try await database.sweep(keeping: .init(signInLogs: [:], sessionLifetime: nil), now: now)
            let left = try await database.read { db in
                try db.smsLedger.page(.init(), in: Samples.acme.id, after: nil, limit: 9).map(\.id)
            }
            #expect(left == ["31", "365"])
        }
    }
}

/// A copy with one thing changed.
func changed<Value>(_ value: Value, _ change: (inout Value) -> Void) -> Value {
    var value = value
    change(&value)
    return value
}
