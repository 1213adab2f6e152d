package import Directory
package import FoundationEssentials
package import Identity
package import OAuth2
import Wire

/// The stored facts on which a grant depends. Each of them can end it, at once, whatever was written about the grant:
/// "disabling a user, application or grant ends every session, token and ticket that depends on it".
///
/// Asked wherever a code, an access token or a refresh token is used.
package struct GrantStanding: Equatable, Sendable {
    /// Why a grant no longer holds; for the log. The client hears no more than that its token is unusable.
    package enum Lapse: String, Equatable, Sendable, CaseIterable {
        case revoked
        case userGone = "user_gone"
        case userDisabled = "user_disabled"
        case applicationDisabled = "application_disabled"
        /// The person may no longer open the application.
        case accessWithdrawn = "access_withdrawn"
        case sessionEnded = "session_ended"
    }

    package let user: User?
    package let application: Application?
    package let session: Session?

    /// - Parameters:
    ///   - user: The grant's user, nil when deleted.
    ///   - application: The application of the grant's client, nil when deleted.
    ///   - session: The grant's session, ended or not; nil when it is no longer stored.
    package init(user: User?, application: Application?, session: Session?) {
        self.user = user
        self.application = application
        self.session = session
    }

    /// Why the grant no longer holds; nil while it does.
    ///
    /// A session that has ended ends the grant, and so does its absolute end; an *idle* one does not: a person who
    /// works in the application all day does not visit this server.
    /// - Parameters:
    ///   - limits: The tenant's, for the session's absolute end.
    ///   - now: The current time; whole seconds.
    package func lapse(of grant: Grant, limits: SessionLimits, now: Date) -> Lapse? {
        guard grant.revokedAt == nil else { return .revoked }
        guard let user, user.id.isByteEqual(to: grant.userID) else { return .userGone }
        guard user.isEnabled else { return .userDisabled }
        guard let application, application.isEnabled else { return .applicationDisabled }
        guard application.access(for: user).isAllowed else { return .accessWithdrawn }
        guard grant.survivesSession || isSessionOpen(of: grant, limits, now) else { return .sessionEnded }
        return nil
    }

    private func isSessionOpen(of grant: Grant, _ limits: SessionLimits, _ now: Date) -> Bool {
        guard let session, session.id.isByteEqual(to: grant.sessionID), session.endedAt == nil else { return false }
        return session.absoluteEnd(limits).map { now < $0 } ?? true
    }
}
