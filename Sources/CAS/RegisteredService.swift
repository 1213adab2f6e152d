package import FoundationEssentials

/// An application's CAS side: the services it was registered with (CAS 3.0 §2.1.1, "registered services").
///
/// The application's name, access rule and released attributes are its `Application`'s, under the same id.
package struct RegisteredService: Equatable, Sendable {
    package var applicationID: String
    /// Every address the application signs in at; each is matched exactly, so an application that sends the page a
    /// person is on has to register each.
    package var urls: [ServiceURL]
    /// Whether the application is enabled; a disabled one is refused everywhere.
    package var isEnabled: Bool
    /// Seconds that a ticket waits for its validation; nil: it does not expire.
    package var ticketLifetime: TimeInterval?

    package init(applicationID: String, urls: [ServiceURL], isEnabled: Bool, ticketLifetime: TimeInterval?) {
        self.applicationID = applicationID
        self.urls = urls
        self.isEnabled = isEnabled
        self.ticketLifetime = ticketLifetime
    }

    /// The registered URL that a presented `service` is, byte for byte; nil when it is none of them.
    ///
    /// A store that found this record by the presented URL is asked again here: databases compare text in their own
    /// ways.
    package func url(matching presented: String) -> ServiceURL? {
        urls.first { $0.matches(presented) }
    }
}
