import Cryptography
import Testing
import Wire

@Suite("RFC 7518 §3 Signatures")
struct SignatureTests {
    static func key(_ algorithm: SignatureAlgorithm) throws -> SigningKey {
        let der = algorithm == .rs256 ? KeySamples.rsa2048 : KeySamples.p256
        return try SigningKey(pkcs8DER: Base64URL.decode(der), algorithm: algorithm)
    }

    @Test("§3.3: RS256 gives the signature of RFC 7515 A.2")
    func rs256() throws {
        let signature = try Self.key(.rs256).sign(Array(KeySamples.rs256Input.utf8))
        #expect(Base64URL.encode(signature) == KeySamples.rs256Signature)
    }

    @Test("§3.4: ES256 accepts the signature of RFC 7515 A.3")
    func es256() throws {
        let key = try VerificationKey(
            .p256(x: Base64URL.decode(KeySamples.p256X), y: Base64URL.decode(KeySamples.p256Y)), algorithm: .es256)
        let signature = try Base64URL.decode(KeySamples.es256Signature)
        #expect(key.verify(signature, for: Array(KeySamples.es256Input.utf8)))
    }

    @Test("ES256 in the form of RFC 3279 is accepted as that form only", .tags(.security))
    func es256DER() throws {
        let key = try VerificationKey(
            .p256(x: Base64URL.decode(KeySamples.p256X), y: Base64URL.decode(KeySamples.p256Y)), algorithm: .es256)
        let signature = try Base64URL.decode(KeySamples.es256Signature)
        let message = Array(KeySamples.es256Input.utf8)
        let numbers = [signature[..<32], signature[32...]].flatMap { number -> [UInt8] in
            let digits = Array(number.drop { $0 == 0 })
            let positive = (digits.first ?? 0x80) >= 0x80 ? [0] + digits : digits
            return [0x02, UInt8(positive.count)] + positive
        }
        let der = [0x30, UInt8(numbers.count)] + numbers
        #expect(key.verify(der: der, for: message))
        #expect(!key.verify(der: der, for: message + [0]))
        #expect(!key.verify(der: der + [0], for: message))
        #expect(!key.verify(der: signature, for: message))
        #expect(!key.verify(der, for: message))
    }

