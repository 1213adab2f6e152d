import ArgumentParser
import Directory
import Foundation
import Server
import Wire

/// `gatehouse domain`
struct DomainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "domain", abstract: "The domains by which members sign in, as tom@example.com.",
        subcommands: [Add.self, List.self, CheckNow.self, Remove.self])

    struct Add: AdministrationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a domain, and say how to prove that it is the tenant's.")

        @Argument(help: "The domain, such as example.com: without www and https.")
        var domain: String
        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            let code = try await tenant.resolved(administration)
            let added = try await administration.addDomain(domain, to: code, now: now)
            output.print(added.json, (["The domain \(added.name.text) was added.", ""] + added.instructions).text)
        }
    }

    struct List: AdministrationCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the domains of a tenant, and how far the proof of each is.")

        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            let domains = try await administration.domains(of: try await tenant.resolved(administration), now: now)
            var table = Table("DOMAIN", "STATE", "ADDED", "CHECKED", "NEXT CHECK", "FOUND")
            table.rows = domains.map {
                [
                    $0.name.text, $0.stateName, $0.addedAt.timestamp, $0.checkedAt?.timestamp ?? "-",
                    $0.nextCheckAt?.timestamp ?? "on demand", $0.failure?.rawValue ?? "-",
                ]
            }
            output.print(.array(domains.map(\.json)), table, empty: "There is no domain.")
        }
    }

    struct CheckNow: AdministrationCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Look for the proof of a domain now.",
            discussion: "The exit status is 0 only when a proof was found.")

        @Argument(help: "The domain.")
        var domain: String
        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            let code = try await tenant.resolved(administration)
            let checked = try await administration.checkDomain(domain, of: code, now: now)
            output.print(checked.json, checked.report.text)
            if checked.failure != nil { throw ExitCode.failure }
        }
    }

    struct Remove: AdministrationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a domain from a tenant; at once nobody signs in with it any more.")

        @Argument(help: "The domain.")
        var domain: String
        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            try await administration.removeDomain(domain, from: try await tenant.resolved(administration), now: now)
            output.print(["domain": .string(domain), "removed": true], "The domain was removed.")
        }
    }
}

extension [String] {
    fileprivate var text: String { joined(separator: "\n") }
}
