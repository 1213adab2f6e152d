import Cryptography
import FoundationEssentials
import Identity
import Testing
import Wire

@Suite("WebAuthn Level 3 §7.2: proving with a passkey")
struct WebAuthn_7_2_Assertion {
    @Test(
        "the published examples are accepted",
        arguments: [
            WebAuthnVector.noneES256, .selfES256, .longCredentialID, .packedES256, .packedRS256, .packedEdDSA,
        ])
    func vectors(vector: WebAuthnVector) throws {
        let passkey = try vector.passkey()
        let used = try vector.use(of: passkey)
        #expect(used == changed(passkey) { ($0.lastUsedAt, $0.isBackedUp) = (Sample.now + 60, used.isBackedUp) })
        let byHandle = PasskeySample.challenge(vector.challenge, .authentication, userID: nil)
        #expect(try vector.use(of: passkey, challenge: byHandle) == used)
    }

    @Test("frames are refused, and so is an authenticator that did not check the person", .tags(.security))
    func refusedVectors() throws {
        let passkey = try WebAuthnVector.noneES256.passkey()
        for vector in [WebAuthnVector.crossOrigin, .topOrigin] {
            let own = changed(passkey) { $0.credentialID = vector.credentialID }
            #expect(throws: PasskeyError.self) { try vector.use(of: own) }
        }
        #expect(throws: PasskeyError.notVerified) {
            try WebAuthnVector.noneES256.use(of: passkey, PasskeySample.strict)
        }
        _ = try WebAuthnVector.packedES256.use(
            of: WebAuthnVector.packedES256.passkey(PasskeySample.strict), PasskeySample.strict)
    }

    /// The accepted example, of which each test changes one thing.
    static let vector = WebAuthnVector.packedES256

    @Test("refuses a passkey of somebody else's, and one that is not the answer's", .tags(.security))
    func wrongPasskey() throws {
        let passkey = try Self.vector.passkey()
        #expect(throws: PasskeyError.wrongUser) { try Self.vector.use(of: changed(passkey) { $0.userID = "u-2" }) }
        #expect(throws: PasskeyError.wrongCredential) {
            try Self.vector.use(of: changed(passkey) { $0.credentialID = "AAAA" })
        }
        let anybody = PasskeySample.challenge(Self.vector.challenge, .authentication, userID: nil)
        #expect(throws: PasskeyError.wrongUser) {
            try Self.vector.use(of: changed(passkey) { $0.userID = "u-2" }, challenge: anybody)
        }
    }

    @Test("who it is, is said by the handle where nobody was asked for", .tags(.security))
    func handle() throws {
        let passkey = try Self.vector.passkey()
        let anybody = PasskeySample.challenge(Self.vector.challenge, .authentication, userID: nil)
        let without = Self.vector.assertionText(replacing: "userHandle", by: .null)
        #expect(throws: PasskeyError.wrongUser) { try Self.vector.use(of: passkey, text: without, challenge: anybody) }
        _ = try Self.vector.use(of: passkey, text: without)
        let other = Self.vector.assertionText(replacing: "userHandle", by: .string(Passkey.userHandle(of: "u-2")))
        #expect(throws: PasskeyError.wrongUser) { try Self.vector.use(of: passkey, text: other) }
        #expect(throws: PasskeyError.wrongUser) { try Self.vector.use(of: passkey, text: other, challenge: anybody) }
    }

    @Test("refuses a challenge of another purpose, text or person", .tags(.security))
    func wrongChallenge() throws {
        let passkey = try Self.vector.passkey()
        for (challenge, error) in [
            (PasskeySample.challenge(Self.vector.challenge, .registration), PasskeyError.wrongChallenge),
            (PasskeySample.challenge("AAAA", .authentication), .wrongChallenge),
            (PasskeySample.challenge(Self.vector.challenge, .authentication, userID: "u-2"), .wrongUser),
        ] {
            #expect(throws: error) { try Self.vector.use(of: passkey, challenge: challenge) }
        }
    }

    @Test("refuses another relying party and another origin", .tags(.security))
    func wrongParty() throws {
        let passkey = try Self.vector.passkey()
        for (id, origin, error) in [
            ("example.com", "https://example.org", PasskeyError.wrongRelyingParty),
            ("example.org", "https://example.com", .wrongOrigin),
        ] {
            #expect(throws: error) {
                try Self.vector.use(of: passkey, RelyingParty(id: id, origin: origin, name: "Example"))
            }
        }
    }

    @Test("the flags decide before the signature is looked at", .tags(.security))
    func flags() throws {
        let passkey = try Self.vector.passkey()
        // The example has UP, UV and BE: 0x0D.
        for (flags, error) in [
            (0x0C, PasskeyError.notPresent), (0x09, .notVerified), (0x15, .inconsistentBackup),
            (0x05, .inconsistentBackup), (0x1D, .wrongSignature), (0x4D, .malformed), (0x8D, .malformed),
        ] {
            let data = try WebAuthnVector.edited(Self.vector.authenticatorData) { $0[32] = UInt8(flags) }
            let text = Self.vector.assertionText(replacing: "authenticatorData", by: data)
            #expect(throws: error) { try Self.vector.use(of: passkey, text: text, PasskeySample.strict) }
        }
    }

    @Test("a counter that does not grow is a possible copy; who does not count stays at zero", .tags(.security))
    func counter() throws {
        let passkey = try Self.vector.passkey()
        #expect(throws: PasskeyError.possiblyCloned) {
            try Self.vector.use(of: changed(passkey) { $0.signatureCounter = 1 })
        }
        for (counter, last, isGood) in [(0, 0, true), (1, 0, true), (2, 1, true), (1, 1, false), (0, 1, false)] {
            #expect(Passkey.counts(Int64(counter), after: Int64(last)) == isGood)
        }
    }

    @Test("another key, and data signed with a registration in it, are refused", .tags(.security))
    func otherKey() throws {
        let passkey = try Self.vector.passkey()
        let other = try WebAuthnVector.noneES256.passkey().publicKey
        #expect(throws: PasskeyError.wrongSignature) {
            try Self.vector.use(of: changed(passkey) { $0.publicKey = other })
        }
    }

    @Test(
        "whatever bit is flipped of what is signed or of the signature, it is refused", .tags(.security),
        arguments: ["clientDataJSON", "authenticatorData", "signature"])
    func flipped(name: String) throws {
        for vector in [WebAuthnVector.noneES256, .packedEdDSA] {
            let passkey = try vector.passkey()
            let all = [
                "clientDataJSON": vector.clientData, "authenticatorData": vector.authenticatorData,
                "signature": vector.signature,
            ]
            let original = try #require(all[name])
            for bit in 0..<(try Base64URL.decode(original).count * 8) {
                let value = try WebAuthnVector.edited(original) { $0[bit / 8] ^= 1 << UInt8(bit % 8) }
                let text = vector.assertionText(replacing: name, by: value)
                #expect(throws: PasskeyError.self) { try vector.use(of: passkey, text: text) }
            }
        }
    }

    @Test(
        "an answer that lacks something, or has something else, is malformed", .tags(.security),
        arguments: ["id", "rawId", "type", "response", "clientDataJSON", "authenticatorData", "signature"])
    func malformed(name: String) {
        for value: JSON? in [nil, 1, "*", .null] {
            #expect(throws: PasskeyError.malformed) {
                try PasskeyAssertion(Self.vector.assertionText(replacing: name, by: value))
            }
        }
        #expect(throws: PasskeyError.malformed) { try PasskeyAssertion(String(repeating: " ", count: 40_000)) }
    }

    @Test("browsers are asked for one of these passkeys, or for any")
    func options() throws {
        let passkey = try Self.vector.passkey()
        #expect(
            PasskeyAssertion.options(challenge: "Y2g", PasskeySample.strict, allowing: [passkey]).text == """
                {"challenge":"Y2g","rpId":"example.org","timeout":300000,\
                "allowCredentials":[{"type":"public-key","id":"\(passkey.credentialID)",\
                "transports":["internal","hybrid"]}],"userVerification":"required"}
                """)
        #expect(PasskeyAssertion.options(challenge: "Y2g", PasskeySample.strict)["allowCredentials"] == [])
    }
}

