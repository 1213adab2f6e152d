import Directory
import FoundationEssentials
import Storage
import TestSupport
import Testing

@Suite("Domains of tenants", .timeLimit(.minutes(10)))
struct DomainStoreTests {
    static let failure = DomainFailure.unproved(file: .redirected, record: .unavailable)

    static func claim(_ name: String, of tenant: Tenant = Samples.acme, token: String = "token") -> ClaimedDomain {
        ClaimedDomain(DomainName(stored: name), of: tenant.id, token: token, now: now)
    }

    @Test("a claim comes back as it was stored, in every state", arguments: Backend.available)
    func roundTrip(backend: Backend) async throws {
        try await backend.withSamples { database in
            let fresh = Self.claim("a.example")
            let failed = Self.claim("b.example").checked(Self.failure, now: now + 1)
            let verified = Self.claim("c.example").checked(nil, now: now + 2)
            let gone = Self.claim("d.example").checked(nil, now: now).checked(Self.failure, now: now + 3)
            let all = [fresh, failed, verified, gone]
            let stored = try await database.roundTrip({ db in try all.reversed().forEach(db.domains.insert) }) { db in
                (try db.domains.all(of: Samples.acme.id), try db.domains.claim(failed.name, of: Samples.acme.id))
            }
            #expect(stored.0 == all)
            #expect(stored.1 == failed)
        }
    }

    @Test("only a verified domain is found at sign-in, however it was typed", arguments: Backend.available)
    func lookUp(backend: Backend) async throws {
        try await backend.withSamples { database in
            let found = try await database.roundTrip({ db in
                try db.domains.insert(Self.claim("acme.example").checked(nil, now: now))
                try db.domains.insert(Self.claim("also.example").checked(nil, now: now))
                try db.domains.insert(Self.claim("pending.example").checked(Self.failure, now: now))
                try db.domains.insert(Self.claim("acme.example", of: Samples.globex))
            }) { db in
                (
                    try ["acme.example", "ACME.Example", "pending.example", "other.example", ""]
                        .map(db.domains.verified),
                    try db.domains.verifiedNames(of: Samples.acme.id),
                    try db.domains.verifiedNames(of: Samples.globex.id)
                )
            }
            #expect(found.0 == [Samples.acme.id, Samples.acme.id, nil, nil, nil])
            #expect(found.1 == ["acme.example", "also.example"])
            #expect(found.2 == [])
        }
    }

    @Test(
        "a tenant's claim is its own: another can neither see nor remove it", .tags(.security),
        arguments: Backend.available)
    func isolation(backend: Backend) async throws {
        try await backend.withSamples { database in
            let domain = Self.claim("acme.example").checked(nil, now: now)
            try await database.write { db in try db.domains.insert(domain) }
            let foreign = try await database.write { db in
                (
                    try db.domains.all(of: Samples.globex.id), try db.domains.claim(domain.name, of: Samples.globex.id),
                    try db.domains.remove(domain.name, from: Samples.globex.id)
                )
            }
            #expect(foreign.0 == [] && foreign.1 == nil && !foreign.2)
            let removed = try await database.write { db in try db.domains.remove(domain.name, from: Samples.acme.id) }
            #expect(removed)
            #expect(try await database.read { db in try db.domains.verified("acme.example") } == nil)
        }
    }

