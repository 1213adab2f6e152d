import Cryptography
import Directory
import FoundationEssentials
import Identity
import Testing
import Wire

@Suite("WebAuthn Level 3 §7.1: registering a passkey")
struct WebAuthn_7_1_Registration {
    @Test(
        "the published examples are accepted, whatever vouches for the make",
        arguments: [
            (WebAuthnVector.noneES256, COSEKey.Algorithm.es256), (.selfES256, .es256), (.longCredentialID, .es256),
            (.packedES256, .es256), (.packedRS256, .rs256), (.packedEdDSA, .edDSA),
        ])
    func vectors(vector: WebAuthnVector, algorithm: COSEKey.Algorithm) throws {
        let passkey = try vector.passkey()
        #expect(passkey.credentialID == vector.credentialID)
        #expect(passkey.publicKey.algorithm == algorithm)
        #expect(passkey.tenantID == "t-1" && passkey.userID == "u-1" && passkey.signatureCounter == 0)
        #expect(passkey.transports == ["internal", "hybrid"])
        #expect(passkey.createdAt == Sample.now && passkey.lastUsedAt == nil)
    }

    @Test("what the authenticator says of itself is kept")
    func kept() throws {
        let passkey = try WebAuthnVector.noneES256.passkey()
        #expect(passkey.aaguid == "8446ccb9ab1db374750b2367ff6f3a1f")
        #expect(passkey.isBackupEligible && passkey.isBackedUp)
        let other = try WebAuthnVector.packedES256.passkey(PasskeySample.strict)
        #expect(other.isBackupEligible && !other.isBackedUp)
        #expect(passkey.publicKey == (try COSEKey(passkey.publicKey.bytes)))
    }

    @Test("a frame of another site, and a key that nobody asked for, are refused", .tags(.security))
    func refusedVectors() {
        #expect(throws: PasskeyError.crossOrigin) { try WebAuthnVector.crossOrigin.passkey() }
        #expect(throws: PasskeyError.crossOrigin) { try WebAuthnVector.topOrigin.passkey() }
        #expect(throws: PasskeyError.unsupportedAlgorithm) { try WebAuthnVector.packedES384.passkey() }
    }

    @Test("an authenticator that did not check the person is refused", .tags(.security))
    func unverified() {
        #expect(throws: PasskeyError.notVerified) { try WebAuthnVector.noneES256.passkey(PasskeySample.strict) }
    }

    /// One thing about a registration that is not as it should be.
    struct Refused: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var error: PasskeyError
        var challenge = WebAuthnVector.packedES256.registrationChallenge
        var purpose = PasskeyChallenge.Purpose.registration
        var owner: String? = "u-1"
        var relyingParty = PasskeySample.strict
        var clientData: [String: JSON?] = [:]

