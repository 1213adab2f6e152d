/// How sure a sign-in makes that the person is who they say: the authentication context class (OpenID Connect Core §2,
/// `acr`), the weakest first. The raw value is the one on the wire.
package enum AuthenticationLevel: String, Equatable, Sendable, CaseIterable, Comparable {
    /// One factor, whichever it was.
    case oneFactor = "1"
    /// Something the person knows and something they have.
    case twoFactors = "2"
    /// Both at once, by a credential that cannot be used at another site than its own (OpenID Connect Extended
    /// Authentication Profile ACR Values 1.0, `phr`).
    case phishingResistant = "phr"

    package static func < (left: AuthenticationLevel, right: AuthenticationLevel) -> Bool {
        left.strength < right.strength
    }

    private var strength: Int {
        switch self {
        case .oneFactor: 1
        case .twoFactors: 2
        case .phishingResistant: 3
        }
    }
}

extension Sequence<AuthenticationLevel> {
    /// Which of the wanted classes, in the client's order, to name for a sign-in that reached `level`: the first one
    /// that it meets, since a client compares what it asked for. Without one, what was reached.
    package func named(for level: AuthenticationLevel) -> AuthenticationLevel {
        first { $0 <= level } ?? level
    }
}
