import Cryptography
package import FoundationEssentials

/// One browser's sign-in transaction: a protocol request that waits for a person to sign in.
///
/// It lives on the server; the browser carries its id and a cookie that proves it is the browser that began. So no
/// one can change the request on its way, and no one can have another person finish it for them (peers' class 7).
package struct Interaction: Equatable, Sendable {
    package var id: String
    package var tenantID: String
    /// `OpaqueToken.hash` of the browser's secret.
    package var browserHash: String
    /// What the endpoint needs to go on, in a form of its own that nothing else reads.
    package var resume: String
    package var requirement: AuthenticationRequirement
    package var state: SignIn.State
    /// The application to be entered, to name it on the page; nil for the portal.
    package var applicationID: String?
    /// Scheme, host and port to which the browser will be sent at the end: a Content-Security-Policy `form-action`
    /// must allow it, since browsers apply that to the redirects after a form as well.
    package var destinationOrigin: String?
    /// Whole seconds.
    package var createdAt: Date
    /// The first instant at which it is over; whole seconds.
    package var expiresAt: Date

    package init(
        id: String, tenantID: String, browserHash: String, request: Request, lifetime: TimeInterval, now: Date
    ) {
        self.id = id
        self.tenantID = tenantID
        self.browserHash = browserHash
        resume = request.resume
        requirement = request.requirement
        applicationID = request.applicationID
        destinationOrigin = request.destinationOrigin
        state = .choosingMethod
        createdAt = now
        expiresAt = now + lifetime
    }

    /// What the endpoint that needs a person hands over.
    package struct Request: Equatable, Sendable {
        package var resume: String
        package var requirement: AuthenticationRequirement
        package var applicationID: String?
        package var destinationOrigin: String?

        package init(
            resume: String, requirement: AuthenticationRequirement, applicationID: String? = nil,
            destinationOrigin: String? = nil
        ) {
            self.resume = resume
            self.requirement = requirement
            self.applicationID = applicationID
            self.destinationOrigin = destinationOrigin
        }
    }

    /// Whether a request may go on with an interaction.
    package enum Admission: Equatable, Sendable {
        case admitted
        /// To be shown like an unknown id: another browser's or another tenant's interaction does not exist here.
        case foreign
        case expired
    }

    /// Checks that a request comes from the browser that began, at the tenant where it began, in time.
    /// - Parameters:
    ///   - browserSecret: The cookie's value; nil when there is none.
    ///   - tenantID: The tenant whose host was called.
    ///   - now: The current time; whole seconds.
    package func admission(browserSecret: String?, tenantID: String, now: Date) -> Admission {
        guard let browserSecret, self.tenantID == tenantID else { return .foreign }
        guard ConstantTime.equal(OpaqueToken.hash(of: browserSecret), browserHash) else { return .foreign }
        return now < expiresAt ? .admitted : .expired
    }
}
