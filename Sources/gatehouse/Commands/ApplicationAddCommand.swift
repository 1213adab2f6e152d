import ArgumentParser
import Directory
import Foundation
import Server
import Wire

extension ApplicationCommand {
    /// `gatehouse application add`
    struct Add: AdministrationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add an application, by OAuth 2.0 / OpenID Connect or by CAS.",
            discussion: """
                A generated client id and secret are printed once. Everybody in the tenant may open the application \
                unless --user or --group name who may.
                """)

        enum ProtocolName: String, ExpressibleByArgument, CaseIterable {
            case oauth, cas
        }

        @Argument(help: "The short name: lower-case letters, digits and hyphens.")
        var slug: String
        @Option(name: .customLong("protocol"), help: "What the application speaks.")
        var protocolName: ProtocolName
        @Option(help: "The name that people see; the short name where it is left out.")
        var name: String?
        @Option(name: .customLong("launch-url"), help: "Where the portal's tile leads.")
        var launchURL: String?
        @Option(help: "Someone who may open it; may be repeated.")
        var user: [String] = []
        @Option(help: "A group whose members may open it; may be repeated.")
        var group: [String] = []
        @OptionGroup(title: "OAuth") var oauth: OAuthOptions
        @OptionGroup(title: "CAS") var cas: CASOptions
        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            let secret = try oauth.clientSecretFile.map { NewClientSecret.importing(try SecretInput.read($0)) }
            let (application, credential) = try await administration.addApplication(
                try draft(), secret: secret, to: try await tenant.resolved(administration), now: now)
            let json = credential?.json ?? ["application": .string(application.slug)]
            var lines = ["The application \(application.slug) was added."]
            if let credential { lines.append("client id      \(credential.clientID)") }
            if let secret = credential?.secret {
                lines.append("client secret  \(secret)")
                lines.append("The secret is shown this once.")
            }
            output.print(json, lines.joined(separator: "\n"))
        }

        private func draft() throws -> ApplicationDraft {
            ApplicationDraft(
                slug: slug, name: name, launchURL: launchURL,
                access: user.isEmpty && group.isEmpty ? .everyone : .selected(users: user, groups: group),
                release: cas.attribute.isEmpty ? nil : cas.attribute.map(Self.released), side: try side())
        }

        private func side() throws -> ApplicationDraft.Side {
            switch protocolName {
            case .oauth:
                guard cas.isEmpty else { throw CommandRefusal("The options for CAS do not go with --protocol oauth.") }
                return .oauth(oauth.draft)
            case .cas:
                guard oauth.isEmpty else {
                    throw CommandRefusal("The options for OAuth do not go with --protocol cas.")
                }
                return .cas(ServicesDraft(urls: cas.service, allowsPlainHTTP: cas.allowPlainHTTP))
            }
        }

        private static func released(_ text: String) -> ReleaseDraft {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            return ReleaseDraft(parts[0], as: parts.last ?? parts[0])
        }
    }

    struct OAuthOptions: ParsableArguments {
        @Option(name: .customLong("redirect-uri"), help: "Where codes are sent to; may be repeated.")
        var redirectURI: [String] = []
        @Option(name: .customLong("post-logout-redirect-uri"), help: "Where a logout may lead to; may be repeated.")
        var postLogoutRedirectURI: [String] = []
        @Option(
            name: .customLong("back-channel-logout-uri"),
            help: "Where back-channel logout is to be told of; kept, not called yet.")
        var backChannelLogoutURI: String?
        @Option(name: .customLong("client-id"), help: "A client id that is brought along.")
        var clientID: String?
        @Option(help: "A file whose first line is a client secret that is brought along; - for the standard input.")
        var clientSecretFile: String?
        @Flag(name: .customLong("public"), help: "The client cannot keep a secret: a page or an installed program.")
        var isPublic = false
        @Flag(name: .customLong("no-pkce"), help: "Let a confidential client do without PKCE.")
        var withoutPKCE = false
        @Option(help: "A scope the client may be given; may be repeated. All but offline_access where none is named.")
        var scope: [String] = []
        @Option(name: .customLong("id-token-algorithm"), help: "RS256 or ES256.")
        var idTokenAlgorithm: String?

        var draft: ClientDraft {
            var draft = ClientDraft(
                id: clientID, isPublic: isPublic, redirectURIs: redirectURI,
                postLogoutRedirectURIs: postLogoutRedirectURI)
            draft.backChannelLogoutURI = backChannelLogoutURI
            draft.requiresPKCE = !withoutPKCE
            draft.scopes = scope.isEmpty ? nil : scope
            draft.idTokenAlgorithm = idTokenAlgorithm
            return draft
        }

        var isEmpty: Bool {
            redirectURI.isEmpty && postLogoutRedirectURI.isEmpty && backChannelLogoutURI == nil && clientID == nil
                && clientSecretFile == nil && !isPublic && !withoutPKCE && scope.isEmpty && idTokenAlgorithm == nil
        }
    }

    struct CASOptions: ParsableArguments {
        @Option(help: "A service URL, matched exactly; may be repeated.")
        var service: [String] = []
        @Option(help: "An attribute that is released, as attribute or attribute=name; may be repeated.")
        var attribute: [String] = []
        @Flag(name: .customLong("allow-plain-http"), help: "Accept http services off this machine.")
        var allowPlainHTTP = false

        var isEmpty: Bool { service.isEmpty && attribute.isEmpty && !allowPlainHTTP }
    }
}
