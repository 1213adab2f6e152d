import Testing
import Wire

@Suite("RFC 4648 Base64")
struct Base64Tests {
    /// §10
    static let vectors = [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ]

    @Test("§10: encodes and decodes the test vectors", arguments: vectors)
    func standard(plain: String, encoded: String) throws {
        #expect(Base64.encode(Array(plain.utf8)) == encoded)
        #expect(try Base64.decode(encoded) == Array(plain.utf8))
    }

    @Test("§5: the URL-safe form is the same without padding", arguments: vectors)
    func urlSafe(plain: String, encoded: String) throws {
        let unpadded = String(encoded.prefix { $0 != "=" })
        #expect(Base64URL.encode(Array(plain.utf8)) == unpadded)
        #expect(try Base64URL.decode(unpadded) == Array(plain.utf8))
    }

    @Test("§5: letters 62 and 63 differ between the alphabets")
    func alphabets() throws {
        #expect(Base64.encode([0xFB, 0xEF, 0xFF]) == "++//")
        #expect(Base64URL.encode([0xFB, 0xEF, 0xFF]) == "--__")
    }

    @Test("every length and byte value survives the round trip", arguments: 0..<67)
    func roundTrip(length: Int) throws {
        let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ length &* 11) }
        #expect(try Base64URL.decode(Base64URL.encode(bytes)) == bytes)
        #expect(try Base64.decode(Base64.encode(bytes)) == bytes)
    }

    @Test(
        "a second spelling of the same bytes is refused", .tags(.security),
        arguments: [
            ("Zh", Base64Error.notCanonical), ("Zm9", .notCanonical), ("Zg==", .malformed), ("Zg=", .malformed),
            ("Z", .malformed), ("Zm9vY", .malformed), ("Zm 9v", .malformed), ("Zm9v\n", .malformed),
            ("++//", .malformed),
            ("Zm9é", .malformed),
        ])
    func refusesURLSafe(text: String, error: Base64Error) {
        #expect(throws: error) { try Base64URL.decode(text) }
    }

    @Test(
        "padding is mandatory and in its place", .tags(.security),
        arguments: [
            ("Zg", Base64Error.malformed), ("Zg=", .malformed), ("Zh==", .notCanonical), ("Zm9=", .notCanonical),
            ("Z===", .malformed), ("====", .malformed), ("Zg==Zg==", .malformed), ("--__", .malformed),
        ])
    func refusesStandard(text: String, error: Base64Error) {
        #expect(throws: error) { try Base64.decode(text) }
    }

    @Test("appending leaves what was there and decoding takes a part of a text")
    func parts() throws {
        var output = Array("a.".utf8)
        Base64URL.append(Array("foo".utf8), to: &output)
        #expect(String(decoding: output, as: UTF8.self) == "a.Zm9v")
        #expect(try Base64URL.decode(output[2...]) == Array("foo".utf8))
    }
}
