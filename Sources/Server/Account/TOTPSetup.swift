import Cryptography
import Directory
import FoundationEssentials
import Identity
import Wire

/// An authenticator app that is being set up: its secret travels in the page's form, sealed for the session, and counts
/// for nothing before a code of it has come back. So no half-made factor is ever stored.
struct TOTPSetup: Equatable, Sendable, Concealed {
    /// Seconds for which the form can be sent.
    static let lifetime: TimeInterval = 900

    let totp: TOTP
    /// What the form carries.
    let sealed: String
    let expiresAt: Date

    /// A new secret.
    init(for person: SignedIn, key: SealingKey, now: Date) {
        var random = SecureRandom()
        totp = TOTP(using: &random)
        expiresAt = now + Self.lifetime
        let text = "\(Int64(expiresAt.timeIntervalSince1970)).\(Base64URL.encode(totp.secret))"
        sealed = key.seal(Array(text.utf8), context: Self.context(person))
    }

    /// Reads what a form sent back.
    /// - Returns: nil for what was not made for this session, and for what is too old.
    init?(_ sealed: String, for person: SignedIn, key: SealingKey, now: Date) {
        guard sealed.utf8.count <= 512, let bytes = try? key.open(sealed, context: Self.context(person)) else {
            return nil
        }
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: ".")
        guard parts.count == 2, let end = Int64(parts[0]), let secret = try? Base64URL.decode(String(parts[1])) else {
            return nil
        }
        expiresAt = Date(timeIntervalSince1970: TimeInterval(end))
        guard now < expiresAt else { return nil }
        totp = TOTP(secret: secret)
        self.sealed = sealed
    }

    /// Under which it is remembered as used.
    var id: String { "totp-setup " + Base64URL.encode(SHA256.hash(sealed)) }

    private static func context(_ person: SignedIn) -> String { "totp-setup/\(person.session.id)/\(person.user.id)" }
}
