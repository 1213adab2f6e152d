package import Cryptography
import Wire

/// JSON Web Signatures in compact form (RFC 7515 §3.1, §7.1).
///
/// The algorithm always comes from the key. A header can only agree with it, so `none` and a public key used as an
/// HMAC secret have no way in (RFC 8725 §2.1).
package enum JWS {
    /// What a header says, before anything of it is believed.
    package struct Header: Equatable, Sendable {
        /// `alg`, to be compared with the key's.
        package var algorithm: String
        /// `kid`.
        package var keyID: String?
        /// `typ` as it is spelled, without the optional `application/` (§4.1.9).
        package var type: String?

        package init(algorithm: String, keyID: String? = nil, type: String? = nil) {
            self.algorithm = algorithm
            self.keyID = keyID
            self.type = type
        }
    }

    /// A compact text taken apart; its signature is not checked yet.
    package struct Unverified: Sendable {
        package let header: Header
        /// What the signature is over: the first two parts as they came (§5.2 step 8).
        let signingInput: [UInt8]
        let payload: [UInt8]
        let signature: [UInt8]
    }

    // MARK: - Verifying

    /// Takes a compact text apart.
    ///
    /// - Throws: `.malformed` for anything but three parts with a JSON object in front; `.unsupportedExtension` when
    ///   `crit` or `b64` is there, whatever it says: we understand no extension.
    package static func parse(_ compact: String) throws(JOSEError) -> Unverified {
        let text = Array(compact.utf8)
        let parts = text.split(separator: UInt8(ascii: "."), maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .malformed }
        return Unverified(
            header: try header(decoded(parts[0])),
            signingInput: Array(text[..<parts[1].endIndex]),
            payload: try decoded(parts[1]),
            signature: try decoded(parts[2]))
    }

    /// The payload of a text that this key signed.
    /// - Parameter type: The `typ` that is expected, compared without regard to case (§4.1.9); nil accepts any.
    package static func verify(
        _ compact: String, with key: VerificationKey, type: StaticString? = nil
    ) throws(JOSEError) -> [UInt8] {
        try parse(compact).payload(verifiedWith: key, type: type)
    }

    /// The payload of a text that a key of this set signed.
    package static func verify(
        _ compact: String, with keys: JWKSet, type: StaticString? = nil
    ) throws(JOSEError) -> [UInt8] {
        let unverified = try parse(compact)
        return try unverified.payload(verifiedWith: keys.key(for: unverified.header).key, type: type)
    }

    private static func decoded(_ part: ArraySlice<UInt8>) throws(JOSEError) -> [UInt8] {
        do { return try Base64URL.decode(part) } catch { throw .malformed }
    }

    private static func header(_ bytes: [UInt8]) throws(JOSEError) -> Header {
        let json: JSON
        do { json = try JSON.parse(bytes, maximumDepth: 4) } catch { throw .malformed }
        guard let algorithm = json["alg"]?.string else { throw .malformed }
        guard json["crit"] == nil, json["b64"] == nil else { throw .unsupportedExtension }
        return Header(algorithm: algorithm, keyID: try text(json["kid"]), type: try text(json["typ"]))
    }

    private static func text(_ json: JSON?) throws(JOSEError) -> String? {
        guard let json else { return nil }
        guard let text = json.string else { throw .malformed }
        return text
    }
}

extension JWS.Unverified {
    /// The payload, once algorithm, type and signature are right.
    package func payload(
        verifiedWith key: VerificationKey, type: StaticString? = nil
    ) throws(JOSEError) -> [UInt8] {
        guard header.algorithm.isByteEqual(to: key.algorithm.rawValue) else { throw .wrongAlgorithm }
        if let type {
            guard let given = header.type, Self.mediaType(given) == Self.mediaType(type.description) else {
                throw .wrongType
            }
        }
        guard key.verify(signature, for: signingInput) else { throw .badSignature }
        return payload
    }

    /// `application/` may be left out of `typ` when no other slash follows (RFC 7515 §4.1.9).
    private static func mediaType(_ type: String) -> String {
        let lowercased = type.lowercased()
        guard lowercased.hasPrefix("application/") else { return lowercased }
        let rest = lowercased.dropFirst("application/".count)
        return rest.contains("/") ? lowercased : String(rest)
    }
}
