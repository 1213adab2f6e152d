import HTTPTypes
/// Every path, once: routes and links are made of the same names.
package enum Path {
    package static let portal = "/"
    package static let account = "/account"
    package static let accountPassword = "/account/password"
    package static let accountHistory = "/account/history"
    package static let accountPhone = "/account/phone"
    package static let secondFactor = "/account/second-factor"
    package static let authenticatorApp = "/account/second-factor/app"
    package static let changeSecondFactor = "/account/second-factor/change"
    package static let passkeys = "/account/passkeys"
    package static let addPasskey = "/account/passkeys/add"
    package static let registerPasskey = "/account/passkeys/register"
    package static let renamePasskey = "/account/passkeys/rename"
    package static let removePasskey = "/account/passkeys/remove"
    package static let accountProfile = "/account/profile"
    package static let accountEmail = "/account/email"
    package static let accountSessions = "/account/sessions"
    package static let accountApplications = "/account/applications"
    package static let withdrawApplication = "/account/applications/withdraw"
    package static let endOneSession = "/account/sessions/end"
    package static let endOtherSessions = "/account/sessions/end-others"
    package static let administration = "/admin"
    package static let members = "/admin/users"
    package static let resetPasswords = "/admin/users/reset"
    package static let memberPhone = "/admin/users/phone"
    package static let memberFactors = "/admin/users/factors"
    package static let unfreezeMembers = "/admin/users/unfreeze"
    package static let domains = "/admin/domains"
    package static let checkDomain = "/admin/domains/check"
    package static let removeDomain = "/admin/domains/remove"
    package static let signIn = "/login"
    package static let setPassword = "/login/password"
    package static let signInFactor = "/login/second-factor"
    package static let forgottenPassword = "/login/forgotten"
    package static let signOut = "/logout"
    package static let join = "/join"
    package static let enterprises = "/account/enterprises"
    package static let joinElsewhere = "/account/enterprises/join"
    package static let invitations = "/admin/invitations"
    package static let newInvitation = "/admin/invitations/new"
    package static let revokeInvitation = "/admin/invitations/revoke"
    package static let openDepartment = "/admin/invitations/open"
    package static let closeDepartment = "/admin/invitations/close"
    package static let acceptRequest = "/admin/invitations/accept"
    package static let declineRequest = "/admin/invitations/decline"
    package static let assets = "/assets"
    package static let favicon = "/favicon.ico"

    package static let authorize = "/oauth2/authorize"
    package static let token = "/oauth2/token"
    package static let userInfo = "/oauth2/userinfo"
    package static let keySet = "/oauth2/jwks"
    package static let endSession = "/oauth2/logout"
    package static let openIDConfiguration = "/.well-known/openid-configuration"
    package static let serverMetadata = "/.well-known/oauth-authorization-server"

    package static let casLogin = "/cas/login"
    package static let casLogout = "/cas/logout"
    package static let casServiceValidate = "/cas/serviceValidate"
    package static let casP3ServiceValidate = "/cas/p3/serviceValidate"
}

extension RouteTable {
    /// Every address with its endpoint and the shape of its errors.
    package static func gatehouse(_ environment: ServerEnvironment) -> RouteTable {
        let people =
            signInRoutes(environment) + portalRoutes(environment) + factorRoutes(environment)
            + consoleRoutes(environment) + invitationRoutes(environment)
        let protocols = oauthRoutes(environment) + casRoutes(environment)
        return RouteTable(people + protocols + environment.pages.assets.routes)
    }

    /// Every address of the shared host.
    static func shared(_ environment: ServerEnvironment) -> RouteTable {
        let entrance = SharedEntrancePage(environment: environment)
        let join = SharedJoinPage(environment: environment)
        return RouteTable(
            [
                Route(.get, Path.portal, entrance.begin), Route(.get, Path.signIn, entrance.show),
                Route(.post, Path.signIn, entrance.submit),
                Route(.get, Path.join, join.show), Route(.post, Path.join, join.submit),
            ] + environment.pages.assets.routes)
    }

