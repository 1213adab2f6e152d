import Directory
import HummingbirdCore
import Identity
import Storage
import Wire

/// `/`: a tile for every application that the person may open. Each address leads to the application's own sign-in,
/// which finds the session here and asks nobody.
struct PortalPage: Sendable {
    let environment: ServerEnvironment

    func show(_ call: Call) async throws -> Response {
        guard let person = try await environment.signedIn(call) else {
            return try await PausedRequests(environment: environment).begin(
                Path.portal, call: call)
        }
        let (applications, credential) = try await environment.database.read { db in
            (try db.applications.all(in: call.tenant.id), try db.credentials.ofUser(person.user.id))
        }
        let tiles = applications.filter { $0.access(for: person.user).isAllowed }.compactMap(Self.tile)
        var fields: PageFields = ["hasApplications": !tiles.isEmpty, "applications": tiles, "atPortal": true]
        fields.addPerson(person, environment, call)
        fields.addWarning(of: credential, environment, call)
        return environment.pages.render("portal/home", fields, in: environment.pages.frame(of: call, at: Path.portal))
            .rememberingLanguage(of: call)
    }

    /// nil for an application without an address to start it at.
    private static func tile(_ application: Application) -> PageFields? {
        guard let address = application.launchURL else { return nil }
        var fields: PageFields = [
            "applicationName": application.name, "applicationHref": address,
            "applicationMonogram": String(application.name.prefix(1)).uppercased(),
        ]
        // The page's policy lets images come from here alone.
        fields.set("applicationIcon", application.icon.flatMap { $0.hasPrefix("data:image/") ? $0 : nil })
        return fields
    }
}

extension PageFields {
    /// Tells that the password is about to expire, unless the page has something else to tell.
    mutating func addWarning(of credential: Credential?, _ environment: ServerEnvironment, _ call: Call) {
        guard self["notice"] == nil,
            let seconds = credential?.warning(call.policy.identity.password, now: call.now)
        else { return }
        let days = Int(seconds / 86_400)
        let language = environment.pages.language(of: call)
        self["warning"] =
            days == 0
            ? environment.pages.text("passwordExpiresToday", language)
            : environment.pages.text("passwordExpires", language, filling: ["days": String(days)])
    }

    /// What every page with a session shows.
    mutating func addPerson(_ person: SignedIn, _ environment: ServerEnvironment, _ call: Call) {
        let name = person.user.profile.name.isEmpty ? person.user.username.text : person.user.profile.name
        self["personName"] = name
        self["personMonogram"] = String(name.prefix(1)).uppercased()
        self["csrf"] = FormGuard(environment: environment).token(.session(person.session.id), call)
        if self["atPortal"] == nil { self["atPortal"] = false }
        if self["atAccount"] == nil { self["atAccount"] = false }
        if self["atAdministration"] == nil { self["atAdministration"] = false }
        self["isAdministrator"] = person.roles.allow(.readMembers)
        let notices = [
            "passwordSaved", "phoneChanged", "sessionEnded", "sessionsOthersEnded", "noneSelected", "membersUnfrozen",
            "memberPhoneChanged", "domainAdded", "domainChecked", "domainRemoved",
            "appSet", "appRemoved", "smsFactorOn", "smsFactorOff", "recoveryCodesMade", "passkeyAdded",
            "passkeyRenamed",
            "passkeyRemoved", "memberFactorsRemoved", "memberFactorsNone",
            "profileSaved", "emailVerified", "applicationWithdrawn",
            "invitationRevoked", "departmentOpened", "departmentClosed", "requestAccepted", "requestDeclined",
        ]
        // A notice is one of our own texts by name; anything else in the address shows nothing.
        if call.query != nil, let name = try? call.queryParameters().single("notice"), notices.contains(name) {
            self["notice"] = environment.pages.text(name, environment.pages.language(of: call))
        }
    }
}

extension Response {
    /// Keeps a language that the person chose by a link.
    func rememberingLanguage(of call: Call) -> Response {
        guard call.query?.contains("lang=") == true, let tag = try? call.queryParameters().single("lang"),
            let language = Language(tag: tag)
        else { return self }
        let cookie = Cookie.language(secure: call.isSecure)
        return settingCookie(cookie.storing(language.rawValue, maximumAge: 31_536_000))
    }
}
