package import FoundationEssentials

/// What a protocol demands of a sign-in before it goes on: `prompt=login` and `max_age` (OpenID Connect Core
/// §3.1.2.1), `renew` (CAS 3.0 §2.1.1).
package enum AuthenticationRequirement: Equatable, Sendable {
    /// Any live session will do.
    case any
    /// The person has to sign in again, in this very interaction.
    case fresh
    /// The sign-in must not be older than so many seconds.
    case maxAge(Int)

    /// Whether a sign-in meets the demand.
    ///
    /// A sign-in *of the interaction itself* always does. Times alone could not decide it: with whole seconds, a
    /// sign-in just before the demand would pass for fresh, and a slow way back would fail `max_age=1` for ever.
    /// - Parameters:
    ///   - authentication: Of a live session of this browser.
    ///   - interactionID: The interaction that carries the demand; nil while none has been made for it.
    ///   - now: The current time; whole seconds.
    package func isSatisfied(by authentication: Authentication, in interactionID: String?, now: Date) -> Bool {
        if let interactionID, authentication.interactionID == interactionID { return true }
        switch self {
        case .any: return true
        case .fresh: return false
        case .maxAge(let seconds): return seconds > 0 && now.timeIntervalSince(authentication.at) <= Double(seconds)
        }
    }

    /// The stored form: `any`, `fresh`, `max_age 3600`.
    package var text: String {
        switch self {
        case .any: "any"
        case .fresh: "fresh"
        case .maxAge(let seconds): "max_age \(seconds)"
        }
    }

    /// Reads the stored form; nil for anything else.
    package init?(text: String) {
        switch text {
        case "any": self = .any
        case "fresh": self = .fresh
        default:
            guard text.hasPrefix("max_age "), let seconds = Int(text.dropFirst(8)) else { return nil }
            self = .maxAge(seconds)
        }
    }
}
