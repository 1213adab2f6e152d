package import Wire

/// A call of `/cas/login` as credential requestor (CAS 3.0 §2.1.1).
///
/// `method` is not read: answers are redirects, which is what §2.1.1 has everyone begin with.
package struct LoginRequest: Equatable, Sendable {
    /// Where the person wants to go; decoded, not yet compared with what is registered.
    package var service: String?
    /// `renew`: credentials must be presented for this login, session or not.
    package var isRenewed: Bool
    /// `gateway`: no credentials may be asked for. Never set together with `renew`, nor without a service (§2.1.1).
    package var isGateway: Bool
    /// The interaction in which the person was sent to sign in for this very request; nil when they just arrived with
    /// it. It comes from the stored interaction, never from the browser alone.
    package var interactionID: String?

    package init(
        service: String?, isRenewed: Bool = false, isGateway: Bool = false, interactionID: String? = nil
    ) {
        self.service = service
        self.isRenewed = isRenewed
        self.isGateway = isGateway && !isRenewed && service != nil
        self.interactionID = interactionID
    }

    /// Reads the parameters of a login.
    ///
    /// - Parameter interactionID: The admitted interaction whose ``resume`` these parameters are; nil for those of the
    ///   browser.
    /// - Throws: ``LoginRefusal/repeatedParameter``.
    package init(_ parameters: RequestParameters, interactionID: String? = nil) throws(LoginRefusal) {
        do {
            self.init(
                service: try parameters.single("service"), isRenewed: try parameters.isSet("renew"),
                isGateway: try parameters.isSet("gateway"), interactionID: interactionID)
        } catch { throw .repeatedParameter }
    }

    /// The request as the query of a login, to be stored while the person signs in.
    package var resume: String {
        var pairs: [FormURLEncoded.Pair] = []
        if let service { pairs.append(FormURLEncoded.Pair("service", service)) }
        if isRenewed { pairs.append(FormURLEncoded.Pair("renew", "true")) }
        if isGateway { pairs.append(FormURLEncoded.Pair("gateway", "true")) }
        return FormURLEncoded.encode(pairs)
    }
}
