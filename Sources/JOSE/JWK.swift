package import Cryptography
package import Wire

/// A public signature key as it is published (RFC 7517), together with the key that it describes.
///
/// ```swift
/// let jwk = JWK(signingKey.verificationKey)
/// jwk.keyID          // RFC 7638 thumbprint, 43 characters
/// jwk.json.text      // {"kty":"EC","crv":"P-256","x":…,"y":…,"use":"sig","alg":"ES256","kid":…}
/// ```
package struct JWK: Sendable {
    package let key: VerificationKey
    /// `kid`. Nil only for a foreign key that came without one.
    package let keyID: String?

    /// Describes a key of ours; its `kid` is its thumbprint, so the same key has the same name everywhere.
    package init(_ key: VerificationKey) {
        self.key = key
        keyID = Self.thumbprint(of: key.components)
    }

    package init(_ key: VerificationKey, keyID: String?) {
        self.key = key
        self.keyID = keyID
    }

    /// Reads a public key that somebody else published.
    ///
    /// Refuses private and symmetric keys, keys for encryption (`use`, `key_ops`), and an `alg` that does not fit the
    /// kind. Without `alg`, RSA means RS256 and P-256 means ES256. `x5c` and other members are not looked at.
    package init(_ json: JSON) throws(JOSEError) {
        guard json.members != nil, json["d"] == nil, json["k"] == nil, Self.isForVerifying(json) else {
            throw .unusableKey
        }
        let components = try Self.components(json)
        let algorithm = components.onlyAlgorithm
        guard try Self.text(json["alg"]) ?? algorithm.rawValue == algorithm.rawValue else { throw .unusableKey }
        do { key = try VerificationKey(components, algorithm: algorithm) } catch { throw .unusableKey }
        keyID = try Self.text(json["kid"])
    }

    /// The public members, in a fixed order.
    package var json: JSON {
        var members = Self.requiredMembers(key.components, lexicographic: false)
        members.append(.init("use", "sig"))
        members.append(.init("alg", .string(key.algorithm.rawValue)))
        if let keyID { members.append(.init("kid", .string(keyID))) }
        return .object(members)
    }

    /// The RFC 7638 thumbprint with SHA-256, in base64url.
    package static func thumbprint(of components: PublicKeyComponents) -> String {
        let json = JSON.object(requiredMembers(components, lexicographic: true))
        return Base64URL.encode(SHA256.hash(json.bytes))
    }
}

extension JWK {
    /// The members that define the key (RFC 7638 §3.2), in the order of the thumbprint or the one people expect.
    private static func requiredMembers(_ components: PublicKeyComponents, lexicographic: Bool) -> [JSON.Member] {
        let members: [JSON.Member] =
            switch components {
            case .rsa(let modulus, let exponent):
                [
                    .init("kty", "RSA"), .init("n", .string(Base64URL.encode(modulus))),
                    .init("e", .string(Base64URL.encode(exponent))),
                ]
            case .p256(let x, let y):
                [
                    .init("kty", "EC"), .init("crv", "P-256"), .init("x", .string(Base64URL.encode(x))),
                    .init("y", .string(Base64URL.encode(y))),
                ]
            }
        return lexicographic ? members.sorted { $0.key < $1.key } : members
    }

    private static func components(_ json: JSON) throws(JOSEError) -> PublicKeyComponents {
        switch json["kty"]?.string {
        case "RSA":
            return .rsa(modulus: try number(json["n"]), exponent: try number(json["e"]))
        case "EC" where json["crv"]?.string == "P-256":
            return .p256(x: try bytes(json["x"]), y: try bytes(json["y"]))
        default: throw .unusableKey
        }
    }

    /// A Base64urlUInt (RFC 7518 §2). Some publishers put a zero byte in front; it is dropped, as the thumbprint wants.
    private static func number(_ json: JSON?) throws(JOSEError) -> [UInt8] {
        Array(try bytes(json).drop { $0 == 0 })
    }

    private static func bytes(_ json: JSON?) throws(JOSEError) -> [UInt8] {
        guard let text = json?.string else { throw .unusableKey }
        do { return try Base64URL.decode(text) } catch { throw .unusableKey }
    }

    /// Nil when absent; a member of another type is an error, not an absence.
    private static func text(_ json: JSON?) throws(JOSEError) -> String? {
        guard let json else { return nil }
        guard let text = json.string else { throw .unusableKey }
        return text
    }

    /// `use` and `key_ops`, where present, must allow verifying (RFC 7517 §4.2, §4.3).
    private static func isForVerifying(_ json: JSON) -> Bool {
        let operations = json["key_ops"].map { $0.array ?? [] }
        return json["use"] ?? "sig" == "sig" && operations?.contains("verify") ?? true
    }
}

extension PublicKeyComponents {
    /// With one algorithm a kind, the kind decides; `alg` of a JWK can only agree.
    fileprivate var onlyAlgorithm: SignatureAlgorithm {
        switch self {
        case .rsa: .rs256
        case .p256: .es256
        }
    }
}
