package import Directory

/// What a person who has proved something still has to prove before there may be a session.
package enum FactorDemand: Equatable, Sendable {
    case nothing
    /// One of these, whichever the person has at hand.
    case one(of: Set<Factor>)
    /// There is nothing the person could prove, and something is demanded: an authenticator app is set up now.
    case setUp

    /// The person's side of the decision.
    package struct Facts: Equatable, Sendable {
        package var own: SecondFactors
        /// Whether the person holds a role.
        package var isAdministrator: Bool
        package var hasPhone: Bool
        /// A password that the person can be asked for: there is one, and it need not be set first.
        package var hasPassword: Bool

        package init(own: SecondFactors, isAdministrator: Bool, hasPhone: Bool, hasPassword: Bool) {
            self.own = own
            self.isAdministrator = isAdministrator
            self.hasPhone = hasPhone
            self.hasPassword = hasPassword
        }
    }

    /// Decides what is still missing.
    ///
    /// - Who has an authenticator app proves it (or what replaces it) whatever came first, or a stolen phone would be
    ///   a way around it.
    /// - After a phone's code it is the password that makes two factors, not a second thing that the person has.
    /// - After a password a code to the phone will do only where the tenant accepts it and the person has not chosen
    ///   something better.
    ///
    /// - Parameters:
    ///   - proved: So far, in this sign-in or in the session that is to be raised.
    ///   - level: The least that the protocol asks for.
    package static func decide(
        _ facts: Facts, proved: [Factor], level: AuthenticationLevel, policy: SecondFactorPolicy
    ) -> FactorDemand {
        guard !proved.contains(.passkey) else { return .nothing }
        let offer = Offer(facts: facts, proved: proved, policy: policy)
        if level == .phishingResistant, offer.passkey { return .one(of: [.passkey]) }
        if offer.mustProveApp { return .one(of: offer.inPlaceOfApp) }
        guard level > .oneFactor || policy.isDemanded(ofAdministrator: facts.isAdministrator) || offer.isChosen,
            !proved.amr.contains(.multiple)
        else { return .nothing }
        let factors = proved.contains(.password) ? offer.possessions : offer.knowledge
        guard factors.isEmpty else { return .one(of: factors) }
        return offer.canSetUp ? .setUp : .nothing
    }

    /// What the policy leaves of what the person has.
    private struct Offer {
        var facts: Facts
        var proved: [Factor]
        var policy: SecondFactorPolicy

        var app: Bool { facts.own.hasApp && policy.methods.contains(.totp) }
        var passkey: Bool { facts.own.passkeys > 0 && policy.methods.contains(.passkey) }
        var sms: Bool { facts.hasPhone && policy.methods.contains(.sms) && !proved.contains(.sms) }

        var mustProveApp: Bool { app && !proved.contains(.totp) && !proved.contains(.recoveryCode) }
        var inPlaceOfApp: Set<Factor> {
            var factors: Set<Factor> = [.totp]
            if passkey { factors.insert(.passkey) }
            if facts.own.recoveryCodes > 0 { factors.insert(.recoveryCode) }
            return factors
        }

        /// The person turned it on without an app.
        var isChosen: Bool { facts.own.hasSMS && policy.methods.contains(.sms) && facts.hasPhone }

        /// Beside a password.
        var possessions: Set<Factor> {
            var factors: Set<Factor> = []
            if sms { factors.insert(.sms) }
            if passkey { factors.insert(.passkey) }
            if facts.own.recoveryCodes > 0, sms || passkey { factors.insert(.recoveryCode) }
            return factors
        }

        /// Beside something that the person has.
        var knowledge: Set<Factor> {
            guard facts.hasPassword else {
                // Who has to set a password by a phone's code has no more than that where the phone will do.
                return passkey && !policy.methods.contains(.sms) ? [.passkey] : []
            }
            return passkey ? [.password, .passkey] : [.password]
        }

        /// Only who has no second factor at all may set one up on the way in. After a phone's code alone it makes sense
        /// only where that phone will not do as second factor the next time.
        var canSetUp: Bool {
            guard policy.methods.contains(.totp), !app else { return false }
            return proved.contains(.password) || !(facts.hasPhone && policy.methods.contains(.sms))
        }
    }
}
