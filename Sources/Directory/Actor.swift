/// Who did what an event tells of.
package enum Actor: Equatable, Sendable {
    /// A user of the tenant, by id: someone signed in, or the account a sign-in was tried for.
    case user(String)
    /// An application that authenticated with its own credential, by id.
    case application(String)
    /// Someone at the command line of the server; the name of the operating system's account.
    case `operator`(String)
    /// A browser that nobody has signed in with.
    case anonymous
    /// Gatehouse itself: expiry, start-up.
    case system

    /// `user`, `application` and so on.
    package var kind: String {
        switch self {
        case .user: "user"
        case .application: "application"
        case .operator: "operator"
        case .anonymous: "anonymous"
        case .system: "system"
        }
    }

    /// The id or name that goes with the kind.
    package var name: String? {
        switch self {
        case .user(let name), .application(let name), .operator(let name): name
        case .anonymous, .system: nil
        }
    }
}
