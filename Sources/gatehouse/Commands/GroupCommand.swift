import ArgumentParser
import Directory
import Foundation
import Server
import Wire

/// `gatehouse group`
struct GroupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "group", abstract: "Groups of users, which access rules can name.",
        subcommands: [Add.self, List.self])

    struct Add: AdministrationCommand {
        static let configuration = CommandConfiguration(abstract: "Add a group.")

        @Argument(help: "The name.")
        var name: String
        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            let isNew = try await administration.addGroup(name, to: try await tenant.resolved(administration), now: now)
            output.print(
                ["name": .string(name), "created": .bool(isNew)],
                isNew ? "The group was added." : "The group was there already.")
        }
    }

    struct List: AdministrationCommand {
        static let configuration = CommandConfiguration(abstract: "List the groups of a tenant.")

        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            let groups = try await administration.groups(of: try await tenant.resolved(administration))
            var table = Table("NAME")
            table.rows = groups.map { [$0.name] }
            output.print(.texts(groups.map(\.name)), table, empty: "There is no group.")
        }
    }
}
