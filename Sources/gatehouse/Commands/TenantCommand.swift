import ArgumentParser
import Directory
import Foundation
import Server
import Wire

/// `gatehouse tenant`
struct TenantCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenant", abstract: "Tenants: isolated enterprises.",
        subcommands: [Create.self, Change.self, List.self])

    struct Create: AdministrationCommand {
        static let configuration = CommandConfiguration(abstract: "Make a tenant with its signing keys.")

        @Argument(help: "The code: lower-case letters, digits and hyphens.")
        var code: String
        @Option(help: "The name that people see.")
        var name: String
        @Option(help: "The issuer URL, such as https://sso.example.com.")
        var issuer: String
        @Option(help: "A further host name at which the tenant answers; may be repeated.")
        var host: [String] = []
        @OptionGroup var settings: SettingOptions
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            let draft = TenantDraft(
                code: code, name: name, issuer: issuer, hosts: host, settings: try settings.values())
            let tenant = try await administration.createTenant(draft, now: now)
            output.print(tenant.json, "The tenant \(tenant.code) was created; it answers at \(tenant.issuer).")
        }
    }

    struct Change: AdministrationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change a tenant.",
            discussion: """
                What is not given stays. A setting is given back to the installation with --set key=default. Secrets are \
                read from files: --set-file sms.huawei.secret=/run/secrets/huawei.
                """)

        @Argument(help: "The code.")
        var code: String
        @Option(help: "The name that people see.")
        var name: String?
        @Option(help: "The issuer URL; applications must be told.")
        var issuer: String?
        @Option(help: "A further host name at which the tenant answers; all of them, if any is given.")
        var host: [String] = []
        @OptionGroup var settings: SettingOptions
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            let draft = TenantDraft(
                code: code, name: name, issuer: issuer, hosts: host.isEmpty ? nil : host,
                settings: try settings.values())
            let (tenant, fields) = try await administration.changeTenant(draft, now: now)
            let text = fields.isEmpty ? "Nothing has changed." : "Changed: \(fields.joined(separator: ", "))."
            output.print(["tenant": tenant.json, "changed": .texts(fields)], text)
        }
    }

    struct List: AdministrationCommand {
        static let configuration = CommandConfiguration(abstract: "List all tenants.")

        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            let tenants = try await administration.tenants()
            var table = Table("CODE", "NAME", "ISSUER", "HOSTS", "CREATED")
            table.rows = tenants.map {
                [$0.code, $0.name, $0.issuer, $0.hosts.joined(separator: " "), $0.createdAt.timestamp]
            }
            output.print(.array(tenants.map(\.json)), table, empty: "There is no tenant.")
        }
    }
}

extension Tenant {
    fileprivate var json: JSON {
        [
            "code": .string(code), "name": .string(name), "issuer": .string(issuer), "hosts": .texts(hosts),
            "settings": .object(
                settings.sorted { $0.key < $1.key }.map { .init($0.key, .string(SettingDefinition.shown($0))) }),
            "createdAt": .time(createdAt),
        ]
    }
}

/// Settings of a tenant, as a command is given them.
struct SettingOptions: ParsableArguments {
    @Option(help: "A setting of the tenant, such as freeze.failures=5; may be repeated.")
    var set: [String] = []
    @Option(help: "A setting whose value is the first line of a file, for secrets: key=path; may be repeated.")
    var setFile: [String] = []

    /// By key.
    func values() throws -> [String: String] {
        var values: [String: String] = [:]
        for (pair, isFile) in set.map({ ($0, false) }) + setFile.map({ ($0, true) }) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2 else { throw CommandRefusal("A setting is given as key=value.") }
            let value = isFile ? try SecretInput.read(parts[1]) : parts[1]
            guard values.updateValue(value, forKey: parts[0]) == nil else {
                throw CommandRefusal("The setting \(parts[0]) is given twice.")
            }
        }
        return values
    }
}
