import Cryptography
package import FoundationEssentials
import Wire

/// How long a code lives and how often it may be tried; nil is "off".
package struct SMSCodeLimits: Equatable, Sendable {
    package var digits = 6
    /// Seconds.
    package var lifetime: TimeInterval? = 300
    package var tries: Int? = 5

    package init() {}
}

/// A one-time code sent to one phone for one purpose, as it is stored: only a keyed hash of it.
///
/// There is one row for each phone and purpose, so a new code ends the old one. A phone that belongs to nobody gets a
/// *decoy*: a row like any other whose code was sent to no one and can never be accepted, so that work, answers and
/// limits are the same (peers' class 19).
package struct SMSChallenge: Equatable, Sendable {
    /// What a code is bound to. All of it goes into the hash, so a row cannot be made to serve elsewhere.
    package struct Target: Equatable, Sendable {
        package var tenantID: String
        package var purpose: SMSPurpose
        /// The phone's keyed index, never its number.
        package var phoneIndex: String
        package var interactionID: String

        package init(tenantID: String, purpose: SMSPurpose, phoneIndex: String, interactionID: String) {
            self.tenantID = tenantID
            self.purpose = purpose
            self.phoneIndex = phoneIndex
            self.interactionID = interactionID
        }
    }

    /// Stands in the place of a user's id where the code is for somebody who is not known yet. No id has a space.
    package static let stranger = "a stranger"

    package var target: Target
    /// Whose phone it is, or ``stranger``; nil for a decoy.
    package var userID: String?
    /// base64url of HMAC-SHA-256.
    package var codeHash: String
    package var triesUsed: Int
    /// Whole seconds.
    package var createdAt: Date
    /// The first instant at which the code is no longer accepted; nil when it does not expire by itself.
    package var expiresAt: Date?
    /// When it was accepted; it never is again.
    package var usedAt: Date?

    /// Takes a stored challenge.
    package init(
        target: Target, userID: String?, codeHash: String, triesUsed: Int, createdAt: Date, expiresAt: Date?,
        usedAt: Date?
    ) {
        self.target = target
        self.userID = userID
        self.codeHash = codeHash
        self.triesUsed = triesUsed
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.usedAt = usedAt
    }

    /// Makes the challenge for a newly minted code, or a decoy.
    /// - Parameters:
    ///   - userID: What ``recipient(_:throttle:policy:now:)`` said.
    ///   - code: The code that is sent, or for a decoy is not.
    ///   - key: The installation's sub-key for codes.
    package static func issue(
        _ code: SMSCode, for userID: String?, target: Target, limits: SMSCodeLimits, key: [UInt8], now: Date
    ) -> SMSChallenge {
        SMSChallenge(
            target: target, userID: userID, codeHash: hash(of: code, target, key: key), triesUsed: 0, createdAt: now,
            expiresAt: limits.lifetime.map { now + $0 }, usedAt: nil)
    }

    /// What a try leads to.
    package enum Outcome: Equatable, Sendable {
        case accepted(userID: String)
        case wrong
        case expired
        case exhausted
        case used
        /// The code was sent for another browser's sign-in.
        case foreign
    }

    /// A try's outcome and the challenge as it is to be written, in the transaction that read it.
    package struct Trial: Equatable, Sendable {
        package var outcome: Outcome
        package var challenge: SMSChallenge

        package init(outcome: Outcome, challenge: SMSChallenge) {
            self.outcome = outcome
            self.challenge = challenge
        }
    }

    /// Tries a code.
    ///
    /// The hash is computed in every case, so the time taken does not tell one from another. A try from another
    /// interaction is refused unseen and not counted: it learns nothing, and could otherwise use up the owner's tries.
    /// - Parameters:
    ///   - interactionID: The interaction in which the code is presented.
    ///   - key: The installation's sub-key for codes.
    package func trial(
        of code: SMSCode, in interactionID: String, limits: SMSCodeLimits, key: [UInt8], now: Date
    ) -> Trial {
        let matches = ConstantTime.equal(Self.hash(of: code, target, key: key), codeHash)
        guard interactionID == target.interactionID else { return Trial(outcome: .foreign, challenge: self) }
        guard usedAt == nil else { return Trial(outcome: .used, challenge: self) }
        guard triesUsed < limits.tries ?? .max else { return Trial(outcome: .exhausted, challenge: self) }
        guard expiresAt.map({ now < $0 }) ?? true else { return Trial(outcome: .expired, challenge: self) }
        var next = self
        next.triesUsed += 1
        guard matches, let userID else { return Trial(outcome: .wrong, challenge: next) }
        next.usedAt = now
        return Trial(outcome: .accepted(userID: userID), challenge: next)
    }

    private static func hash(of code: SMSCode, _ target: Target, key: [UInt8]) -> String {
        let message = MACMessage.joined(
            "sms", target.tenantID, target.purpose.rawValue, target.phoneIndex, target.interactionID, code.text)
        return Base64URL.encode(HMACSHA256.authenticate(message, key: key))
    }
}
