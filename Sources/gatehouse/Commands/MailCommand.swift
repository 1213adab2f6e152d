import ArgumentParser
import Foundation
import Identity
import Server
import Storage
import Wire

/// `gatehouse mail`
struct MailCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mail", abstract: "E-mail: whether sending works.", subcommands: [Test.self])

    struct Test: AdministrationCommand {
        static let configuration = CommandConfiguration(
            commandName: "test", abstract: "Send an e-mail to an address.",
            discussion: "It goes through the tenant's mail server, from the tenant's address.")

        @Argument(help: "The e-mail address.")
        var email: String
        @Option(help: "The language of the text: zh-Hans or en.")
        var language = "zh-Hans"
        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            guard let language = Language(rawValue: language) else {
                throw CommandRefusal("The languages are zh-Hans and en.")
            }
            let settlement = try await administration.sendTestMail(
                to: email, of: try await tenant.resolved(administration), language: language, now: now)
            guard settlement.outcome == .accepted else {
                throw CommandRefusal("The e-mail was not sent: \(settlement.failure ?? settlement.outcome.rawValue).")
            }
            output.print(
                ["gateway": .text(settlement.gateway), "reference": .text(settlement.reference)],
                "The gateway \(settlement.gateway ?? "-") took the e-mail.")
        }
    }
}
