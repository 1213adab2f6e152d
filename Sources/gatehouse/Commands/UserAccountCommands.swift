import ArgumentParser
import Directory
import Foundation
import Server
import Wire

extension UserCommand {
    struct Change: AdministrationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change a user.",
            discussion: """
                What is not given stays. With a new phone number, codes under way are void, and whoever has the old phone \
                is told. A role is given and taken at once, also for somebody who is signed in.
                """)

        @Argument(help: "The account name.")
        var username: String
        @Option(help: "The name that people see.")
        var name: String?
        @Option(help: "The phone number that SMS codes go to.")
        var phone: String?
        @Option(help: "The e-mail address.")
        var email: String?
        @Option(name: .customLong("employee-id"), help: "The number from the personnel department.")
        var employeeID: String?
        @Option(help: "A group that the user is a member of; all of them, if any is given.")
        var group: [String] = []
        @Option(help: "A role that the user has: administrator; all of them, if any is given.")
        var role: [String] = []
        @Flag(help: "Take every role from the user.")
        var noRole = false
        @Option(help: "The code of a department that the user belongs to, the primary one first; all, if any is given.")
        var department: [String] = []
        @Flag(help: "Take the user out of every department.")
        var noDepartment = false
        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            guard role.isEmpty || !noRole else { throw CommandRefusal("Either --role or --no-role.") }
            guard department.isEmpty || !noDepartment else {
                throw CommandRefusal("Either --department or --no-department.")
            }
            let draft = UserDraft(
                username: username, name: name, phone: phone, email: email, employeeID: employeeID,
                groups: group.isEmpty ? nil : group, roles: role.isEmpty && !noRole ? nil : role,
                departments: department.isEmpty && !noDepartment ? nil : department)
            let fields = try await administration.changeUser(
                draft, of: try await tenant.resolved(administration), now: now)
            output.print(
                ["username": .string(username), "changed": .texts(fields)],
                fields.isEmpty ? "Nothing has changed." : "Changed: \(fields.joined(separator: ", ")).")
        }
    }

    struct Unfreeze: AdministrationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a user try again who was frozen after too many wrong attempts.")

        @Argument(help: "The account name.")
        var username: String
        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            let code = try await tenant.resolved(administration)
            let isChanged = try await administration.unfreezeUser(username, of: code, now: now)
            output.print(
                ["username": .string(username), "changed": .bool(isChanged)],
                isChanged ? "The wrong attempts are forgotten." : "No wrong attempt was counted.")
        }
    }

    struct ResetPassword: AdministrationCommand {
        static let configuration = CommandConfiguration(
            commandName: "reset-password", abstract: "Reset the passwords of users.",
            discussion: """
                Without an option the password is cleared, and the user enters by SMS code and sets another. With \
                --one-time a password for one use goes to the user's phone. Either way every session and token ends, and \
                the user is told by message. Nothing is changed when one of the accounts does not exist.
                """)

        @Argument(help: "The account names.")
        var usernames: [String]
        @Flag(help: "Send a one-time password instead of clearing the password.")
        var oneTime = false
        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            let results = try await administration.resetPasswords(
                of: usernames, in: try await tenant.resolved(administration), by: oneTime ? .oneTime : .clear, now: now)
            var table = Table("USERNAME", "OUTCOME")
            table.rows = results.map { [$0.username, $0.sentence] }
            output.print(
                .array(results.map { ["username": .string($0.username), "outcome": .string($0.word)] }), table)
            if results.contains(where: { $0.outcome != .reset }) { throw ExitCode.failure }
        }
    }

    struct Delete: AdministrationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a user for good; to keep the account, disable it.",
            discussion: "Every session and token ends. The logs keep what they tell; the id is never given again.")

        @Argument(help: "The account name.")
        var username: String
        @Option(help: "The account name once more.")
        var confirm: String
        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            guard confirm == username else { throw CommandRefusal("--confirm must repeat the account name.") }
            let code = try await tenant.resolved(administration)
            try await administration.deleteUser(username, of: code, now: now)
            output.print(["username": .string(username), "deleted": true], "The user was deleted.")
        }
    }
}

extension PasswordResetResult {
    fileprivate var word: String {
        switch outcome {
        case .reset: "reset"
        case .noPhone: "no_phone"
        case .overLimit: "over_limit"
        case .notSent: "not_sent"
        }
    }

    fileprivate var sentence: String {
        switch outcome {
        case .reset: "reset; the user was told"
        case .noPhone: "not reset: the account has no phone"
        case .overLimit: "not reset: too many messages to the phone today, or the month's quota is used up"
        case .notSent: "reset, but the message was not sent"
        }
    }
}