@Suite("RFC 9053: public keys of authenticators")
struct COSEKeyTests {
    /// The example's key: a map of kty, alg, crv, x and y.
    static func key(_ edit: (inout [UInt8]) -> Void) throws -> [UInt8] {
        changed(try WebAuthnVector.noneES256.passkey().publicKey.bytes, edit)
    }

    @Test(
        "a key whose parameters do not fit is refused", .tags(.security),
        arguments: [(2, 0x01, PasskeyError.unusableKey), (4, 0x24, .unsupportedAlgorithm), (6, 0x02, .unusableKey)])
    func parameters(index: Int, byte: UInt8, error: PasskeyError) throws {
        _ = try COSEKey(Self.key { _ in })
        #expect(throws: error) { try COSEKey(Self.key { $0[index] = byte }) }
    }

    @Test("more than WebAuthn allows, less, bytes behind it and nothing are refused", .tags(.security))
    func shape() {
        #expect(throws: PasskeyError.malformed) { try COSEKey([]) }
        #expect(throws: PasskeyError.malformed) { try COSEKey(Self.key { $0.append(0) }) }
        #expect(throws: PasskeyError.malformed) { try COSEKey([0x80]) }
        #expect(throws: PasskeyError.unusableKey) {
            try COSEKey(
                Self.key { bytes in
                    bytes[0] = 0xa6
                    bytes += [0x04, 0x81, 0x02]
                })
        }
        #expect(throws: PasskeyError.unusableKey) { try COSEKey([0xa2, 0x01, 0x01, 0x03, 0x27]) }
    }
}
