package import FoundationEssentials
package import Wire

/// An authenticator's answer to the wish for a proof (WebAuthn Level 3 §7.2).
///
/// ```swift
/// let answer = try PasskeyAssertion(form.value("credential"))
/// let challenge = db.passkeyChallenges.take(answer.challengeHash, owner: …, purpose: .authentication, now: now)
/// let passkey = db.passkeys.identified(answer.credentialID, in: tenant.id)
/// let used = try answer.proof(of: passkey, answering: challenge, relyingParty, now: now)
/// db.passkeys.use(used)
/// ```
package struct PasskeyAssertion: Equatable, Sendable {
    private let credential: [UInt8]
    private let clientData: PasskeyClientData
    private let authenticatorData: [UInt8]
    private let data: AuthenticatorData
    private let signature: [UInt8]
    /// Base64url, as the authenticator kept it.
    private let userHandle: String?

    /// Reads an answer; nothing of it is believed yet.
    /// - Parameter text: `PublicKeyCredential.toJSON()` of the answer.
    package init(_ text: String) throws(PasskeyError) {
        let answer = try PasskeyAnswer(text)
        credential = answer.credentialID
        clientData = answer.clientData
        authenticatorData = try PasskeyAnswer.bytes(answer.response["authenticatorData"])
        data = try AuthenticatorData(authenticatorData)
        signature = try PasskeyAnswer.bytes(answer.response["signature"])
        switch answer.response["userHandle"] {
        case nil, .null: userHandle = nil
        case let handle: userHandle = Base64URL.encode(try PasskeyAnswer.bytes(handle))
        }
    }

    /// Under which the challenge is found that it answers.
    package var challengeHash: String { clientData.challengeHash }

    /// Under which the passkey is found that it claims to be of.
    package var credentialID: String { Base64URL.encode(credential) }

    /// Checks the answer, step by step as §7.2 has it.
    /// - Parameters:
    ///   - passkey: The one with ``credentialID``, of this tenant.
    ///   - challenge: As it was taken. With a user it is that user's passkey alone that answers it; without one the
    ///     answer has to say whose it is (step 6).
    /// - Returns: The passkey as it stands after this use; the store has the last word on its counter.
    package func proof(
        of passkey: Passkey, answering challenge: PasskeyChallenge, _ relyingParty: RelyingParty, now: Date
    ) throws(PasskeyError) -> Passkey {
        guard passkey.credentialID.isByteEqual(to: credentialID) else { throw .wrongCredential }
        try checkUser(passkey, challenge)
        try clientData.check("webauthn.get", challenge, purpose: .authentication, relyingParty)
        try data.check(relyingParty)
        guard data.attested == nil else { throw .wrongContent }
        guard data.flags.contains(.backupEligible) == passkey.isBackupEligible else { throw .inconsistentBackup }
        guard passkey.publicKey.isValid(signature, for: authenticatorData + clientData.hash) else {
            throw .wrongSignature
        }
        guard Passkey.counts(data.signatureCounter, after: passkey.signatureCounter) else { throw .possiblyCloned }
        var used = passkey
        used.signatureCounter = data.signatureCounter
        used.isBackedUp = data.flags.contains(.backedUp)
        used.lastUsedAt = now
        return used
    }

    private func checkUser(_ passkey: Passkey, _ challenge: PasskeyChallenge) throws(PasskeyError) {
        if let userID = challenge.userID {
            guard passkey.userID.isByteEqual(to: userID) else { throw .wrongUser }
        } else {
            guard userHandle != nil else { throw .wrongUser }
        }
        guard userHandle.map({ $0.isByteEqual(to: Passkey.userHandle(of: passkey.userID)) }) ?? true else {
            throw .wrongUser
        }
    }

    /// What the page hands to `navigator.credentials.get`, as `parseRequestOptionsFromJSON` reads it (§5.1.10).
    /// - Parameters:
    ///   - challenge: The text whose hash is stored.
    ///   - allowed: The passkeys of the person who is to prove; empty where anybody may choose one of this tenant.
    package static func options(
        challenge: String, _ relyingParty: RelyingParty, allowing allowed: [Passkey] = []
    ) -> JSON {
        [
            "challenge": .string(challenge), "rpId": .string(relyingParty.id),
            "timeout": .integer(Int64(PasskeyChallenge.lifetime) * 1_000),
            "allowCredentials": .array(allowed.map(\.descriptor)), "userVerification": "required",
        ]
    }
}

extension Passkey {
    /// Whether a counter may follow another (§6.1.1): it grows, or the authenticator does not count.
    package static func counts(_ counter: Int64, after last: Int64) -> Bool {
        counter > last || (counter == 0 && last == 0)
    }
}
