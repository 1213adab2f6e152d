import Directory
import Storage
import TestSupport
import Testing

@Suite("Roles of users, as stored")
struct UserRolesTests {
    private func roles(_ userID: String, _ database: any Database) async throws -> Set<Role> {
        try await database.read { db in try db.userRoles.ofUser(userID) }
    }

    @Test("are given once and taken again, each user's alone", .tags(.security), arguments: Backend.available)
    func comeAndGo(backend: Backend) async throws {
        try await backend.withSamples { database in
            #expect(try await roles("user-alice", database) == [])
            try await database.write { db in
                try db.userRoles.put(.administrator, ofUser: "user-alice")
                try db.userRoles.put(.administrator, ofUser: "user-alice")
            }
            #expect(try await roles("user-alice", database) == [.administrator])
            for other in ["user-alice-globex", "user-frank", "USER-ALICE", ""] {
                #expect(try await roles(other, database) == [])
            }
            try await database.write { db in try db.userRoles.remove(.administrator, ofUser: "user-frank") }
            #expect(try await roles("user-alice", database) == [.administrator])
            try await database.write { db in try db.userRoles.remove(.administrator, ofUser: "user-alice") }
            #expect(try await roles("user-alice", database) == [])
        }
    }

    @Test("a text that is no role of ours is none", .tags(.security), arguments: Backend.available)
    func unknown(backend: Backend) async throws {
        try await backend.withSamples { database in
            try await database.write { db in
                for text in ["Administrator", "administrator ", "auditor", ""] {
                    try db.execute("INSERT INTO user_roles (user_id, role) VALUES ('user-alice', \(text))")
                }
            }
            #expect(try await roles("user-alice", database) == [])
        }
    }

    @Test("go with their user, and are given to nobody unknown", .tags(.security), arguments: Backend.available)
    func gone(backend: Backend) async throws {
        try await backend.withSamples { database async throws in
            try await database.write { db in
                try db.userRoles.put(.administrator, ofUser: "user-alice")
                try db.users(Samples.sealingKey).delete("user-alice")
            }
            #expect(try await roles("user-alice", database) == [])
            await #expect(throws: DatabaseError.self) {
                try await database.write { db in try db.userRoles.put(.administrator, ofUser: "nobody") }
            }
        }
    }
}

@Suite("Users whose names begin with a text")
struct UserPrefixTests {
    @Test(
        "in order, in the tenant alone; signs of patterns mean themselves", .tags(.security),
        arguments: Backend.available)
    func prefix(backend: Backend) async throws {
        try await backend.withSamples { database in
            try await database.write { db in
                for (number, name) in ["a_b", "a-b", "ab", "a.b", "李", "李梅", "李\u{20000}"].enumerated() {
                    try db.users(Samples.sealingKey).insert(
                        User(
                            id: "user-p\(number)", tenantID: Samples.acme.id, username: Username(stored: name),
                            profile: Profile(name: name), createdAt: FixedClock.start))
                }
            }
            func names(_ prefix: String, after: String = "", limit: Int = 10) async throws -> [String] {
                try await database.read { db in
                    try db.users(Samples.sealingKey).page(
                        in: Samples.acme.id, startingWith: prefix, after: after, limit: limit
                    ).map(\.username.text)
                }
            }
            #expect(try await names("a") == ["a-b", "a.b", "a_b", "ab", "alice"])
            #expect(try await names("a", after: "a.b", limit: 2) == ["a_b", "ab"])
            #expect(try await names("a_") == ["a_b"])
            #expect(try await names("李") == ["李", "李梅", "李\u{20000}"])
            #expect(try await names("b") == ["bob"])
            #expect(try await names("%") == [])
            #expect(try await names("alice") == ["alice"])
            #expect(try await names("alicex") == [])
        }
    }
}
