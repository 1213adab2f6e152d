import Cryptography
import Testing

@Suite("FIPS 180-4 SHA-256")
struct SHA256Tests {
    @Test(
        "gives the published digests",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func examples(message: String, digest: String) {
        #expect(SHA256.hash(Array(message.utf8)) == hex(digest))
        #expect(SHA256.hash(message) == hex(digest))
    }

    @Test("takes a million bytes")
    func long() {
        let digest = hex("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
        #expect(SHA256.hash([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)) == digest)
    }
}

@Suite("RFC 4231 HMAC-SHA-256")
struct HMACTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var key: [UInt8]
        var message: [UInt8]
        var code: [UInt8]
    }

    static let vectors = [
        Vector(
            testDescription: "§4.2", key: .init(repeating: 0x0b, count: 20), message: Array("Hi There".utf8),
            code: hex("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")),
        Vector(
            testDescription: "§4.3", key: Array("Jefe".utf8), message: Array("what do ya want for nothing?".utf8),
            code: hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")),
        Vector(
            testDescription: "§4.4", key: .init(repeating: 0xaa, count: 20), message: .init(repeating: 0xdd, count: 50),
            code: hex("773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe")),
        Vector(
            testDescription: "§4.5", key: Array(1...25), message: .init(repeating: 0xcd, count: 50),
            code: hex("82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b")),
        Vector(
            testDescription: "§4.7, key longer than a block", key: .init(repeating: 0xaa, count: 131),
            message: Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            code: hex("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")),
        Vector(
            testDescription: "§4.8, key and message longer than a block", key: .init(repeating: 0xaa, count: 131),
            message: Array(
                ("This is a test using a larger than block-size key and a larger than block-size data. "
                    + "The key needs to be hashed before being used by the HMAC algorithm.").utf8),
            code: hex("9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2")),
        Vector(
            testDescription: "empty key and message (not in the RFC)", key: [], message: [],
            code: hex("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")),
    ]

    @Test("gives the published codes", arguments: vectors)
    func examples(_ vector: Vector) {
        #expect(HMACSHA256.authenticate(vector.message, key: vector.key) == vector.code)
        #expect(HMACSHA256.isValid(vector.code, for: vector.message, key: vector.key))
    }

    @Test("a key used after an empty one and in parallel is its own", .tags(.security))
    func independent() async {
        let vectors = Self.vectors
        await withTaskGroup(of: Bool.self) { group in
            for index in 0..<400 {
                let vector = vectors[index % vectors.count]
                group.addTask { HMACSHA256.authenticate(vector.message, key: vector.key) == vector.code }
            }
            for await isRight in group { #expect(isRight) }
        }
    }

    @Test("a code that differs anywhere, or in length, is refused", .tags(.security), arguments: 0..<32)
    func refused(index: Int) {
        var code = Self.vectors[0].code
        code[index] ^= 1
        #expect(!HMACSHA256.isValid(code, for: Self.vectors[0].message, key: Self.vectors[0].key))
        #expect(!HMACSHA256.isValid(Array(code[..<index]), for: Self.vectors[0].message, key: Self.vectors[0].key))
    }
}

@Suite("RFC 5869 appendix A: HKDF with SHA-256")
struct HKDFTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var secret: [UInt8]
        var salt: [UInt8]
        var info: [UInt8]
        var pseudorandomKey: [UInt8]
        var output: [UInt8]
    }

    @Test(
        "gives the published keys",
        arguments: [
            Vector(
                testDescription: "A.1", secret: .init(repeating: 0x0b, count: 22), salt: Array(0...12),
                info: Array(0xf0...0xf9),
                pseudorandomKey: hex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"),
                output: hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")),
            Vector(
                testDescription: "A.2", secret: Array(0x00...0x4f), salt: Array(0x60...0xaf), info: Array(0xb0...0xff),
                pseudorandomKey: hex("06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244"),
                output: hex(
                    """
                    b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09
                    da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87
                    """)),
            Vector(
                testDescription: "A.3", secret: .init(repeating: 0x0b, count: 22), salt: [], info: [],
                pseudorandomKey: hex("19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04"),
                output: hex("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8")),
        ])
    func examples(_ vector: Vector) {
        let key = HKDF.extract(salt: vector.salt, secret: vector.secret)
        #expect(key == vector.pseudorandomKey)
        #expect(HKDF.expand(pseudorandomKey: key, info: vector.info, length: vector.output.count) == vector.output)
    }

    @Test("gives no bytes, and the most that the RFC allows")
    func lengths() {
        #expect(HKDF.derive(secret: [1], salt: [], info: [], length: 0).isEmpty)
        #expect(HKDF.derive(secret: [1], salt: [], info: [], length: 255 * 32).count == 8160)
    }
}

@Suite("Constant-time comparison")
struct ConstantTimeTests {
    @Test("agrees with equality of bytes", .tags(.security))
    func equality() {
        #expect(ConstantTime.equal([], []) && ConstantTime.equal([1, 2], [1, 2]))
        #expect(
            !ConstantTime.equal([1, 2], [1, 3]) && !ConstantTime.equal([1], [1, 2]) && !ConstantTime.equal([], [0]))
        #expect(ConstantTime.equal("secret", "secret") && !ConstantTime.equal("\u{E9}", "e\u{301}"))
    }
}
