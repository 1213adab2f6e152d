import Cryptography
import Directory
import Identity
import Wire

/// What the second-factor page shows of each factor.
struct SignInFactorWords {
    let environment: ServerEnvironment
    let call: Call

    /// The form of one factor, and the ways to the others.
    func add(_ factor: Factor?, _ stand: SignInFactorPage.Stand, hasFocus: Bool, to fields: inout PageFields) {
        fields["hasFocus"] = hasFocus
        fields["asksNothing"] = stand.demand == .nothing
        fields["leadText"] = text(lead(factor, stand))
        guard let factor else { return }
        fields["factor"] = factor.rawValue
        fields["asksCode"] = factor == .totp
        fields["asksSMS"] = factor == .sms
        fields["asksPassword"] = factor == .password
        fields["asksRecoveryCode"] = factor == .recoveryCode
        if factor == .sms {
            fields.set("maskedPhone", stand.user.profile.phone?.masked)
            fields["codeSentText"] = text("factorSMSSent")
        }
        if factor == .passkey { addPasskey(stand, to: &fields) }
        let others = stand.factors.filter { $0 != factor }
        let address = SignInFactorPage.location(of: stand.interaction)
        fields["others"] = others.map { other in
            [
                "otherText": text(Self.name(of: other)),
                "otherHref": FormURLEncoded.adding([.init("factor", other.rawValue)], toQueryOf: address),
            ] as PageFields
        }
        fields["hasOthers"] = !others.isEmpty
    }

    /// An authenticator app to be set up.
    /// - Parameter setup: The one that the page offered before; nil for a new one.
    func addSetUp(_ setup: TOTPSetup?, _ stand: SignInFactorPage.Stand, to fields: inout PageFields) {
        let setup =
            setup
            ?? TOTPSetup(for: stand.interaction.setupOwner(stand.user.id), key: environment.keys.sealing, now: call.now)
        fields["setsUp"] = true
        fields.merge(setup.fields(issuer: call.tenant.name, account: stand.user.username.text)) { $1 }
    }

    private func addPasskey(_ stand: SignInFactorPage.Stand, to fields: inout PageFields) {
        guard let relyingParty = RelyingParty(of: call.tenant) else { return }
        let question = PasskeyQuestion(stand.interaction, of: stand.user.id, environment)
        fields["passkeyOptions"] =
            PasskeyAssertion.options(challenge: question.text, relyingParty, allowing: stand.passkeys).text
    }

    private func lead(_ factor: Factor?, _ stand: SignInFactorPage.Stand) -> String {
        if stand.demand == .setUp { return "factorSetUpLead" }
        return switch factor {
        case .totp: "factorTOTPLead"
        case .sms: "factorSMSLead"
        case .password: "factorPasswordLead"
        case .recoveryCode: "factorRecoveryCodeLead"
        case .passkey: "factorPasskeyLead"
        case nil: "factorNothingLead"
        }
    }

    private static func name(of factor: Factor) -> String {
        switch factor {
        case .totp: "factorTOTP"
        case .sms: "factorSMS"
        case .password: "factorPassword"
        case .recoveryCode: "factorRecoveryCode"
        case .passkey: "factorPasskey"
        }
    }

    private func text(_ key: String) -> String { environment.pages.text(key, environment.pages.language(of: call)) }
}
