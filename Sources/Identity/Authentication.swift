import Directory
package import FoundationEssentials

/// One way in which a person proved who they are, by its Authentication Method Reference (RFC 8176 §2).
package enum AuthenticationMethod: String, Equatable, Sendable, CaseIterable {
    case password = "pwd"
    case sms
    /// A one-time code; together with ``sms`` when it came that way.
    case oneTimeCode = "otp"
    /// Possession of a key. Whether hardware keeps it is not known without an attestation, so neither `hwk` nor `swk`.
    case key = "pop"
    /// The person was there and touched the device.
    case presence = "user"
    /// Something known and something possessed.
    case multiple = "mfa"
}

/// The fact that a person signed in: who, when and how (OpenID Connect Core §2: `auth_time`, `amr`, `acr`).
package struct Authentication: Equatable, Sendable {
    package var userID: String
    /// When the person presented the first credential, not when a session was made of it; whole seconds.
    package var at: Date
    /// In the order in which they were presented; ``AuthenticationMethod/multiple`` last.
    package var amr: [AuthenticationMethod]
    /// The interaction in which it happened: what makes a demand for a fresh sign-in answerable exactly.
    package var interactionID: String

    package init(userID: String, at: Date, amr: [AuthenticationMethod], interactionID: String) {
        self.userID = userID
        self.at = at
        self.amr = amr
        self.interactionID = interactionID
    }

    /// What the methods amount to.
    package var level: AuthenticationLevel {
        guard amr.contains(.multiple) else { return .oneFactor }
        return amr.contains(.key) ? .phishingResistant : .twoFactors
    }

    /// What was proved, as far as the methods tell: a code without a phone is an authenticator app's.
    var factors: [Factor] {
        var factors: [Factor] = []
        if amr.contains(.password) { factors.append(.password) }
        if amr.contains(.sms) { factors.append(.sms) }
        if amr.contains(.oneTimeCode), !amr.contains(.sms) { factors.append(.totp) }
        if amr.contains(.key) { factors.append(.passkey) }
        return factors
    }
}

extension Sequence<Factor> {
    /// The methods that were used, and that they are several kinds where they are.
    package var amr: [AuthenticationMethod] {
        var methods: [AuthenticationMethod] = []
        for method in flatMap(\.methods) where !methods.contains(method) { methods.append(method) }
        let isKnown = contains { $0.isKnowledge }
        let isPossessed = contains { $0.isPossession }
        return isKnown && isPossessed ? methods + [.multiple] : methods
    }
}

extension Factor {
    fileprivate var methods: [AuthenticationMethod] {
        switch self {
        case .password: [.password]
        case .sms: [.sms, .oneTimeCode]
        case .totp, .recoveryCode: [.oneTimeCode]
        case .passkey: [.key, .presence]
        }
    }

    var isKnowledge: Bool { self == .password || self == .passkey }
    var isPossession: Bool { self != .password }
}
