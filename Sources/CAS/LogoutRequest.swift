package import Wire

/// A call of `/cas/logout` (CAS 3.0 §2.3). The session ends in any case; this decides what the browser sees then.
package struct LogoutRequest: Equatable, Sendable {
    /// Where the browser should go afterwards. `url`, which CAS 2.0 had, is ignored (§2.3.1).
    package var service: String?

    package init(service: String?) { self.service = service }

    /// - Throws: ``LoginRefusal/repeatedParameter``; the session then goes on, as nothing was understood.
    package init(_ parameters: RequestParameters) throws(LoginRefusal) {
        do {
            service = try parameters.single("service")
        } catch { throw .repeatedParameter }
    }

    /// What follows the end of the session.
    package enum Outcome: Equatable, Sendable {
        /// To the service, as it is registered; without a ticket.
        case redirect(to: ServiceURL)
        /// The page that says "you are signed out".
        case showSignedOut
    }

    /// Decides where the browser goes: to a registered service and nowhere else (§2.3.2; peers' class 12).
    ///
    /// - Parameter registered: The record that the store found for the requested service; nil when there is none.
    package func outcome(_ registered: RegisteredService?) -> Outcome {
        guard let service, let registered, registered.isEnabled, let url = registered.url(matching: service) else {
            return .showSignedOut
        }
        return .redirect(to: url)
    }
}
