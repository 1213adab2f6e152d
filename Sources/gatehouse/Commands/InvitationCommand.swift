import ArgumentParser
import Directory
import Foundation
import Server
import Wire

/// `gatehouse invitation`
struct InvitationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "invitation", abstract: "Invitations into departments, and who asks to come in by one.",
        subcommands: [Add.self, List.self, Revoke.self, Requests.self, Accept.self, Decline.self])

    struct Add: AdministrationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make an invitation; code and link are printed once.",
            discussion: "The department's switch must be on: gatehouse department change CODE --invites.")

        @Option(help: "The code of the department that people join.")
        var department: String
        @Option(help: "What you tell it by in lists.")
        var label: String?
        @Option(help: "How many people it is for; any number where it is left out.")
        var uses: Int?
        @Option(help: "How long it works, such as 12h or 30d; what invitation.lifetime says where it is left out.")
        var lifetime: String?
        @Flag(help: "An administrator accepts or declines each person.")
        var approval = false
        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            let draft = InvitationDraft(
                department: department, label: label ?? "", needsApproval: approval, useLimit: uses,
                lifetime: try span())
            let issued = try await administration.invite(
                draft, to: try await tenant.resolved(administration), now: now)
            output.print(
                [
                    "id": .string(issued.invitation.id), "code": .string(issued.code.shown),
                    "link": .string(issued.link), "expiresAt": .time(issued.invitation.expiresAt),
                ],
                """
                The invitation \(issued.invitation.id) works until \(issued.invitation.expiresAt.timestamp).
                Code: \(issued.code.shown)
                Link: \(issued.link)
                Neither is shown again.
                """)
        }

        private func span() throws -> TimeInterval? {
            guard let lifetime else { return nil }
            guard let seconds = try? Span.parse(lifetime, within: 1...31_536_000) else {
                throw CommandRefusal("--lifetime is up to a year, such as 12h or 30d.")
            }
            return seconds
        }
    }

    struct List: AdministrationCommand {
        static let configuration = CommandConfiguration(abstract: "List the newest invitations of a tenant.")

        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            let code = try await tenant.resolved(administration)
            let invitations = try await administration.invitations(of: code, now: now)
            var table = Table("ID", "DEPARTMENT", "LABEL", "STATE", "USES", "APPROVAL", "EXPIRES")
            table.rows = invitations.map(\.cells)
            output.print(.array(invitations.map(\.json)), table, empty: "There is no invitation.")
        }
    }

    struct Revoke: AdministrationCommand {
        static let configuration = CommandConfiguration(abstract: "End an invitation at once.")

        @Argument(help: "The id, as the list shows it.")
        var id: String
        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            let code = try await tenant.resolved(administration)
            let isChanged = try await administration.revokeInvitation(id, of: code, now: now)
            output.print(
                ["id": .string(id), "changed": .bool(isChanged)],
                isChanged ? "The invitation was revoked." : "The invitation was revoked already.")
        }
    }

    struct Requests: AdministrationCommand {
        static let configuration = CommandConfiguration(abstract: "List who waits to be accepted.")

        @Flag(help: "Show phone numbers in full.")
        var reveal = false
        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            let code = try await tenant.resolved(administration)
            let requests = try await administration.joinRequests(of: code, now: now)
            var table = Table("ID", "NAME", "PHONE", "DEPARTMENT", "SINCE")
            table.rows = requests.map { [$0.request.id, $0.request.name] + $0.rest(isRevealed: reveal) }
            output.print(
                .array(requests.map { $0.json(isRevealed: reveal) }), table, empty: "Nobody waits.")
        }
    }

    struct Accept: AdministrationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make somebody a member who asked for it; they are told by SMS.")

        @Argument(help: "The id of the request.")
        var id: String
        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            let user = try await administration.acceptRequest(
                id, of: try await tenant.resolved(administration), now: now)
            output.print(
                ["id": .string(user.id), "username": .string(user.username.text)],
                "The user \(user.username) was added.")
        }
    }

    struct Decline: AdministrationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Decline somebody who asked to become a member; they are told by SMS.")

        @Argument(help: "The id of the request.")
        var id: String
        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            try await administration.declineRequest(id, of: try await tenant.resolved(administration), now: now)
            output.print(["request": .string(id), "declined": true], "The request was declined.")
        }
    }
}

extension ListedInvitation {
    fileprivate var cells: [String] {
        let limit = invitation.useLimit.map { " of \($0)" } ?? ""
        return [
            invitation.id, department.code, invitation.label.isEmpty ? "-" : invitation.label, state.rawValue,
            "\(invitation.uses)\(limit)", invitation.needsApproval ? "yes" : "no", invitation.expiresAt.timestamp,
        ]
    }

    fileprivate var json: JSON {
        .object([
            .init("id", .string(invitation.id)), .init("department", .string(department.code)),
            .init("label", .string(invitation.label)), .init("state", .string(state.rawValue)),
            .init("uses", .integer(Int64(invitation.uses))),
            .init("limit", invitation.useLimit.map { .integer(Int64($0)) } ?? .null),
            .init("approval", .bool(invitation.needsApproval)), .init("createdAt", .time(invitation.createdAt)),
            .init("expiresAt", .time(invitation.expiresAt)), .init("revokedAt", .time(invitation.revokedAt)),
        ])
    }
}

extension ListedRequest {
    fileprivate func rest(isRevealed: Bool) -> [String] {
        [phone(isRevealed), department.code, request.createdAt.timestamp]
    }

    fileprivate func json(isRevealed: Bool) -> JSON {
        .object([
            .init("id", .string(request.id)), .init("name", .string(request.name)),
            .init("phone", .string(phone(isRevealed))), .init("username", .text(request.username?.text)),
            .init("department", .string(department.code)), .init("createdAt", .time(request.createdAt)),
        ])
    }

    private func phone(_ isRevealed: Bool) -> String { isRevealed ? request.phone.e164 : request.phone.masked }
}
