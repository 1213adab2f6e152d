import Cryptography
import Directory
package import FoundationEssentials
package import Storage

extension InstallationKeys {
    /// Opens an installation: brings its schema up to date and proves that the sealing key is the one it was made with.
    ///
    /// The first start makes the key. A database whose key is missing or another one is left as it is, not even
    /// migrated: a new key in its place would make everything sealed unreadable for good.
    /// - Parameters:
    ///   - directory: The setting `keys.directory`; made with mode 0700.
    ///   - database: Open; empty at the first start.
    /// - Throws: ``KeyRefusal``, `MigrationError`, `DatabaseError`.
    package static func open(
        in directory: String, for database: any Database, now: Date
    ) async throws -> InstallationKeys {
        let file = KeyFile(directory: directory)
        // The database is always asked before the file is read: whoever has made a key writes the file first.
        if let check = await storedCheck(in: database) { try prove(file.read(), opens: check, file) }
        try await database.migrate(now: now)
        let check = try await database.read { try $0.installation.value(checkName) }
        if let check {
            let keys = InstallationKeys(try prove(file.read(), opens: check, file))
            try await keys.indexEmployees(in: database)
            return keys
        }
        return InstallationKeys(try await settle(file.read(), file, in: database))
    }

    /// Once after an upgrade: employee ids of before become look-ups. Another node may do the same at the same time.
    private func indexEmployees(in database: any Database) async throws {
        guard try await database.read({ try $0.installation.value(Self.employeesIndexed) }) == nil else { return }
        for tenant in try await database.read({ try $0.tenants.all() }) {
            var last = ""
            while true {
                let (after, key) = (last, sealing)
                let names = try await database.write { db in
                    try db.users(key).indexEmployees(after: after, in: tenant.id, limit: 500)
                }
                guard names.count == 500, let next = names.last else { break }
                last = next
            }
        }
        _ = try await database.write { try $0.installation.settle(Self.employeesIndexed, "yes") }
    }

    private static let employeesIndexed = "employees.indexed"

    /// Whether the key file and the database belong together; writes nothing.
    /// - Returns: The keys; nil when the installation has not been started yet.
    package static func verified(in directory: String, for database: any Database) async throws -> InstallationKeys? {
        let file = KeyFile(directory: directory)
        guard let check = await storedCheck(in: database) else { return nil }
        return InstallationKeys(try prove(file.read(), opens: check, file))
    }

    /// The check value before the schema is known to be there; nil as long as it is not.
    private static func storedCheck(in database: any Database) async -> String? {
        // A database that cannot be read at all says so in the migration that follows.
        try? await database.read { try $0.installation.value(checkName) }
    }

    /// The first start: the key there is, or a new one, becomes the database's.
    private static func settle(
        _ found: SealingKey?, _ file: KeyFile, in database: any Database
    ) async throws -> SealingKey {
        let made = found == nil ? try file.create() : nil
        guard let key = try found ?? made ?? file.read() else {
            throw KeyRefusal("The file \(file.path) disappeared while it was being made. Start again.")
        }
        let settled = try await database.write { db in
            try db.installation.settle(checkName, key.seal(checkText, context: checkName))
        }
        do {
            return try prove(key, opens: settled, file)
        } catch {
            // Another node came first with a key of its own; the file made here would hide that from the next start.
            if made != nil { file.discard() }
            throw error
        }
    }

    @discardableResult
    private static func prove(
        _ key: SealingKey?, opens check: String, _ file: KeyFile
    ) throws(KeyRefusal) -> SealingKey {
        guard let key else {
            throw KeyRefusal(
                """
                The database belongs to an installation whose sealing key is missing: \(file.path) is not there. \
                Restore that file from a backup (or set keys.directory to where it is) and start again. \
                Nothing was changed.
                """)
        }
        guard let text = try? key.open(check, context: checkName), text == checkText else {
            throw KeyRefusal(
                """
                The sealing key in \(file.path) is not the one of this database. \
                Restore the key that belongs to the database, or the database that belongs to the key, \
                and start again. Nothing was changed.
                """)
        }
        return key
    }

    private static let checkName = "sealing.check"
    private static let checkText = Array("gatehouse".utf8)
}
