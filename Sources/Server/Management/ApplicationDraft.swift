import CAS
import Cryptography
import Directory
import FoundationEssentials
import OAuth2

/// What an administrator says about an application. What is nil is left as it is, or has its default in a new one.
package struct ApplicationDraft: Equatable, Sendable {
    /// The short name by which the application is found.
    package var slug: String
    package var name: String?
    package var icon: String?
    package var launchURL: String?
    package var access: AccessDraft?
    /// Attributes that a CAS application is told, and the names it knows them by.
    package var release: [ReleaseDraft]?
    package var side: Side

    /// The protocol side.
    package enum Side: Equatable, Sendable {
        case oauth(ClientDraft)
        case cas(ServicesDraft)
    }

    package init(
        slug: String, name: String? = nil, icon: String? = nil, launchURL: String? = nil, access: AccessDraft? = nil,
        release: [ReleaseDraft]? = nil, side: Side
    ) {
        self.slug = slug
        self.name = name
        self.icon = icon
        self.launchURL = launchURL
        self.access = access
        self.release = release
        self.side = side
    }

    var protocolKind: Application.ProtocolKind {
        switch side {
        case .oauth: .oauth
        case .cas: .cas
        }
    }

    /// The application as it is to be.
    /// - Parameters:
    ///   - old: The application as it is; nil for a new one, which is open to everyone unless the draft says otherwise.
    ///   - rule: What ``access`` means in ids; nil where the draft does not say.
    func application(
        replacing old: Application?, rule: AccessRule?, in tenant: Tenant, now: Date
    ) throws(AdministrationError) -> Application {
        if let old, old.protocolKind != protocolKind {
            throw AdministrationError(
                .conflict, "protocol", "an application's protocol cannot be changed; add another application")
        }
        let slug = try checking("slug") { () throws(DirectoryError) in try Slug.checked(self.slug) }
        var application =
            old
            ?? Application(
                id: AdministrativeAct.identifier(), tenantID: tenant.id, slug: slug, name: slug,
                protocolKind: protocolKind, createdAt: now)
        if let name {
            application.name = try checking("name") { () throws(DirectoryError) in try DisplayName.checked(name) }
        }
        if let icon { application.icon = try Self.webURL(icon, "icon") }
        if let launchURL { application.launchURL = try Self.webURL(launchURL, "launchURL") }
        if let rule { application.accessRule = rule }
        if let release { application.attributeRelease = try checked(release) }
        return application
    }

    private static func webURL(
        _ text: String, _ field: AdministrationError.Field
    ) throws(AdministrationError) -> String {
        try checking(field) { () throws(DirectoryError) in try WebURL(text).text }
    }

    private func checked(_ release: [ReleaseDraft]) throws(AdministrationError) -> AttributeRelease {
        let field: StaticString = "attributes"
        guard protocolKind == .cas || release.isEmpty else {
            throw AdministrationError(.invalid, "attributes", "an OAuth application is told claims by its scopes")
        }
        var entries: [AttributeRelease.Entry] = []
        for (index, draft) in release.enumerated() {
            guard let attribute = UserAttribute(rawValue: draft.attribute) else {
                throw AdministrationError(
                    .invalid, .init(field, index),
                    "what can be released is id, username, name, email, phone, employeeID, groups, tenant")
            }
            // Checked one by one, so that the refusal says which.
            _ = try checking(.init(field, index)) { () throws(DirectoryError) in
                try AttributeRelease([.init(attribute, as: draft.name)])
            }
            entries.append(.init(attribute, as: draft.name))
        }
        return try checking(.init(stringLiteral: field)) { () throws(DirectoryError) in try AttributeRelease(entries) }
    }
}

/// Who may open an application, by names.
package enum AccessDraft: Equatable, Sendable {
    case everyone
    /// Usernames and names of groups.
    case selected(users: [String], groups: [String])
}

/// One released attribute, as text.
package struct ReleaseDraft: Equatable, Sendable {
    /// A ``UserAttribute``.
    package var attribute: String
    package var name: String

    package init(_ attribute: String, as name: String) {
        self.attribute = attribute
        self.name = name
    }
}

