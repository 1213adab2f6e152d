import Cryptography
import Directory
import Foundation
import Server
import Storage
import TestSupport
import Testing
import Wire

@Suite("Management: the sealing key")
struct KeyOpeningTests {
    let now = TestInstallation.now

    /// Runs `body` with a directory that does not exist yet.
    private func withDirectory(_ body: (String) async throws -> Void) async throws {
        var random = SecureRandom()
        let name = "gatehouse-keys-" + Identifier.make(using: &random)
        let directory = FileManager.default.temporaryDirectory.appending(path: name).path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await body(directory)
    }

    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    private func write(_ text: String, to path: String, mode: Int = 0o600) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    private func anotherKey() -> String {
        var random = SecureRandom()
        return Base64URL.encode(random.bytes(32))
    }

    @Test(
        "the first start makes it, readable by its owner only; the next start finds it", .tags(.security),
        arguments: Backend.available)
    func firstStart(_ backend: Backend) async throws {
        try await backend.withDatabase { database in
            try await withDirectory { directory in
                let first = try await InstallationKeys.open(in: directory, for: database, now: now)
                #expect(try mode(directory) == 0o700)
                #expect(try mode(directory + "/sealing.key") == 0o600)
                let text = try String(contentsOfFile: directory + "/sealing.key", encoding: .utf8)
                #expect(text == Base64URL.encode(first.sealing.exportedBytes) + "\n")
                #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["sealing.key"])
                let second = try await InstallationKeys.open(in: directory, for: database, now: now)
                #expect(second.sealing == first.sealing)
            }
        }
    }

    @Test("a key that is there before the first start is taken")
    func brought() async throws {
        try await Backend.sqliteMemory.withDatabase { database in
            try await withDirectory { directory in
                let key = anotherKey()
                try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
                try write(key, to: directory + "/sealing.key")
                let opened = try await InstallationKeys.open(in: directory, for: database, now: now)
                #expect(Base64URL.encode(opened.sealing.exportedBytes) == key)
            }
        }
    }

