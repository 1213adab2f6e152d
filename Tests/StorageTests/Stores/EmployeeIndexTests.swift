import Directory
import Storage
import TestSupport
import Testing

@Suite("Employee ids as look-ups")
struct EmployeeIndexTests {
    static let taken = DatabaseError.uniqueViolation(constraint: "users(tenant_id, employee_index)")

    /// Frank with Alice's employee id, written otherwise.
    static let twin: User = {
        var user = Samples.frank
        user.profile.employeeID = "e-1"
        return user
    }()

    private func found(_ key: String, in tenant: Tenant, _ database: any Database) async throws -> String? {
        try await database.read { db in
            try db.users(Samples.sealingKey).withEmployeeKey(key, in: tenant.id)?.id
        }
    }

    /// As a version without the index left the table: Alice and Frank have one id, and nobody is indexed.
    private func makeLegacy(_ database: any Database) async throws {
        try await database.write { db in
            try db.execute("UPDATE users SET employee_index = NULL")
            try db.users(Samples.sealingKey).update(Self.twin)
            try db.execute("UPDATE users SET employee_index = NULL")
        }
    }

    private func index(_ database: any Database, limit: Int = 500, after: String = "") async throws -> [String] {
        try await database.write { db in
            try db.users(Samples.sealingKey).indexEmployees(after: after, in: Samples.acme.id, limit: limit)
        }
    }

    @Test(
        "finds the user, in the tenant alone; one id may be in two tenants", .tags(.security),
        arguments: Backend.available)
    func lookUp(backend: Backend) async throws {
        try await backend.withSamples { database in
            #expect(try await found("e-1", in: Samples.acme, database) == "user-alice")
            #expect(try await found("e-1", in: Samples.globex, database) == "user-alice-globex")
            for key in ["E-1", "e-2", "", "alice", "' OR '1'='1"] {
                #expect(try await found(key, in: Samples.acme, database) == nil)
            }
            let stored = try await database.rawTexts(
                "SELECT employee_index FROM users WHERE username_key = 'alice'", columns: 1)
            #expect(Set(stored).count == 3)
            #expect(stored.allSatisfy { !$0.lowercased().contains("e-1") })
        }
    }

    @Test("is taken once in a tenant, in any case", .tags(.security), arguments: Backend.available)
    func unique(backend: Backend) async throws {
        try await backend.withSamples { database async throws in
            await #expect(throws: Self.taken) {
                try await database.write { db in try db.users(Samples.sealingKey).update(Self.twin) }
            }
            var stranger = Self.twin
            stranger.id = "user-x"
            stranger.username = Username(stored: "x")
            stranger.profile.phone = nil
            let inserted = stranger
            await #expect(throws: Self.taken) {
                try await database.write { db in try db.users(Samples.sealingKey).insert(inserted) }
            }
            #expect(try await found("e-1", in: Samples.acme, database) == "user-alice")
        }
    }

    @Test("follows a change, and is free again afterwards", .tags(.security), arguments: Backend.available)
    func changes(backend: Backend) async throws {
        try await backend.withSamples { database in
            var alice = Samples.alice
            alice.profile.employeeID = "E-2"
            let changed = alice
            try await database.write { db in
                try db.users(Samples.sealingKey).update(changed)
                try db.users(Samples.sealingKey).update(Self.twin)
            }
            #expect(try await found("e-2", in: Samples.acme, database) == "user-alice")
            #expect(try await found("e-1", in: Samples.acme, database) == "user-frank")
            alice.profile.employeeID = nil
            let cleared = alice
            try await database.write { db in try db.users(Samples.sealingKey).update(cleared) }
            #expect(try await found("e-2", in: Samples.acme, database) == nil)
        }
    }

    @Test(
        "of two who had one id before, the first by name is found, however often it is indexed", .tags(.security),
        arguments: Backend.available)
    func backfill(backend: Backend) async throws {
        try await backend.withSamples { database in
            try await makeLegacy(database)
            #expect(try await found("e-1", in: Samples.acme, database) == nil)
            for _ in 1...2 {
                #expect(try await index(database) == ["alice", "bob", "carol", "dave", "erin", "frank"])
                #expect(try await found("e-1", in: Samples.acme, database) == "user-alice")
            }
            let rows = try await database.rawTexts("SELECT employee_index FROM users", columns: 1)
            #expect(rows.count == 1)
            #expect(try await index(database, limit: 2, after: "bob") == ["carol", "dave"])
            #expect(try await index(database, after: "frank") == [])
        }
    }

    @Test(
        "whoever has an id that is found for somebody else can be changed otherwise", .tags(.security),
        arguments: Backend.available)
    func otherChange(backend: Backend) async throws {
        try await backend.withSamples { database in
            try await makeLegacy(database)
            _ = try await index(database)
            var frank = Self.twin
            frank.profile.name = "Frank Fuller"
            let renamed = frank
            try await database.write { db in try db.users(Samples.sealingKey).update(renamed) }
            let stored = try await database.read { db in
                try db.users(Samples.sealingKey).identified("user-frank", in: Samples.acme.id)
            }
            #expect(stored == renamed)
            #expect(try await found("e-1", in: Samples.acme, database) == "user-alice")
        }
    }
}
