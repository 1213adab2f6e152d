import Cryptography
import Directory
import FoundationEssentials
import Identity
import OAuth2
import Storage
import TestSupport

/// Text that databases and encodings like to spoil.
let awkward = "O'Neil \"ö e\u{301} 张三 👩‍👩‍👧‍👦 \\ %_; -- $1"

extension Backend {
    /// Runs `body` on a database with the product's schema and ``Samples`` in it.
    func withSamples(_ body: (any Database) async throws -> Void) async throws {
        try await withDatabase { database in
            try await database.migrate(now: now)
            try await Samples.store(in: database)
            try await body(database)
        }
    }
}

extension Database {
    /// Writes with `write` and reads with `read` in a later transaction.
    func roundTrip<T: Sendable>(
        _ write: @escaping @Sendable (any Connection) throws -> Void,
        _ read: @escaping @Sendable (any Connection) throws -> T
    ) async throws -> T {
        try await self.write { db in try write(db) }
        return try await self.read { db in try read(db) }
    }

    /// Every text of every row of the given columns: what somebody sees who has the file but not the key.
    func rawTexts(_ sql: SQL, columns: Int) async throws -> [String] {
        try await read { db in
            try db.rows(sql) { row in try (0..<columns).compactMap { _ in try row.next(String?.self) } }.flatMap(\.self)
        }
    }
}

enum StoreSamples {
    static let grant = Grant(
        id: "grant-1", tenantID: Samples.acme.id, clientID: "notes", userID: Samples.alice.id, sessionID: "session-1",
        scope: Scope.standard, authentication: .init(time: now, methods: ["sms", "otp"], level: "1"), nonce: awkward,
        createdAt: now + 1, revokedAt: nil)

    static func session(_ id: String, token: String? = nil, change: (inout Session) -> Void = { _ in }) -> Session {
        let authentication = Authentication(
            userID: Samples.alice.id, at: now - 5, amr: [.sms, .oneTimeCode], interactionID: "interaction-1")
        var session = Session(
            id: id, tenantID: Samples.acme.id, tokenHash: token ?? "hash of \(id)",
            start: SessionStart(authentication: authentication, isRemembered: true, replacedSessionID: nil),
            origin: .init(address: "203.0.113.7", userAgent: awkward), now: now)
        change(&session)
        return session
    }
}
