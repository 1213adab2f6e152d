package import Directory

/// Who has to prove a second factor, and by what.
package struct SecondFactorPolicy: Equatable, Sendable {
    /// Of whom it is demanded. Whoever has set one up is asked for it in any case.
    package enum Demand: String, Equatable, Sendable, CaseIterable {
        /// Of nobody: each person chooses.
        case choice
        case administrators
        case everyone
    }

    /// What the tenant accepts as a second factor.
    package enum Method: String, Equatable, Sendable, CaseIterable {
        case totp
        case sms
        case passkey

        package var factor: Factor {
            switch self {
            case .totp: .totp
            case .sms: .sms
            case .passkey: .passkey
            }
        }
    }

    package var demand: Demand = .choice
    package var methods: Set<Method> = Set(Method.allCases)

    package init() {}

    /// Whether the tenant demands it of a person.
    package func isDemanded(ofAdministrator isAdministrator: Bool) -> Bool {
        switch demand {
        case .choice: false
        case .administrators: isAdministrator
        case .everyone: true
        }
    }
}
