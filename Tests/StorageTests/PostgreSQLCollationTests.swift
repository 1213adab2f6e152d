import Foundation
import Logging
import Storage
import StoragePostgreSQL
import TestSupport
import Testing

@Suite(
    "PostgreSQL: which databases are taken",
    .enabled(if: Backend.postgreSQLURL != nil, "TEST_POSTGRESQL is not set"),
    .timeLimit(.minutes(10)))
struct PostgreSQLCollationTests {
    struct Creation: Sendable, CustomTestStringConvertible {
        var testDescription: String { options }
        var options: String
        var isTaken: Bool
    }

    @Test(
        "one whose text is UTF-8 in the order of its bytes, and no other",
        arguments: [
            Creation(options: "ENCODING 'UTF8' LOCALE 'C'", isTaken: true),
            Creation(options: "ENCODING 'UTF8' LOCALE 'C.UTF-8'", isTaken: true),
            Creation(options: "ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en' LOCALE 'C'", isTaken: false),
            Creation(options: "ENCODING 'SQL_ASCII' LOCALE 'C'", isTaken: false),
        ])
    func taken(creation: Creation) async throws {
        let name = "gatehouse_test_\(UInt64.random(in: 0 ... .max))"
        try psql("CREATE DATABASE \(name) TEMPLATE template0 \(creation.options)")
        defer { try? psql("DROP DATABASE \(name) WITH (FORCE)") }
        let outcome = await open(name)
        if creation.isTaken {
            #expect(outcome == nil)
        } else {
            let remedy = "CREATE DATABASE gatehouse TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"
            #expect(outcome?.failure?.contains(remedy) == true)
        }
    }

    /// The error of opening the database of this name; nil when it is taken.
    private func open(_ name: String) async -> DatabaseError? {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        var url = URLComponents(string: Backend.postgreSQLURL ?? "")
        url?.path = "/\(name)"
        do {
            try await PostgreSQLDatabase.open(url: url?.string ?? "", logger: logger).close()
            return nil
        } catch {
            return error as? DatabaseError
        }
    }

    /// Databases cannot be made inside a transaction, which is all the port has.
    private func psql(_ command: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "psql", "--quiet", "--no-psqlrc", Backend.postgreSQLURL ?? "", "--command", command,
        ]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }
}
