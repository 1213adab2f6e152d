package import Directory

/// Why a login or logout ends on an error page. The browser is never sent to the service then: it may not be one.
package enum LoginRefusal: Error, Equatable, Sendable {
    /// `service`, `renew` or `gateway` was given more than once.
    case repeatedParameter
    /// No application of this tenant has registered the service (§2.2.1: "MUST deny operation").
    case unregisteredService
    /// The application is disabled.
    case applicationDisabled
    /// The person may not open the application; carries why.
    case accessDenied(AccessDecision)
}