        func text() throws -> String {
            let vector = WebAuthnVector.packedES256
            let json = try JSON.parse(Base64URL.decode(vector.registrationClientData))
            var members = json.members ?? []
            for (name, value) in clientData {
                members.removeAll { $0.key == name }
                if let value { members.append(.init(name, value)) }
            }
            let edited = JSON.string(Base64URL.encode(JSON.object(members).bytes))
            return vector.registrationText(replacing: "clientDataJSON", by: edited)
        }
    }

    @Test(
        "refuses", .tags(.security),
        arguments: [
            Refused(testDescription: "the type of a sign-in", error: .wrongType, clientData: ["type": "webauthn.get"]),
            Refused(testDescription: "no type", error: .malformed, clientData: ["type": nil]),
            Refused(testDescription: "another challenge", error: .wrongChallenge, challenge: "AAAA"),
            Refused(testDescription: "a challenge for signing in", error: .wrongChallenge, purpose: .authentication),
            Refused(testDescription: "a challenge of another person", error: .wrongUser, owner: "u-2"),
            Refused(testDescription: "a challenge of nobody", error: .wrongUser, owner: nil),
            Refused(
                testDescription: "another origin", error: .wrongOrigin,
                clientData: ["origin": "https://example.org.evil.example"]),
            Refused(
                testDescription: "another scheme", error: .wrongOrigin, clientData: ["origin": "http://example.org"]),
            Refused(
                testDescription: "another port", error: .wrongOrigin,
                clientData: ["origin": "https://example.org:8443"]),
            Refused(
                testDescription: "a subdomain", error: .wrongOrigin, clientData: ["origin": "https://a.example.org"]),
            Refused(testDescription: "a frame", error: .crossOrigin, clientData: ["crossOrigin": true]),
            Refused(
                testDescription: "a page around it", error: .crossOrigin,
                clientData: ["topOrigin": "https://example.org"]),
            Refused(testDescription: "a text as flag", error: .malformed, clientData: ["crossOrigin": "false"]),
            Refused(
                testDescription: "another relying party", error: .wrongRelyingParty,
                relyingParty: RelyingParty(id: "example.com", origin: "https://example.org", name: "Example")),
        ])
    func refuses(_ refused: Refused) throws {
        let answer = try? PasskeyRegistration(refused.text())
        #expect(throws: refused.error) {
            guard let answer else { throw PasskeyError.malformed }
            _ = try answer.passkey(
                answering: PasskeySample.challenge(refused.challenge, refused.purpose, userID: refused.owner),
                of: Sample.user, named: PasskeySample.label, refused.relyingParty, now: Sample.now)
        }
    }

    /// Where the authenticator's data begins in the example's attestation object, and an edit of it there.
    private static func edited(_ edit: (inout [UInt8], Int) -> Void) throws -> String {
        let vector = WebAuthnVector.packedES256
        let hash = SHA256.hash("example.org")
        let object = try WebAuthnVector.edited(vector.attestationObject) { bytes in
            let start = (0..<bytes.count - 32).first { Array(bytes[$0..<$0 + 32]) == hash }
            if let start { edit(&bytes, start) }
        }
        return vector.registrationText(replacing: "attestationObject", by: object)
    }

    private func register(_ text: String) throws -> Passkey {
        try PasskeyRegistration(text).passkey(
            answering: PasskeySample.challenge(WebAuthnVector.packedES256.registrationChallenge, .registration),
            of: Sample.user, named: PasskeySample.label, PasskeySample.strict, now: Sample.now)
    }

    @Test("the flags decide", .tags(.security))
    func flags() throws {
        // The example has UP, UV, BE and AT: 0x4D.
        _ = try register(Self.edited { bytes, start in bytes[start + 32] = 0x4D })
        for (flags, error) in [
            (0x4C, PasskeyError.notPresent), (0x49, .notVerified), (0x55, .inconsistentBackup), (0x0D, .malformed),
            (0xCD, .malformed),
        ] {
            #expect(throws: error) {
                try register(try Self.edited { bytes, start in bytes[start + 32] = UInt8(flags) })
            }
        }
    }

    @Test("a credential id has 1 to 1023 bytes, and is the one of the answer", .tags(.security))
    func credentialID() throws {
        #expect(throws: PasskeyError.malformed) {
            try register(try Self.edited { bytes, start in (bytes[start + 53], bytes[start + 54]) = (4, 0) })
        }
        #expect(throws: PasskeyError.malformed) {
            try register(try Self.edited { bytes, start in (bytes[start + 53], bytes[start + 54]) = (0, 0) })
        }
        #expect(throws: PasskeyError.wrongCredential) {
            try register(try Self.edited { bytes, start in bytes[start + 55] ^= 1 })
        }
        #expect(throws: PasskeyError.malformed) {
            try register(WebAuthnVector.packedES256.registrationText(replacing: "rawId", by: "AAAA"))
        }
    }

    @Test("a key off the curve is refused", .tags(.security))
    func offCurve() {
        #expect(throws: PasskeyError.unusableKey) {
            // The last byte of the data is the last of y.
            try register(try Self.edited { bytes, _ in bytes[bytes.count - 1] ^= 1 })
        }
    }

    @Test(
        "an answer that lacks something, or has something else, is malformed", .tags(.security),
        arguments: ["id", "rawId", "type", "response", "clientDataJSON", "attestationObject"])
    func malformed(name: String) {
        let vector = WebAuthnVector.packedES256
        for value: JSON? in [nil, 1, "*", .null] {
            #expect(throws: PasskeyError.malformed) {
                try PasskeyRegistration(vector.registrationText(replacing: name, by: value))
            }
        }
    }

    @Test("whatever bit is flipped, it answers", .tags(.security))
    func flipped() throws {
        let vector = WebAuthnVector.selfES256
        let length = try Base64URL.decode(vector.attestationObject).count
        for bit in 0..<length * 8 {
            let object = try WebAuthnVector.edited(vector.attestationObject) { $0[bit / 8] ^= 1 << UInt8(bit % 8) }
            let text = vector.registrationText(replacing: "attestationObject", by: object)
            // Without attestation nobody vouches for these bytes: some flips give another passkey, the others an error.
            _ = try? PasskeyRegistration(text).passkey(
                answering: PasskeySample.challenge(vector.registrationChallenge, .registration), of: Sample.user,
                named: PasskeySample.label, PasskeySample.lenient, now: Sample.now)
        }
    }

    @Test("browsers are asked for a passkey that is found by itself and checks the person")
    func options() throws {
        let passkey = try WebAuthnVector.noneES256.passkey()
        let options = PasskeyRegistration.options(
            challenge: "Y2hhbGxlbmdl", for: Sample.user, PasskeySample.strict, excluding: [passkey])
        #expect(
            options.text == """
                {"rp":{"id":"example.org","name":"Example"},\
                "user":{"id":"dS0x","name":"li.ming","displayName":"李明"},"challenge":"Y2hhbGxlbmdl",\
                "pubKeyCredParams":[{"type":"public-key","alg":-7},{"type":"public-key","alg":-8},\
                {"type":"public-key","alg":-257}],"timeout":300000,\
                "excludeCredentials":[{"type":"public-key","id":"\(passkey.credentialID)",\
                "transports":["internal","hybrid"]}],\
                "authenticatorSelection":{"residentKey":"required","requireResidentKey":true,\
                "userVerification":"required"},"attestation":"none"}
                """)
    }

    @Test(
        "the relying party is the issuer's host; an address or an open line is none",
        arguments: [
            ("https://sso.acme.example", "sso.acme.example", "https://sso.acme.example"),
            ("https://sso.acme.example:8443/x", "sso.acme.example", "https://sso.acme.example:8443"),
            ("http://acme.localhost:8080", "acme.localhost", "http://acme.localhost:8080"),
            ("https://192.0.2.1", nil, nil), ("http://127.0.0.1:8080", nil, nil), ("https://[::1]", nil, nil),
            ("http://sso.acme.example", nil, nil),
        ] as [(String, String?, String?)])
    func relyingParty(issuer: String, id: String?, origin: String?) {
        let tenant = Tenant(id: "t-1", code: "acme", name: "Acme", issuer: issuer, hosts: [], createdAt: Sample.now)
        let party = RelyingParty(of: tenant)
        #expect(party?.id == id && party?.origin == origin)
        #expect(party?.requiresUserVerification ?? true)
    }

    @Test(
        "a label is 1 to 64 characters without controls",
        arguments: [
            (" My  key ", "My key"), ("", nil), ("   ", nil), ("a\u{0}b", nil), ("a\nb", nil),
            ("笔记本", "笔记本"), (String(repeating: "a", count: 64), String(repeating: "a", count: 64)),
            (String(repeating: "a", count: 65), nil), ("a\u{202e}b", "ab"),
        ] as [(String, String?)])
    func label(typed: String, text: String?) {
        #expect(PasskeyLabel(typed: typed)?.text == text)
    }
}
