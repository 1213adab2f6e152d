import Cryptography
import Directory
import Foundation
import Server
import Storage
import Testing
import TestSupport

@testable import gatehouse

@Suite("Docs/apply.md")
struct ApplyPageTests {
    static let repository = URL(filePath: #filePath).appending(path: "../../..").standardizedFileURL

    /// The first block of YAML on the page.
    static func example() throws -> String {
        let page = try String(contentsOf: repository.appending(path: "Docs/apply.md"), encoding: .utf8)
        let start = try #require(page.range(of: "```yaml\n"))
        let end = try #require(page.range(of: "\n```", range: start.upperBound..<page.endIndex))
        return String(page[start.upperBound..<end.lowerBound])
    }

    @Test("its example can be applied, and again without effect")
    func example() async throws {
        try await withDirectory { directory in
            try await applyTwice(try Self.example(), in: directory)
            #expect(FileManager.default.fileExists(atPath: directory + "/secrets/drive"))
        }
    }

    @Test("Examples/demo.yaml can be applied, and again without effect")
    func demo() async throws {
        try await withDirectory { directory in
            let inner = directory + "/Examples"
            try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: true)
            let demo = Self.repository.appending(path: "Examples/demo.yaml")
            try await applyTwice(try String(contentsOf: demo, encoding: .utf8), in: inner)
        }
    }

    private func applyTwice(_ yaml: String, in directory: String) async throws {
        try await Backend.sqliteMemory.withDatabase { database in
            let now = Date(timeIntervalSince1970: 1_700_000_000)
            try await database.migrate(now: now)
            var random = SecureRandom()
            let administration = Administration(
                database: database, keys: InstallationKeys(SealingKey.generate(using: &random)),
                passwords: try PasswordHashing(
                    parameters: .init(memoryKiB: 8, iterations: 1, parallelism: 1), threads: 1, capacity: 10),
                commonPasswords: { [] }, policy: .standard,
                messenger: .toInbox(SMSInbox(), database, now: Date(timeIntervalSince1970: 0)),
                domainProbe: .nowhere, by: Administrator(actor: .operator("root")))
            let document = try ApplyDocument(try YAMLDocument.parse(yaml))
            let first = try await administration.apply(document, relativeTo: directory, now: now)
            #expect(first.lines.allSatisfy { $0.outcome == .created })
            let second = try await administration.apply(document, relativeTo: directory, now: now)
            #expect(second.isUnchanged)
        }
    }
}
