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
}
