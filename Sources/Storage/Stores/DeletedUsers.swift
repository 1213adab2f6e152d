package import FoundationEssentials

/// The ids of people who are gone. Applications know people by them, so none is ever given to somebody else.
package struct DeletedUsers {
    let db: any Connection

    /// Remembers an id.
    package func insert(_ userID: String, in tenantID: String, now: Date) throws {
        try db.execute(
            "INSERT INTO deleted_users (id, tenant_id, deleted_at) VALUES (\(userID), \(tenantID), \(now))")
    }

    /// Whether an id was somebody's once.
    package func contains(_ userID: String) throws -> Bool {
        let found: String? = try db.row("SELECT id FROM deleted_users WHERE id = \(userID)") { try $0.next() }
        return found != nil
    }
}

extension Connection {
    /// The ids of people who are gone.
    package var deletedUsers: DeletedUsers { DeletedUsers(db: self) }
}
