import ArgumentParser
import Directory
import Foundation
import Server
import Wire

/// `gatehouse tenant`
struct TenantCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenant", abstract: "Tenants: isolated enterprises.", subcommands: [Create.self, List.self])

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
        @Option(help: "A setting of the tenant, such as freeze.failures=5; may be repeated.")
        var set: [String] = []
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            let draft = TenantDraft(code: code, name: name, issuer: issuer, hosts: host, settings: try settings())
            let tenant = try await administration.createTenant(draft, now: now)
            output.print(tenant.json, "The tenant \(tenant.code) was created; it answers at \(tenant.issuer).")
        }

        private func settings() throws -> [String: String] {
            var settings: [String: String] = [:]
            for pair in set {
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
                guard parts.count == 2, settings.updateValue(parts[1], forKey: parts[0]) == nil else {
                    throw CommandRefusal("A setting is given as --set key=value, and each only once.")
                }
            }
            return settings
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
            "settings": .object(settings.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) }),
            "createdAt": .time(createdAt),
        ]
    }
}
