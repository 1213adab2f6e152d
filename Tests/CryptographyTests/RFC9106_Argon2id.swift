@testable import Cryptography
import Testing

@Suite("RFC 9106 Argon2id")
struct Argon2idTests {
    @Test("§5.3: gives the published tag")
    func published() throws {
        let input = Argon2Input(
            password: .init(repeating: 1, count: 32), salt: .init(repeating: 2, count: 16),
            secret: .init(repeating: 3, count: 8), associatedData: .init(repeating: 4, count: 12))
        let tag = try input.derive(.init(memoryKiB: 32, iterations: 3, parallelism: 4), length: 32)
        #expect(tag == hex("0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"))
    }

    static let cheap = Argon2id.Parameters(memoryKiB: 64, iterations: 1, parallelism: 1)
    static let salt = Array("somesaltsomesalt".utf8)

    @Test(
        "the reference implementation's test strings verify",
        arguments: [
            ("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "password"),
            ("$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc", "password"),
            ("$argon2id$v=19$m=65536,t=1,p=1$c29tZXNhbHQ$9qWtwbpyPd3vm1rB1GThgPzZ3/ydHL92zKL+15XZypg", "password"),
        ])
    func reference(phc: String, password: String) {
        #expect(Argon2id.verify(password: Array(password.utf8), phc: phc))
        #expect(!Argon2id.verify(password: Array("passworD".utf8), phc: phc))
    }

    @Test("a hash carries its parameters and verifies")
    func roundTrip() throws {
        let phc = try Argon2id.hash(password: Array("pässword".utf8), salt: Self.salt, parameters: .standard)
        #expect(phc.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$"))
        #expect(Argon2id.parameters(of: phc) == .standard)
        #expect(Argon2id.verify(password: Array("pässword".utf8), phc: phc))
    }

    @Test("every byte of the password counts: NUL, length, emptiness", .tags(.security))
    func anyBytes() throws {
        let passwords: [[UInt8]] = [
            [], [0], [0, 0], Array("a\0b".utf8), Array("a\0c".utf8), Array("a".utf8),
            .init(repeating: 0x61, count: 100_000), .init(repeating: 0x61, count: 100_001),
        ]
        let hashes = try passwords.map { try Argon2id.hash(password: $0, salt: Self.salt, parameters: Self.cheap) }
        #expect(Set(hashes).count == passwords.count)
        for (password, phc) in zip(passwords, hashes) { #expect(Argon2id.verify(password: password, phc: phc)) }
    }

    /// The accepted string of `refuses`, with one part replaced in each case.
    static let accepted = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"

    @Test(
        "a string that is malformed or too costly is refused, not computed", .tags(.security),
        arguments: [
            ("$argon2id$", "$argon2i$"), ("$argon2id$", "argon2id$"), ("v=19", "v=16"), ("v=19$", ""),
            ("m=256", "m=7"), ("m=256", "m=262145"), ("m=256", "m=4294967296"), ("m=256", "m=99999999999999999999"),
            ("m=256", "m=0256"), ("m=256", "m=+256"), ("m=256", "m=-256"), ("m=256", "m="), ("m=256", "256"),
            ("t=2", "t=0"), ("t=2", "t=17"), ("p=1", "p=0"), ("p=1", "p=17"), ("p=1", "p=33,x=1"),
            ("m=256,t=2", "t=2,m=256"),
            ("c29tZXNhbHQ", ""), ("c29tZXNhbHQ", "c29tZQ"), ("c29tZXNhbHQ", "c29tZXNhbHQ="),
            ("c29tZXNhbHQ", "c29tZXNhbHR"),
            ("c29tZXNhbHQ", "c29tZXNhbH-"), ("nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", ""),
            ("nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "nf65EOg"), ("Gi/4", "Gi/4$"), ("Gi/4", "Gi/4\n"),
        ])
    func refuses(part: String, replacement: String) throws {
        let range = try #require(Self.accepted.firstRange(of: part))
        let phc = Self.accepted.replacingCharacters(in: range, with: replacement)
        #expect(Argon2id.parameters(of: Self.accepted) != nil)
        #expect(Argon2id.parameters(of: phc) == nil)
        #expect(!Argon2id.verify(password: Array("password".utf8), phc: phc))
    }

    @Test("a hash that differs in its last bits does not verify", .tags(.security))
    func altered() {
        let phc = Self.accepted.dropLast(2) + "/8"
        #expect(Argon2id.parameters(of: String(phc)) != nil)
        #expect(!Argon2id.verify(password: Array("password".utf8), phc: String(phc)))
    }

    @Test("a decoy reads like a hash of its parameters, and no password belongs to it", .tags(.security))
    func decoy() throws {
        var random = SecureRandom()
        let (first, second) = (
            try Argon2id.decoy(Self.cheap, using: &random), try Argon2id.decoy(Self.cheap, using: &random)
        )
        #expect(Argon2id.parameters(of: first) == Self.cheap)
        #expect(first != second)
        #expect(!Argon2id.verify(password: [], phc: first))
        let unacceptable = Argon2id.Parameters(memoryKiB: 7, iterations: 1, parallelism: 1)
        #expect(throws: Argon2Error.unacceptableParameters) { try Argon2id.decoy(unacceptable, using: &random) }
    }

    @Test(
        "hashing refuses a short salt and unacceptable parameters", .tags(.security),
        arguments: [
            (7, cheap), (65, cheap), (16, .init(memoryKiB: 7, iterations: 1, parallelism: 1)),
            (16, .init(memoryKiB: 64, iterations: 0, parallelism: 1)),
            (16, .init(memoryKiB: 64, iterations: 1, parallelism: 9)),
            (16, .init(memoryKiB: 262_145, iterations: 1, parallelism: 1)),
            (16, .init(memoryKiB: -1, iterations: 1, parallelism: 1)),
        ] as [(Int, Argon2id.Parameters)])
    func refusesParameters(saltLength: Int, parameters: Argon2id.Parameters) {
        #expect(throws: Argon2Error.unacceptableParameters) {
            try Argon2id.hash(
                password: [1], salt: .init(repeating: 1, count: saltLength), parameters: parameters)
        }
    }
}

extension String {
    /// Foundation has this; the tests do without it.
    func replacingCharacters(in range: Range<String.Index>, with text: String) -> String {
        var copy = self
        copy.replaceSubrange(range, with: text)
        return copy
    }
}
