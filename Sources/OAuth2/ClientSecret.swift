package import Cryptography
package import FoundationEssentials
import Wire

/// One of a client's secrets. A client has several live ones while it changes from one to the next, so that a secret is
/// rotated without a refused request.
package struct ClientSecret: Equatable, Sendable {
    package let id: String
    package let clientID: String
    /// All that is kept of the secret.
    package let hash: ClientSecretHash
    /// What an administrator calls it.
    package var label: String
    package let createdAt: Date
    /// The first instant at which the secret is no longer accepted; nil for no planned end.
    package var expiresAt: Date?
    package var revokedAt: Date?
    /// Written by the server after a successful authentication, not more often than it likes.
    package var lastUsedAt: Date?

    package init(id: String, clientID: String, hash: ClientSecretHash, label: String, createdAt: Date) {
        self.id = id
        self.clientID = clientID
        self.hash = hash
        self.label = label
        self.createdAt = createdAt
    }

    /// Whether the secret is accepted at this time.
    package func isLive(now: Date) -> Bool {
        guard revokedAt == nil else { return false }
        guard let expiresAt else { return true }
        return now < expiresAt
    }
}

extension ClientSecret {
    /// Begins every secret that we make, so that scanners of repositories and logs recognise it.
    package static let prefix = "gths_"

    /// The text of a new secret. It is shown once; only ``ClientSecretHash/init(generated:)`` of it is kept.
    /// - Parameter token: 32 random bytes, freshly minted.
    package static func text(of token: OpaqueToken) -> String { prefix + token.text }

    /// Finds the live secret that was presented.
    ///
    /// All secrets are compared in full, so that the time taken says neither which one matched nor whether one did.
    /// - Parameters:
    ///   - presented: What the client sent; not checked in any way.
    ///   - secrets: All secrets of the client, dead ones included; empty for an unknown client.
    ///   - importKey: The installation's key for the secrets it did not make itself.
    ///   - now: The current time.
    static func matching(
        _ presented: PresentedSecret, among secrets: [ClientSecret], importKey: [UInt8], now: Date
    ) -> ClientSecret? {
        let candidates = presented.readings.flatMap { reading in
            [ClientSecretHash(generated: reading), ClientSecretHash(keyed: reading, importKey: importKey)]
        }
        var match: ClientSecret?
        for secret in secrets {
            let isEqual = candidates.reduce(false) { secret.hash.isEqual(to: $1) || $0 }
            if isEqual, secret.isLive(now: now) { match = secret }
        }
        return match
    }
}

/// What is kept of a client secret, tagged with how it was made.
package struct ClientSecretHash: Equatable, Sendable {
    /// Why a secret that an enterprise brings along is not accepted.
    package enum ImportProblem: Error, Equatable, Sendable {
        /// Fewer than 8 or more than 256 characters.
        case length
        /// A character outside `%x20-7E` (RFC 6749 appendix A.2).
        case character
    }

    /// `sha256.` or `hmac-sha256.` and base64url.
    package let text: String

    private static let generatedTag = "sha256."
    private static let importedTag = "hmac-sha256."

    /// Of a secret that we made: with 256 random bits a plain SHA-256 cannot be searched.
    package init(generated secret: String) {
        text = Self.generatedTag + OpaqueToken.hash(of: secret)
    }

    /// Of a secret that came from elsewhere and may be guessable: keyed, so that a copy of the database alone is not
    /// enough to try words against it, and still cheap on every token request.
    /// - Parameter importKey: The installation's sub-key for this purpose.
    package init(importing secret: String, importKey: [UInt8]) throws(ImportProblem) {
        guard (8...256).contains(secret.utf8.count) else { throw .length }
        guard secret.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else { throw .character }
        self.init(keyed: secret, importKey: importKey)
    }

    /// Takes what the database holds.
    package init(stored text: String) {
        self.text = text
    }

    fileprivate init(keyed secret: String, importKey: [UInt8]) {
        let code = HMACSHA256.authenticate(Array(secret.utf8), key: importKey)
        text = Self.importedTag + Base64URL.encode(code)
    }

    fileprivate func isEqual(to other: ClientSecretHash) -> Bool {
        ConstantTime.equal(Array(text.utf8), Array(other.text.utf8))
    }
}

/// A secret as it arrived, with every way in which it may have been meant. Prints as `•••`.
struct PresentedSecret: Equatable, Sendable {
    /// One reading, or two for HTTP Basic: RFC 6749 §2.3.1 has it form-encoded, common libraries do not do that.
    /// The two differ only for secrets that hold `+` or `%`.
    let readings: [String]
}

extension PresentedSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var description: String { "•••" }
    var debugDescription: String { "•••" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
