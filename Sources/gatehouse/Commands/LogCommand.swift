import ArgumentParser
import Directory
import Foundation
import Server
import Storage
import Wire

/// `gatehouse log`
struct LogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "The sign-in log and the audit log of a tenant, newest first.",
        discussion: """
            Times are UTC: a day such as 2026-11-21, or an instant such as 2026-11-21T13:00:00Z. --from is the first \
            day or instant that counts; --to is the last day, or the first instant that no longer counts.
            """,
        subcommands: [SignIns.self, Audit.self])

    struct SignIns: AdministrationCommand {
        static let configuration = CommandConfiguration(
            commandName: "sign-ins", abstract: "Who signed in or tried to, how, with what result, and from where.")

        @OptionGroup var tenant: TenantOption
        @OptionGroup var range: LogRange
        @Option(help: "A result; may be repeated.")
        var result: [SignInResult] = []
        @Option(help: "How somebody signed in or tried to.")
        var method: Factor?
        @Option(help: "A part of what the person used, such as Chrome or Windows.")
        var device: String?
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            var query = try range.query()
            query.events = result.map(\.eventName)
            (query.method, query.device) = (method, device)
            let page = try await administration.signInLog(
                of: try await tenant.resolved(administration), matching: query)
            var table = Table(
                "TIME", "RESULT", "METHOD", "ACCOUNT", "NAME", "PHONE", "APPLICATION", "ADDRESS", "DEVICE")
            table.rows = page.entries.map { entry in
                let event = entry.event
                return [
                    event.at.timestamp, entry.outcome, event.method?.rawValue, entry.account ?? event.userID,
                    event.person?.name, event.person?.phone, entry.application ?? event.applicationID, event.address,
                    event.device,
                ].map { $0 ?? "-" }
            }
            output.print(page, table)
        }
    }

    struct Audit: AdministrationCommand {
        static let configuration = CommandConfiguration(abstract: "Who changed what, when, from where.")

        @OptionGroup var tenant: TenantOption
        @OptionGroup var range: LogRange
        @Option(help: "The name of an event, such as user.disabled; may be repeated.")
        var event: [String] = []
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            var query = try range.query()
            query.events = event
            let page = try await administration.auditLog(
                of: try await tenant.resolved(administration), matching: query)
            var table = Table("TIME", "EVENT", "BY", "ACCOUNT", "APPLICATION", "ADDRESS", "DETAIL")
            table.rows = page.entries.map { entry in
                let event = entry.event
                return [
                    event.at.timestamp, event.name,
                    [event.actorKind, entry.actor].compactMap(\.self).joined(separator: " "),
                    entry.account ?? event.userID ?? "-", entry.application ?? event.applicationID ?? "-",
                    event.address ?? "-", event.detail.members?.isEmpty == false ? event.detail.text : "-",
                ]
            }
            output.print(page, table)
        }
    }
}

/// What both logs can be asked for.
struct LogRange: ParsableArguments {
    @Option(help: "Whom it is about: username, phone, e-mail, or the id of somebody who may be gone.")
    var user: String?
    @Option(help: "The first day or instant.")
    var from: String?
    @Option(help: "The last day, or the first instant that no longer counts.")
    var to: String?
    @Option(help: "The short name of an application.")
    var application: String?
    @Option(help: "The client's whole IP address.")
    var address: String?
    @Option(help: "How many events, 1 to 1000.")
    var limit = 50
    @Option(help: "Where to go on: what the page before ended with.")
    var after: String?

    func query() throws -> LogQuery {
        var query = LogQuery()
        query.user = user
        query.from = try from.map { try LogTime($0, of: "--from").start }
        query.until = try to.map { try LogTime($0, of: "--to").end }
        (query.application, query.address, query.limit, query.after) = (application, address, limit, after)
        return query
    }
}

/// A day or an instant, as somebody types it.
struct LogTime: Equatable, Sendable {
    /// The day's first instant, or the instant.
    let start: Date
    /// The next day's first instant, or the instant.
    let end: Date

    /// - Parameter option: Named in the refusal.
    init(_ text: String, of option: String) throws(CommandRefusal) {
        // Read and written again it must be the same text: the parser overlooks what follows.
        if let day = try? Date(text, strategy: .iso8601.year().month().day()),
            day.formatted(.iso8601.year().month().day()) == text
        {
            start = day
            end = day + 86_400
        } else if let instant = try? Date(text, strategy: .iso8601), instant.timestamp == text {
            start = instant
            end = instant
        } else {
            throw CommandRefusal("\(option) takes a day such as 2026-11-21 or a time such as 2026-11-21T13:00:00Z.")
        }
    }
}

extension SignInResult: ExpressibleByArgument {}
extension Factor: ExpressibleByArgument {}

extension OutputOptions {
    fileprivate func print(_ page: LogPage, _ table: Table) {
        print(
            ["events": .array(page.entries.map(\.json)), "next": .text(page.next)], table,
            empty: "There is no such event.")
        if let next = page.next, !json { remark("There are older events: --after \(next)") }
    }
}

extension LogEntry {
    /// What came out and why, in words.
    fileprivate var outcome: String {
        let result = SignInResult(eventName: event.name)?.rawValue ?? event.name
        let words = [result, event.reason].compactMap(\.self).joined(separator: ": ")
        return String(words.map { $0 == "-" || $0 == "_" ? " " : $0 })
    }

    fileprivate var json: JSON {
        let user: [JSON.Member] = [
            .init("id", .text(event.userID)), .init("account", .text(account)),
            .init("name", .text(event.person?.name)), .init("phone", .text(event.person?.phone)),
        ]
        return [
            "id": .string(event.id), "at": .time(event.at), "event": .string(event.name),
            "method": .text(event.method?.rawValue), "reason": .text(event.reason),
            "user": event.userID == nil ? .null : .object(user),
            "application": event.applicationID == nil
                ? .null : ["id": .text(event.applicationID), "slug": .text(application)],
            "actor": ["kind": .string(event.actorKind), "name": .text(actor)], "address": .text(event.address),
            "device": .text(event.device), "interactionID": .text(event.interactionID),
            "requestID": .text(event.requestID), "detail": event.detail,
        ]
    }
}
