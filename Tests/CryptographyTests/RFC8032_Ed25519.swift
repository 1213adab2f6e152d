import Cryptography
import Testing

@Suite("RFC 8032 §5.1 Ed25519")
struct RFC8032_Ed25519 {
    struct Vector: Sendable {
        var key: String
        var message: String
        var signature: String
    }

    static let vectors = [
        Vector(
            key: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", message: "",
            signature: """
                e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0\
                595bbe24655141438e7a100b
                """),
        Vector(
            key: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", message: "72",
            signature: """
                92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eae\
                b4302aeeb00d291612bb0c00
                """),
        Vector(
            key: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", message: "af82",
            signature: """
                6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9\
                716ed28dc027beceea1ec40a
                """),
    ]

    @Test("§7.1: accepts", arguments: vectors)
    func accepts(vector: Vector) {
        #expect(Ed25519.isValid(hex(vector.signature), for: hex(vector.message), publicKey: hex(vector.key)))
    }

    @Test("another bit, length, message or key is refused", .tags(.security), arguments: vectors)
    func refuses(vector: Vector) {
        let (signature, message, key) = (hex(vector.signature), hex(vector.message), hex(vector.key))
        for bit in 0..<512 {
            var altered = signature
            altered[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(!Ed25519.isValid(altered, for: message, publicKey: key))
        }
        #expect(!Ed25519.isValid(signature, for: message + [0], publicKey: key))
        #expect(!Ed25519.isValid(signature + [0], for: message, publicKey: key))
        #expect(!Ed25519.isValid([], for: message, publicKey: key))
        for other in [[], key + [0], Array(key.dropLast()), [UInt8](repeating: 0xff, count: 32)] {
            #expect(!Ed25519.isValid(signature, for: message, publicKey: other))
        }
    }
}

@Suite("RFC 2202 HMAC-SHA-1")
struct RFC2202_HMACSHA1 {
    @Test(
        "§3: gives",
        arguments: [
            (hex(String(repeating: "0b", count: 20)), "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"),
            (Array("Jefe".utf8), "what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
            (
                hex(String(repeating: "aa", count: 80)), "Test Using Larger Than Block-Size Key - Hash Key First",
                "aa4ae5e15272d00e95705637ce8a3b55ed402112"
            ),
        ])
    func gives(key: [UInt8], message: String, code: String) {
        #expect(HMACSHA1.authenticate(Array(message.utf8), key: key) == hex(code))
    }
}
