import Cryptography
package import FoundationEssentials

/// An event as it is stored: with who, when and from where.
package struct EventRecord: Equatable, Sendable {
    package var id: String
    package var tenantID: String
    /// Whole seconds.
    package var at: Date
    package var actor: Actor
    /// The client's IP address as text; nil at the command line.
    package var address: String?
    /// Joins the record to the log lines of the request.
    package var requestID: String?
    package var event: Event
    /// For the sign-in log: the interaction in whose course it happened.
    package var interactionID: String?
    /// For the sign-in log: the application that the interaction waits for. An event that names one is about that one.
    package var awaitedApplicationID: String?
    /// For the sign-in log: what the person used; nil when it is nothing we know.
    package var device: Device?

    package init(
        id: String, tenantID: String, actor: Actor, address: String?, requestID: String?, event: Event, now: Date
    ) {
        self.id = id
        self.tenantID = tenantID
        at = now
        self.actor = actor
        self.address = address
        self.requestID = requestID
        self.event = event
    }

    /// A new id. Ids sort in the order in which they were made, so that the events of one second are read in the order
    /// in which they were written: nine characters of time, then 84 random bits.
    /// - Parameter instant: The time with its fraction, unlike ``at``.
    package static func identifier(at instant: Date, using random: inout some RandomNumberGenerator) -> String {
        let microseconds = UInt64(max(0, instant.timeIntervalSince1970 * 1_000_000))
        let time = (0..<9).reversed().map { Self.digits[Int(microseconds >> UInt64($0 * 6) & 63)] }
        return String(decoding: time, as: UTF8.self) + Identifier.make(using: &random).prefix(14)
    }

    /// The letters of base64url by their code.
    private static let digits = Array("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz".utf8)
}
