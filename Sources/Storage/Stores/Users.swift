package import Cryptography
package import Directory
package import FoundationEssentials
import Wire

/// The users of tenants. Profiles are sealed; phone and e-mail are found by keyed indexes that differ from tenant to
/// tenant, so that not even the same number in two tenants can be told from the rows.
package struct Users {
    let db: any Connection
    let key: SealingKey

    /// The user with this id, or nil.
    package func identified(_ id: String, in tenantID: String) throws -> User? {
        try one("WHERE tenant_id = \(tenantID) AND id = \(id)")
    }

    /// The user with this username, whatever its case, or nil.
    package func named(_ username: Username, in tenantID: String) throws -> User? {
        try one("WHERE tenant_id = \(tenantID) AND username_key = \(username.key)")
    }

    /// The user with this phone, or nil.
    package func withPhone(_ phone: PhoneNumber, in tenantID: String) throws -> User? {
        try one("WHERE tenant_id = \(tenantID) AND phone_index = \(Self.index(of: phone, in: tenantID, key: key))")
    }

    /// The user with this e-mail address, or nil.
    package func withEmail(_ email: EmailAddress, in tenantID: String) throws -> User? {
        try one("WHERE tenant_id = \(tenantID) AND email_index = \(index(of: email, in: tenantID))")
    }

    /// The user with this employee id, in the form of `Profile.employeeKey`, or nil.
    package func withEmployeeKey(_ key: String, in tenantID: String) throws -> User? {
        try one("WHERE tenant_id = \(tenantID) AND employee_index = \(employeeIndex(of: key, in: tenantID))")
    }

    /// Users of a tenant in the order of their names.
    /// - Parameters:
    ///   - after: The username key after which to go on; empty for the first page.
    ///   - limit: Rows at most.
    package func page(in tenantID: String, after: String, limit: Int) throws -> [User] {
        try db.rows(
            """
            SELECT \(sql: Self.columns) FROM users WHERE tenant_id = \(tenantID) AND username_key > \(after)
            ORDER BY username_key LIMIT \(limit)
            """, as: read)
    }

    /// The same for those whose names begin with a text.
    /// - Parameter prefix: In the form of a username key.
    package func page(
        in tenantID: String, startingWith prefix: String, after: String, limit: Int
    ) throws -> [User] {
        // The highest scalar comes after whatever may stand behind the prefix, in the byte order of both engines.
        let end = prefix + "\u{10FFFF}"
        return try db.rows(
            """
            SELECT \(sql: Self.columns) FROM users WHERE tenant_id = \(tenantID) AND username_key >= \(prefix)
                AND username_key < \(end) AND username_key > \(after)
            ORDER BY username_key LIMIT \(limit)
            """, as: read)
    }

    /// Stores a new user with its groups; the caller has called `checkIdentifiers`.
    /// - Throws: `uniqueViolation` for a username, phone or e-mail that is taken in the tenant.
    package func insert(_ user: User) throws {
        let phone = phoneIndex(of: user)
        let email = emailIndex(of: user)
        try db.execute(
            """
            INSERT INTO users (id, tenant_id, username, username_key, sealed_profile, phone_index, email_index,
                employee_index, created_at, updated_at, activated_at, disabled_at)
            VALUES (\(user.id), \(user.tenantID), \(user.username.text), \(user.username.key), \(sealed(user)),
                \(phone), \(email), \(employeeIndex(of: user)), \(user.createdAt), \(user.updatedAt),
                \(user.activatedAt), \(user.disabledAt))
            """)
        try insertGroups(of: user)
    }

    /// Stores username, profile, groups and time of change of a user that is there.
    ///
    /// The two times that make the status are not among them: whoever changes a profile that was read a moment ago must
    /// not bring a user back that was disabled meanwhile.
    package func update(_ user: User) throws {
        let phone = phoneIndex(of: user)
        let email = emailIndex(of: user)
        let employee = employeeIndex(of: user)
        // One that stays is left alone: of two people who had it before there was an index, only one is found by it.
        if try identified(user.id, in: user.tenantID).flatMap(employeeIndex) != employee {
            try db.execute("UPDATE users SET employee_index = \(employee) WHERE id = \(user.id)")
        }
        try db.execute(
            """
            UPDATE users SET username = \(user.username.text), username_key = \(user.username.key),
                sealed_profile = \(sealed(user)), phone_index = \(phone), email_index = \(email),
                updated_at = \(user.updatedAt)
            WHERE id = \(user.id)
            """)
        try db.execute("DELETE FROM group_members WHERE user_id = \(user.id)")
        try insertGroups(of: user)
    }

    /// Disables a user at a time, or enables it again with nil. Ending sessions and grants is the caller's.
    package func setDisabled(_ disabledAt: Date?, _ userID: String) throws {
        try db.execute("UPDATE users SET disabled_at = \(disabledAt) WHERE id = \(userID)")
    }

    /// Deletes a user; what refers to the row goes with it. Service tickets, which do not, go too.
    package func delete(_ userID: String) throws {
        try db.execute("DELETE FROM service_tickets WHERE user_id = \(userID)")
        try db.smsChallenges.void(ofUser: userID)
        try db.execute("DELETE FROM users WHERE id = \(userID)")
    }

    /// Remembers a user's first sign-in; a later one changes nothing.
    package func activate(_ userID: String, now: Date) throws {
        try db.execute("UPDATE users SET activated_at = \(now) WHERE id = \(userID) AND activated_at IS NULL")
    }

    /// Locks a user's row until the transaction ends: whoever signs a user in, changes their password or disables them
    /// does so after the others, and sees what they did.
    package func lock(_ userID: String) throws {
        try db.execute("UPDATE users SET updated_at = updated_at WHERE id = \(userID)")
    }

    /// The keyed look-up text of a phone in a tenant; SMS limits and challenges go by it too.
    package static func index(of phone: PhoneNumber, in tenantID: String, key: SealingKey) -> String {
        key.index(phone.e164, context: "phone/\(tenantID)")
    }

    /// The keyed look-up text of an e-mail address in a tenant; limits of e-mails go by it too.
    package static func index(of email: EmailAddress, in tenantID: String, key: SealingKey) -> String {
        key.index(email.key, context: "email/\(tenantID)")
    }

    private func index(of email: EmailAddress, in tenantID: String) -> String {
        Self.index(of: email, in: tenantID, key: key)
    }

    private func phoneIndex(of user: User) -> String? {
        user.profile.phone.map { Self.index(of: $0, in: user.tenantID, key: key) }
    }

    private func emailIndex(of user: User) -> String? {
        user.profile.email.map { index(of: $0, in: user.tenantID) }
    }

    private func employeeIndex(of user: User) -> String? {
        user.profile.employeeID.flatMap(Profile.employeeKey).map { employeeIndex(of: $0, in: user.tenantID) }
    }

    private func employeeIndex(of key: String, in tenantID: String) -> String {
        self.key.index(key, context: "employee/\(tenantID)")
    }

    /// Indexes employee ids that were stored before there was an index; to be called once after an upgrade.
    ///
    /// Where two people have one id, the one whose username comes first keeps it as a way in; the other's stays a part of
    /// the profile.
    /// - Returns: The username keys that were looked at; fewer than `limit` when there are no more.
    package func indexEmployees(after username: String, in tenantID: String, limit: Int) throws -> [String] {
        let users = try page(in: tenantID, after: username, limit: limit)
        for user in users {
            guard let index = employeeIndex(of: user) else { continue }
            try db.execute(
                """
                UPDATE users SET employee_index = \(index) WHERE id = \(user.id) AND NOT EXISTS (
                    SELECT 1 FROM users AS other WHERE other.tenant_id = \(tenantID)
                        AND other.employee_index = \(index))
                """)
        }
        return users.map(\.username.key)
    }

    private func insertGroups(of user: User) throws {
        for group in user.groupIDs.sorted() {
            try db.execute("INSERT INTO group_members (group_id, user_id) VALUES (\(group), \(user.id))")
        }
    }

    /// A look-up that comes to nothing runs the same statements as one that finds somebody.
    private func one(_ condition: SQL) throws -> User? {
        let user = try db.row("SELECT \(sql: Self.columns) FROM users \(sql: condition)", as: read)
        if user == nil { _ = try groups(of: "") }
        return user
    }

    private func groups(of userID: String) throws -> [String] {
        try db.rows("SELECT group_id FROM group_members WHERE user_id = \(userID)") { try $0.next() }
    }

    private static let columns: SQL =
        "id, tenant_id, username, sealed_profile, created_at, updated_at, activated_at, disabled_at"

    private func read(_ row: inout SQLRow) throws -> User {
        let id: String = try row.next()
        let tenantID: String = try row.next()
        let username: String = try row.next()
        let profile = try opened(try row.next(), of: id)
        let createdAt: Date = try row.next()
        let updatedAt: Date = try row.next()
        let activatedAt: Date? = try row.next()
        let disabledAt: Date? = try row.next()
        var user = User(
            id: id, tenantID: tenantID, username: Username(stored: username), profile: profile,
            groupIDs: Set(try groups(of: id)), createdAt: createdAt)
        user.updatedAt = updatedAt
        user.activatedAt = activatedAt
        user.disabledAt = disabledAt
        return user
    }

    // MARK: - The sealed profile

    private func sealed(_ user: User) -> String {
        var writer = JSONWriter(reserving: 256)
        writer.beginObject()
        writer.member("name", user.profile.name)
        writer.member("phone", ifPresent: user.profile.phone?.e164)
        writer.member("email", ifPresent: user.profile.email?.text)
        writer.member("employeeID", ifPresent: user.profile.employeeID)
        writer.member("nickname", ifPresent: user.profile.nickname)
        writer.member("language", ifPresent: user.profile.language)
        if let time = user.profile.emailVerifiedAt {
            writer.member("emailVerifiedAt", Int64(time.timeIntervalSince1970))
        }
        writer.endObject()
        return key.seal(writer.bytes, context: "profile/\(user.id)")
    }

    private func opened(_ sealed: String, of userID: String) throws -> Profile {
        guard let bytes = try? key.open(sealed, context: "profile/\(userID)"), let json = try? JSON.parse(bytes),
            let name = json["name"]?.string
        else { throw DatabaseError.unexpectedValue(column: "sealed_profile") }
        var profile = Profile(
            name: name, phone: json["phone"]?.string.map(PhoneNumber.init(stored:)),
            email: json["email"]?.string.map(EmailAddress.init(stored:)), employeeID: json["employeeID"]?.string)
        profile.nickname = json["nickname"]?.string
        profile.language = json["language"]?.string
        profile.emailVerifiedAt = json["emailVerifiedAt"]?.integer.map { Date(timeIntervalSince1970: Double($0)) }
        return profile
    }
}

extension Connection {
    /// The users of all tenants.
    /// - Parameter key: The installation's sealing key.
    package func users(_ key: SealingKey) -> Users { Users(db: self, key: key) }
}
