package import Directory
package import FoundationEssentials

extension SignIn {
    /// What somebody has proved so far, and what it was true of.
    package struct Proof: Equatable, Sendable {
        package var userID: String
        /// In the order in which they were proved; never empty.
        package var factors: [Factor]
        /// When the first factor was proved; becomes the authentication's time. Whole seconds.
        package var since: Date
        package var isRemembered: Bool
        /// `Credential.version` at that time, 0 for none: a password that was set meanwhile makes this proof stale.
        package var credentialVersion: Int
        /// The account's phone at that time, where a code to it was proved: a phone that was changed meanwhile makes
        /// this proof stale, as whoever has the old one must not go on.
        package var phoneIndex: String?
        /// The session that is raised, where that is what was proved: it has to be live at the end too.
        package var sessionID: String?

        package init(
            userID: String, factors: [Factor], since: Date, isRemembered: Bool, credentialVersion: Int,
            phoneIndex: String? = nil, sessionID: String? = nil
        ) {
            self.userID = userID
            self.factors = factors
            self.since = since
            self.isRemembered = isRemembered
            self.credentialVersion = credentialVersion
            self.phoneIndex = phoneIndex
            self.sessionID = sessionID
        }

        /// The proof of one factor, given now.
        init(of factor: Factor, for account: Account, isRemembered: Bool, now: Date) {
            self.init(
                userID: account.user.id, factors: [factor], since: now, isRemembered: isRemembered,
                credentialVersion: account.version, phoneIndex: factor == .sms ? account.phoneIndex : nil)
        }

        /// How the sign-in began.
        package var first: Factor { factors[0] }

        func adding(_ factor: Factor, of account: Account) -> Proof {
            var proof = self
            proof.factors.append(factor)
            if factor == .sms { proof.phoneIndex = account.phoneIndex }
            return proof
        }

        /// Whether a session that is raised is still young enough for the protocol.
        func isFreshEnough(in situation: Situation, now: Date) -> Bool {
            guard sessionID != nil else { return true }
            let session = Authentication(userID: userID, at: since, amr: [], interactionID: "")
            return situation.requirement.isFresh(session, now: now)
        }

        /// Whether all that was proved still holds of the account as stored now.
        func holds(of account: Account?, in situation: Situation) -> Bool {
            guard let account, account.user.id == userID, situation.owns(account), account.user.isEnabled else {
                return false
            }
            return account.version == credentialVersion && (phoneIndex == nil || phoneIndex == account.phoneIndex)
                && (sessionID == nil || sessionID == situation.liveSessionID)
        }
    }
}