    @Test("the same tenant claims a domain once, several may claim one", arguments: Backend.available)
    func twice(backend: Backend) async throws {
        try await backend.withSamples { database in
            try await database.write { db in
                try db.domains.insert(Self.claim("acme.example"))
                try db.domains.insert(Self.claim("acme.example", of: Samples.globex))
            }
            await #expect(throws: DatabaseError.uniqueViolation(constraint: "domains(tenant_id, name)")) {
                try await database.write { db in try db.domains.insert(Self.claim("acme.example", token: "other")) }
            }
        }
    }

    @Test("of tenants that prove one domain at once, one has it", .tags(.security), arguments: Backend.available)
    func race(backend: Backend) async throws {
        try await backend.withDatabases(2) { databases in
            try await databases[0].migrate(now: now)
            try await Samples.store(in: databases[0])
            let claims = [Samples.acme, Samples.globex, Samples.local].map { Self.claim("acme.example", of: $0) }
            try await databases[0].write { db in try claims.forEach(db.domains.insert) }
            let outcomes = await withTaskGroup(of: Bool?.self) { group in
                for (number, claim) in (claims + claims).enumerated() {
                    group.addTask {
                        do {
                            return try await databases[number % 2].write { db in
                                try db.domains.record(claim.checked(nil, now: now))
                            }
                        } catch DatabaseError.uniqueViolation(constraint: "domains(name)") {
                            return false
                        } catch { return nil }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            // The winner's second check finds what it wrote itself.
            #expect(
                outcomes.sorted { "\(String(describing: $0))" < "\(String(describing: $1))" } == [
                    false, false, false, false, true, true,
                ])
            let winner = try await databases[1].read { db in try db.domains.verified("acme.example") }
            let verified = try await databases[1].read { db in
                try claims.filter { try db.domains.claim($0.name, of: $0.tenantID)?.state == .verified }.map(\.tenantID)
            }
            #expect(verified == [winner])
        }
    }

    @Test(
        "a proof of a claim that was withdrawn, or made anew, verifies nothing", .tags(.security),
        arguments: Backend.available)
    func anew(backend: Backend) async throws {
        try await backend.withSamples { database in
            let old = Self.claim("acme.example", token: "old")
            let new = Self.claim("acme.example", token: "new")
            let recorded = try await database.write { db in
                let withdrawn = try db.domains.record(old.checked(nil, now: now))
                try db.domains.insert(new)
                return [withdrawn, try db.domains.record(old.checked(nil, now: now))]
            }
            #expect(recorded == [false, false])
            #expect(try await database.read { db in try db.domains.all(of: Samples.acme.id) } == [new])
        }
    }

    @Test("the one that waits longest is due first, and no more than asked for", arguments: Backend.available)
    func due(backend: Backend) async throws {
        try await backend.withSamples { database in
            let names = try await database.roundTrip({ db in
                // Due at now + 300, now, now + 7 days, never.
                try db.domains.insert(Self.claim("later.example").checked(Self.failure, now: now))
                try db.domains.insert(Self.claim("now.example", of: Samples.globex))
                try db.domains.insert(Self.claim("weekly.example").checked(nil, now: now))
                try db.domains.insert(Self.claim("over.example").checked(Self.failure, now: now + 604_800))
            }) { db in
                try [(10, 0.0), (10, 299), (10, 300), (1, 300), (10, 604_800)].map { limit, seconds in
                    try db.domains.due(limit: limit, now: now + seconds).map(\.name.text)
                }
            }
            #expect(
                names == [
                    ["now.example"], ["now.example"], ["now.example", "later.example"], ["now.example"],
                    ["now.example", "later.example", "weekly.example"],
                ])
        }
    }

    @Test("neither sign-in nor the look for what is due reads a whole table")
    func plans() async throws {
        try await Backend.sqliteMemory.withSamples { database in
            let statements: [SQL] = [
                "EXPLAIN QUERY PLAN SELECT tenant_id FROM domains WHERE name = \("a") AND verified_at IS NOT NULL",
                "EXPLAIN QUERY PLAN SELECT name FROM domains WHERE next_check_at <= \(now) ORDER BY next_check_at",
            ]
            for statement in statements {
                let plan = try await database.read { db in
                    try db.rows(statement) { row in
                        for _ in 0..<3 { _ = try row.next(Int.self) }
                        return try row.next(String.self)
                    }
                }
                #expect(plan.allSatisfy { $0.hasPrefix("SEARCH") }, "\(plan)")
            }
        }
    }
}