    private static func signInRoutes(_ environment: ServerEnvironment) -> [Route] {
        let signIn = SignInPage(environment: environment)
        let setPassword = SetPasswordPage(environment: environment)
        let forgotten = ForgottenPasswordPage(environment: environment)
        let factor = SignInFactorPage(environment: environment)
        let signOut = SignOutPage(environment: environment)
        return [
            Route(.get, Path.signIn, signIn.show), Route(.post, Path.signIn, signIn.submit),
            Route(.get, Path.setPassword, setPassword.show), Route(.post, Path.setPassword, setPassword.submit),
            Route(.get, Path.signInFactor, factor.show), Route(.post, Path.signInFactor, factor.submit),
            Route(.get, Path.forgottenPassword, forgotten.show),
            Route(.post, Path.forgottenPassword, forgotten.submit),
            Route(.get, Path.signOut, signOut.show), Route(.post, Path.signOut, signOut.submit),
        ]
    }

    private static func portalRoutes(_ environment: ServerEnvironment) -> [Route] {
        let portal = PortalPage(environment: environment)
        let account = AccountPage(environment: environment)
        let password = AccountPasswordPage(environment: environment)
        let phone = AccountPhonePage(environment: environment)
        let history = AccountHistoryPage(environment: environment)
        return [
            Route(.get, Path.portal, portal.show), Route(.get, Path.account, account.show),
            Route(.get, Path.accountPhone, phone.show), Route(.post, Path.accountPhone, phone.submit),
            Route(.get, Path.accountPassword, password.show), Route(.post, Path.accountPassword, password.submit),
            Route(.get, Path.accountHistory, history.show),
        ] + personalCentreRoutes(environment)
    }

    private static func personalCentreRoutes(_ environment: ServerEnvironment) -> [Route] {
        let profile = AccountProfilePage(environment: environment)
        let email = AccountEmailPage(environment: environment)
        let sessions = AccountSessionsPage(environment: environment)
        let applications = AccountApplicationsPage(environment: environment)
        return [
            Route(.get, Path.accountProfile, profile.show), Route(.post, Path.accountProfile, profile.submit),
            Route(.get, Path.accountEmail, email.show), Route(.post, Path.accountEmail, email.submit),
            Route(.get, Path.accountSessions, sessions.show),
            Route(.post, Path.endOneSession, sessions.endOne), Route(.post, Path.endOtherSessions, sessions.endOthers),
            Route(.get, Path.accountApplications, applications.show),
            Route(.post, Path.withdrawApplication, applications.withdraw),
        ]
    }

    private static func factorRoutes(_ environment: ServerEnvironment) -> [Route] {
        let factors = SecondFactorPage(environment: environment)
        let app = AuthenticatorAppPage(environment: environment)
        let passkeys = PasskeysPage(environment: environment)
        return [
            Route(.get, Path.secondFactor, factors.show),
            Route(.get, Path.changeSecondFactor, factors.showChange),
            Route(.post, Path.changeSecondFactor, factors.change),
            Route(.get, Path.authenticatorApp, app.show), Route(.post, Path.authenticatorApp, app.submit),
            Route(.get, Path.passkeys, passkeys.show), Route(.post, Path.renamePasskey, passkeys.rename),
            Route(.get, Path.addPasskey, passkeys.showAdd), Route(.post, Path.addPasskey, passkeys.add),
            Route(.post, Path.registerPasskey, passkeys.register),
            Route(.get, Path.removePasskey, passkeys.showRemove), Route(.post, Path.removePasskey, passkeys.remove),
        ]
    }

