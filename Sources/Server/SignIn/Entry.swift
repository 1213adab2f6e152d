import Directory
import Identity
import Storage

/// Who goes on into which application, in which session.
struct Entry: Sendable {
    let userID: String
    let sessionID: String
    let applicationID: String
}

extension Connection {
    /// Lets a person go on into an application, in the transaction that stores the code or ticket for it.
    ///
    /// An interaction leads to one answer only. The session is used, and so locked, and the application is asked once
    /// more: what ends either at the same time then finds, and ends, what is stored here.
    /// - Parameter user: Of the entry, for the log.
    /// - Throws: ``PageProblem/signInExpired``; nothing is to be stored then.
    func admit(
        _ entry: Entry, of user: User?, from interaction: Interaction?, _ environment: ServerEnvironment, _ call: Call
    ) throws {
        if let interaction {
            guard try interactions.remove(interaction.id) else { throw PageProblem.signInExpired }
        }
        guard try sessions.use(entry.sessionID, now: call.now),
            try applications.identified(entry.applicationID, in: call.tenant.id)?.isEnabled == true
        else { throw PageProblem.signInExpired }
        let event = SignInEvent.entered(userID: entry.userID, applicationID: entry.applicationID)
        try log(event, of: user, in: interaction, environment, call)
    }

    /// Ends a session with what depends on it, and records why; one that had ended already is left as it is.
    /// - Parameter user: Whose session it is, for the log; looked up where it is not at hand.
    func end(
        _ session: Session, of user: User? = nil, cause: SessionEnd, in interaction: Interaction? = nil,
        _ environment: ServerEnvironment, _ call: Call
    ) throws {
        guard try sessions.end(session.id, now: call.now) else { return }
        var owner = user
        if owner?.id != session.userID {
            owner = try users(environment.keys.sealing).identified(session.userID, in: session.tenantID)
        }
        let event = SignInEvent.sessionEnded(userID: session.userID, sessionID: session.id, cause: cause)
        try log(event, of: owner, in: interaction, environment, call)
    }
}
