import Cryptography
import Directory
import FoundationEssentials
import HTTPTypes
import HummingbirdCore
import Identity
import Logging
import OAuth2
import OIDC
import Storage
import Wire

/// `/oauth2/token` (RFC 6749 §3.2).
struct TokenEndpoint: Sendable {
    let environment: ServerEnvironment

    /// POST.
    func token(_ call: Call) async throws -> Response {
        guard call.query?.isEmpty ?? true else {
            throw OAuth2Error(.invalidRequest, "parameters belong into the body, not into the address")
        }
        let body = try await call.formParameters()
        let presented = try ClientAuthentication(authorization: call.header(.authorization), body: body)
        let client = try await authenticated(presented, call)
        let request = try TokenRequest(body)
        try request.authorize(client)
        var random = SecureRandom()
        let minted = MintedTokens(using: &random)
        let outcome = try await environment.database.write { db in
            let redemption = Redemption(db: db, environment: environment, call: call, client: client, minted: minted)
            return try redemption.redeem(request)
        }
        switch outcome {
        case .issued(let issued, let grant, let isFirst):
            return .json(try answer(issued, grant, isFirst: isFirst, client, minted, call).json)
        case .refused(let error): throw error
        }
    }

    /// The client, once its credentials have been verified; the client first, always (RFC 6749 §3.2.1).
    private func authenticated(_ presented: ClientAuthentication, _ call: Call) async throws -> AuthenticatedClient {
        let (client, secrets) = try await environment.database.read { db in
            (
                try db.clients.identified(presented.clientID, in: call.tenant.id),
                try db.clientSecrets.ofClient(presented.clientID, in: call.tenant.id)
            )
        }
        do {
            return try presented.verify(
                as: client, secrets: secrets, importKey: environment.keys.importedSecrets, now: call.now)
        } catch {
            call.logger.notice(
                "client authentication failed", metadata: ["client_id": .string(client?.id ?? "unknown")])
            throw error
        }
    }

    /// The answer, with an ID token where the grant is an OpenID Connect one. Signing comes after the commit: a
    /// signature that fails leaves the code spent, which is the safe side.
    private func answer(
        _ issued: IssuedTokens, _ grant: Grant, isFirst: Bool, _ client: AuthenticatedClient, _ minted: MintedTokens,
        _ call: Call
    ) throws(OAuth2Error) -> TokenResponse {
        var response = issued.response
        guard response.scope.contains(Scope.openID) else { return response }
        let lifetimes = call.policy.tokens.overridden(by: client.client.lifetimes)
        let token = IDToken(
            of: grant, issuer: call.tenant.issuer, accessToken: minted.accessToken, isFirst: isFirst,
            lifetime: lifetimes.idToken, now: call.now)
        response.idToken = try token.signed(by: try call.served.signer(client.client.idTokenAlgorithm))
        return response
    }
}

/// One token request inside its transaction: takes the code or refresh token, lets the core decide, writes.
private struct Redemption {
    let db: any Connection
    let environment: ServerEnvironment
    let call: Call
    let client: AuthenticatedClient
    let minted: MintedTokens

    /// What is committed. A refusal that changes something is returned; one that changes nothing is thrown.
    enum Outcome: Sendable {
        case issued(IssuedTokens, Grant, isFirst: Bool)
        case refused(OAuth2Error)
    }

    func redeem(_ request: TokenRequest) throws -> Outcome {
        switch request {
        case .authorizationCode(let code, let redirectURI, let verifier):
            try redeem(code: code, redirectURI: redirectURI, verifier: verifier)
        case .refreshToken(let token, let scope): try redeem(refreshToken: token, scope: scope)
        }
    }

    private func redeem(code presented: String, redirectURI: String, verifier: PKCE.Verifier?) throws -> Outcome {
        let hash = OpaqueToken.hash(of: presented)
        guard let code = try db.authorizationCodes.take(hash, now: call.now),
            let grant = try db.grants.identified(code.grantID), grant.tenantID == call.tenant.id
        else { throw AuthorizationCode.unusable }
        guard code.clientID.isByteEqual(to: client.client.id) else { return try refuseForeign(code) }
        switch try code.redeem(by: client, redirectURI: redirectURI, verifier: verifier, now: call.now) {
        case .granted:
            try requireStanding(grant, orThrow: AuthorizationCode.unusable)
            return try issue(grant, scope: grant.scope, replacing: nil)
        case .replayed(let grantID):
            try db.grants.revoke(grantID, now: call.now)
            try record(
                .codeReplayed(
                    applicationID: client.client.applicationID, userID: grant.userID, grantID: grantID))
            return .refused(AuthorizationCode.unusable)
        }
    }

    /// A code in the hands of another client stays good for its owner; the attempt is on record.
    private func refuseForeign(_ code: AuthorizationCode) throws -> Outcome {
        if !code.isRedeemed { try db.authorizationCodes.giveBack(code.hash) }
        try record(.codeForeign(applicationID: client.client.applicationID, grantID: code.grantID))
        return .refused(OAuth2Error(.invalidGrant, "code was issued to another client"))
    }

    private func redeem(refreshToken presented: String, scope: Scope?) throws -> Outcome {
        let hash = OpaqueToken.hash(of: presented)
        guard let token = try db.refreshTokens.take(hash, now: call.now),
            let grant = try db.grants.identified(token.grantID), grant.tenantID == call.tenant.id
        else { throw RefreshToken.unusable }
        switch try token.redeem(by: client, scope: scope, of: grant, now: call.now) {
        case .granted(let scope):
            try requireStanding(grant, orThrow: RefreshToken.unusable)
            return try issue(grant, scope: scope, replacing: token)
        case .replayed(let grantID):
            try db.grants.revoke(grantID, now: call.now)
            try record(
                .refreshTokenReused(
                    applicationID: client.client.applicationID, userID: grant.userID, grantID: grantID))
            return .refused(RefreshToken.unusable)
        }
    }

    /// Whether user, application, access and session still stand behind a grant.
    private func requireStanding(_ grant: Grant, orThrow error: OAuth2Error) throws {
        let standing = try db.standing(of: grant, applicationID: client.client.applicationID, environment)
        guard standing.lapse(of: grant, limits: call.policy.identity.session, now: call.now) == nil else {
            throw error
        }
    }

    private func issue(_ grant: Grant, scope: Scope, replacing redeemed: RefreshToken?) throws -> Outcome {
        let lifetimes = call.policy.tokens.overridden(by: client.client.lifetimes)
        let issued = IssuedTokens(
            minted, for: grant, scope: scope, client: client, lifetimes: lifetimes, replacing: redeemed, now: call.now)
        try db.accessTokens.insert(issued.accessToken)
        if let refreshToken = issued.refreshToken { try db.refreshTokens.insert(refreshToken) }
        if let secretID = client.secretID { try db.clientSecrets.noteUse(of: secretID, now: call.now) }
        return .issued(issued, grant, isFirst: redeemed == nil)
    }

    private func record(_ event: ApplicationEvent) throws {
        let actor = Actor.application(client.client.applicationID)
        try db.events.insert(EventRecord(.application(event), by: actor, in: call))
    }
}

extension Connection {
    /// The stored facts behind a grant.
    func standing(of grant: Grant, applicationID: String, _ environment: ServerEnvironment) throws -> GrantStanding {
        GrantStanding(
            user: try users(environment.keys.sealing).identified(grant.userID, in: grant.tenantID),
            application: try applications.identified(applicationID, in: grant.tenantID),
            session: try sessions.identified(grant.sessionID, in: grant.tenantID))
    }
}