    private static func consoleRoutes(_ environment: ServerEnvironment) -> [Route] {
        let members = MembersPage(environment: environment)
        let reset = ResetPasswordsPage(environment: environment)
        let phone = MemberPhonePage(environment: environment)
        let factors = MemberFactorsPage(environment: environment)
        let domains = DomainsPage(environment: environment)
        return [
            Route(.get, Path.administration, members.begin),
            Route(.get, Path.members, members.show), Route(.post, Path.members, members.search),
            Route(.post, Path.unfreezeMembers, members.unfreeze),
            Route(.get, Path.resetPasswords, reset.show), Route(.post, Path.resetPasswords, reset.submit),
            Route(.get, Path.memberFactors, factors.show), Route(.post, Path.memberFactors, factors.submit),
            Route(.get, Path.memberPhone, phone.show), Route(.post, Path.memberPhone, phone.submit),
            Route(.get, Path.domains, domains.show), Route(.post, Path.domains, domains.add),
            Route(.post, Path.checkDomain, domains.check), Route(.post, Path.removeDomain, domains.remove),
        ]
    }

    private static func invitationRoutes(_ environment: ServerEnvironment) -> [Route] {
        let join = JoinPage(environment: environment)
        let enterprises = EnterprisesPage(environment: environment)
        let invitations = InvitationsPage(environment: environment)
        let new = NewInvitationPage(environment: environment)
        let open = GrantingPage(environment: environment, act: .open)
        let accept = GrantingPage(environment: environment, act: .accept)
        return [
            Route(.get, Path.join, join.show), Route(.post, Path.join, join.submit),
            Route(.get, Path.enterprises, enterprises.show), Route(.post, Path.enterprises, enterprises.submit),
            Route(.post, Path.joinElsewhere, enterprises.join),
            Route(.get, Path.invitations, invitations.show),
            Route(.post, Path.revokeInvitation, invitations.revoke),
            Route(.post, Path.closeDepartment, invitations.close),
            Route(.post, Path.declineRequest, invitations.decline),
            Route(.get, Path.newInvitation, new.show), Route(.post, Path.newInvitation, new.submit),
            Route(.get, Path.openDepartment, open.show), Route(.post, Path.openDepartment, open.submit),
            Route(.get, Path.acceptRequest, accept.show), Route(.post, Path.acceptRequest, accept.submit),
        ]
    }

    private static func oauthRoutes(_ environment: ServerEnvironment) -> [Route] {
        let authorization = AuthorizationEndpoint(environment: environment)
        let token = TokenEndpoint(environment: environment)
        let userInfo = UserInfoEndpoint(environment: environment)
        let endSession = EndSessionEndpoint(environment: environment)
        return [
            Route(.get, Path.authorize, authorization.authorize),
            Route(.post, Path.authorize, authorization.authorizeByPost),
            Route(.post, Path.token, shape: .oauth, token.token),
            Route(.get, Path.userInfo, shape: .bearer, userInfo.userInfo),
            Route(.post, Path.userInfo, shape: .bearer, userInfo.userInfo),
            Route(.get, Path.endSession, endSession.endSession),
            Route(.post, Path.endSession, endSession.endSessionByPost),
            Route(.get, Path.keySet, shape: .oauth, answersHead: true, MetadataEndpoints.keySet),
            Route(.get, Path.openIDConfiguration, shape: .oauth, answersHead: true, MetadataEndpoints.provider),
            Route(.get, Path.serverMetadata, shape: .oauth, answersHead: true, MetadataEndpoints.server),
        ]
    }

    private static func casRoutes(_ environment: ServerEnvironment) -> [Route] {
        let login = LoginEndpoint(environment: environment)
        let validation = ValidationEndpoint(environment: environment)
        return [
            Route(.get, Path.casLogin, login.login), Route(.get, Path.casLogout, login.logout),
            Route(.get, Path.casServiceValidate, shape: .cas, validation.serviceValidate),
            Route(.get, Path.casP3ServiceValidate, shape: .cas, validation.p3ServiceValidate),
        ]
    }
}
