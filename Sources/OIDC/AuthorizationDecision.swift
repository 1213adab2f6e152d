package import Cryptography
package import Directory
package import FoundationEssentials
package import Identity
package import OAuth2
import Wire

/// What the authorization endpoint does with a request that is in order (OIDC Core §3.1.2.3).
///
/// It is made anew, from stored facts, each time the browser arrives: first, after signing in, after going back, after
/// a reload. No arrival counts on an earlier one.
package enum AuthorizationDecision: Equatable, Sendable {
    /// The person has to sign in, in the interaction at hand or, when there is none, in a new one.
    case signIn(AuthenticationRequirement)
    /// The client gets a code.
    case authorized(Authorization)
    /// The client gets an error, at the request's target.
    case refused(OAuth2Error)

    /// Who is signed in at this browser.
    package struct Person: Equatable, Sendable {
        package let session: Session
        package let user: User

        /// - Parameter session: Admitted for `user` by ``Session/admits(_:_:now:)``.
        package init(session: Session, user: User) {
            self.session = session
            self.user = user
        }
    }

    /// - Parameters:
    ///   - request: The request; the one that was stored when there is an interaction.
    ///   - application: The application of the request's client.
    ///   - person: Who is signed in, nil when nobody is.
    ///   - interactionID: The interaction that the browser came back with, admitted for it; nil on the first arrival.
    ///     Only a sign-in in that interaction meets `prompt=login`: a reload neither skips it nor asks for ever.
    ///   - now: The current time; whole seconds.
    package static func decide(
        _ request: AuthenticationRequest, application: Application, person: Person?, interactionID: String?, now: Date
    ) -> AuthorizationDecision {
        let client = request.authorization.target.client
        guard application.id.isByteEqual(to: client.applicationID), application.isEnabled else {
            return .refused(OAuth2Error(.unauthorizedClient, "the application is disabled"))
        }
        guard let person, person.user.isEnabled else { return signIn(request.requirement, request) }
        let authentication = person.session.authentication
        guard request.requirement.isSatisfied(by: authentication, in: interactionID, now: now) else {
            return signIn(request.requirement, request)
        }
        guard request.hint.map({ $0.subject == SubjectIdentifier(of: person.user) }) ?? true else {
            return otherPerson(request, signedInHere: authentication.interactionID == interactionID)
        }
        guard application.access(for: person.user).isAllowed else {
            return .refused(OAuth2Error(.accessDenied, "the person may not open this application"))
        }
        return .authorized(Authorization(request: request, session: person.session))
    }

    private static func signIn(
        _ requirement: AuthenticationRequirement, _ request: AuthenticationRequest
    ) -> AuthorizationDecision {
        guard request.prompt != AuthenticationRequest.Prompt.none else {
            return .refused(OAuth2Error(.loginRequired, "the person has to sign in and prompt is none"))
        }
        return .signIn(requirement)
    }

    /// Somebody else than `id_token_hint` names is signed in. The right person gets one chance to sign in; after that
    /// it is an error, or the two would ask each other for ever (OIDC Core §3.1.2.1).
    private static func otherPerson(_ request: AuthenticationRequest, signedInHere: Bool) -> AuthorizationDecision {
        guard !signedInHere else {
            return .refused(OAuth2Error(.loginRequired, "another person than id_token_hint names has signed in"))
        }
        return signIn(AuthenticationRequirement(.fresh, level: request.requirement.level), request)
    }
}

/// A request that was granted: what makes its grant and its code.
package struct Authorization: Equatable, Sendable {
    private let request: AuthenticationRequest
    private let session: Session

    fileprivate init(request: AuthenticationRequest, session: Session) {
        self.request = request
        self.session = session
    }

    /// Where the code goes.
    package var target: ResponseTarget { request.authorization.target }

    /// The grant to store.
    /// - Parameter id: Freshly minted.
    package func grant(id: String, now: Date) -> Grant {
        let authentication = session.authentication
        return Grant(
            id: id, tenantID: session.tenantID, clientID: target.client.id, userID: session.userID,
            sessionID: session.id, scope: request.authorization.scope,
            authentication: Grant.Authentication(
                time: authentication.at, methods: authentication.amr.map(\.rawValue),
                level: request.levels.named(for: authentication.level).rawValue),
            nonce: request.nonce, createdAt: now)
    }

    /// The code to store, of a grant of this request.
    /// - Parameters:
    ///   - token: Freshly minted; its text goes to the client.
    ///   - lifetimes: The installation's, overridden by the client's.
    package func code(_ token: OpaqueToken, of grant: Grant, lifetimes: TokenLifetimes, now: Date) -> AuthorizationCode
    {
        AuthorizationCode(
            token, for: grant.id, request: request.authorization, lifetime: lifetimes.authorizationCode, now: now)
    }
}