    @Test("an imported key publishes the numbers of its specification")
    func components() throws {
        #expect(
            try Self.key(.rs256).verificationKey.components
                == .rsa(modulus: Base64URL.decode(KeySamples.rsa2048Modulus), exponent: [1, 0, 1]))
        #expect(
            try Self.key(.es256).verificationKey.components
                == .p256(x: Base64URL.decode(KeySamples.p256X), y: Base64URL.decode(KeySamples.p256Y)))
    }

    @Test("a generated key signs, exports and is the same after import", arguments: SignatureAlgorithm.allCases)
    func generated(algorithm: SignatureAlgorithm) throws {
        let key = try SigningKey.generate(algorithm)
        let copy = try SigningKey(pkcs8DER: key.pkcs8DER(), algorithm: algorithm)
        let signature = try copy.sign([1, 2, 3])
        #expect(signature.count == (algorithm == .rs256 ? 256 : 64))
        #expect(key.verificationKey.verify(signature, for: [1, 2, 3]))
        #expect(copy.verificationKey.components == key.verificationKey.components)
        #expect(try SigningKey.generate(.es256).verificationKey.components != key.verificationKey.components)
    }

    @Test(
        "an altered message, signature or length is refused", .tags(.security), arguments: SignatureAlgorithm.allCases)
    func refused(algorithm: SignatureAlgorithm) throws {
        let key = try Self.key(algorithm)
        let message = Array("message".utf8)
        let signature = try key.sign(message)
        #expect(key.verificationKey.verify(signature, for: message))
        #expect(!key.verificationKey.verify(signature, for: message + [0]))
        #expect(!key.verificationKey.verify(signature + [0], for: message))
        #expect(!key.verificationKey.verify([0] + signature, for: message))
        #expect(!key.verificationKey.verify(signature.dropLast(), for: message))
        #expect(!key.verificationKey.verify([], for: message))
        for index in stride(from: 0, to: signature.count, by: 7) {
            var altered = signature
            altered[index] ^= 1
            #expect(!key.verificationKey.verify(altered, for: message))
        }
    }

    @Test("ES256 refuses r or s out of range and the DER form", .tags(.security))
    func outOfRange() throws {
        let key = try Self.key(.es256)
        let signature = try key.sign([1])
        let order = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")
        let zeros = [UInt8](repeating: 0, count: 32)
        let ones = [UInt8](repeating: 0xff, count: 32)
        for part in [zeros, order, ones] {
            #expect(!key.verificationKey.verify(part + signature[32...], for: [1]))
            #expect(!key.verificationKey.verify(signature[..<32] + part, for: [1]))
        }
        #expect(!key.verificationKey.verify(zeros + zeros, for: [1]))
        #expect(!key.verificationKey.verify([0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01], for: [1]))
    }

    @Test("r and s keep their leading zeros: many signatures are all 64 bytes and good")
    func padding() throws {
        let key = try Self.key(.es256)
        let signatures = try (0..<600).map { _ in try key.sign([7]) }
        #expect(signatures.allSatisfy { $0.count == 64 && key.verificationKey.verify($0, for: [7]) })
        #expect(signatures.contains { $0[0] == 0 || $0[32] == 0 || $0[0] >= 0x80 })
    }

    @Test("one key signs and verifies on many tasks at once", arguments: SignatureAlgorithm.allCases)
    func concurrent(algorithm: SignatureAlgorithm) async throws {
        let key = try Self.key(algorithm)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for index in 0..<64 {
                group.addTask {
                    let message = Array("message \(index)".utf8)
                    return key.verificationKey.verify(try key.sign(message), for: message)
                }
            }
            for try await isGood in group { #expect(isGood) }
        }
    }

    @Test(
        "a private key of another kind, too short or damaged is refused", .tags(.security),
        arguments: [
            (KeySamples.p256, SignatureAlgorithm.rs256, KeyError.wrongKind), (KeySamples.rsa2048, .es256, .wrongKind),
            (KeySamples.p384, .es256, .wrongKind), (KeySamples.rsa1024, .rs256, .unacceptableSize),
            ("", .es256, .malformed),
            ("MIGH", .es256, .malformed), (KeySamples.p256 + "AA", .es256, .malformed),
        ])
    func refusesPrivateKey(der: String, algorithm: SignatureAlgorithm, error: KeyError) throws {
        let bytes = try Base64URL.decode(der)
        #expect(throws: error) { try SigningKey(pkcs8DER: bytes, algorithm: algorithm) }
    }

    @Test("a public key that is none is refused", .tags(.security))
    func refusesPublicKey() throws {
        let x = try Base64URL.decode(KeySamples.p256X)
        let y = try Base64URL.decode(KeySamples.p256Y)
        let modulus = try Base64URL.decode(KeySamples.rsa2048Modulus)
        let cases: [(PublicKeyComponents, SignatureAlgorithm, KeyError)] = [
            (.p256(x: y, y: x), .es256, .malformed), (.p256(x: Array(x.dropLast()), y: y), .es256, .malformed),
            (.p256(x: [0] + x, y: y), .es256, .malformed),
            (.p256(x: x + y[..<1], y: Array(y[1...])), .es256, .malformed),
            (.rsa(modulus: [0x7f] + modulus[1...], exponent: [1, 0, 1]), .rs256, .unacceptableSize),
            (.p256(x: .init(repeating: 0, count: 32), y: .init(repeating: 0, count: 32)), .es256, .malformed),
            (.p256(x: x, y: y), .rs256, .wrongKind), (.rsa(modulus: modulus, exponent: [1, 0, 1]), .es256, .wrongKind),
            (
                .rsa(modulus: try Base64URL.decode(KeySamples.rsa1024Modulus), exponent: [1, 0, 1]), .rs256,
                .unacceptableSize
            ),
            (.rsa(modulus: .init(repeating: 0xff, count: 1025), exponent: [1, 0, 1]), .rs256, .unacceptableSize),
            (.rsa(modulus: modulus, exponent: []), .rs256, .malformed),
            (.rsa(modulus: modulus, exponent: [1]), .rs256, .malformed),
            (.rsa(modulus: modulus, exponent: [2]), .rs256, .malformed),
            (.rsa(modulus: [], exponent: [1, 0, 1]), .rs256, .unacceptableSize),
        ]
        for (components, algorithm, error) in cases {
            #expect(throws: error, "\(components)") { try VerificationKey(components, algorithm: algorithm) }
        }
    }

    @Test("a signing key is not printed", .tags(.security))
    func printing() throws {
        let key = try Self.key(.es256)
        var dumped = ""
        dump(key, to: &dumped)
        #expect("\(key)" == "•••" && String(reflecting: key) == "•••" && !dumped.contains("["))
    }
}
