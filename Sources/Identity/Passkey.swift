package import FoundationEssentials
import Wire

/// A public key credential that a person registered (WebAuthn Level 3 §4, the credential record).
package struct Passkey: Equatable, Sendable {
    /// Chosen by the authenticator; base64url of 1 to 1023 bytes. One tenant has it once.
    package var credentialID: String
    package var tenantID: String
    package var userID: String
    package var publicKey: COSEKey
    /// Grows with each use, where the authenticator counts at all; 0 where it does not.
    package var signatureCounter: Int64
    /// What the person calls it.
    package var label: PasskeyLabel
    /// How the browser may reach the authenticator (§5.8.4); for the browser alone, nothing is decided by it.
    package var transports: [String]
    /// The make of the authenticator, as it says of itself; 32 hexadecimal digits, often zeros.
    package var aaguid: String
    /// Whether the key may be copied to the person's other devices. Never changes.
    package var isBackupEligible: Bool
    /// Whether it was copied when it was last used.
    package var isBackedUp: Bool
    /// Whole seconds.
    package var createdAt: Date
    package var lastUsedAt: Date?

    package init(
        credentialID: String, tenantID: String, userID: String, publicKey: COSEKey, signatureCounter: Int64,
        label: PasskeyLabel, transports: [String], aaguid: String, isBackupEligible: Bool, isBackedUp: Bool,
        createdAt: Date, lastUsedAt: Date? = nil
    ) {
        self.credentialID = credentialID
        self.tenantID = tenantID
        self.userID = userID
        self.publicKey = publicKey
        self.signatureCounter = signatureCounter
        self.label = label
        self.transports = transports
        self.aaguid = aaguid
        self.isBackupEligible = isBackupEligible
        self.isBackedUp = isBackedUp
        self.createdAt = createdAt
        self.lastUsedAt = lastUsedAt
    }

    /// The handle under which authenticators keep a user's passkeys (§5.4.3): the bytes of the user's id, which is random
    /// and says nothing about the person.
    package static func userHandle(of userID: String) -> String { Base64URL.encode(Array(userID.utf8)) }

    /// How many a person may have: enough for every device, and a bound on what one account can store.
    package static let limit = 20
}

/// What a person calls a passkey.
package struct PasskeyLabel: Equatable, Sendable {
    package static let maximumLength = 64
    package let text: String

    /// Reads what was typed; nil for nothing, too much, or control characters.
    package init?(typed: String) {
        guard typed.utf8.count <= 1_024 else { return nil }
        let scalars = typed.unicodeScalars.filter { $0.properties.generalCategory != .format }
        let trimmed = String(String.UnicodeScalarView(scalars)).split(separator: " ").joined(separator: " ")
        guard (1...Self.maximumLength).contains(trimmed.count), trimmed.utf8.count <= 512 else { return nil }
        guard trimmed.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else { return nil }
        text = trimmed
    }

    /// Takes a stored label.
    package init(stored: String) {
        text = stored
    }
}

/// A random value that one answer of an authenticator signs (WebAuthn §13.4.3), as it is stored.
package struct PasskeyChallenge: Equatable, Sendable {
    package enum Purpose: String, Equatable, Sendable, CaseIterable {
        case registration, authentication
    }

    /// Seconds for which it can be answered: what §15.1 recommends where the person is asked for verification.
    package static let lifetime: TimeInterval = 300

    /// `OpaqueToken.hash` of the challenge's text.
    package var hash: String
    /// `session <id>` or `interaction <id>`: who may answer it.
    package var owner: String
    package var purpose: Purpose
    /// Who is to answer it; nil where that is yet to be found out.
    package var userID: String?
    package var expiresAt: Date

    package init(hash: String, owner: String, purpose: Purpose, userID: String?, expiresAt: Date) {
        self.hash = hash
        self.owner = owner
        self.purpose = purpose
        self.userID = userID
        self.expiresAt = expiresAt
    }
}

/// Why an authenticator's answer does not count. For the log and for tests: the person hears one sentence for all.
package enum PasskeyError: String, Error, Equatable, Sendable, CaseIterable {
    /// Not the JSON, base64url, CBOR or bytes that it should be.
    case malformed
    case wrongType
    case wrongChallenge
    case wrongOrigin
    case crossOrigin
    case wrongRelyingParty
    /// Nobody touched the authenticator.
    case notPresent
    /// The authenticator did not check who touched it.
    case notVerified
    /// The flags about copies contradict each other or the registration.
    case inconsistentBackup
    /// A registration without a key, or an assertion with one.
    case wrongContent
    case unsupportedAlgorithm
    case unusableKey
    case wrongCredential
    case wrongUser
    case wrongSignature
    /// The counter went back: two devices may have the key.
    case possiblyCloned
}
