import Cryptography
import NIOSSL
import Wire

/// A certificate authority and a server certificate, made anew for each test: no key lies in the repository.
///
/// Only as much DER as a TLS server on loopback needs (RFC 5280 §4.1, X.690).
struct TestCertificate {
    /// The authority as PEM, as an operator would configure it.
    let authorityPEM: [UInt8]
    /// For the server side.
    let context: NIOSSLContext

    /// - Parameters:
    ///   - name: The DNS name that the certificate is for.
    ///   - notAfter: The end of its validity, `YYMMDDHHMMSSZ`.
    init(for name: String = "localhost", notAfter: String = "491231235959Z") throws {
        let authorityKey = try SigningKey.generate(.es256)
        let serverKey = try SigningKey.generate(.es256)
        let authority = try Self.certificate(
            of: authorityKey, named: "Test authority", signedBy: authorityKey, issuer: "Test authority",
            notAfter: "491231235959Z",
            extensions: [Self.extended([0x55, 0x1D, 0x13], isCritical: true, DER.sequence([DER.yes]))])
        let alternativeNames = DER.sequence([DER.value(0x82, Array(name.utf8))])
        let server = try Self.certificate(
            of: serverKey, named: name, signedBy: authorityKey, issuer: "Test authority", notAfter: notAfter,
            extensions: [Self.extended([0x55, 0x1D, 0x11], isCritical: false, alternativeNames)])
        authorityPEM = Self.pem(authority)
        context = try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: [.certificate(try NIOSSLCertificate(bytes: server, format: .der))],
                privateKey: .privateKey(try NIOSSLPrivateKey(bytes: serverKey.pkcs8DER(), format: .der))))
    }

    private static func certificate(
        of key: SigningKey, named subject: String, signedBy issuerKey: SigningKey, issuer: String, notAfter: String,
        extensions: [[UInt8]]
    ) throws -> [UInt8] {
        var random = SecureRandom()
        let validity = DER.sequence([
            DER.value(0x17, Array("200101000000Z".utf8)), DER.value(0x17, Array(notAfter.utf8)),
        ])
        let toBeSigned = DER.sequence([
            DER.value(0xA0, DER.integer([2])), DER.integer([1] + random.bytes(8)), ecdsaWithSHA256, name(issuer),
            validity, name(subject), publicKeyInfo(key), DER.value(0xA3, DER.sequence(extensions)),
        ])
        let signature = try issuerKey.sign(toBeSigned)
        let pair = DER.sequence([DER.integer(Array(signature.prefix(32))), DER.integer(Array(signature.suffix(32)))])
        return DER.sequence([toBeSigned, ecdsaWithSHA256, DER.bits(pair)])
    }

    private static let ecdsaWithSHA256 = DER.sequence([
        DER.identifier([0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02])
    ])

    private static func name(_ text: String) -> [UInt8] {
        let commonName = DER.sequence([DER.identifier([0x55, 0x04, 0x03]), DER.value(0x0C, Array(text.utf8))])
        return DER.sequence([DER.value(0x31, commonName)])
    }

    private static func publicKeyInfo(_ key: SigningKey) -> [UInt8] {
        guard case .p256(let x, let y) = key.verificationKey.components else { return [] }
        let algorithm = DER.sequence([
            DER.identifier([0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]),
            DER.identifier([0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]),
        ])
        return DER.sequence([algorithm, DER.bits([4] + x + y)])
    }

    private static func extended(_ identifier: [UInt8], isCritical: Bool, _ value: [UInt8]) -> [UInt8] {
        DER.sequence([DER.identifier(identifier)] + (isCritical ? [DER.yes] : []) + [DER.value(0x04, value)])
    }

    private static func pem(_ der: [UInt8]) -> [UInt8] {
        let label = "CERTIFICATE"
        return Array("-----BEGIN \(label)-----\n\(Base64.encode(der))\n-----END \(label)-----\n".utf8)
    }
}

private enum DER {
    static let yes = value(0x01, [0xFF])

    static func value(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        let count = content.count
        let length: [UInt8] =
            switch count {
            case ..<128: [UInt8(count)]
            case ..<256: [0x81, UInt8(count)]
            default: [0x82, UInt8(count >> 8), UInt8(count & 0xFF)]
            }
        return [tag] + length + content
    }

    static func sequence(_ values: [[UInt8]]) -> [UInt8] { value(0x30, values.flatMap(\.self)) }
    static func identifier(_ bytes: [UInt8]) -> [UInt8] { value(0x06, bytes) }
    static func bits(_ bytes: [UInt8]) -> [UInt8] { value(0x03, [0] + bytes) }

    /// Unsigned: no zero in front but the one that keeps the sign bit clear.
    static func integer(_ magnitude: [UInt8]) -> [UInt8] {
        let digits = Array(magnitude.drop { $0 == 0 })
        return value(0x02, (digits.first ?? 0x80) >= 0x80 ? [0] + digits : digits)
    }
}
