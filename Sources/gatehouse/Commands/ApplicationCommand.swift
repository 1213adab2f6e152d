import ArgumentParser
import Cryptography
import Directory
import Foundation
import OAuth2
import Server
import Wire

/// `gatehouse application`
struct ApplicationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "application", abstract: "The applications of a tenant.",
        subcommands: [Add.self, List.self, Show.self, Disable.self, Enable.self, SecretCommand.self])

    struct List: AdministrationCommand {
        static let configuration = CommandConfiguration(abstract: "List the applications of a tenant.")

        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            let applications = try await administration.applications(of: try await tenant.resolved(administration))
            var table = Table("SLUG", "NAME", "PROTOCOL", "STATE", "CLIENT ID OR SERVICE")
            table.rows = applications.map { details in
                let application = details.application
                return [
                    application.slug, application.name, application.protocolKind.rawValue,
                    application.isEnabled ? "enabled" : "disabled", details.client?.id ?? details.services.first ?? "",
                ]
            }
            output.print(.array(applications.map { .object($0.members) }), table, empty: "There is no application.")
        }
    }

    struct Show: AdministrationCommand {
        static let configuration = CommandConfiguration(abstract: "Show one application.")

        @Argument(help: "The short name.")
        var slug: String
        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            let details = try await administration.application(slug, of: try await tenant.resolved(administration))
            var table = Table("FIELD", "VALUE")
            table.rows = details.members.map { [$0.key, $0.value.cell] }
            output.print(.object(details.members), table)
        }
    }

    struct Disable: AdministrationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Disable an application and end what it was given at once.")

        @Argument(help: "The short name.")
        var slug: String
        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            let code = try await tenant.resolved(administration)
            let isChanged = try await administration.disableApplication(slug, of: code, now: now)
            output.print(
                ["slug": .string(slug), "changed": .bool(isChanged)],
                isChanged ? "The application was disabled." : "The application was disabled already.")
        }
    }

    struct Enable: AdministrationCommand {
        static let configuration = CommandConfiguration(abstract: "Let a disabled application in again.")

        @Argument(help: "The short name.")
        var slug: String
        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            let code = try await tenant.resolved(administration)
            let isChanged = try await administration.enableApplication(slug, of: code, now: now)
            output.print(
                ["slug": .string(slug), "changed": .bool(isChanged)],
                isChanged ? "The application was enabled." : "The application was enabled already.")
        }
    }
}

extension ApplicationDetails {
    fileprivate var members: [JSON.Member] {
        let common: [JSON.Member] = [
            .init("id", .string(application.id)), .init("slug", .string(application.slug)),
            .init("name", .string(application.name)), .init("protocol", .string(application.protocolKind.rawValue)),
            .init("state", .string(application.isEnabled ? "enabled" : "disabled")), .init("access", accessJSON),
            .init("launchURL", .text(application.launchURL)),
            .init(
                "attributes",
                .texts(application.attributeRelease.entries.map { "\($0.attribute.rawValue) as \($0.name)" })),
            .init("createdAt", .time(application.createdAt)), .init("disabledAt", .time(application.disabledAt)),
        ]
        return common + (client.map(Self.members) ?? [.init("services", .texts(services))])
    }

    private var accessJSON: JSON {
        switch access {
        case .everyone: "everyone"
        case .selected(let users, let groups):
            .texts(users.map { "user \($0)" } + groups.map { "group \($0)" })
        }
    }

    private static func members(_ client: Client) -> [JSON.Member] {
        [
            .init("clientID", .string(client.id)), .init("public", .bool(client.kind == .public)),
            .init("redirectURIs", .texts(client.redirectURIs.map(\.text))),
            .init("postLogoutRedirectURIs", .texts(client.postLogoutRedirectURIs.map(\.text))),
            .init("backChannelLogoutURI", .text(client.backChannelLogoutURI)),
            .init("requirePKCE", .bool(client.mustUsePKCE)), .init("scopes", .texts(client.scope.tokens)),
            .init("idTokenAlgorithm", .string(client.idTokenAlgorithm.rawValue)),
        ]
    }
}

extension IssuedCredential {
    /// What an application has to be told; the one place where a secret is printed.
    var json: JSON {
        var members: [JSON.Member] = [
            .init("tenant", .string(tenant)), .init("application", .string(application)),
            .init("clientID", .string(clientID)),
        ]
        if let secret { members.append(.init("clientSecret", .string(secret))) }
        if let file { members.append(.init("clientSecretFile", .string(file))) }
        return .object(members)
    }
}
