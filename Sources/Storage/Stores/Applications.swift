package import Directory
import FoundationEssentials
import Wire

/// Applications without their protocol side.
package struct Applications {
    let db: any Connection

    /// The application with this id, or nil.
    package func identified(_ id: String, in tenantID: String) throws -> Application? {
        try db.row(
            "SELECT \(sql: Self.columns) FROM applications WHERE tenant_id = \(tenantID) AND id = \(id)", as: read)
    }

    /// The application with this short name, or nil.
    package func named(_ slug: String, in tenantID: String) throws -> Application? {
        try db.row(
            "SELECT \(sql: Self.columns) FROM applications WHERE tenant_id = \(tenantID) AND slug = \(slug)", as: read)
    }

    /// The applications of a tenant by name.
    package func all(in tenantID: String) throws -> [Application] {
        try db.rows(
            "SELECT \(sql: Self.columns) FROM applications WHERE tenant_id = \(tenantID) ORDER BY name, id", as: read)
    }

    /// Stores a new application.
    /// - Throws: `uniqueViolation` for a short name that is taken in the tenant.
    package func insert(_ application: Application) throws {
        try db.execute(
            """
            INSERT INTO applications (id, tenant_id, slug, name, icon, class, protocol, access_rule, launch_url, attribute_release,
                created_at, disabled_at)
            VALUES (\(application.id), \(application.tenantID), \(application.slug), \(application.name),
                \(application.icon), \(application.class), \(application.protocolKind),
                \(StoredAccessRule(application.accessRule)), \(application.launchURL),
                \(StoredRelease(application.attributeRelease)), \(application.createdAt), \(application.disabledAt))
            """)
    }

    /// Stores every field that may change: all but id, tenant, short name, protocol and creation.
    package func update(_ application: Application) throws {
        try db.execute(
            """
            UPDATE applications SET name = \(application.name), icon = \(application.icon),
                class = \(application.class), access_rule = \(StoredAccessRule(application.accessRule)),
                launch_url = \(application.launchURL), attribute_release = \(StoredRelease(application.attributeRelease)),
                disabled_at = \(application.disabledAt)
            WHERE id = \(application.id)
            """)
    }

    private static let columns: SQL =
        "id, tenant_id, slug, name, icon, class, protocol, access_rule, launch_url, attribute_release, created_at, disabled_at"

    private func read(_ row: inout SQLRow) throws -> Application {
        Application(
            id: try row.next(), tenantID: try row.next(), slug: try row.next(), name: try row.next(),
            icon: try row.next(), class: try row.next(), protocolKind: try row.next(),
            accessRule: try row.next(StoredAccessRule.self).rule, launchURL: try row.next(),
            attributeRelease: try row.next(StoredRelease.self).release, createdAt: try row.next(),
            disabledAt: try row.next())
    }
}

extension Application.Class: SQLConvertible {}
extension Application.ProtocolKind: SQLConvertible {}

/// `everyone`, or `{"users": […], "groups": […]}` with ids in order.
private struct StoredAccessRule: SQLConvertible {
    let rule: AccessRule

    init(_ rule: AccessRule) {
        self.rule = rule
    }

    static var sqlType: SQLType { .text }

    var sqlValue: SQLValue {
        switch rule {
        case .everyone: .text("everyone")
        case .selected(let users, let groups):
            .text(
                JSON.object([
                    JSON.Member("users", .array(users.sorted().map(JSON.string))),
                    JSON.Member("groups", .array(groups.sorted().map(JSON.string))),
                ]).text)
        }
    }

    init?(sqlValue: SQLValue) {
        guard case .text(let text) = sqlValue else { return nil }
        if text == "everyone" {
            rule = .everyone
            return
        }
        guard let json = try? JSON.parse(Array(text.utf8)), let users = json["users"]?.array,
            let groups = json["groups"]?.array
        else { return nil }
        rule = .selected(users: Set(users.compactMap(\.string)), groups: Set(groups.compactMap(\.string)))
    }
}

/// `[["attribute", "released name"], …]`.
private struct StoredRelease: SQLConvertible {
    let release: AttributeRelease

    init(_ release: AttributeRelease) {
        self.release = release
    }

    static var sqlType: SQLType { .text }

    var sqlValue: SQLValue {
        .text(JSON.array(release.entries.map { .array([.string($0.attribute.rawValue), .string($0.name)]) }).text)
    }

    init?(sqlValue: SQLValue) {
        guard case .text(let text) = sqlValue, let json = try? JSON.parse(Array(text.utf8)), let items = json.array
        else { return nil }
        var entries: [AttributeRelease.Entry] = []
        for item in items {
            guard let pair = item.array, pair.count == 2, let name = pair[1].string,
                let attribute = pair[0].string.flatMap(UserAttribute.init(rawValue:))
            else { return nil }
            entries.append(AttributeRelease.Entry(attribute, as: name))
        }
        release = AttributeRelease(stored: entries)
    }
}

extension Connection {
    /// The applications of all tenants.
    package var applications: Applications { Applications(db: self) }
}
