package import Directory
package import FoundationEssentials
package import Wire

/// An authenticator's answer to the wish for a new passkey (WebAuthn Level 3 §7.1).
///
/// ```swift
/// let answer = try PasskeyRegistration(form.value("credential"))
/// let challenge = db.passkeyChallenges.take(answer.challengeHash, owner: …, purpose: .registration, now: now)
/// let passkey = try answer.passkey(answering: challenge, of: user, named: label, relyingParty, now: now)
/// ```
package struct PasskeyRegistration: Equatable, Sendable {
    private let credentialID: [UInt8]
    private let clientData: PasskeyClientData
    private let data: AuthenticatorData
    private let transports: [String]

    /// Reads an answer; nothing of it is believed yet.
    ///
    /// No attestation is asked for, so what vouches for the authenticator's make is not looked at, whatever its format:
    /// nothing is decided by it. Only `none` has to be empty, as §8.7 says.
    /// - Parameter text: `PublicKeyCredential.toJSON()` of the answer.
    package init(_ text: String) throws(PasskeyError) {
        let answer = try PasskeyAnswer(text)
        credentialID = answer.credentialID
        clientData = answer.clientData
        let object: CBOR
        do { object = try CBOR.parse(try PasskeyAnswer.bytes(answer.response["attestationObject"])) } catch {
            throw .malformed
        }
        guard let format = object["fmt"]?.text, let statement = object["attStmt"]?.entries,
            let authData = object["authData"]?.bytes, format != "none" || statement.isEmpty
        else { throw .malformed }
        data = try AuthenticatorData(authData)
        transports = Self.transports(answer.response["transports"])
    }

    /// Under which the challenge is found that it answers.
    package var challengeHash: String { clientData.challengeHash }

    /// Checks the answer, step by step as §7.1 has it.
    /// - Parameters:
    ///   - challenge: As it was taken, so that nothing else can answer it.
    ///   - user: Who asked for it.
    /// - Returns: The passkey to be stored. Whether its credential id is new is for the store to say (step 26).
    package func passkey(
        answering challenge: PasskeyChallenge, of user: User, named label: PasskeyLabel, _ relyingParty: RelyingParty,
        now: Date
    ) throws(PasskeyError) -> Passkey {
        try clientData.check("webauthn.create", challenge, purpose: .registration, relyingParty)
        guard challenge.userID?.isByteEqual(to: user.id) ?? false else { throw .wrongUser }
        try data.check(relyingParty)
        guard let attested = data.attested else { throw .wrongContent }
        guard attested.credentialID == credentialID else { throw .wrongCredential }
        return Passkey(
            credentialID: Base64URL.encode(credentialID), tenantID: user.tenantID, userID: user.id,
            publicKey: try COSEKey(attested.publicKey), signatureCounter: data.signatureCounter, label: label,
            transports: transports, aaguid: attested.aaguid.map(Self.hexadecimal).joined(),
            isBackupEligible: data.flags.contains(.backupEligible), isBackedUp: data.flags.contains(.backedUp),
            createdAt: now)
    }

    /// Words that are handed back to browsers as they came: a few short ones.
    private static func transports(_ json: JSON?) -> [String] {
        let words = json?.array?.compactMap(\.string) ?? []
        let plain = words.filter { word in
            (1...32).contains(word.utf8.count)
                && word.utf8.allSatisfy {
                    $0 == UInt8(ascii: "-") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                }
        }
        return Array(plain.prefix(8))
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
    }

    /// What the page hands to `navigator.credentials.create`, as `parseCreationOptionsFromJSON` reads it (§5.1.9).
    ///
    /// - Parameters:
    ///   - challenge: The text whose hash is stored.
    ///   - existing: The person's passkeys, so that no authenticator makes a second one.
    package static func options(
        challenge: String, for user: User, _ relyingParty: RelyingParty, excluding existing: [Passkey]
    ) -> JSON {
        [
            "rp": ["id": .string(relyingParty.id), "name": .string(relyingParty.name)],
            "user": [
                "id": .string(Passkey.userHandle(of: user.id)), "name": .string(user.username.text),
                "displayName": .string(user.profile.name),
            ],
            "challenge": .string(challenge),
            "pubKeyCredParams": .array(
                COSEKey.Algorithm.allCases.map { ["type": "public-key", "alg": .integer($0.rawValue)] }),
            "timeout": .integer(Int64(PasskeyChallenge.lifetime) * 1_000),
            "excludeCredentials": .array(existing.map(\.descriptor)),
            "authenticatorSelection": [
                "residentKey": "required", "requireResidentKey": true, "userVerification": "required",
            ],
            "attestation": "none",
        ]
    }
}

extension Passkey {
    /// §5.8.3.
    var descriptor: JSON {
        [
            "type": "public-key", "id": .string(credentialID),
            "transports": .array(transports.map(JSON.string)),
        ]
    }
}
