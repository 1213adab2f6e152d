package import Cryptography
import Wire

/// The answer of the authorization endpoint: a redirect to the client (RFC 6749 §4.1.2, §4.1.2.1). Prints as `•••`.
package struct AuthorizationResponse: Equatable, Sendable {
    /// The value of `Location`: the client's address with our parameters added to its query.
    package let location: String

    /// A code for the client. `iss` tells it which server answers (RFC 9207 §2).
    package init(code: OpaqueToken, to target: ResponseTarget) {
        self.init([FormURLEncoded.Pair("code", code.text)], to: target)
    }

    /// An error for the client; carries `iss` and `state` just as a success does.
    package init(_ error: OAuth2Error, to target: ResponseTarget) {
        let error = [
            FormURLEncoded.Pair("error", error.code.rawValue),
            FormURLEncoded.Pair("error_description", error.description),
        ]
        self.init(error, to: target)
    }

    private init(_ outcome: [FormURLEncoded.Pair], to target: ResponseTarget) {
        let state = target.state.map { [FormURLEncoded.Pair("state", $0)] } ?? []
        let pairs = outcome + state + [FormURLEncoded.Pair("iss", target.issuer)]
        location = FormURLEncoded.adding(pairs, toQueryOf: target.redirectURI)
    }
}

extension AuthorizationResponse: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
