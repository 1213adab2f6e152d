import Cryptography
import JOSE
import Testing
import Wire

@Suite("RFC 7517 JWK and RFC 7638 thumbprint")
struct JWKTests {
    @Test("RFC 7638 §3.1: gives the published thumbprint, whatever else the key has")
    func thumbprint() throws {
        let json: JSON = [
            "kty": "RSA", "n": .string(RFC7638.modulus), "e": "AQAB", "alg": "RS256", "kid": "2011-04-29",
        ]
        let jwk = try JWK(json)
        #expect(JWK.thumbprint(of: jwk.key.components) == RFC7638.thumbprint)
        #expect(jwk.keyID == "2011-04-29")
        #expect(JWK(jwk.key).keyID == RFC7638.thumbprint)
    }

    @Test("RFC 7638 §3.2: an EC thumbprint is over crv, kty, x, y in that order")
    func ellipticThumbprint() throws {
        let text = #"{"crv":"P-256","kty":"EC","x":"\#(RFC7515.a3X)","y":"\#(RFC7515.a3Y)"}"#
        let key = try Sample.verificationKey(.es256)
        #expect(JWK.thumbprint(of: key.components) == Base64URL.encode(SHA256.hash(text)))
    }

    @Test("publishes exactly the public members")
    func json() throws {
        let elliptic = JWK(try Sample.verificationKey(.es256))
        let rsa = JWK(try Sample.verificationKey(.rs256), keyID: "k")
        #expect(
            elliptic.json.text == #"{"kty":"EC","crv":"P-256","x":"\#(RFC7515.a3X)","y":"\#(RFC7515.a3Y)","#
                + #""use":"sig","alg":"ES256","kid":"\#(elliptic.keyID ?? "")"}"#)
        #expect(
            rsa.json.text
                == #"{"kty":"RSA","n":"\#(RFC7515.a2Modulus)","e":"AQAB","use":"sig","alg":"RS256","kid":"k"}"#)
    }

    @Test("a published set reads back as the same keys")
    func set() throws {
        let set = JWKSet([JWK(try Sample.verificationKey(.es256)), JWK(try Sample.verificationKey(.rs256))])
        let read = try JWKSet(JSON.parse(set.json.bytes))
        #expect(read.json == set.json)
        #expect(read.keys.map(\.key.components) == set.keys.map(\.key.components))
    }

    static let accepted: JSON = [
        "kty": "EC", "crv": "P-256", "x": .string(RFC7515.a3X), "y": .string(RFC7515.a3Y), "use": "sig", "alg": "ES256",
        "kid": "1", "key_ops": ["verify"],
    ]

    @Test(
        "a key that is not a public signature key of ours is refused", .tags(.security),
        arguments: [
            ("kty", "oct"), ("kty", "OKP"), ("kty", 1), ("kty", nil), ("crv", "P-384"), ("crv", "p-256"), ("crv", nil),
            ("x", .string(RFC7515.a3Y)), ("x", "AA"), ("x", "!"), ("x", nil), ("y", nil), ("use", "enc"), ("use", 1),
            ("use", .null), ("alg", "RS256"), ("alg", "none"), ("alg", "ES512"), ("alg", 1), ("kid", 1),
            ("key_ops", ["sign"]),
            ("key_ops", "verify"), ("d", "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"), ("k", "AA"),
        ] as [(String, JSON?)])
    func refuses(member: String, value: JSON?) throws {
        #expect(try JWK(Self.accepted).keyID == "1")
        var members = try #require(Self.accepted.members).filter { $0.key != member }
        if let value { members.append(.init(member, value)) }
        #expect(throws: JOSEError.unusableKey) { try JWK(.object(members)) }
    }

    @Test("optional members may be missing", arguments: ["use", "alg", "kid", "key_ops"])
    func optional(member: String) throws {
        let members = try #require(Self.accepted.members).filter { $0.key != member }
        #expect(try JWK(.object(members)).key.components == Sample.verificationKey(.es256).components)
    }

    @Test("RSA below 2048 bits is refused and a zero in front of the modulus is not", .tags(.security))
    func rsa() throws {
        let modulus = try Base64URL.decode(RFC7638.modulus)
        let padded: JSON = ["kty": "RSA", "n": .string(Base64URL.encode([0] + modulus)), "e": "AQAB"]
        let short: JSON = ["kty": "RSA", "n": .string(Base64URL.encode(Array(modulus[128...]))), "e": "AQAB"]
        #expect(try JWK(padded).key.components == .rsa(modulus: modulus, exponent: [1, 0, 1]))
        #expect(throws: JOSEError.unusableKey) { try JWK(short) }
    }

    @Test("§5: keys of other kinds are left out of a set; without `keys` there is none")
    func foreign() throws {
        let other: JSON = ["kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"]
        #expect(try JWKSet(["keys": [other, Self.accepted, .null]]).keys.map(\.keyID) == ["1"])
        for json in [[:], ["keys": [:]], ["keys": .null], []] as [JSON] {
            #expect(throws: JOSEError.malformed) { try JWKSet(json) }
        }
    }

    @Test("a header finds its key by kid and algorithm, and only one", .tags(.security))
    func selection() throws {
        let first = JWK(try Sample.verificationKey(.es256), keyID: "1")
        let second = JWK(try SigningKey.generate(.es256).verificationKey, keyID: "2")
        let rsa = JWK(try Sample.verificationKey(.rs256), keyID: "3")
        let set = JWKSet([first, second, rsa])
        #expect(try set.key(for: .init(algorithm: "ES256", keyID: "2")).keyID == "2")
        #expect(try set.key(for: .init(algorithm: "RS256")).keyID == "3")
        for header in [
            JWS.Header(algorithm: "ES256"), .init(algorithm: "ES256", keyID: "3"),
            .init(algorithm: "RS256", keyID: "1"),
            .init(algorithm: "none", keyID: "1"), .init(algorithm: "ES256", keyID: ""),
            .init(algorithm: "ES256", keyID: "4"),
        ] {
            #expect(throws: JOSEError.unknownKey) { try set.key(for: header) }
        }
        #expect(throws: JOSEError.unknownKey) { try JWKSet([]).key(for: .init(algorithm: "ES256", keyID: "1")) }
    }
}