    @Test(
        "a database whose key is missing is refused, and no new key is made", .tags(.security),
        arguments: Backend.available)
    func missing(_ backend: Backend) async throws {
        try await backend.withDatabase { database in
            try await withDirectory { directory in
                _ = try await InstallationKeys.open(in: directory, for: database, now: now)
                try FileManager.default.removeItem(atPath: directory + "/sealing.key")
                let refusal = await #expect(throws: KeyRefusal.self) {
                    try await InstallationKeys.open(in: directory, for: database, now: now)
                }
                #expect(refusal?.description.contains("Restore that file from a backup") == true)
                #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == [])
            }
        }
    }

    @Test("a key of another installation is refused, and neither is changed nor shown", .tags(.security))
    func foreign() async throws {
        try await Backend.sqliteMemory.withDatabase { database in
            try await withDirectory { directory in
                _ = try await InstallationKeys.open(in: directory, for: database, now: now)
                let check = try await database.read { try $0.installation.value("sealing.check") }
                let other = anotherKey()
                try write(other, to: directory + "/sealing.key")
                let refusal = await #expect(throws: KeyRefusal.self) {
                    try await InstallationKeys.open(in: directory, for: database, now: now)
                }
                #expect(refusal?.description.contains("is not the one of this database") == true)
                #expect(refusal?.description.contains(other) == false)
                #expect(try await database.read { try $0.installation.value("sealing.check") } == check)
                #expect(try String(contentsOfFile: directory + "/sealing.key", encoding: .utf8) == other)
            }
        }
    }

    @Test(
        "of nodes that make keys of their own at the same time, one starts, and the others leave no key behind",
        .tags(.security), arguments: Backend.available)
    func apart(_ backend: Backend) async throws {
        try await backend.withDatabase { database in
            try await withDirectory { directory in
                let started = await withTaskGroup(of: Bool.self) { group in
                    for node in 0..<6 {
                        group.addTask {
                            do {
                                _ = try await InstallationKeys.open(in: "\(directory)/\(node)", for: database, now: now)
                                return true
                            } catch { return false }
                        }
                    }
                    return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                #expect(started == 1)
                let files = try FileManager.default.subpathsOfDirectory(atPath: directory)
                #expect(files.filter { $0.hasSuffix("sealing.key") }.count == 1)
            }
        }
    }

    @Test(
        "nodes that start at once on one directory end up with one key", .tags(.security),
        arguments: Backend.available)
    func together(_ backend: Backend) async throws {
        try await backend.withDatabase { database in
            try await withDirectory { directory in
                let keys = try await withThrowingTaskGroup(of: [UInt8].self) { group in
                    for _ in 0..<8 {
                        group.addTask {
                            try await InstallationKeys.open(in: directory, for: database, now: now).sealing
                                .exportedBytes
                        }
                    }
                    return try await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
                }
                #expect(keys.count == 1)
            }
        }
    }

    @Test(
        "a file that everybody can read or change is refused with the command that sets it right",
        .tags(.security), arguments: [0o644, 0o604, 0o602, 0o620])
    func open(_ mode: Int) async throws {
        try await withDirectory { directory in
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try write(anotherKey(), to: directory + "/sealing.key", mode: mode)
            let refusal = #expect(throws: KeyRefusal.self) { try KeyFile(directory: directory).read() }
            #expect(refusal?.description.contains("chmod 600") == true)
        }
    }

    @Test(
        "a file that holds no key is refused and not repeated", .tags(.security),
        arguments: ["", "c2hvcnQ", "not base64url!", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY\nsecond line"])
    func malformed(_ content: String) async throws {
        try await withDirectory { directory in
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try write(content, to: directory + "/sealing.key")
            let refusal = #expect(throws: KeyRefusal.self) { try KeyFile(directory: directory).read() }
            #expect(content.isEmpty || refusal?.description.contains(content) == false)
        }
    }

    @Test("looking changes nothing", .tags(.security))
    func verified() async throws {
        try await Backend.sqliteMemory.withDatabase { database in
            try await withDirectory { directory in
                let verified = try await InstallationKeys.verified(in: directory, for: database)
                #expect(verified == nil)
                #expect(FileManager.default.fileExists(atPath: directory) == false)
                let state = try await database.schemaState()
                #expect(state == .none)
            }
        }
    }
}

extension KeyOpeningTests {
    @Test(
        "employee ids of before an upgrade become look-ups at the next start, once", .tags(.security),
        arguments: Backend.available)
    func employeeIDs(_ backend: Backend) async throws {
        try await backend.withDatabase { database in
            try await withDirectory { directory in
                let keys = try await InstallationKeys.open(in: directory, for: database, now: now)
                try await database.write { db in
                    for tenant in [Samples.acme, Samples.globex] {
                        try db.tenants.insert(tenant)
                        for name in ["a", "b"] {
                            let profile = Profile(name: name, employeeID: "E-\(name)")
                            let user = User(
                                id: "\(name)-\(tenant.code)", tenantID: tenant.id, username: Username(stored: name),
                                profile: profile, createdAt: now)
                            try db.users(keys.sealing).insert(user)
                        }
                    }
                }
                #expect(try await reopened(keys, directory, database) == 4)
                #expect(try await reopened(keys, directory, database) == 0)
            }
        }
    }

    /// Forgets the look-ups and starts again.
    /// - Returns: How many there are then.
    private func reopened(_ keys: InstallationKeys, _ directory: String, _ database: any Database) async throws -> Int {
        try await database.write { db in try db.execute("UPDATE users SET employee_index = NULL") }
        _ = try await InstallationKeys.open(in: directory, for: database, now: now)
        return try await database.read { db in
            let found = try [Samples.acme, Samples.globex].map { tenant in
                try ["e-a", "e-b"].compactMap { try db.users(keys.sealing).withEmployeeKey($0, in: tenant.id) }.count
            }
            return found.reduce(0, +)
        }
    }
}
