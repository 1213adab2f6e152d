@testable import Cryptography
import Testing
import Wire

@Suite("NIST SP 800-38D AES-256-GCM")
struct AES256GCMTests {
    /// Test case 16 of McGrew and Viega's GCM specification.
    static let key = hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")
    static let nonce = hex("cafebabefacedbaddecaf888")
    static let context = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    static let plaintext = hex(
        """
        d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72
        1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39
        """)
    static let box = hex(
        """
        522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa
        8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662 76fc6ece0f4e1768cddf8853bb2d551b
        """)

    @Test("gives the published ciphertext and tag")
    func sixteen() {
        let box = AES256GCM.seal(Self.plaintext, key: Self.key, nonce: Self.nonce, authenticating: Self.context)
        #expect(box == Self.box)
        #expect(
            AES256GCM.open(box, key: Self.key, nonce: Self.nonce, authenticating: Self.context) == Self.plaintext)
    }

    @Test("gives the published tag of nothing (test case 13)")
    func thirteen() {
        let zeros = [UInt8](repeating: 0, count: 32)
        let box = AES256GCM.seal([], key: zeros, nonce: Array(zeros[..<12]), authenticating: [])
        #expect(box == hex("530f8afbc74536b9a963b4f1c4cb738b"))
        #expect(AES256GCM.open(box, key: zeros, nonce: Array(zeros[..<12]), authenticating: []) == [])
    }
}

@Suite("Sealing key")
struct SealingKeyTests {
    let key: SealingKey

    init() throws { key = try SealingKey(Array(0..<32)) }

    @Test("what is sealed opens in its context", arguments: [0, 1, 16, 1000])
    func roundTrip(length: Int) throws {
        let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
        let sealed = key.seal(bytes, context: "table/row")
        #expect(sealed.hasPrefix("v1."))
        #expect(try key.open(sealed, context: "table/row") == bytes)
        #expect(key.seal(bytes, context: "table/row") != sealed)
    }

    /// Made with pyca/cryptography from the description in `SealingKey`: what an installation stored must stay readable.
    @Test("texts, indexes and sub-keys of earlier versions stay valid")
    func compatible() throws {
        let sealed = "v1.AAECAwQFBgcICQoL3wVvnEU3eXO-eb4zoxxpasGSBfO-Xw"
        #expect(try key.open(sealed, context: "table/row") == Array("secret".utf8))
        #expect(key.index("+8613800000000", context: "phone") == "DRr9FUWUeya3e15G7ixVRcaYJ-Bke9KsNnQZscpZMc8")
        #expect(key.subkey("cookies") == hex("239f5eec0c485499efa86af05af67d3edaea2f3742d8e75e4381030f9f60724c"))
    }

    @Test("another context or another key is refused", .tags(.security))
    func refused() throws {
        let sealed = key.seal([1, 2, 3], context: "table/row")
        let other = try SealingKey(Array(1...32))
        #expect(throws: SealingError.refused) { try key.open(sealed, context: "table/row2") }
        #expect(throws: SealingError.refused) { try key.open(sealed, context: "") }
        #expect(throws: SealingError.refused) { try other.open(sealed, context: "table/row") }
    }

    @Test("every altered byte is refused", .tags(.security), arguments: 0..<31)
    func altered(index: Int) throws {
        var box = try Base64URL.decode(String(key.seal([1, 2, 3], context: "c").dropFirst(3)))
        try #require(box.count == 31)
        box[index] ^= 0x80
        #expect(throws: SealingError.refused) { try key.open("v1." + Base64URL.encode(box), context: "c") }
    }

    @Test(
        "another form is malformed", .tags(.security),
        arguments: [
            "", "v1.", "v1", "v2.AAECAwQFBgcICQoL3wVvnEU3eXO-eb4zoxxpasGSBfO-Xw", "v1.AAEC", "v1.!!!!",
            "v1.AAECAwQFBgcICQoL3wVvnEU3eXO-eb4zoxxpasGSBfO-Xw=",
        ])
    func malformed(text: String) {
        #expect(throws: SealingError.malformed) { try key.open(text, context: "table/row") }
    }

    @Test("uses do not share keys, and contexts do not share indexes", .tags(.security))
    func separation() throws {
        let other = try SealingKey(Array(1...32))
        let texts = [
            key.index("1", context: "a"), key.index("1", context: "b"), key.index("a1", context: ""),
            key.index("", context: "a1"), other.index("1", context: "a"), Base64URL.encode(key.subkey("a")),
            Base64URL.encode(key.subkey("index")), Base64URL.encode(key.subkey("seal")),
            Base64URL.encode(other.subkey("a")),
            Base64URL.encode(key.exportedBytes),
        ]
        #expect(Set(texts).count == texts.count)
        #expect(key.index("1", context: "a") == texts[0])
    }

    @Test("is 32 bytes, exported as it came", .tags(.security))
    func length() throws {
        #expect(throws: SealingError.wrongKeyLength) { try SealingKey(Array(0..<31)) }
        #expect(throws: SealingError.wrongKeyLength) { try SealingKey([]) }
        #expect(key.exportedBytes == Array(0..<32))
        var random = SecureRandom()
        let generated = SealingKey.generate(using: &random)
        #expect(try SealingKey(generated.exportedBytes) == generated)
        #expect(generated != SealingKey.generate(using: &random))
    }

    @Test("is not printed", .tags(.security))
    func printing() {
        var dumped = ""
        dump(key, to: &dumped)
        #expect("\(key)" == "•••" && String(reflecting: key) == "•••" && !dumped.contains("31"))
    }
}
