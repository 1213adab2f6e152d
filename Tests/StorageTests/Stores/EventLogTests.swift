import Cryptography
import Directory
import FoundationEssentials
import Storage
import TestSupport
import Testing
import Wire

@Suite("The sign-in log and the audit log")
struct EventLogTests {
    static let person = LoggedPerson(account: "alice", name: awkward, phone: "138****0001")
    static let chrome = "Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36"

    static func record(
        _ id: String, _ event: Event, at time: Date = now, in tenant: Tenant = Samples.acme,
        _ change: (inout EventRecord) -> Void = { _ in }
    ) -> EventRecord {
        var record = EventRecord(
            id: id, tenantID: tenant.id, actor: .user("u"), address: "203.0.113.7", requestID: "r", event: event,
            now: time)
        change(&record)
        return record
    }

    static func failed(_ user: String?, _ method: Factor = .password) -> Event {
        .signIn(.failed(userID: user, method: method, reason: user == nil ? .unknownUser : .wrongPassword))
    }

    static func filter(_ change: (inout EventLog.Filter) -> Void = { _ in }) -> EventLog.Filter {
        var filter = EventLog.Filter(tenantID: Samples.acme.id, log: .signIn)
        change(&filter)
        return filter
    }

    @Test("an event comes back whole, with the person as they were", arguments: Backend.available)
    func whole(backend: Backend) async throws {
        try await backend.withSamples { database in
            let record = Self.record("e-1", Self.failed("u")) {
                $0.interactionID = "i-1"
                $0.awaitedApplicationID = "application-notes"
                $0.device = Device(userAgent: Self.chrome)
            }
            let found = try await database.roundTrip({ db in
                try db.eventLog(Samples.sealingKey).insert(record, of: Self.person)
            }) { db in try db.eventLog(Samples.sealingKey).page(Self.filter(), limit: 2) }
            #expect(
                found == [
                    LoggedEvent(
                        id: "e-1", at: now, name: "sign_in.failed", actorKind: "user", actorName: "u", userID: "u",
                        applicationID: "application-notes", address: "203.0.113.7", requestID: "r",
                        interactionID: "i-1", device: "Chrome · Windows", person: Self.person,
                        detail: ["method": "password", "reason": "wrong_password"])
                ])
            #expect(found.first?.method == .password)
            #expect(found.first?.reason == "wrong_password")
        }
    }

    @Test("an event without person, interaction and device comes back so", arguments: Backend.available)
    func bare(backend: Backend) async throws {
        try await backend.withSamples { database in
            let found = try await database.roundTrip({ db in
                try db.eventLog(Samples.sealingKey).insert(Self.record("e-1", Self.failed(nil)), of: nil)
            }) { db in try db.eventLog(Samples.sealingKey).page(Self.filter(), limit: 2) }
            #expect(
                found == [
                    LoggedEvent(
                        id: "e-1", at: now, name: "sign_in.failed", actorKind: "user", actorName: "u", userID: nil,
                        applicationID: nil, address: "203.0.113.7", requestID: "r", interactionID: nil, device: nil,
                        person: nil, detail: ["method": "password", "reason": "unknown_user"])
                ])
        }
    }

    @Test("an application that the event names goes before the one that is waited for", arguments: Backend.available)
    func application(backend: Backend) async throws {
        try await backend.withSamples { database in
            let event = Event.signIn(.entered(userID: "u", applicationID: "application-wiki"))
            let record = Self.record("e-1", event) { $0.awaitedApplicationID = "application-notes" }
            let found = try await database.roundTrip({ db in try db.events.insert(record) }) { db in
                try db.eventLog(Samples.sealingKey).page(Self.filter(), limit: 2)
            }
            #expect(found.map(\.applicationID) == ["application-wiki"])
        }
    }

    @Test("the person cannot be read in the row, and opens under the row's own id and key only", .tags(.security))
    func sealed() async throws {
        try await Backend.sqliteMemory.withSamples { database in
            try await database.write { db in
                for id in ["e-1", "e-2"] {
                    try db.eventLog(Samples.sealingKey).insert(Self.record(id, Self.failed("u")), of: Self.person)
                }
            }
            let texts = try await database.rawTexts("SELECT sealed_person FROM events", columns: 1)
            #expect(texts.count == 2 && Set(texts).count == 2)
            #expect(texts.allSatisfy { $0.hasPrefix("v1.") && !$0.contains("alice") && !$0.contains("0001") })
            var random = SecureRandom()
            let stranger = SealingKey.generate(using: &random)
            await #expect(throws: DatabaseError.unexpectedValue(column: "sealed_person")) {
                try await database.read { db in try db.eventLog(stranger).page(Self.filter(), limit: 2).count }
            }
            try await database.write { db in
                try db.execute("UPDATE events SET sealed_person = \(texts[0]) WHERE sealed_person = \(texts[1])")
            }
            await #expect(throws: DatabaseError.unexpectedValue(column: "sealed_person")) {
                try await database.read { db in try db.eventLog(Samples.sealingKey).page(Self.filter(), limit: 2).count
                }
            }
        }
    }

    // MARK: - Filters

    struct Question: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var filter: EventLog.Filter
        var finds: [String]

        init(_ name: String, _ finds: [String], _ change: (inout EventLog.Filter) -> Void) {
            testDescription = name
            filter = EventLogTests.filter(change)
            self.finds = finds
        }
    }

    /// Newest first: 6 to 1, and what is in another log or tenant.
    static let questions = [
        Question("nothing", ["6", "5", "4", "3", "2", "1"]) { _ in },
        Question("a user", ["5", "4", "2"]) { $0.userID = "u" },
        Question("another tenant's user", ["t"]) {
            $0.userID = "u"
            $0.tenantID = Samples.globex.id
        },
        Question("an instant on", ["6", "5", "4"]) { $0.from = now + 3 },
        Question("up to an instant", ["2", "1"]) { $0.until = now + 2 },
        Question("names", ["5", "3"]) { $0.names = ["sign_in.succeeded", "application.entered"] },
        Question("a method", ["4"]) { $0.method = .sms },
        Question("an application", ["3", "2"]) { $0.applicationID = "application-notes" },
        Question("an address", ["6"]) { $0.address = "198.51.100.1" },
        Question("part of an address", []) { $0.address = "198.51.100." },
        Question("a device in capitals", ["2"]) { $0.device = "WINDOWS" },
        Question("a device with wildcards", []) { $0.device = "Chrome%Windows" },
        Question("several things at once", ["4"]) {
            $0.userID = "u"
            $0.names = ["sign_in.failed"]
            $0.method = .sms
            $0.from = now
        },
        Question("the audit log", ["a"]) { $0.log = .audit },
    ]

    private static func fill(_ db: any Connection) throws {
        let succeeded = Event.signIn(.succeeded(userID: "u", method: .password, isFirst: false))
        let records = [
            record("1", failed(nil), at: now),
            record("2", failed("u"), at: now + 1) {
                $0.awaitedApplicationID = "application-notes"
                $0.device = Device(userAgent: chrome)
            },
            record("3", .signIn(.entered(userID: "v", applicationID: "application-notes")), at: now + 2),
            record("4", failed("u", .sms), at: now + 3), record("5", succeeded, at: now + 4),
            record("6", failed("v"), at: now + 5) { $0.address = "198.51.100.1" },
            record("a", .user(.created(userID: "u")), at: now + 6),
            record("t", failed("u"), at: now + 7, in: Samples.globex),
        ]
        for record in records { try db.events.insert(record) }
    }

    @Test("whoever asks for", arguments: Backend.available, questions)
    func filters(backend: Backend, question: Question) async throws {
        try await backend.withSamples { database in
            let found = try await database.roundTrip(Self.fill) { db in
                try db.eventLog(Samples.sealingKey).page(question.filter, limit: 10)
            }
            #expect(found.map(\.id) == question.finds)
        }
    }

    @Test("pages follow each other without a gap, also within one second", arguments: Backend.available)
    func pages(backend: Backend) async throws {
        try await backend.withSamples { database in
            try await database.write { db in
                for (number, id) in ["d", "b", "A", "-c", "_e"].enumerated() {
                    try db.events.insert(Self.record(id, Self.failed("u"), at: number < 3 ? now : now + 1))
                }
            }
            for filter in [Self.filter(), Self.filter { $0.userID = "u" }] {
                var ids: [[String]] = []
                var cursor: EventCursor?
                repeat {
                    let page = try await database.read { [cursor] db in
                        try db.eventLog(Samples.sealingKey).page(filter, after: cursor, limit: 2)
                    }
                    ids.append(page.map(\.id))
                    cursor = page.last?.cursor
                } while cursor != nil
                #expect(ids == [["_e", "-c"], ["d", "b"], ["A"], []])
            }
        }
    }

    @Test("no question but a search of details looks beyond its own index, a user's not at the tenant's events")
    func plans() async throws {
        try await Backend.sqliteMemory.withSamples { database in
            let after = EventCursor(at: now, id: "x")
            for (filter, index) in [
                (Self.filter(), "events_by_tenant_log"), (Self.filter { $0.userID = "u" }, "events_by_user"),
            ] {
                for place in [nil, after] {
                    var sql: SQL = "EXPLAIN QUERY PLAN "
                    sql.append(EventLog.statement(filter, after: place, limit: 9))
                    let plan = try await database.read { [sql] db in
                        try db.rows(sql) { row in
                            for _ in 0..<3 { _ = try row.next(Int.self) }
                            return try row.next(String.self)
                        }
                    }
                    #expect(plan.first?.contains("USING INDEX \(index) ") == true, "\(plan)")
                }
            }
        }
    }

    @Test("a place in a log survives its text")
    func cursor() {
        let place = EventCursor(at: now, id: "AZaz09-_")
        #expect(place.text == "1700000000.AZaz09-_")
        #expect(EventCursor(text: place.text) == place)
    }

    @Test(
        "any other text is no place", .tags(.security),
        arguments: [
            "", ".", "1700000000", "1700000000.", ".a", "-1.a", "+1.a", "1.5.a b", "123456789012.a", "1700000000.ä",
            "1700000000.a'", "1700000000.a\u{0}", " 1.a", "1700000000." + String(repeating: "a", count: 65),
        ])
    func foreign(_ text: String) {
        #expect(EventCursor(text: text) == nil)
    }
}
