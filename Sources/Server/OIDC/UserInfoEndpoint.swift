import Cryptography
import Directory
import HTTPTypes
import HummingbirdCore
import Identity
import OAuth2
import OIDC
import Storage
import Wire

/// `/oauth2/userinfo` (OIDC Core §5.3): what an access token's scope opens about its person.
struct UserInfoEndpoint: Sendable {
    let environment: ServerEnvironment

    /// GET and POST.
    func userInfo(_ call: Call) async throws -> Response {
        let query = try call.queryParameters()
        let hasForm = call.method == .post && call.header(.contentType) != nil
        let body = hasForm ? try await call.formParameters() : nil
        guard
            let token = try BearerToken.find(
                authorization: call.header(.authorization), query: query, body: body)
        else { throw MissingBearerToken() }
        let hash = OpaqueToken.hash(of: token.text)
        let environment = environment
        let info = try await environment.database.read { db in try db.userInfo(hash, environment, call) }
        return .json(info.json)
    }
}

extension Connection {
    /// Decides from stored facts alone: a disabled user, application or session ends the token at once.
    fileprivate func userInfo(_ hash: String, _ environment: ServerEnvironment, _ call: Call) throws -> UserInfo {
        guard let token = try accessTokens.hashed(hash), let grant = try grants.identified(token.grantID),
            grant.tenantID == call.tenant.id,
            let applicationID = try clients.applicationID(of: grant.clientID, in: call.tenant.id)
        else { throw AccessToken.unusable }
        try token.verify(of: grant, for: Scope.openID, now: call.now)
        let standing = try standing(of: grant, applicationID: applicationID, environment)
        guard standing.lapse(of: grant, limits: call.policy.identity.session, now: call.now) == nil,
            let user = standing.user
        else { throw AccessToken.unusable }
        let memberships = token.scope.contains("groups") ? try groups.ofUser(user.id) : []
        return UserInfo(user, groups: memberships, scope: token.scope)
    }
}
