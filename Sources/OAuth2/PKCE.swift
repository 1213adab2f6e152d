import Cryptography
import Wire

/// Proof Key for Code Exchange (RFC 7636), with S256 as the only method: `plain` protects nothing that a log reader
/// cannot undo (RFC 9700 §2.1.1).
package enum PKCE {
    /// What the client commits itself to when it asks for a code: the SHA-256 of a verifier that it keeps.
    package struct Challenge: Equatable, Sendable {
        /// 43 characters of base64url without padding.
        package let text: String

        /// Takes a challenge that is already known to be well-formed: the database's.
        package init?(stored text: String) {
            guard Self.isWellFormed(text) else { return nil }
            self.text = text
        }

        /// Reads `code_challenge` and `code_challenge_method` of an authorization request.
        /// - Returns: nil when the request has neither.
        /// - Throws: `invalid_request` for another method than S256 (an absent one means `plain`), a method without
        ///   challenge, and a challenge that no SHA-256 value has as its text (RFC 7636 §4.3, §4.4.1).
        package static func parse(_ challenge: String?, method: String?) throws(OAuth2Error) -> Challenge? {
            guard let challenge else {
                guard method == nil else { throw OAuth2Error(.invalidRequest, "code_challenge is missing") }
                return nil
            }
            guard let method, method.isByteEqual(to: "S256") else {
                throw OAuth2Error(.invalidRequest, "code_challenge_method must be S256")
            }
            guard let parsed = Challenge(stored: challenge) else {
                throw OAuth2Error(.invalidRequest, "code_challenge is not 43 characters of base64url")
            }
            return parsed
        }

        /// Also refuses a last character with spare bits set: no client that hashes can produce one.
        private static func isWellFormed(_ text: String) -> Bool {
            guard text.utf8.count == 43 else { return false }
            do {
                return try Base64URL.decode(text).count == 32
            } catch { return false }
        }
    }

    /// What the client shows with the code: 43 to 128 unreserved characters (RFC 7636 §4.1). Prints as `•••`.
    package struct Verifier: Equatable, Sendable {
        fileprivate let text: String

        /// - Throws: `invalid_request` for another length or character.
        package init(parsing text: String) throws(OAuth2Error) {
            guard (43...128).contains(text.utf8.count), text.utf8.allSatisfy(Self.isUnreserved) else {
                throw OAuth2Error(.invalidRequest, "code_verifier is not 43 to 128 unreserved characters")
            }
            self.text = text
        }

        /// The challenge that this verifier answers.
        package var challengeText: String { Base64URL.encode(SHA256.hash(Array(text.utf8))) }

        private static func isUnreserved(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                true
            default: false
            }
        }
    }

    /// Holds the verifier of a token request against the challenge of the authorization request.
    ///
    /// Refuses the downgrade both ways (RFC 9700 §2.1.1, §4.8.2): a code asked for with a challenge needs a verifier,
    /// and a verifier for a code without challenge shows that somebody took the challenge out of the request.
    /// - Throws: `invalid_grant` (RFC 7636 §4.6).
    package static func verify(_ verifier: Verifier?, against challenge: Challenge?) throws(OAuth2Error) {
        guard let challenge else {
            guard verifier == nil else {
                throw OAuth2Error(.invalidGrant, "code_verifier was sent but the code was issued without a challenge")
            }
            return
        }
        guard let verifier else { throw OAuth2Error(.invalidGrant, "code_verifier is missing") }
        guard ConstantTime.equal(Array(verifier.challengeText.utf8), Array(challenge.text.utf8)) else {
            throw OAuth2Error(.invalidGrant, "code_verifier does not match the code_challenge")
        }
    }
}

extension PKCE.Verifier: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
