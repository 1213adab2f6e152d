import Cryptography
import Wire

/// The public key of a passkey, in the form in which the authenticator gave it (RFC 9052 §7, RFC 9053 §2 and §7,
/// RFC 8812 §2).
package struct COSEKey: Equatable, Sendable {
    /// The ones that are asked for, the preferred first.
    package enum Algorithm: Int64, Equatable, Sendable, CaseIterable {
        case es256 = -7
        case edDSA = -8
        case rs256 = -257
    }

    package let algorithm: Algorithm
    /// The CBOR of the key.
    package let bytes: [UInt8]
    private let material: Material

    private enum Material: Equatable, Sendable {
        case components(PublicKeyComponents, SignatureAlgorithm)
        case ed25519([UInt8])
    }

    /// Reads a key.
    /// - Throws: `malformed`, `unsupportedAlgorithm`, `unusableKey`: parameters that do not fit the algorithm, more of
    ///   them than WebAuthn §6.5.1.1 allows, a point off the curve, an RSA key below 2048 bits.
    package init(_ bytes: [UInt8]) throws(PasskeyError) {
        let item: CBOR
        do { item = try CBOR.parse(bytes) } catch { throw .malformed }
        guard let entries = item.entries, let number = item[3]?.integer else { throw .malformed }
        guard let algorithm = Algorithm(rawValue: number) else { throw .unsupportedAlgorithm }
        material = try Self.material(item, of: algorithm, parameters: entries.count)
        self.algorithm = algorithm
        self.bytes = bytes
    }

    /// Whether a signature in the form of WebAuthn §6.5.5 belongs to a message.
    package func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
        switch material {
        case .ed25519(let key): return Ed25519.isValid(signature, for: message, publicKey: key)
        case .components(let components, let algorithm):
            // The key was made once when it was read; one that cannot be made now verifies nothing.
            let key = try? VerificationKey(components, algorithm: algorithm)
            return key?.verify(der: signature, for: message) ?? false
        }
    }

    private static func material(
        _ item: CBOR, of algorithm: Algorithm, parameters: Int
    ) throws(PasskeyError) -> Material {
        switch algorithm {
        case .es256:
            guard parameters == 5, item[1]?.integer == 2, item[-1]?.integer == 1, let x = item[-2]?.bytes,
                let y = item[-3]?.bytes
            else { throw .unusableKey }
            return try checked(.p256(x: x, y: y), .es256)
        case .edDSA:
            guard parameters == 4, item[1]?.integer == 1, item[-1]?.integer == 6, let x = item[-2]?.bytes,
                x.count == Ed25519.keyLength
            else { throw .unusableKey }
            return .ed25519(x)
        case .rs256:
            guard parameters == 4, item[1]?.integer == 3, let n = item[-1]?.bytes, let e = item[-2]?.bytes else {
                throw .unusableKey
            }
            return try checked(.rsa(modulus: n, exponent: e), .rs256)
        }
    }

    private static func checked(
        _ components: PublicKeyComponents, _ algorithm: SignatureAlgorithm
    ) throws(PasskeyError) -> Material {
        guard (try? VerificationKey(components, algorithm: algorithm)) != nil else { throw .unusableKey }
        return .components(components, algorithm)
    }
}
