import Directory
import HummingbirdCore
import Identity
import OIDC
import Storage
import Wire

/// `/logout`: ends the session of this browser, after asking unless the person pressed our own button.
struct SignOutPage: Sendable {
    let environment: ServerEnvironment

    private var forms: FormGuard { FormGuard(environment: environment) }

    /// GET: asks; a link alone must not sign anyone out.
    func show(_ call: Call) async throws -> Response {
        guard let person = try await environment.signedIn(call) else { return signedOut(call) }
        return confirmation(person, interaction: nil, application: nil, call)
    }

    /// POST: the person said yes, here or on the page that an application sent them to.
    func submit(_ call: Call) async throws -> Response {
        let form = try await call.pageForm()
        if let id = try form.single("i") {
            return try await EndSessionEndpoint(environment: environment).confirmed(id, form, call)
        }
        guard let person = try await environment.signedIn(call) else { return Self.afterSignOut(call) }
        try forms.check(form, .session(person.session.id), call)
        try await end(person, call)
        return Self.afterSignOut(call)
    }

    /// Ends a session with what depends on it.
    func end(_ person: SignedIn, in interaction: Interaction? = nil, _ call: Call) async throws {
        let environment = environment
        try await environment.database.write { db in
            try db.end(person.session, of: person.user, cause: .signedOut, in: interaction, environment, call)
        }
    }

    /// The page that asks.
    /// - Parameters:
    ///   - interaction: Holds where to go afterwards, when an application asked.
    ///   - application: That application's name.
    func confirmation(
        _ person: SignedIn, interaction: Interaction?, application: String?, cookie: String? = nil, _ call: Call
    ) -> Response {
        let pages = environment.pages
        var frame = pages.frame(of: call, at: Path.signOut)
        frame.formTargets = [interaction?.destinationOrigin].compactMap(\.self)
        var fields: PageFields = [
            "formAction": Path.signOut, "personName": person.user.profile.name, "stayHref": Path.portal,
        ]
        if let interaction {
            fields["i"] = interaction.id
            fields["csrf"] = forms.token(.interaction(interaction.id), call, secret: cookie)
        } else {
            fields["csrf"] = forms.token(.session(person.session.id), call)
        }
        fields.set(
            "askedText",
            application.map { pages.text("confirmSignOutAsked", frame.language, filling: ["application": $0]) })
        return pages.render("sign-in/confirm-sign-out", fields, in: frame)
    }

    /// To the page that says so, by GET: going back in the browser must not ask to send the form again.
    static func afterSignOut(_ call: Call) -> Response {
        Response.seeOther(Path.signOut).removingSession(of: call)
    }

    /// The page that says that nobody is signed in any more.
    func signedOut(_ call: Call) -> Response {
        let frame = environment.pages.frame(of: call, at: Path.signOut)
        return environment.pages.render("sign-in/signed-out", ["signInHref": Path.signIn], in: frame)
            .removingSession(of: call)
    }
}

extension Response {
    /// Takes the session's cookie from a browser that sent it. One that did not may have been kept from it by SameSite,
    /// on a request of another site, which must not sign anyone out.
    func removingSession(of call: Call) -> Response {
        let cookie = Cookie.session(secure: call.isSecure)
        return call.cookie(cookie) == nil ? self : settingCookie(cookie.removal)
    }
}
