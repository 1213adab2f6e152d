import Cryptography
import FoundationEssentials
import Glibc
package import Logging
package import Storage
import StoragePostgreSQL
import StorageSQLite

/// The engines that a test of the storage port, or of the server on top of it, runs against.
///
/// ```swift
/// @Test("keeps what was written", arguments: Backend.available)
/// func keeps(backend: Backend) async throws {
///     try await backend.withDatabase { database in … }
/// }
/// ```
package enum Backend: String, Sendable, CustomStringConvertible {
    case sqliteFile = "SQLite in a file"
    case sqliteMemory = "SQLite in memory"
    /// Where the environment's `TEST_POSTGRESQL` says, such as `postgresql://postgres@127.0.0.1:5433/postgres`.
    case postgreSQL = "PostgreSQL"

    /// SQLite always; PostgreSQL when there is one.
    package static let available: [Backend] =
        [.sqliteFile, .sqliteMemory] + (postgreSQLURL == nil ? [] : [.postgreSQL])

    /// Those that keep their data when they are closed, and that can be opened more than once.
    package static let persistent = available.filter { $0 != .sqliteMemory }

    /// The database that tests may make schemas in; nil when there is none.
    package static var postgreSQLURL: String? { unsafe getenv("TEST_POSTGRESQL").map { unsafe String(cString: $0) } }

    /// The engine's name, as test reports show it.
    package var description: String { rawValue }

    /// Runs `body` on an empty database of its own, which is removed afterwards.
    @discardableResult
    package func withDatabase<T: Sendable>(_ body: (any Database) async throws -> T) async throws -> T {
        try await withPlace { place in
            let database = try await place.open()
            return try await closing([database]) { try await body(database) }
        }
    }

    /// Runs `body` on several handles to one empty database, as several processes would have them.
    ///
    /// In memory there is only one handle, given several times.
    @discardableResult
    package func withDatabases<T: Sendable>(
        _ count: Int, _ body: ([any Database]) async throws -> T
    ) async throws -> T {
        try await withPlace { place in
            var databases: [any Database] = [try await place.open()]
            while databases.count < count { databases.append(place.isShared ? try await place.open() : databases[0]) }
            return try await closing(databases) { [databases] in try await body(databases) }
        }
    }

    /// Runs `body` with the place for one database, to be opened and closed as the test likes.
    @discardableResult
    package func withPlace<T: Sendable>(_ body: (Place) async throws -> T) async throws -> T {
        let place = try await Place(self)
        do {
            let value = try await body(place)
            try await place.remove()
            return value
        } catch {
            // The test's own error is the one to report.
            try? await place.remove()
            throw error
        }
    }

    private func closing<T: Sendable>(_ databases: [any Database], _ body: () async throws -> T) async throws -> T {
        let outcome: Result<T, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        for database in databases { await database.close() }
        return try outcome.get()
    }
}

/// Where one test keeps its database: a directory, or a schema.
package struct Place: Sendable {
    /// The directory of a file or the schema's name; unique.
    package let name: String
    private let backend: Backend

    fileprivate init(_ backend: Backend) async throws {
        self.backend = backend
        var random = SecureRandom()
        name = "gatehouse_test_" + random.bytes(8).map { String($0, radix: 16) }.joined()
        if backend == .postgreSQL { try await Self.runOnServer("CREATE SCHEMA \(name)") }
    }

    /// Whether several handles see the same data.
    package var isShared: Bool { backend != .sqliteMemory }

    /// The file of an SQLite database.
    package var path: String { directory + "/gatehouse.sqlite" }

    private var directory: String { FileManager.default.temporaryDirectory.appending(path: name).path }

    /// The URL of a PostgreSQL database with the place's schema first, so that tests do not see each other.
    package var url: String {
        let url = Backend.postgreSQLURL ?? ""
        return "\(url)\(url.contains("?") ? "&" : "?")options=-csearch_path%3D\(name)"
    }

    /// Opens the database; in memory a new, empty one each time.
    package func open(logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) async throws
        -> any Database
    {
        switch backend {
        case .sqliteFile: try SQLiteDatabase(path: path, logger: logger)
        case .sqliteMemory: try SQLiteDatabase(inMemory: logger)
        case .postgreSQL:
            try await PostgreSQLDatabase.open(
                url: url, connections: 6, waitingTime: .seconds(120), logger: logger)
        }
    }

    fileprivate func remove() async throws {
        switch backend {
        case .sqliteFile:
            if FileManager.default.fileExists(atPath: directory) {
                try FileManager.default.removeItem(atPath: directory)
            }
        case .sqliteMemory: break
        case .postgreSQL: try await Self.runOnServer("DROP SCHEMA \(name) CASCADE")
        }
    }

    /// The port cannot run text made at run time, so the server does it, in a function that goes with the connection.
    private static func runOnServer(_ command: String) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let database = try await PostgreSQLDatabase.open(url: Backend.postgreSQLURL ?? "", logger: logger)
        try await database.write { db in
            try db.define(
                """
                CREATE FUNCTION pg_temp.run(command TEXT) RETURNS void LANGUAGE plpgsql AS
                'BEGIN EXECUTE command; END'
                """)
            try db.execute("SELECT pg_temp.run(\(command))")
        }
        await database.close()
    }
}
