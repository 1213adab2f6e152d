import Directory

/// What an apply file says, in the shape of `Docs/apply.md`. Read as a whole before anything is done.
package struct ApplyDocument: Equatable, Sendable {
    /// A part of the document and where it stands.
    package struct Placed<Value: Equatable & Sendable>: Equatable, Sendable {
        package var value: Value
        package let place: DocumentPlace
    }

    package struct TenantEntry: Equatable, Sendable {
        package var tenant: TenantDraft
        package var departments: [Placed<DepartmentDraft>] = []
        package var groups: [Placed<String>]
        package var users: [Placed<UserDraft>]
        package var applications: [Placed<ApplicationEntry>]
    }

    package struct ApplicationEntry: Equatable, Sendable {
        package var application: ApplicationDraft
        package var secret: SecretSource
    }

    /// Where a client's secret comes from.
    package enum SecretSource: Equatable, Sendable, Concealed {
        /// A client without any gets one that is generated and shown.
        case generated
        case given(String)
        /// The path of a file that holds it, or will hold one that is generated.
        case file(String)
    }

    package var tenants: [Placed<TenantEntry>]
}

// MARK: - Reading

extension ApplyDocument {
    /// Reads a document.
    /// - Throws: The first thing that does not fit.
    package init(_ document: DocumentValue) throws(DocumentRefusal) {
        let root = try DocumentReader(document).object(["tenants"])
        guard let list = root["tenants"] else {
            throw DocumentRefusal(root.place, "the document must begin with the key tenants")
        }
        tenants = []
        for reader in try list.list() {
            let entry = try Self.tenant(reader)
            guard !tenants.contains(where: { $0.value.tenant.code == entry.tenant.code }) else {
                throw DocumentRefusal(reader.place, "this tenant stands in the document twice")
            }
            tenants.append(Placed(value: entry, place: reader.place))
        }
    }

    private static func tenant(_ reader: DocumentReader) throws(DocumentRefusal) -> TenantEntry {
        let object = try reader.object([
            "code", "name", "issuer", "hosts", "settings", "departments", "groups", "users", "applications",
        ])
        var entry = TenantEntry(
            tenant: TenantDraft(
                code: try object.requiredText("code", "a tenant needs a code"), name: try object.text("name"),
                issuer: try object.text("issuer"), hosts: try object.texts("hosts")),
            groups: [], users: [], applications: [])
        for (key, value) in try object["settings"]?.dictionary() ?? [] {
            entry.tenant.settings[key] = try value.text()
        }
        for department in try object.list("departments") {
            let draft = try Self.department(department)
            guard !entry.departments.contains(where: { $0.value.code == draft.code }) else {
                throw DocumentRefusal(department.place, "this department stands in the tenant twice")
            }
            entry.departments.append(Placed(value: draft, place: department.place))
        }
        for group in try object.list("groups") {
            entry.groups.append(Placed(value: try group.text(), place: group.place))
        }
        var names: Set<String> = []
        for user in try object.list("users") {
            let draft = try Self.user(user)
            guard names.insert(TypedText.lowercasedASCII(draft.username)).inserted else {
                throw DocumentRefusal(user.place, "this username stands in the tenant twice")
            }
            entry.users.append(Placed(value: draft, place: user.place))
        }
        for application in try object.list("applications") {
            let read = try Self.application(application)
            guard !entry.applications.contains(where: { $0.value.application.slug == read.application.slug }) else {
                throw DocumentRefusal(application.place, "this short name stands in the tenant twice")
            }
            entry.applications.append(Placed(value: read, place: application.place))
        }
        return entry
    }

    private static func department(_ reader: DocumentReader) throws(DocumentRefusal) -> DepartmentDraft {
        let object = try reader.object(["code", "name", "parent", "invites"])
        return DepartmentDraft(
            code: try object.requiredText("code", "a department needs a code"), name: try object.text("name"),
            parent: try object.text("parent").map { .below($0) }, invites: try object.flag("invites"))
    }

    private static func user(_ reader: DocumentReader) throws(DocumentRefusal) -> UserDraft {
        let object = try reader.object([
            "username", "name", "phone", "email", "employeeID", "groups", "roles", "departments", "password",
            "passwordHash",
        ])
        var draft = UserDraft(
            username: try object.requiredText("username", "a user needs a username"), name: try object.text("name"),
            phone: try object.text("phone"), email: try object.text("email"),
            employeeID: try object.text("employeeID"), groups: try object.texts("groups"),
            roles: try object.texts("roles"), departments: try object.texts("departments"))
        switch (try object.text("password"), try object.text("passwordHash")) {
        case (nil, nil): break
        case (let password?, nil): draft.credential = .password(password)
        case (nil, let hash?): draft.credential = .hash(hash)
        case (_?, _?): throw DocumentRefusal(reader.place, "a user has either password or passwordHash")
        }
        return draft
    }

