import Cryptography
import Wire

/// Proof, in a hidden field of each form, that the form came from our page in the same browser (peers' class 14).
///
/// Nothing is stored: the token is an HMAC of what the browser's cookie and the page already say. It is keyed by the
/// installation as well, so someone who can plant a cookie cannot compute the token that goes with it.
package enum CSRFToken {
    /// What a form acts on; a token of one does not serve for another.
    package enum Scope: Equatable, Sendable {
        /// The pages of one sign-in, by the interaction's id.
        case interaction(String)
        /// The pages of a signed-in person, by the session's id.
        case session(String)
    }

    /// The token to put into a form.
    /// - Parameters:
    ///   - browserSecret: The value of the cookie that binds the scope to the browser.
    ///   - key: The installation's sub-key for this purpose.
    package static func make(browserSecret: String, scope: Scope, key: [UInt8]) -> String {
        Base64URL.encode(HMACSHA256.authenticate(message(browserSecret, scope), key: key))
    }

    /// Whether what came back is that token; compared in constant time.
    package static func isValid(_ presented: String?, browserSecret: String?, scope: Scope, key: [UInt8]) -> Bool {
        guard let presented, let browserSecret else { return false }
        return ConstantTime.equal(presented, make(browserSecret: browserSecret, scope: scope, key: key))
    }

    private static func message(_ browserSecret: String, _ scope: Scope) -> [UInt8] {
        switch scope {
        case .interaction(let id): MACMessage.joined("csrf", "interaction", id, browserSecret)
        case .session(let id): MACMessage.joined("csrf", "session", id, browserSecret)
        }
    }
}

extension Interaction {
    /// What a passkey is asked to sign in this interaction: unguessable, and another one in every interaction.
    /// - Parameters:
    ///   - userID: Whose passkey has to answer; nil where the answer says it.
    ///   - key: The installation's sub-key for forms.
    package func passkeyChallenge(of userID: String?, key: [UInt8]) -> String {
        let message = MACMessage.joined("passkey", id, browserHash, userID ?? "")
        return Base64URL.encode(HMACSHA256.authenticate(message, key: key))
    }
}

/// The input of a keyed hash over several texts.
enum MACMessage {
    /// Each text with its length in front, so that no two lists of texts give the same bytes.
    static func joined(_ parts: String...) -> [UInt8] {
        parts.flatMap { part in Array("\(part.utf8.count):".utf8) + Array(part.utf8) }
    }
}
