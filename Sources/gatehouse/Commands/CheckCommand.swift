import ArgumentParser
import Cryptography
import Directory
import Foundation
import Server
import Storage
import Wire

/// `gatehouse check`
struct Check: ConfiguredCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the configuration and verify database and keys; changes nothing.",
        discussion: "Secrets are shown as •••. The exit status is 0 only when everything is in order.")

    @Flag(help: "Measure instead what password hashes cost on this machine.")
    var argon2 = false
    @OptionGroup var output: OutputOptions

    func run(with sources: ConfigurationSources) async throws {
        if argon2 { return try measure(try sources.settings().argon2) }
        let findings = await Findings(sources)
        if output.json { print(findings.json(sources).text) } else { printTables(sources, findings) }
        if findings.problem != nil { throw ExitCode.failure }
    }

    /// One line for each set of parameters; the installation's own is marked.
    private func measure(_ own: Argon2id.Parameters) throws {
        let processors = ProcessInfo.processInfo.activeProcessorCount
        let measured = try Argon2Measurement.candidates(own).map { try Argon2Measurement($0) }
        var table = Table("MEMORY", "PASSES", "LANES", "ONE HASH", "SIGN-INS A SECOND", "")
        table.rows = measured.map {
            [
                "\($0.parameters.memoryKiB) KiB", String($0.parameters.iterations), String($0.parameters.parallelism),
                "\(($0.milliseconds * 10).rounded() / 10) ms", String(Int($0.perSecond(processors: processors))),
                $0.parameters == own ? "in use" : "",
            ]
        }
        let json = measured.map { measurement -> JSON in
            [
                "memoryKiB": .integer(Int64(measurement.parameters.memoryKiB)),
                "iterations": .integer(Int64(measurement.parameters.iterations)),
                "parallelism": .integer(Int64(measurement.parameters.parallelism)),
                "microseconds": .integer(Int64(measurement.milliseconds * 1_000)),
                "perSecond": .integer(Int64(measurement.perSecond(processors: processors))),
                "isInUse": .bool(measurement.parameters == own),
            ]
        }
        output.print(.array(json), table)
    }

    private func printTables(_ sources: ConfigurationSources, _ findings: Findings) {
        var table = Table("SETTING", "VALUE", "FROM")
        table.rows = SettingDefinition.all.map { [$0.key, sources.shown($0), sources.text(of: $0).origin.rawValue] }
        table.lines.forEach { print($0) }
        print("")
        var state = Table("PART", "STATE")
        state.rows = [
            ["configuration file", sources.file ?? "none"], ["database", findings.database], ["keys", findings.keys],
        ]
        state.lines.forEach { print($0) }
        for name in sources.unknownVariables { remark("The environment variable \(name) names no setting.") }
        if let problem = findings.problem { remark(problem) }
    }
}

/// What was found out about an installation.
private struct Findings {
    var database = "not looked at"
    var keys = "not looked at"
    /// The first thing that is not in order.
    var problem: String?

    init(_ sources: ConfigurationSources) async {
        do {
            try await look(at: try sources.settings())
        } catch let refusal as KeyRefusal {
            keys = "refused"
            problem = refusal.description
        } catch {
            problem = "\(error)"
        }
    }

    private mutating func look(at settings: Settings) async throws {
        let path = DatabaseOpening.path(ofEmbedded: settings)
        // Opening would make the file; looking must not.
        if case .embedded = settings.database, !FileManager.default.fileExists(atPath: path) {
            database = "not there yet; the first start makes \(path)"
            let found = try KeyFile(directory: settings.keysDirectory).read() != nil
            keys = found ? "a sealing key is there" : "none yet; the first start makes one"
            return
        }
        let opened = try await DatabaseOpening.open(settings, logger: .command)
        do {
            try await look(into: opened, settings)
        } catch {
            await opened.close()
            throw error
        }
        await opened.close()
    }

    private mutating func look(into opened: any Database, _ settings: Settings) async throws {
        let engine = settings.database == .embedded ? "SQLite" : "PostgreSQL"
        switch try await opened.schemaState() {
        case .none: database = "\(engine), reachable, empty; the first start makes the schema"
        case .applied(let applied, let known):
            database = "\(engine), reachable, schema \(applied) of \(known)"
            if applied > known { problem = "The database was migrated by a newer build than this one." }
        }
        guard let verified = try await InstallationKeys.verified(in: settings.keysDirectory, for: opened) else {
            keys = "none yet; the first start makes them"
            return
        }
        keys = "the sealing key is the one of this database"
        let signing = try await opened.read { db in
            try db.tenants.all().map { try db.signingKeys(verified.sealing).all(in: $0.id).count }
        }
        keys += "; \(signing.reduce(0, +)) signing keys of \(signing.count) tenants open"
        if signing.contains(where: { $0 < 2 }) { problem = "A tenant lacks a signing key." }
        let refusals = try await opened.read { db in
            try db.tenants.all().compactMap { Self.refusal(of: $0, settings, verified) }
        }
        if let first = refusals.first { problem = first }
    }

    /// A tenant's settings held when they were made; what they build on may have changed since.
    private static func refusal(of tenant: Tenant, _ settings: Settings, _ keys: InstallationKeys) -> String? {
        do {
            _ = try settings.policy.of(tenant, keys.sealing)
            return nil
        } catch {
            return "The tenant \(tenant.code) is not served: \(error)"
        }
    }

    func json(_ sources: ConfigurationSources) -> JSON {
        [
            "settings": .array(
                SettingDefinition.all.map { definition in
                    [
                        "key": .string(definition.key), "value": .string(sources.shown(definition)),
                        "from": .string(sources.text(of: definition).origin.rawValue),
                    ]
                }),
            "configurationFile": .text(sources.file), "unknownVariables": .texts(sources.unknownVariables),
            "database": .string(database), "keys": .string(keys), "problem": .text(problem),
        ]
    }
}

extension ConfigurationSources {
    /// The text of a setting as it may be shown.
    fileprivate func shown(_ definition: SettingDefinition) -> String {
        let text = text(of: definition).text
        return definition.isSecret && !text.isEmpty ? "•••" : text
    }
}
