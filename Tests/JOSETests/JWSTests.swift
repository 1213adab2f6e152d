import Cryptography
import JOSE
import Testing
import Wire

/// Keys of the specifications' examples.
enum Sample {
    static func signingKey(_ algorithm: SignatureAlgorithm) throws -> SigningKey {
        let der = algorithm == .rs256 ? RFC7515.a2PrivateKey : RFC7515.a3PrivateKey
        return try SigningKey(pkcs8DER: Base64URL.decode(der), algorithm: algorithm)
    }

    static func verificationKey(_ algorithm: SignatureAlgorithm) throws -> VerificationKey {
        try signingKey(algorithm).verificationKey
    }

    /// A compact text with this header, rightly signed by the ES256 key whatever the header says.
    static func token(header: String, payload: String = "{}") throws -> String {
        let input = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(payload.utf8))
        return input + "." + Base64URL.encode(try signingKey(.es256).sign(Array(input.utf8)))
    }
}

@Suite("RFC 7515 JWS")
struct JWSTests {
    static let payload = "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}"

    @Test(
        "appendix A: the example tokens verify",
        arguments: [
            (RFC7515.a2Token, SignatureAlgorithm.rs256), (RFC7515.a3Token, .es256),
        ])
    func appendixA(token: String, algorithm: SignatureAlgorithm) throws {
        #expect(try JWS.parse(token).header == JWS.Header(algorithm: algorithm.rawValue))
        let payload = try JWS.verify(token, with: Sample.verificationKey(algorithm))
        #expect(String(decoding: payload, as: UTF8.self) == Self.payload)
    }

    @Test("RFC 7520 §4.1: the cookbook's token verifies, by key and by its kid in a set")
    func cookbook() throws {
        let modulus = try Base64URL.decode(RFC7520.modulus)
        let key = try VerificationKey(.rsa(modulus: modulus, exponent: [1, 0, 1]), algorithm: .rs256)
        let set = JWKSet([
            JWK(key, keyID: "bilbo.baggins@hobbiton.example"), JWK(try Sample.verificationKey(.rs256)),
        ])
        let text = try JWS.verify(RFC7520.rs256Token, with: key)
        #expect(String(decoding: text, as: UTF8.self).hasPrefix("It’s a dangerous business, Frodo"))
        #expect(try JWS.verify(RFC7520.rs256Token, with: set) == text)
    }

    @Test("RFC 7520 §4.1: the same key gives the same signature")
    func cookbookSigning() throws {
        let key = try SigningKey(pkcs8DER: Base64URL.decode(RFC7520.privateKey), algorithm: .rs256)
        let parts = RFC7520.rs256Token.split(separator: ".")
        let signature = try key.sign(Array((parts[0] + "." + parts[1]).utf8))
        #expect(Base64URL.encode(signature) == parts[2])
    }

