import Cryptography
import Directory
import FoundationEssentials
import Identity
import Wire

/// What the published examples were made for, and answers put together from their parts.
enum PasskeySample {
    /// The examples are partly without user verification.
    static let lenient = changed(RelyingParty(id: "example.org", origin: "https://example.org", name: "Example")) {
        $0.requiresUserVerification = false
    }
    static let strict = changed(lenient) { $0.requiresUserVerification = true }
    static let label = PasskeyLabel(stored: "Laptop")

    static func challenge(
        _ text: String, _ purpose: PasskeyChallenge.Purpose, userID: String? = "u-1"
    ) -> PasskeyChallenge {
        PasskeyChallenge(
            hash: OpaqueToken.hash(of: text), owner: "session s-1", purpose: purpose, userID: userID,
            expiresAt: Sample.now + 300)
    }

    /// An answer as a browser puts it into JSON, with one member replaced or left out.
    static func json(_ id: String, _ response: [(String, JSON)], replacing name: String? = nil, by value: JSON? = nil)
        -> String
    {
        let all: [(String, JSON)] = [
            ("id", .string(id)), ("rawId", .string(id)), ("type", "public-key"),
            ("authenticatorAttachment", "platform"), ("clientExtensionResults", [:]),
            ("response", .object(members(response, name, value))),
        ]
        return JSON.object(members(all, name, value)).text
    }

    private static func members(_ members: [(String, JSON)], _ name: String?, _ value: JSON?) -> [JSON.Member] {
        members.compactMap { member in
            guard member.0 == name else { return JSON.Member(member.0, member.1) }
            return value.map { JSON.Member(member.0, $0) }
        }
    }
}

extension WebAuthnVector {
    func registrationText(replacing name: String? = nil, by value: JSON? = nil) -> String {
        PasskeySample.json(
            credentialID,
            [
                ("clientDataJSON", .string(registrationClientData)), ("attestationObject", .string(attestationObject)),
                ("transports", ["internal", "hybrid"]),
            ], replacing: name, by: value)
    }

    func assertionText(replacing name: String? = nil, by value: JSON? = nil) -> String {
        PasskeySample.json(
            credentialID,
            [
                ("clientDataJSON", .string(clientData)), ("authenticatorData", .string(authenticatorData)),
                ("signature", .string(signature)), ("userHandle", .string(Passkey.userHandle(of: "u-1"))),
            ], replacing: name, by: value)
    }

    /// The passkey that the registration makes.
    func passkey(_ relyingParty: RelyingParty = PasskeySample.lenient) throws -> Passkey {
        try PasskeyRegistration(registrationText()).passkey(
            answering: PasskeySample.challenge(registrationChallenge, .registration), of: Sample.user,
            named: PasskeySample.label, relyingParty, now: Sample.now)
    }

    /// What the assertion makes of a passkey.
    func use(
        of passkey: Passkey, text: String? = nil, challenge: PasskeyChallenge? = nil,
        _ relyingParty: RelyingParty = PasskeySample.lenient
    ) throws -> Passkey {
        try PasskeyAssertion(text ?? assertionText()).proof(
            of: passkey, answering: challenge ?? PasskeySample.challenge(self.challenge, .authentication),
            relyingParty, now: Sample.now + 60)
    }

    /// base64url of the bytes of another base64url text, with some of them changed.
    static func edited(_ text: String, _ edit: (inout [UInt8]) -> Void) throws -> JSON {
        .string(Base64URL.encode(changed(try Base64URL.decode(text), edit)))
    }
}
