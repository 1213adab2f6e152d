import Cryptography
package import Directory
package import FoundationEssentials
import Wire

/// A one-time code sent to one e-mail address, by which a signed-in person proves to receive what is sent there.
///
/// An account has one at a time; a new one ends the old one. An address that is somebody else's gets a *decoy*: a
/// challenge like any other whose code was sent to no one and can never be accepted, so that nobody hears whose it is.
package struct EmailChallenge: Equatable, Sendable, Concealed {
    /// What a code is bound to. All of it goes into the hash.
    package struct Target: Equatable, Sendable, Concealed {
        package var tenantID: String
        package var userID: String
        /// The session in which it was asked for, which alone can use it.
        package var sessionID: String
        package var email: EmailAddress

        package init(tenantID: String, userID: String, sessionID: String, email: EmailAddress) {
            self.tenantID = tenantID
            self.userID = userID
            self.sessionID = sessionID
            self.email = email
        }
    }

    package var target: Target
    /// base64url of HMAC-SHA-256.
    package var codeHash: String
    package var triesUsed: Int
    /// When the person showed, beyond the session, who they are; whole seconds.
    package var provedAt: Date
    /// The first instant at which the code is no longer accepted; nil when it does not expire by itself.
    package var expiresAt: Date?
    package var isDecoy: Bool

    /// Seconds for which that proof lets the person ask for the code again.
    package static let proofLifetime: TimeInterval = 600

    /// Takes a stored challenge.
    package init(
        target: Target, codeHash: String, triesUsed: Int, provedAt: Date, expiresAt: Date?, isDecoy: Bool
    ) {
        self.target = target
        self.codeHash = codeHash
        self.triesUsed = triesUsed
        self.provedAt = provedAt
        self.expiresAt = expiresAt
        self.isDecoy = isDecoy
    }

    /// Makes the challenge for a newly minted code, or a decoy.
    /// - Parameter key: The installation's sub-key for codes sent by e-mail.
    package static func issue(
        _ code: SMSCode, for target: Target, isDecoy: Bool, provedAt: Date, limits: SMSCodeLimits, key: [UInt8],
        now: Date
    ) -> EmailChallenge {
        EmailChallenge(
            target: target, codeHash: hash(of: code, target, key: key), triesUsed: 0, provedAt: provedAt,
            expiresAt: limits.lifetime.map { now + $0 }, isDecoy: isDecoy)
    }

    /// Whether the page goes on with it: in its own session, while the proof is fresh.
    package func isOpen(in sessionID: String, now: Date) -> Bool {
        target.sessionID == sessionID && now < provedAt + Self.proofLifetime
    }

    /// What a try leads to.
    package enum Outcome: Equatable, Sendable {
        case accepted
        /// - counted: The challenge as it is to be written.
        case refused(SignInFailure, counted: EmailChallenge)
    }

    /// Tries a code. The hash is computed in every case, so the time taken does not tell one from another.
    /// - Parameter sessionID: The session in which it is presented.
    package func trial(
        of code: SMSCode, in sessionID: String, limits: SMSCodeLimits, key: [UInt8], now: Date
    ) -> Outcome {
        let matches = ConstantTime.equal(Self.hash(of: code, target, key: key), codeHash)
        guard sessionID == target.sessionID else { return .refused(.foreignCode, counted: self) }
        guard triesUsed < limits.tries ?? .max else { return .refused(.exhaustedCode, counted: self) }
        guard expiresAt.map({ now < $0 }) ?? true else { return .refused(.expiredCode, counted: self) }
        var next = self
        next.triesUsed += 1
        guard matches, !isDecoy else { return .refused(.wrongCode, counted: next) }
        return .accepted
    }

    private static func hash(of code: SMSCode, _ target: Target, key: [UInt8]) -> String {
        let message = MACMessage.joined(
            "email", target.tenantID, target.userID, target.sessionID, target.email.text, code.text)
        return Base64URL.encode(HMACSHA256.authenticate(message, key: key))
    }
}
