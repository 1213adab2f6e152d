import Cryptography
import Testing
import Wire

@Suite("Random values")
struct RandomnessTests {
    @Test("the system's bytes differ from call to call and fill the whole buffer", .tags(.security))
    func system() {
        var random = SecureRandom()
        let samples = Set((0..<200).map { _ in random.bytes(32) })
        #expect(samples.count == 200)
        #expect((0..<32).allSatisfy { index in Set(samples.map { $0[index] }).count > 50 })
        #expect(random.bytes(0).isEmpty && random.bytes(100_000).count == 100_000)
        #expect(random.next() != random.next())
    }

    @Test("a copy of the generator does not repeat it", .tags(.security))
    func copy() {
        var random = SecureRandom()
        var other = random
        #expect(random.bytes(16) != other.bytes(16))
    }

    @Test("a seeded generator gives the same bytes, eight a word, low byte first")
    func seeded() {
        var random = SeededRandom(state: 7)
        var words = SeededRandom(state: 7)
        let bytes = random.bytes(12)
        let expected = [words.next(), words.next()].flatMap { word in (0..<8).map { UInt8(word >> ($0 * 8) & 255) } }
        #expect(bytes == Array(expected[..<12]))
    }
}

@Suite("Opaque tokens")
struct OpaqueTokenTests {
    @Test("a token is 43 characters of base64url behind its prefix")
    func form() throws {
        var random = SeededRandom(state: 1)
        var same = SeededRandom(state: 1)
        let token = OpaqueToken(using: &random)
        let ticket = OpaqueToken(prefix: "ST-", using: &random)
        #expect(token.text == Base64URL.encode(same.bytes(32)) && token.text.utf8.count == 43)
        #expect(ticket.text == "ST-" + Base64URL.encode(same.bytes(32)))
    }

    @Test("is found again by the hash of its text")
    func hash() {
        var random = SecureRandom()
        let token = OpaqueToken(prefix: "PGT-", using: &random)
        #expect(OpaqueToken.hash(of: token.text) == token.hash)
        #expect(OpaqueToken.hash(of: token.text + "A") != token.hash)
        #expect(OpaqueToken.hash(of: "abc") == "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0")
    }

    @Test("is not printed", .tags(.security))
    func printing() {
        var random = SecureRandom()
        let token = OpaqueToken(using: &random)
        var dumped = ""
        dump(token, to: &dumped)
        #expect("\(token)" == "•••" && String(reflecting: token) == "•••" && !dumped.contains(token.text))
    }

    @Test("identifiers are 22 characters and differ")
    func identifiers() {
        var random = SecureRandom()
        let identifiers = Set((0..<100).map { _ in Identifier.make(using: &random) })
        #expect(identifiers.count == 100 && identifiers.allSatisfy { $0.utf8.count == 22 })
    }
}
