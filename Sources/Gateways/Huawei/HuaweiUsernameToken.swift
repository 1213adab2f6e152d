import Cryptography
import Wire

/// The older of the vendor's two ways to authenticate ("X-WSSE"): a digest over a nonce, the time and the secret.
///
/// The secret does not travel, but the body is not signed; ``HuaweiRequestSignature`` is the vendor's recommendation.
struct HuaweiUsernameToken: Sendable {
    /// The fixed value of `Authorization` that goes with it.
    static let authorization = #"WSSE realm="SDP",profile="UsernameToken",type="Appkey""#

    var username: String
    var password: String
    /// 1 to 128 letters and digits, never used before.
    var nonce: String
    /// `YYYY-MM-DDTHH:MM:SSZ`; the vendor accepts 24 hours of difference.
    var created: String

    /// Base64 over the *hexadecimal text* of SHA-256, which is what the vendor's example request has (88 characters)
    /// and its sample programs compute; the prose only says `Base64(SHA256(Nonce + Created + Password))`.
    var passwordDigest: String {
        Base64.encode(Array(hexadecimal(SHA256.hash(nonce + created + password)).utf8))
    }

    /// The value of the `X-WSSE` header.
    var headerValue: String {
        let fields = [
            ("Username", username), ("PasswordDigest", passwordDigest), ("Nonce", nonce), ("Created", created),
        ]
        return "UsernameToken " + fields.map { "\($0)=\"\($1)\"" }.joined(separator: ",")
    }
}
