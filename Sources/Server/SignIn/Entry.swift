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
    /// - Throws: ``PageProblem/signInExpired``; nothing is to be stored then.
    func admit(_ entry: Entry, from interaction: Interaction?, _ call: Call) throws {
        if let interaction {
            guard try interactions.remove(interaction.id) else { throw PageProblem.signInExpired }
        }
        guard try sessions.use(entry.sessionID, now: call.now),
            try applications.identified(entry.applicationID, in: call.tenant.id)?.isEnabled == true
        else { throw PageProblem.signInExpired }
        let event = SignInEvent.entered(userID: entry.userID, applicationID: entry.applicationID)
        try events.insert(EventRecord(.signIn(event), by: .user(entry.userID), in: call))
    }

    /// Ends a session with what depends on it, and records why; one that had ended already is left as it is.
    func end(_ session: Session, cause: SessionEnd, in call: Call) throws {
        guard try sessions.end(session.id, now: call.now) else { return }
        let event = SignInEvent.sessionEnded(userID: session.userID, sessionID: session.id, cause: cause)
        try events.insert(EventRecord(.signIn(event), by: .user(session.userID), in: call))
    }
}
