package import FoundationEssentials

/// What a protocol demands of a sign-in before it goes on: `prompt=login`, `max_age` and `acr_values` (OpenID Connect
/// Core §3.1.2.1), `renew` (CAS 3.0 §2.1.1).
package struct AuthenticationRequirement: Equatable, Sendable {
    /// How long ago the person may have signed in.
    package enum Freshness: Equatable, Sendable {
        /// Any live session will do.
        case any
        /// The person has to sign in again, in this very interaction.
        case fresh
        /// The sign-in must not be older than so many seconds.
        case maxAge(Int)
    }

    package var freshness: Freshness
    /// The least that is asked for.
    package var level: AuthenticationLevel

    package init(_ freshness: Freshness, level: AuthenticationLevel = .oneFactor) {
        self.freshness = freshness
        self.level = level
    }

    package static let any = AuthenticationRequirement(.any)
    package static let fresh = AuthenticationRequirement(.fresh)
    package static func maxAge(_ seconds: Int) -> AuthenticationRequirement {
        AuthenticationRequirement(.maxAge(seconds))
    }

    /// Whether a sign-in meets the demand.
    ///
    /// A sign-in *of the interaction itself* always does: it was asked for all that the person can prove, and to ask
    /// once more would go round for ever. Times alone could not decide it either: with whole seconds, a sign-in just
    /// before the demand would pass for fresh, and a slow way back would fail `max_age=1` for ever.
    /// - Parameters:
    ///   - authentication: Of a live session of this browser.
    ///   - interactionID: The interaction that carries the demand; nil while none has been made for it.
    ///   - now: The current time; whole seconds.
    package func isSatisfied(by authentication: Authentication, in interactionID: String?, now: Date) -> Bool {
        if let interactionID, authentication.interactionID == interactionID { return true }
        return isFresh(authentication, now: now) && authentication.level >= level
    }

    /// Whether a sign-in is young enough, so that at most another factor is missing.
    package func isFresh(_ authentication: Authentication, now: Date) -> Bool {
        switch freshness {
        case .any: true
        case .fresh: false
        case .maxAge(let seconds): seconds > 0 && now.timeIntervalSince(authentication.at) <= Double(seconds)
        }
    }

    /// The stored form: `any`, `fresh`, `max_age 3600`, each with ` level 2` behind it where more than one factor is
    /// asked for.
    package var text: String {
        level == .oneFactor ? freshness.text : "\(freshness.text) level \(level.rawValue)"
    }

    /// Reads the stored form; nil for anything else.
    package init?(text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        var level = AuthenticationLevel.oneFactor
        var rest = words[...]
        if words.count > 2, words[words.count - 2] == "level" {
            guard let named = AuthenticationLevel(rawValue: String(words[words.count - 1])) else { return nil }
            level = named
            rest = words.dropLast(2)
        }
        guard let freshness = Freshness(text: rest.joined(separator: " ")) else { return nil }
        self.init(freshness, level: level)
    }
}

extension AuthenticationRequirement.Freshness {
    fileprivate var text: String {
        switch self {
        case .any: "any"
        case .fresh: "fresh"
        case .maxAge(let seconds): "max_age \(seconds)"
        }
    }

    fileprivate init?(text: String) {
        switch text {
        case "any": self = .any
        case "fresh": self = .fresh
        default:
            guard text.hasPrefix("max_age "), let seconds = Int(text.dropFirst(8)) else { return nil }
            self = .maxAge(seconds)
        }
    }
}
