import Storage
import TestSupport
import Testing

@Suite("Contract: constraints are reported alike")
struct ConstraintTests {
    struct Violation: Sendable, CustomTestStringConvertible {
        var testDescription: String { constraint }
        var constraint: String
        var first: SQL
        var second: SQL
    }

    static let violations = [
        Violation(
            constraint: "people(id)",
            first: "INSERT INTO people (id, tenant_id, name, phone) VALUES ('1', 't', 'a', 'x')",
            second: "INSERT INTO people (id, tenant_id, name, phone) VALUES ('1', 'u', 'b', 'y')"),
        Violation(
            constraint: "people(tenant_id, name)",
            first: "INSERT INTO people (id, tenant_id, name, phone) VALUES ('1', 't', 'a) already', 'x')",
            second: "INSERT INTO people (id, tenant_id, name, phone) VALUES ('2', 't', 'a) already', 'y')"),
        Violation(
            constraint: "people(phone)",
            first: "INSERT INTO people (id, tenant_id, name, phone) VALUES ('1', 't', 'a', 'x')",
            second: "INSERT INTO people (id, tenant_id, name, phone) VALUES ('2', 't', 'b', 'x')"),
        Violation(
            constraint: "people_by_badge",
            first: "INSERT INTO people (id, tenant_id, name, badge) VALUES ('1', 't', 'a', 'x')",
            second: "INSERT INTO people (id, tenant_id, name, badge) VALUES ('2', 't', 'b', ' x')"),
    ]

    static func create(_ db: any Connection) throws {
        try db.define(
            """
            CREATE TABLE people (
                id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, name TEXT NOT NULL, phone TEXT, badge TEXT,
                CONSTRAINT one_name UNIQUE (tenant_id, name)
            )
            """)
        try db.define("CREATE UNIQUE INDEX people_by_phone ON people (phone) WHERE phone IS NOT NULL")
        try db.define("CREATE UNIQUE INDEX people_by_badge ON people (trim(badge))")
        try db.define(
            "CREATE TABLE pets (id TEXT PRIMARY KEY, owner_id TEXT NOT NULL REFERENCES people (id), age BIGINT)")
    }

    @Test(
        "a unique violation names the table and the columns", arguments: Backend.available, violations)
    func unique(backend: Backend, violation: Violation) async throws {
        try await backend.withDatabase { database in
            try await database.write { db in
                try Self.create(db)
                try db.execute(violation.first)
            }
            await #expect(throws: DatabaseError.uniqueViolation(constraint: violation.constraint)) {
                try await database.write { db in try db.execute(violation.second) }
            }
        }
    }

    static let refused: [SQL] = [
        "INSERT INTO pets (id, owner_id) VALUES ('1', \("hunter2"))",
        "INSERT INTO pets (id, owner_id) VALUES (\("hunter2"), NULL)",
        "INSERT INTO pets (id, owner_id) VALUES (NULL, \("hunter2"))",
        "INSERT INTO pets (id, owner_id, age) VALUES ('1', 'p', \("hunter2"))",
        "INSERT INTO pets (id, owner_id, age) VALUES (\("hunter2"), 'p', 'hunter2')",
        "SELECT nothing FROM pets WHERE id = \("hunter2")", "SELECT id FROM pets WHERE id = \("hunter2") ORDER",
        "SELECT id FROM pets WHERE id = \("hunter2"); DELETE FROM pets",
        "INSERT INTO people (id, tenant_id, name) VALUES ('p', 't', \("hunter2"))",
        "INSERT INTO people (id, tenant_id, name, phone) VALUES ('9', 't', 'z', \("hunter\u{0}2"))",
    ]

    @Test(
        "a refused statement fails without its values in the error", .tags(.security),
        arguments: Backend.available)
    func noValues(backend: Backend) async throws {
        try await backend.withDatabase { database in
            try await database.write { db in
                try Self.create(db)
                try db.execute("INSERT INTO people (id, tenant_id, name) VALUES ('p', 't', 'p')")
            }
            for sql in Self.refused {
                let error = await #expect(throws: DatabaseError.self, "\(sql.text)") {
                    try await database.write { db in try db.execute(sql) }
                }
                #expect(!"\(String(describing: error))".contains("hunter"))
            }
        }
    }
}
