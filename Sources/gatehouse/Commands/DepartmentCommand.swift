import ArgumentParser
import Directory
import Foundation
import Server
import Wire

/// `gatehouse department`
struct DepartmentCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "department", abstract: "The departments of a tenant, and into which of them people are invited.",
        subcommands: [Add.self, List.self, Change.self, Remove.self])

    struct Add: AdministrationCommand {
        static let configuration = CommandConfiguration(abstract: "Add a department.")

        @Argument(help: "The code: lower-case letters, digits and hyphens.")
        var code: String
        @Option(help: "The name that people see; the code where it is left out.")
        var name: String?
        @Option(help: "The code of the department above; at the top where it is left out.")
        var parent: String?
        @Flag(help: "Let invitations into the department work.")
        var invites = false
        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            let draft = DepartmentDraft(code: code, name: name, parent: parent.map { .below($0) }, invites: invites)
            let added = try await administration.addDepartment(
                draft, to: try await tenant.resolved(administration), now: now)
            output.print(
                ["code": .string(added.code), "name": .string(added.name), "invites": .bool(added.invites)],
                "The department \(added.code) was added.")
        }
    }

    struct List: AdministrationCommand {
        static let configuration = CommandConfiguration(abstract: "List the departments of a tenant.")

        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            let departments = try await administration.departments(of: try await tenant.resolved(administration))
            var table = Table("CODE", "NAME", "ABOVE", "INVITES", "MEMBERS")
            table.rows = departments.map {
                [
                    $0.department.code, $0.department.name, $0.parent ?? "-", $0.department.invites ? "on" : "off",
                    String($0.memberCount),
                ]
            }
            output.print(.array(departments.map(\.json)), table, empty: "There is no department.")
        }
    }

    struct Change: AdministrationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change a department.",
            discussion: """
                What is not given stays. While --no-invites is in force, no invitation into the department works; with \
                --invites those that are neither revoked nor expired work again.
                """)

        @Argument(help: "The code.")
        var code: String
        @Option(help: "The name that people see.")
        var name: String?
        @Option(help: "The code of the department above.")
        var parent: String?
        @Flag(help: "Put it at the top.")
        var top = false
        @Flag(inversion: .prefixedNo, help: "Whether invitations into the department work.")
        var invites: Bool?
        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            guard parent == nil || !top else { throw CommandRefusal("Either --parent or --top.") }
            let draft = DepartmentDraft(
                code: code, name: name, parent: top ? .top : parent.map { .below($0) }, invites: invites)
            let fields = try await administration.changeDepartment(
                draft, of: try await tenant.resolved(administration), now: now)
            output.print(
                ["code": .string(code), "changed": .texts(fields)],
                fields.isEmpty ? "Nothing has changed." : "Changed: \(fields.joined(separator: ", ")).")
        }
    }

    struct Remove: AdministrationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a department that nobody is in and that has none below it.")

        @Argument(help: "The code.")
        var code: String
        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            try await administration.removeDepartment(
                code, of: try await tenant.resolved(administration), now: now)
            output.print(["code": .string(code), "removed": true], "The department was removed.")
        }
    }
}

extension ListedDepartment {
    fileprivate var json: JSON {
        .object([
            .init("code", .string(department.code)), .init("name", .string(department.name)),
            .init("parent", .text(parent)), .init("invites", .bool(department.invites)),
            .init("members", .integer(Int64(memberCount))),
        ])
    }
}
