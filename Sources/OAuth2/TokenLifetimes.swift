package import FoundationEssentials

/// How long what is issued stays good, in whole seconds: the installation's figures, or those of one client.
package struct TokenLifetimes: Equatable, Sendable {
    package var authorizationCode: TimeInterval
    package var accessToken: TimeInterval
    package var idToken: TimeInterval
    /// From the first refresh token of a grant to the end of the last one; nil for no end.
    package var refreshToken: TimeInterval?

    package init(
        authorizationCode: TimeInterval, accessToken: TimeInterval, idToken: TimeInterval, refreshToken: TimeInterval?
    ) {
        self.authorizationCode = authorizationCode
        self.accessToken = accessToken
        self.idToken = idToken
        self.refreshToken = refreshToken
    }

    /// These figures with a client's own in place of those that it has.
    package func overridden(by client: Client.Lifetimes) -> TokenLifetimes {
        TokenLifetimes(
            authorizationCode: client.authorizationCode ?? authorizationCode,
            accessToken: client.accessToken ?? accessToken,
            idToken: client.idToken ?? idToken,
            refreshToken: client.refreshToken ?? refreshToken)
    }
}
