import Directory
import HTTPTypes
import Identity
import Storage

extension Connection {
    /// Writes to the sign-in log, in the transaction of the act it tells of.
    ///
    /// ```swift
    /// try db.log(.failed(userID: user?.id, method: .sms, reason: .wrongCode), of: user, in: interaction, environment, call)
    /// ```
    /// - Parameters:
    ///   - user: Whom it is about, as just read; nil when nobody was found. Nothing of what was typed is written then.
    ///   - interaction: The one in whose course it happens.
    ///   - actor: Who did it; the user that the event names where it is left out, and nobody known where it names none.
    func log(
        _ event: SignInEvent, of user: User?, in interaction: Interaction? = nil, by actor: Actor? = nil,
        _ environment: ServerEnvironment, _ call: Call
    ) throws {
        let event = Event.signIn(event)
        let actor = actor ?? event.userID.map(Actor.user) ?? .anonymous
        var record = EventRecord(event, by: actor, in: call)
        record.interactionID = interaction?.id
        if case .signIn(.sessionEnded) = event {} else { record.awaitedApplicationID = interaction?.applicationID }
        record.device = call.header(.userAgent).flatMap(Device.init(userAgent:))
        try eventLog(environment.keys.sealing).insert(record, of: LoggedPerson(user, asNamedBy: event))
    }
}

extension LoggedPerson {
    /// The person of an event of the sign-in log: nobody but the user it names.
    init?(_ user: User?, asNamedBy event: Event) {
        guard let user, event.log == .signIn, event.userID == user.id else { return nil }
        self.init(user)
    }
}

extension SignIn.Input {
    /// Whom the input turned out to be about.
    var user: User? {
        switch self {
        case .password(let attempt): attempt.account?.user
        case .code(let attempt): attempt.account?.user
        case .passkey(let attempt): attempt.account?.user
        case .factor(let attempt): attempt.account?.user
        case .setUp(let setUp): setUp.account?.user
        case .newPassword(let new): new.account?.user
        case .session(let live): live.account?.user
        }
    }
}