    @Test(
        "a signer writes its header, its payload and a signature that verifies", arguments: SignatureAlgorithm.allCases)
    func signs(algorithm: SignatureAlgorithm) throws {
        let signer = JWSSigner(try Sample.signingKey(algorithm), type: "at+jwt")
        let token = try signer.sign(Array("{\"sub\":\"u-1\"}".utf8))
        let header = try Base64URL.decode(String(token.prefix { $0 != "." }))
        #expect(
            String(decoding: header, as: UTF8.self)
                == "{\"alg\":\"\(algorithm.rawValue)\",\"typ\":\"at+jwt\",\"kid\":\"\(signer.keyID)\"}")
        #expect(try JWS.verify(token, with: signer.jwk.key, type: "at+jwt") == Array("{\"sub\":\"u-1\"}".utf8))
        #expect(try JWS.verify(token, with: JWKSet([signer.jwk])) == Array("{\"sub\":\"u-1\"}".utf8))
    }

    @Test(
        "an algorithm that is not the key's is refused, whatever the signature", .tags(.security),
        arguments: [
            RFC7515.a1Token, RFC7515.a2Token, RFC7520.es512Token, RFC7520.hs256Token, RFC7520.ps384Token,
        ])
    func wrongAlgorithm(token: String) throws {
        let key = try Sample.verificationKey(.es256)
        #expect(throws: JOSEError.wrongAlgorithm) { try JWS.verify(token, with: key) }
        #expect(throws: JOSEError.unknownKey) { try JWS.verify(token, with: JWKSet([JWK(key)])) }
    }

    @Test(
        "RFC 8725 §2.1: `none` in any spelling is refused, signed or not", .tags(.security),
        arguments: [
            "none", "None", "NONE", "nOnE", "", "es256", "ES256 ", "HS256",
        ])
    func none(algorithm: String) throws {
        let signed = try Sample.token(header: "{\"alg\":\"\(algorithm)\"}")
        let unsigned = signed.prefix(through: try #require(signed.lastIndex(of: ".")))
        for token in [signed, String(unsigned)] {
            #expect(throws: JOSEError.wrongAlgorithm) { try JWS.verify(token, with: Sample.verificationKey(.es256)) }
        }
        #expect(throws: JOSEError.wrongAlgorithm) {
            try JWS.verify(RFC7515.a5Token, with: Sample.verificationKey(.es256))
        }
    }

    @Test("HS256 with the public key as the secret is refused", .tags(.security))
    func confusion() throws {
        let key = try Sample.verificationKey(.rs256)
        let input = Base64URL.encode(Array("{\"alg\":\"HS256\"}".utf8)) + ".e30"
        let code = HMACSHA256.authenticate(Array(input.utf8), key: JWK(key).json.bytes)
        #expect(throws: JOSEError.wrongAlgorithm) {
            try JWS.verify(input + "." + Base64URL.encode(code), with: key)
        }
    }

    @Test(
        "§4.1.11: extensions are refused even when signed", .tags(.security),
        arguments: [
            "{\"alg\":\"ES256\",\"crit\":[\"exp\"],\"exp\":1363284000}", "{\"alg\":\"ES256\",\"crit\":[]}",
            "{\"alg\":\"ES256\",\"crit\":null}", "{\"alg\":\"ES256\",\"b64\":false,\"crit\":[\"b64\"]}",
            "{\"alg\":\"ES256\",\"b64\":true}",
        ])
    func critical(header: String) throws {
        let token = try Sample.token(header: header)
        #expect(throws: JOSEError.unsupportedExtension) { try JWS.verify(token, with: Sample.verificationKey(.es256)) }
    }

    @Test("a key that the header brings along is not looked at", .tags(.security))
    func embeddedKey() throws {
        let own = try SigningKey.generate(.es256)
        let header =
            "{\"alg\":\"ES256\",\"jwk\":\(JWK(own.verificationKey).json.text),\"jku\":\"https://evil.example\"}"
        let input = Base64URL.encode(Array(header.utf8)) + ".e30"
        let token = input + "." + Base64URL.encode(try own.sign(Array(input.utf8)))
        #expect(throws: JOSEError.badSignature) { try JWS.verify(token, with: Sample.verificationKey(.es256)) }
    }

    @Test(
        "§5.2: another form is malformed", .tags(.security),
        arguments: [
            "", ".", "..", "a.b", "e30.e30.e30.e30", "e30.e30.", "eyJhbGciOiJFUzI1NiJ9.e30.!",
            "eyJhbGciOiJFUzI1NiJ9.e30=.AA",
            "eyJhbGciOiJFUzI1NiJ9 .e30.AA", "W10.e30.AA", "bnVsbA.e30.AA", "eyJhbGciOjF9.e30.AA",
            "eyJhbGciOiJFUzI1NiJ9.e31.AA",
        ])
    func malformed(token: String) throws {
        #expect(throws: JOSEError.malformed) { try JWS.verify(token, with: Sample.verificationKey(.es256)) }
    }

    @Test(
        "headers with repeated or mistyped members are malformed", .tags(.security),
        arguments: [
            "{\"alg\":\"none\",\"alg\":\"ES256\"}", "{\"alg\":\"ES256\",\"kid\":1}", "{\"alg\":\"ES256\",\"typ\":[]}",
            "{\"alg\":\"ES256\"}x", "{\"kid\":\"1\"}",
        ])
    func malformedHeader(header: String) throws {
        let token = try Sample.token(header: header)
        #expect(throws: JOSEError.malformed) { try JWS.verify(token, with: Sample.verificationKey(.es256)) }
    }

    @Test("an altered part is refused", .tags(.security))
    func altered() throws {
        let key = try Sample.verificationKey(.es256)
        let parts = try Sample.token(header: "{\"alg\":\"ES256\"}", payload: "{\"sub\":\"1\"}").split(separator: ".")
        let payload = Base64URL.encode(Array("{\"sub\":\"2\"}".utf8))
        let header = Base64URL.encode(Array("{\"alg\":\"ES256\" }".utf8))
        #expect(try JWS.verify(parts.joined(separator: "."), with: key).count == 11)
        for token in [
            "\(parts[0]).\(payload).\(parts[2])", "\(header).\(parts[1]).\(parts[2])", "\(parts[0]).\(parts[1]).",
        ] {
            #expect(throws: JOSEError.badSignature) { try JWS.verify(token, with: key) }
        }
    }

    @Test(
        "RFC 8725 §3.11: the type must be the expected one", .tags(.security),
        arguments: [
            ("\"at+jwt\"", true), ("\"AT+JWT\"", true), ("\"application/at+jwt\"", true), ("\"JWT\"", false),
            ("\"\"", false),
            ("\"application/x/at+jwt\"", false), ("\"at+jwt \"", false),
        ])
    func type(type: String, isAccepted: Bool) throws {
        let token = try Sample.token(header: "{\"alg\":\"ES256\",\"typ\":\(type)}")
        let key = try Sample.verificationKey(.es256)
        #expect(try JWS.verify(token, with: key) == Array("{}".utf8))
        if isAccepted {
            #expect(try JWS.verify(token, with: key, type: "at+jwt") == Array("{}".utf8))
        } else {
            #expect(throws: JOSEError.wrongType) { try JWS.verify(token, with: key, type: "at+jwt") }
        }
        let untyped = try Sample.token(header: "{\"alg\":\"ES256\"}")
        #expect(throws: JOSEError.wrongType) { try JWS.verify(untyped, with: key, type: "at+jwt") }
    }
}
