package import Directory
package import FoundationEssentials
package import Wire

/// An event as it is read.
package struct LoggedEvent: Equatable, Sendable {
    package let id: String
    /// Whole seconds.
    package let at: Date
    /// Stable name, such as `sign_in.succeeded`.
    package let name: String
    /// Kind and name of who did it.
    package let actorKind: String
    package let actorName: String?
    /// Whom it is about; that user may be gone.
    package let userID: String?
    /// The application that it is about, or that the sign-in was for; it may be gone.
    package let applicationID: String?
    /// The client's IP address.
    package let address: String?
    package let requestID: String?
    package let interactionID: String?
    /// Text of a ``Device``.
    package let device: String?
    /// Whom it was about, as they were then.
    package let person: LoggedPerson?
    /// What else there is to tell.
    package let detail: JSON

    package init(
        id: String, at: Date, name: String, actorKind: String, actorName: String?, userID: String?,
        applicationID: String?, address: String?, requestID: String?, interactionID: String?, device: String?,
        person: LoggedPerson?, detail: JSON
    ) {
        self.id = id
        self.at = at
        self.name = name
        self.actorKind = actorKind
        self.actorName = actorName
        self.userID = userID
        self.applicationID = applicationID
        self.address = address
        self.requestID = requestID
        self.interactionID = interactionID
        self.device = device
        self.person = person
        self.detail = detail
    }

    /// How somebody signed in or tried to; nil for an event that is no attempt.
    package var method: Factor? { detail["method"]?.string.flatMap(Factor.init(rawValue:)) }

    /// Stable word for why it came out so, such as `wrong_password`; nil when there is nothing to explain.
    package var reason: String? {
        ["reason", "cause", "limit", "decision"].lazy.compactMap { detail[$0]?.string }.first
    }

    /// Where to go on after this event.
    package var cursor: EventCursor { EventCursor(at: at, id: id) }
}

/// A place in a log, newest first. Its text is what a link or a command carries: it says where to go on and no more, so
/// whoever changes it sees another part of what they may see anyway.
package struct EventCursor: Equatable, Sendable {
    package let at: Date
    package let id: String

    package init(at: Date, id: String) {
        self.at = at
        self.id = id
    }

    /// `1700000000.` and the event's id.
    package var text: String { "\(Int64(at.timeIntervalSince1970)).\(id)" }

    /// nil for anything that ``text`` cannot be.
    package init?(text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, (1...11).contains(parts[0].count), parts[0].allSatisfy(\.isDigit),
            (1...64).contains(parts[1].count), parts[1].allSatisfy(\.isIdentifierByte),
            let seconds = Int64(String(parts[0]) ?? "")
        else { return nil }
        at = Date(timeIntervalSince1970: TimeInterval(seconds))
        id = String(decoding: parts[1], as: UTF8.self)
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

    /// Of base64url, which ids are written in.
    fileprivate var isIdentifierByte: Bool {
        isDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) || self == UInt8(ascii: "-")
            || self == UInt8(ascii: "_")
    }
}
