import ArgumentParser
import Directory
import Foundation
import OAuth2
import Server
import Wire

/// `gatehouse application secret`
struct SecretCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secret", abstract: "The secrets of an OAuth application.",
        discussion: """
            To rotate: add a secret, give it to the application, and revoke the old one when `list` shows that it is \
            no longer used; or let it end by itself with: revoke --at 24h
            """,
        subcommands: [Add.self, List.self, Revoke.self])

    /// The span of the options that name a time from now: a second to ten years.
    static func span(_ text: String, _ option: String) throws -> TimeInterval {
        guard let span = try? Span.parse(text, within: 1...315_360_000) else {
            throw CommandRefusal("\(option) takes a span such as 30m, 24h or 90d.")
        }
        return span
    }

    struct Add: AdministrationCommand {
        static let configuration = CommandConfiguration(abstract: "Add a secret; it is printed once.")

        @Argument(help: "The application's short name.")
        var slug: String
        @Option(help: "What the secret is called in lists.")
        var label = NewClientSecret.standardLabel
        @Option(help: "After which it ends by itself, such as 90d.")
        var expires: String?
        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            let lifetime = try expires.map { try SecretCommand.span($0, "--expires") }
            let new = NewClientSecret.generate(label: label, lifetime: lifetime)
            let code = try await tenant.resolved(administration)
            let secret = try await administration.addSecret(new, to: slug, of: code, now: now)
            output.print(
                [
                    "id": .string(secret.id), "clientID": .string(secret.clientID), "label": .string(secret.label),
                    "clientSecret": .string(new.text), "expiresAt": .time(secret.expiresAt),
                ],
                """
                client id      \(secret.clientID)
                client secret  \(new.text)
                The secret is shown this once. Its id is \(secret.id).
                """)
        }
    }

    struct List: AdministrationCommand {
        static let configuration = CommandConfiguration(abstract: "List an application's secrets, not what they are.")

        @Argument(help: "The application's short name.")
        var slug: String
        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            let secrets = try await administration.secrets(of: slug, of: try await tenant.resolved(administration))
            var table = Table("ID", "LABEL", "STATE", "CREATED", "ENDS", "LAST USED")
            table.rows = secrets.map { secret in
                [
                    secret.id, secret.label, secret.state(now: now), secret.createdAt.timestamp,
                    secret.end?.timestamp ?? "-", secret.lastUsedAt?.timestamp ?? "-",
                ]
            }
            output.print(.array(secrets.map { $0.json(now: now) }), table, empty: "The client has no secret.")
        }
    }

    struct Revoke: AdministrationCommand {
        static let configuration = CommandConfiguration(abstract: "End a secret, at once or after a while.")

        @Argument(help: "The application's short name.")
        var slug: String
        @Argument(help: "The secret's id, as `list` shows it.")
        var id: String
        @Option(help: "End it after this time instead of at once, such as 24h.")
        var at: String?
        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            let end = try at.map { now + (try SecretCommand.span($0, "--at")) }
            let code = try await tenant.resolved(administration)
            try await administration.revokeSecret(id, of: slug, of: code, at: end, now: now)
            output.print(
                ["id": .string(id), "endsAt": .time(end ?? now)],
                end.map { "The secret ends at \($0.timestamp)." } ?? "The secret was revoked.")
        }
    }
}

extension ClientSecret {
    fileprivate func state(now: Date) -> String {
        if isLive(now: now) { return "live" }
        return revokedAt == nil ? "expired" : "revoked"
    }

    /// When it ended or is to end.
    fileprivate var end: Date? { revokedAt ?? expiresAt }

    fileprivate func json(now: Date) -> JSON {
        [
            "id": .string(id), "label": .string(label), "state": .string(state(now: now)),
            "createdAt": .time(createdAt), "endsAt": .time(end), "lastUsedAt": .time(lastUsedAt),
        ]
    }
}
