import Cryptography
import Directory
import FoundationEssentials
import Identity
import Wire

/// An authenticator app that is being set up: its secret travels in the page's form, sealed for its owner, and counts
/// for nothing before a code of it has come back. So no half-made factor is ever stored.
struct TOTPSetup: Equatable, Sendable, Concealed {
    /// Seconds for which the form can be sent.
    static let lifetime: TimeInterval = 900

    let totp: TOTP
    /// What the form carries.
    let sealed: String
    let expiresAt: Date

    /// A new secret.
    /// - Parameter owner: Who alone can send it back: a session with its user, or an interaction with its browser.
    init(for owner: String, key: SealingKey, now: Date) {
        var random = SecureRandom()
        totp = TOTP(using: &random)
        expiresAt = now + Self.lifetime
        let text = "\(Int64(expiresAt.timeIntervalSince1970)).\(Base64URL.encode(totp.secret))"
        sealed = key.seal(Array(text.utf8), context: Self.context(owner))
    }

    /// Reads what a form sent back.
    /// - Returns: nil for what was not made for this owner, and for what is too old.
    init?(_ sealed: String, for owner: String, key: SealingKey, now: Date) {
        guard sealed.utf8.count <= 512, let bytes = try? key.open(sealed, context: Self.context(owner)) else {
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

    private static func context(_ owner: String) -> String { "totp-setup/\(owner)" }
}

extension TOTPSetup {
    /// What `partials/app` shows of it, and what the form carries.
    func fields(issuer: String, account: String) -> PageFields {
        let uri = totp.uri(issuer: issuer, account: account)
        var fields: PageFields = ["setup": sealed, "appAddress": uri, "appSecret": Self.grouped(totp.secretText)]
        fields.set("appPicture", QRCode(uri)?.imageURL)
        return fields
    }

    /// In fours, as people read it off a screen.
    private static func grouped(_ text: String) -> String {
        text.enumerated().map { index, character in
            index > 0 && index.isMultiple(of: 4) ? " \(character)" : "\(character)"
        }.joined()
    }
}

extension SignedIn {
    /// Whose an app that is set up in this session will be.
    var setupOwner: String { "\(session.id)/\(user.id)" }
}

extension Interaction {
    /// Whose an app that is set up at this sign-in will be.
    func setupOwner(_ userID: String) -> String { "interaction/\(id)/\(browserHash)/\(userID)" }
}
