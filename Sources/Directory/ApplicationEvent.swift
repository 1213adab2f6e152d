import Wire

/// What the audit log tells about applications, their credentials and the misuse of what they were given.
package enum ApplicationEvent: Equatable, Sendable {
    case created(applicationID: String, protocolKind: Application.ProtocolKind)
    case changed(applicationID: String, changes: [Change])
    case disabled(applicationID: String)
    case enabled(applicationID: String)
    /// `secretID` is the row's id, from which nothing of the secret follows.
    case secretAdded(applicationID: String, secretID: String, label: String)
    case secretRevoked(applicationID: String, secretID: String, label: String)
    /// A client did not authenticate: unknown, expired or missing secret.
    case authenticationFailed(applicationID: String)
    /// A code was redeemed twice; everything its grant gave is revoked (RFC 6749 §4.1.2).
    case codeReplayed(applicationID: String, userID: String, grantID: String)
    /// A client presented a code that was issued to another.
    case codeForeign(applicationID: String, grantID: String)
    /// A refresh token that had been rotated came back; the grant is revoked (RFC 9700 §4.14.2).
    case refreshTokenReused(applicationID: String, userID: String, grantID: String)

    var facts: EventFacts {
        switch self {
        case .created(let id, let kind):
            .init("application.created", application: id, ("protocol", .string(kind.rawValue)))
        case .changed(let id, let changes):
            .init("application.changed", application: id, ("changes", .array(changes.map(\.json))))
        case .disabled(let id): .init("application.disabled", application: id)
        case .enabled(let id): .init("application.enabled", application: id)
        case .secretAdded(let id, let secret, let label):
            .init(
                "application.secret_added", application: id, ("secret", .string(secret)), ("label", .string(label)))
        case .secretRevoked(let id, let secret, let label):
            .init(
                "application.secret_revoked", application: id, ("secret", .string(secret)), ("label", .string(label)))
        case .authenticationFailed(let id): .init("application.authentication_failed", application: id)
        case .codeReplayed(let id, let user, let grant):
            .init("authorization_code.replayed", user: user, application: id, ("grant", .string(grant)))
        case .codeForeign(let id, let grant):
            .init("authorization_code.foreign", application: id, ("grant", .string(grant)))
        case .refreshTokenReused(let id, let user, let grant):
            .init("refresh_token.reused", user: user, application: id, ("grant", .string(grant)))
        }
    }
}
