package import Cryptography
import Wire

/// A signing key with its protected header written out once: a token costs its claims and its signature only.
///
/// ```swift
/// let signer = JWSSigner(key, type: "at+jwt")
/// let token = try signer.sign(claims.bytes)       // header.payload.signature
/// ```
package struct JWSSigner: Sendable {
    package let key: SigningKey
    /// `kid`: the thumbprint of the public key, under which `JWKSet` publishes it.
    package let keyID: String
    /// base64url of `{"alg":…,"typ":…,"kid":…}` and the dot behind it.
    private let prefix: [UInt8]

    /// - Parameter type: `typ`; one signer a kind of token (RFC 8725 §3.11): `JWT`, `at+jwt`, `logout+jwt`.
    package init(_ key: SigningKey, type: StaticString) {
        self.key = key
        keyID = JWK.thumbprint(of: key.verificationKey.components)
        var header = JSONWriter(reserving: 128)
        header.beginObject()
        header.member("alg", key.algorithm.rawValue)
        header.member("typ", type.description)
        header.member("kid", keyID)
        header.endObject()
        var prefix: [UInt8] = []
        Base64URL.append(header.bytes, to: &prefix)
        prefix.append(UInt8(ascii: "."))
        self.prefix = prefix
    }

    /// The public half, to be published before the first token is signed.
    package var jwk: JWK { JWK(key.verificationKey, keyID: keyID) }

    /// The compact form of a signed payload.
    /// - Throws: `.signingFailed`.
    package func sign(_ payload: [UInt8]) throws(JOSEError) -> String {
        var text = prefix
        // Payload, dot and signature (256 bytes of RS256 are 342 characters): the buffer grows once.
        text.reserveCapacity(prefix.count + payload.count * 4 / 3 + 360)
        Base64URL.append(payload, to: &text)
        let signature: [UInt8]
        do { signature = try key.sign(text) } catch { throw .signingFailed }
        text.append(UInt8(ascii: "."))
        Base64URL.append(signature, to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}