    // MARK: - Applications

    private static let commonKeys = ["slug", "name", "protocol", "icon", "launchURL", "access"]
    private static let oauthKeys = [
        "clientID", "clientSecret", "clientSecretFile", "redirectURIs", "postLogoutRedirectURIs",
        "backChannelLogoutURI", "public", "requirePKCE", "scopes", "idTokenAlgorithm",
    ]
    private static let casKeys = ["services", "attributes", "allowPlainHTTP"]

    private static func application(_ reader: DocumentReader) throws(DocumentRefusal) -> ApplicationEntry {
        // The protocol says which other keys may stand here, so it is read first.
        let every = try reader.object(commonKeys + oauthKeys + casKeys)
        switch try every.requiredText("protocol", "an application needs a protocol: oauth or cas") {
        case "oauth": return try oauth(try reader.object(commonKeys + oauthKeys))
        case "cas": return try cas(try reader.object(commonKeys + casKeys))
        default: throw DocumentRefusal(every["protocol"]?.place ?? reader.place, "the protocol is oauth or cas")
        }
    }

    private static func oauth(_ object: DocumentObject) throws(DocumentRefusal) -> ApplicationEntry {
        var client = ClientDraft(
            id: try object.text("clientID"), isPublic: try object.flag("public"),
            redirectURIs: try object.texts("redirectURIs"),
            postLogoutRedirectURIs: try object.texts("postLogoutRedirectURIs"))
        client.backChannelLogoutURI = try object.text("backChannelLogoutURI")
        client.requiresPKCE = try object.flag("requirePKCE")
        client.scopes = try object.texts("scopes")
        client.idTokenAlgorithm = try object.text("idTokenAlgorithm")
        let draft = try common(object, side: .oauth(client))
        return ApplicationEntry(application: draft, secret: try secret(object, isPublic: client.isPublic == true))
    }

    private static func cas(_ object: DocumentObject) throws(DocumentRefusal) -> ApplicationEntry {
        let services = ServicesDraft(
            urls: try object.texts("services"), allowsPlainHTTP: try object.flag("allowPlainHTTP") ?? false)
        var draft = try common(object, side: .cas(services))
        draft.release = try release(object)
        return ApplicationEntry(application: draft, secret: .generated)
    }

    private static func common(
        _ object: DocumentObject, side: ApplicationDraft.Side
    ) throws(DocumentRefusal) -> ApplicationDraft {
        var draft = ApplicationDraft(
            slug: try object.requiredText("slug", "an application needs a short name, the slug"), side: side)
        draft.name = try object.text("name")
        draft.icon = try object.text("icon")
        draft.launchURL = try object.text("launchURL")
        draft.access = try object["access"].map(access)
        return draft
    }

    private static func access(_ reader: DocumentReader) throws(DocumentRefusal) -> AccessDraft {
        if case .text(let word) = reader.value.content {
            guard word == "everyone" else {
                throw DocumentRefusal(reader.place, "access is everyone, or lists of users and groups")
            }
            return .everyone
        }
        let object = try reader.object(["users", "groups"])
        return .selected(users: try object.texts("users") ?? [], groups: try object.texts("groups") ?? [])
    }

    private static func release(_ object: DocumentObject) throws(DocumentRefusal) -> [ReleaseDraft]? {
        guard let list = object["attributes"] else { return nil }
        var entries: [ReleaseDraft] = []
        for reader in try list.list() {
            let entry = try reader.object(["attribute", "name"])
            let attribute = try entry.requiredText("attribute", "a released attribute needs the key attribute")
            entries.append(ReleaseDraft(attribute, as: try entry.text("name") ?? attribute))
        }
        return entries
    }

    private static func secret(_ object: DocumentObject, isPublic: Bool) throws(DocumentRefusal) -> SecretSource {
        let (text, file) = (try object.text("clientSecret"), try object.text("clientSecretFile"))
        guard !isPublic || (text == nil && file == nil) else {
            throw DocumentRefusal(object.place, "a public client has no secret")
        }
        switch (text, file) {
        case (nil, nil): return .generated
        case (let text?, nil): return .given(text)
        case (nil, let file?): return .file(file)
        case (_?, _?):
            throw DocumentRefusal(object.place, "a client has either clientSecret or clientSecretFile")
        }
    }
}
