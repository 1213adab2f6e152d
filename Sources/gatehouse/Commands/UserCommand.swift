import ArgumentParser
import Directory
import Foundation
import Server
import Wire

/// `gatehouse user`
struct UserCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "The users of a tenant.",
        subcommands: [
            Add.self, Change.self, List.self, Show.self, Disable.self, Enable.self, Unfreeze.self, ResetPassword.self,
            Delete.self, Factors.self,
        ])

    struct Add: AdministrationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a user.",
            discussion: """
                Without a password the user enters by SMS code at first and then sets one. An initial password must be \
                changed at the first sign-in; a password hash brought from another system stays.
                """)

        @Argument(help: "The account name.")
        var username: String
        @Option(help: "The name that people see; the account name where it is left out.")
        var name: String?
        @Option(help: "The phone number that SMS codes go to.")
        var phone: String?
        @Option(help: "The e-mail address.")
        var email: String?
        @Option(name: .customLong("employee-id"), help: "The number from the personnel department.")
        var employeeID: String?
        @Option(help: "A group that the user is a member of; may be repeated.")
        var group: [String] = []
        @Option(help: "A role that the user has: administrator.")
        var role: [String] = []
        @Option(
            help: "The code of a department that the user belongs to; may be repeated, the first is the primary one.")
        var department: [String] = []
        @Option(help: "A file whose first line is an initial password; - for the standard input.")
        var passwordFile: String?
        @Option(help: "A file whose first line is a password hash from another system; - for the standard input.")
        var passwordHashFile: String?
        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            let draft = UserDraft(
                username: username, name: name, phone: phone, email: email, employeeID: employeeID, groups: group,
                roles: role, departments: department, credential: try credential())
            let code = try await tenant.resolved(administration)
            let user = try await administration.addUser(draft, to: code, now: now)
            if user.profile.phone == nil, draft.credential == nil {
                remark("This user has neither a phone number nor a password, and so no way to sign in yet.")
            }
            output.print(
                [
                    "id": .string(user.id), "username": .string(user.username.text),
                    "status": .string(user.status.rawValue),
                ],
                "The user \(user.username) was added.")
        }

        private func credential() throws -> InitialCredential? {
            switch (passwordFile, passwordHashFile) {
            case (nil, nil): return nil
            case (let file?, nil): return .password(try SecretInput.read(file))
            case (nil, let file?): return .hash(try SecretInput.read(file))
            case (_?, _?): throw CommandRefusal("A user has either an initial password or a password hash.")
            }
        }
    }

    struct List: AdministrationCommand {
        static let configuration = CommandConfiguration(abstract: "List the users of a tenant.")

        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            let users = try await administration.users(of: try await tenant.resolved(administration))
            var table = Table("USERNAME", "NAME", "STATUS", "PASSWORD", "GROUPS", "ROLES", "DEPARTMENTS")
            table.rows = users.map { listed in
                [
                    listed.user.username.text, listed.user.profile.name, listed.user.status.rawValue,
                    listed.hasPassword ? "set" : "none", listed.groups.joined(separator: ", "),
                    listed.roles.joined(separator: ", "), listed.departments.joined(separator: ", "),
                ]
            }
            output.print(.array(users.map { .object($0.members) }), table, empty: "There is no user.")
        }
    }

    struct Show: AdministrationCommand {
        static let configuration = CommandConfiguration(abstract: "Show one user.")

        @Argument(help: "The account name.")
        var username: String
        @Flag(help: "Show phone number and e-mail address in full.")
        var reveal = false
        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            let listed = try await administration.user(username, of: try await tenant.resolved(administration))
            let members = listed.members + listed.personal(isRevealed: reveal)
            var table = Table("FIELD", "VALUE")
            table.rows = members.map { [$0.key, $0.value.cell] }
            output.print(.object(members), table)
        }
    }

    struct Disable: AdministrationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Disable a user and end every session and token at once.")

        @Argument(help: "The account name.")
        var username: String
        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            let code = try await tenant.resolved(administration)
            let isChanged = try await administration.disableUser(username, of: code, now: now)
            output.print(
                ["username": .string(username), "changed": .bool(isChanged)],
                isChanged
                    ? "The user was disabled; every session and token has ended." : "The user was disabled already.")
        }
    }

    struct Enable: AdministrationCommand {
        static let configuration = CommandConfiguration(abstract: "Let a disabled user in again.")

        @Argument(help: "The account name.")
        var username: String
        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            let code = try await tenant.resolved(administration)
            let isChanged = try await administration.enableUser(username, of: code, now: now)
            output.print(
                ["username": .string(username), "changed": .bool(isChanged)],
                isChanged ? "The user was enabled." : "The user was enabled already.")
        }
    }
}

extension ListedUser {
    /// What a list shows: nothing by which a person could be called or written to.
    fileprivate var members: [JSON.Member] {
        [
            .init("id", .string(user.id)), .init("username", .string(user.username.text)),
            .init("name", .string(user.profile.name)), .init("status", .string(user.status.rawValue)),
            .init("hasPassword", .bool(hasPassword)), .init("groups", .texts(groups)),
            .init("roles", .texts(roles)), .init("departments", .texts(departments)),
            .init("createdAt", .time(user.createdAt)), .init("activatedAt", .time(user.activatedAt)),
            .init("disabledAt", .time(user.disabledAt)),
        ]
    }

    fileprivate func personal(isRevealed: Bool) -> [JSON.Member] {
        let (phone, email) = (user.profile.phone, user.profile.email)
        return [
            .init("phone", .text(isRevealed ? phone?.e164 : phone?.masked)),
            .init("email", .text(isRevealed ? email?.text : email.map { Self.masked($0.text) })),
            .init("employeeID", .text(user.profile.employeeID)),
        ]
    }

    /// The first letter and the domain.
    private static func masked(_ email: String) -> String {
        let local = email.prefix { $0 != "@" }
        return local.prefix(1) + "***" + email.dropFirst(local.count)
    }
}

extension JSON {
    /// The value as a table shows it.
    var cell: String {
        switch self {
        case .null: "-"
        case .string(let text): text
        case .array(let elements): elements.map(\.cell).joined(separator: ", ")
        default: text
        }
    }
}
