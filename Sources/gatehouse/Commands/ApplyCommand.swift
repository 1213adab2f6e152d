import ArgumentParser
import Foundation
import Server
import Wire

/// `gatehouse apply`
struct Apply: AdministrationCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring tenants, users and applications to what a file says.",
        discussion: """
            The file is YAML in the form of Docs/apply.md. It is checked as a whole before anything is written; \
            applying it again changes nothing. What the file does not mention stays as it is.
            """)

    @Option(name: .shortAndLong, help: "The file; - for the standard input.")
    var file: String
    @Flag(help: "Only say what would be done.")
    var dryRun = false
    @OptionGroup var output: OutputOptions

    func run(_ administration: Administration, now: Date) async throws {
        let report: ApplyReport
        do {
            let document = try ApplyDocument(try YAMLDocument.read(file))
            report = try await administration.apply(
                document, relativeTo: Self.directory(of: file), isRehearsal: dryRun, now: now)
        } catch let refusal as DocumentRefusal {
            throw CommandRefusal("The file \(file), \(refusal)")
        }
        output.json ? Swift.print(report.json(isRehearsal: dryRun).text) : report.print(isRehearsal: dryRun)
    }

    /// The directory that a file is in, where its relative paths begin.
    private static func directory(of file: String) -> String {
        guard let slash = file.lastIndex(of: "/") else { return "." }
        return slash == file.startIndex ? "/" : String(file[..<slash])
    }
}

extension ApplyReport {
    fileprivate func json(isRehearsal: Bool) -> JSON {
        [
            "dryRun": .bool(isRehearsal), "unchanged": .bool(isUnchanged),
            "entries": .array(
                lines.map { line in
                    [
                        "tenant": .string(line.tenant), "kind": .string(line.kind.rawValue), "name": .string(line.name),
                        "outcome": .string(line.outcome.rawValue), "fields": .texts(line.fields),
                    ]
                }),
            "credentials": .array(isRehearsal ? [] : credentials.map(\.json)),
        ]
    }

    /// What changed, how much did not, and what was generated.
    fileprivate func print(isRehearsal: Bool) {
        var table = Table("TENANT", "KIND", "NAME", "OUTCOME", "FIELDS")
        table.rows = lines.filter { $0.outcome != .unchanged }.map {
            [$0.tenant, $0.kind.rawValue, $0.name, $0.outcome.rawValue, $0.fields.joined(separator: ", ")]
        }
        table.lines.forEach { Swift.print($0) }
        let unchanged = lines.count - table.rows.count
        Swift.print("\(table.rows.count) changed, \(unchanged) unchanged\(isRehearsal ? "; nothing was written" : "").")
        guard !isRehearsal, !credentials.isEmpty else { return }
        var issued = Table("TENANT", "APPLICATION", "CLIENT ID", "CLIENT SECRET")
        issued.rows = credentials.map {
            [$0.tenant, $0.application, $0.clientID, $0.secret ?? $0.file.map { "in the file \($0)" } ?? "-"]
        }
        Swift.print("")
        issued.lines.forEach { Swift.print($0) }
        if credentials.contains(where: { $0.secret != nil }) { Swift.print("Secrets are shown this once.") }
    }
}
