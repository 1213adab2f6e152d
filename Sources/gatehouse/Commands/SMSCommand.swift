import ArgumentParser
import Foundation
import Identity
import Server
import Storage
import Wire

/// `gatehouse sms`
struct SMSCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sms", abstract: "Messages: what was sent, what is left of the quota, whether sending works.",
        subcommands: [Ledger.self, Use.self, Test.self])

    struct Ledger: AdministrationCommand {
        static let configuration = CommandConfiguration(
            commandName: "ledger", abstract: "List the messages of a tenant, newest first.")

        @Option(help: "Only those for this account.")
        var user: String?
        @Option(help: "Only those for this purpose, such as LOGIN_SMS.")
        var purpose: SMSPurpose?
        @Option(help: "Only those that were accepted, rejected or failed.")
        var outcome: SMSOutcome?
        @Option(help: "From this day or instant on: 2026-11-22 or 2026-11-22T08:00:00Z.")
        var from: String?
        @Option(help: "Up to the end of this day, or up to this instant.")
        var to: String?
        @Option(help: "How many at most.")
        var limit = 100
        @Option(help: "Go on after the message with this id.")
        var after: String?
        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            let filter = SMSLedger.Filter(
                purpose: purpose, outcome: outcome, from: try from.map { try LogTime($0, of: "--from").start },
                to: try to.map { try LogTime($0, of: "--to").end })
            let messages = try await administration.messages(
                of: try await tenant.resolved(administration), for: user, matching: filter, after: after,
                limit: max(1, min(limit, 10_000)))
            var table = Table("TIME", "PURPOSE", "ACCOUNT", "BILLED", "OUTCOME", "GATEWAY", "REFERENCE", "FAILURE")
            table.rows = messages.map { message in
                let line = message.line
                return [
                    line.sentAt.timestamp, line.purpose, message.username ?? "-", String(line.segments),
                    line.outcome?.rawValue ?? "under way", line.gateway ?? "-", line.reference ?? "-",
                    line.failure ?? "-",
                ]
            }
            output.print(.array(messages.map(\.json)), table, empty: "There is no message.")
        }
    }

    struct Use: AdministrationCommand {
        static let configuration = CommandConfiguration(
            commandName: "use", abstract: "Show what a tenant used in each month, and its quota.")

        @Option(help: "How many months, this one among them.")
        var months = 3
        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            let uses = try await administration.messageUse(
                of: try await tenant.resolved(administration), months: max(1, min(months, 24)), now: now)
            var table = Table("MONTH", "BILLED", "QUOTA", "USED", "ACCEPTED", "REJECTED", "FAILED")
            table.rows = uses.map { use in
                [
                    String(use.month.start.timestamp.prefix(7)), String(use.month.billed),
                    use.quota.map { String($0) } ?? "off", use.share.map { "\($0) %" } ?? "-",
                ] + SMSOutcome.allCases.map { String(use.month.messages[$0] ?? 0) }
            }
            output.print(.array(uses.map(\.json)), table)
        }
    }

    struct Test: AdministrationCommand {
        static let configuration = CommandConfiguration(
            commandName: "test", abstract: "Send a message with an invented code to a phone.",
            discussion: """
                It goes through the tenant's gateways with the purpose's template, is billed like any message and stands \
                in the ledger.
                """)

        @Argument(help: "The phone number.")
        var phone: String
        @Option(help: "The purpose whose template is used.")
        var purpose = SMSPurpose.signIn
        @Option(help: "The language of the text: zh-Hans or en.")
        var language = "zh-Hans"
        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            guard let language = Language(rawValue: language) else {
                throw CommandRefusal("The languages are zh-Hans and en.")
            }
            let settlement = try await administration.sendTestMessage(
                to: phone, purpose: purpose, of: try await tenant.resolved(administration), language: language,
                now: now)
            guard settlement.outcome == .accepted else {
                throw CommandRefusal("The message was not sent: \(settlement.failure ?? settlement.outcome.rawValue).")
            }
            output.print(
                ["gateway": .text(settlement.gateway), "reference": .text(settlement.reference)],
                "The gateway \(settlement.gateway ?? "-") took the message.")
        }
    }
}

extension SMSPurpose: ExpressibleByArgument {}
extension SMSOutcome: ExpressibleByArgument {}

extension ListedMessage {
    fileprivate var json: JSON {
        [
            "id": .string(line.id), "time": .time(line.sentAt), "purpose": .string(line.purpose),
            "username": .text(username), "billed": .integer(Int64(line.segments)),
            "outcome": .text(line.outcome?.rawValue), "gateway": .text(line.gateway),
            "reference": .text(line.reference), "failure": .text(line.failure),
        ]
    }
}

extension MessageUse {
    /// Hundredths of the quota, rounded down.
    fileprivate var share: Int? { quota.map { $0 == 0 ? 100 : month.billed * 100 / $0 } }

    fileprivate var json: JSON {
        let messages = SMSOutcome.allCases.map {
            JSON.Member($0.rawValue, .integer(Int64(month.messages[$0] ?? 0)))
        }
        return .object(
            [
                .init("month", .string(String(month.start.timestamp.prefix(7)))),
                .init("billed", .integer(Int64(month.billed))),
                .init("quota", quota.map { .integer(Int64($0)) } ?? .null),
            ] + messages)
    }
}