/// What an administrator says about an OAuth client.
package struct ClientDraft: Equatable, Sendable {
    /// The `client_id` that the enterprise brings along; nil for a generated one.
    package var id: String?
    package var isPublic: Bool?
    package var redirectURIs: [String]?
    package var postLogoutRedirectURIs: [String]?
    package var backChannelLogoutURI: String?
    package var requiresPKCE: Bool?
    package var scopes: [String]?
    /// A ``SignatureAlgorithm``.
    package var idTokenAlgorithm: String?

    package init(
        id: String? = nil, isPublic: Bool? = nil, redirectURIs: [String]? = nil,
        postLogoutRedirectURIs: [String]? = nil
    ) {
        self.id = id
        self.isPublic = isPublic
        self.redirectURIs = redirectURIs
        self.postLogoutRedirectURIs = postLogoutRedirectURIs
    }

    /// The client as it is to be.
    func client(replacing old: Client?, of application: Application) throws(AdministrationError) -> Client {
        try checkFixed(old)
        var client =
            old
            ?? Client(
                id: id ?? AdministrativeAct.identifier(), applicationID: application.id,
                tenantID: application.tenantID, kind: isPublic == true ? .public : .confidential)
        if let redirectURIs { client.redirectURIs = try Self.registered(redirectURIs, "redirectURIs") }
        if let postLogoutRedirectURIs {
            client.postLogoutRedirectURIs = try Self.registered(postLogoutRedirectURIs, "postLogoutRedirectURIs")
        }
        if let backChannelLogoutURI {
            try checking("backChannelLogoutURI") { () throws(RedirectURI.Problem) in
                try RedirectURI.check(callback: backChannelLogoutURI)
            }
            client.backChannelLogoutURI = backChannelLogoutURI
        }
        if let requiresPKCE { client.requiresPKCE = requiresPKCE }
        if let scopes { client.scope = try Self.scope(scopes) }
        if let idTokenAlgorithm { client.idTokenAlgorithm = try Self.algorithm(idTokenAlgorithm) }
        if let problem = client.problems.first {
            throw AdministrationError(problem == .id ? "clientID" : "redirectURIs", problem)
        }
        return client
    }

    /// What tokens and secrets hang on cannot change under them.
    private func checkFixed(_ old: Client?) throws(AdministrationError) {
        guard let old else { return }
        if let id, Array(id.utf8) != Array(old.id.utf8) {
            throw AdministrationError(
                .conflict, "clientID", "an application's client id cannot be changed; add another application")
        }
        if let isPublic, isPublic != (old.kind == .public) {
            throw AdministrationError(
                .conflict, "public", "whether a client is public cannot be changed; add another application")
        }
    }

    private static func registered(
        _ texts: [String], _ field: StaticString
    ) throws(AdministrationError) -> [RedirectURI] {
        var uris: [RedirectURI] = []
        for (index, text) in texts.enumerated() {
            uris.append(
                try checking(.init(field, index)) { () throws(RedirectURI.Problem) in
                    try RedirectURI(registering: text)
                })
        }
        return uris
    }

    private static func scope(_ words: [String]) throws(AdministrationError) -> Scope {
        guard let scope = try? Scope(stored: words.joined(separator: " ")), scope.isSubset(of: .supported) else {
            throw AdministrationError(
                .invalid, "scopes", "the scopes are openid, profile, email, phone, groups, offline_access")
        }
        return scope
    }

    private static func algorithm(_ text: String) throws(AdministrationError) -> SignatureAlgorithm {
        guard let algorithm = SignatureAlgorithm(rawValue: text) else {
            throw AdministrationError(.invalid, "idTokenAlgorithm", "ID tokens are signed with RS256 or ES256")
        }
        return algorithm
    }
}

/// What an administrator says about the CAS side.
package struct ServicesDraft: Equatable, Sendable {
    /// Every address the application signs in at, each matched exactly.
    package var urls: [String]?
    /// Whether `http` is accepted for addresses off this machine; tickets then travel readable.
    package var allowsPlainHTTP: Bool

    package init(urls: [String]? = nil, allowsPlainHTTP: Bool = false) {
        self.urls = urls
        self.allowsPlainHTTP = allowsPlainHTTP
    }

    /// The record as it is to be.
    func service(
        replacing old: RegisteredService?, of application: Application
    ) throws(AdministrationError) -> RegisteredService {
        var service =
            old
            ?? RegisteredService(
                applicationID: application.id, urls: [], isEnabled: application.isEnabled, ticketLifetime: nil)
        if let urls {
            var registered: [ServiceURL] = []
            for (index, text) in urls.enumerated() {
                let url = try checking(.init("services", index)) { () throws(ServiceURLError) in
                    try ServiceURL(registering: text, allowsPlainHTTP: allowsPlainHTTP)
                }
                if !registered.contains(url) { registered.append(url) }
            }
            service.urls = registered
        }
        guard !service.urls.isEmpty else {
            throw AdministrationError(.invalid, "services", "a CAS application needs at least one service")
        }
        return service
    }
}
