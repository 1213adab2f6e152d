import Cryptography
import Wire

/// The key that we share with a receiver of webhooks (Standard Webhooks 1.0.0, "Signature scheme"): `whsec_` and the
/// base64 form of 24 to 64 bytes. Prints as `•••`.
package struct WebhookSecret: Equatable, Sendable {
    private let key: [UInt8]

    /// Why a text is no secret; repeats nothing of it.
    package enum Refusal: Error, Equatable, Sendable {
        /// It does not begin with `whsec_`.
        case prefix
        /// What follows is not base64 with padding.
        case encoding
        /// It stands for fewer than 24 bytes or more than 64.
        case length
    }

    package init(_ text: String) throws(Refusal) {
        let prefix = "whsec_"
        guard text.hasPrefix(prefix) else { throw .prefix }
        do { key = try Base64.decode(String(text.dropFirst(prefix.count))) } catch { throw .encoding }
        guard (24...64).contains(key.count) else { throw .length }
    }

    /// The value of the `webhook-signature` header: `v1,` and the base64 form of HMAC-SHA256.
    ///
    /// - Parameters:
    ///   - id: The value of `webhook-id`, without `.`.
    ///   - timestamp: The value of `webhook-timestamp`: whole seconds since 1970.
    func signature(id: String, timestamp: String, body: [UInt8]) -> String {
        "v1," + Base64.encode(HMACSHA256.authenticate(Array("\(id).\(timestamp).".utf8) + body, key: key))
    }
}

extension WebhookSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
