package import Wire

/// The closed list of what is written to the sign-in log and the audit log.
///
/// Cases hold ids, counts, and the closed reasons below; there is no place for a password, code, token, ticket, phone
/// number or typed name, so none can get into a log by mistake.
///
/// ```swift
/// let event = Event.signIn(.failed(userID: nil, method: .password, reason: .unknownUser))
/// event.name         // "sign_in.failed"
/// event.detail.text  // {"method":"password","reason":"unknown_user"}
/// ```
package enum Event: Equatable, Sendable {
    case signIn(SignInEvent)
    case user(UserEvent)
    case application(ApplicationEvent)
    case tenant(TenantEvent)

    /// Which log an event belongs to; they are kept for different times and read by different people.
    package enum Log: String, Equatable, Sendable, CaseIterable {
        case signIn = "sign_in"
        case audit
    }

    /// Stable name, never changed once released: `area.what_happened`.
    package var name: String { facts.name }

    /// The log it is written to.
    package var log: Log {
        guard case .signIn = self else { return .audit }
        return .signIn
    }

    /// The user it is about; nil when there is none or none was found.
    package var userID: String? { facts.userID }

    /// The application it is about.
    package var applicationID: String? { facts.applicationID }

    /// What else there is to tell, as one object; without the two ids above.
    package var detail: JSON { .object(facts.members) }

    private var facts: EventFacts {
        switch self {
        case .signIn(let event): event.facts
        case .user(let event): event.facts
        case .application(let event): event.facts
        case .tenant(let event): event.facts
        }
    }
}

/// What every event comes down to.
struct EventFacts {
    var name: String
    var userID: String?
    var applicationID: String?
    var members: [JSON.Member] = []

    init(_ name: String, user: String? = nil, application: String? = nil, _ members: (String, JSON)...) {
        self.name = name
        userID = user
        applicationID = application
        self.members = members.map { JSON.Member($0.0, $0.1) }
    }
}

/// One field that an act changed, for the audit log's before and after.
package struct Change: Equatable, Sendable {
    /// The field's name in our vocabulary.
    package let field: String
    package let before: String?
    package let after: String?
    /// Whether the values are kept out of the log: only that they changed is told.
    package let isConcealed: Bool

    /// A change of something that may be read by whoever reads the log.
    package init(_ field: String, before: String?, after: String?) {
        self.field = field
        self.before = before
        self.after = after
        isConcealed = false
    }

    /// A change of personal data or of a secret.
    package init(concealed field: String) {
        self.field = field
        before = nil
        after = nil
        isConcealed = true
    }

    var json: JSON {
        if isConcealed { return .object([.init("field", .string(field)), .init("concealed", true)]) }
        return .object([
            .init("field", .string(field)), .init("before", before.json), .init("after", after.json),
        ])
    }
}

extension String? {
    /// A string or `null`.
    var json: JSON { map { .string($0) } ?? .null }
}
