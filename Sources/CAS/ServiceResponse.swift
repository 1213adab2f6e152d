package import Directory
package import FoundationEssentials
import Wire

/// The answer to a validation (CAS 3.0 §2.5.2, Appendix A). The HTTP status is 200 in both cases.
package enum ServiceResponse: Equatable, Sendable {
    case success(AuthenticationSuccess)
    case failure(CASError)

    /// `format` (§2.5.1).
    package enum Format: Equatable, Sendable, CaseIterable {
        case xml, json
    }

    /// The address that was called, which decides what a success tells.
    package enum Version: Equatable, Sendable, CaseIterable {
        /// `/serviceValidate`: the user.
        case cas2
        /// `/p3/serviceValidate`: the user and attributes (§2.8).
        case cas3
    }

    /// The answer to a ticket that was validated.
    ///
    /// - Parameters:
    ///   - user: The user name.
    ///   - released: What the application may know; empty for `/serviceValidate`, whatever is given.
    package static func success(
        _ ticket: ServiceTicket, user: String, released: [AttributeRelease.Value], version: Version
    ) -> ServiceResponse {
        .success(AuthenticationSuccess(ticket, user: user, released: released, version: version))
    }

    /// UTF-8 text of `application/xml` or `application/json`.
    package func body(_ format: Format) -> [UInt8] {
        switch format {
        case .xml: Array(xml.utf8)
        case .json: json
        }
    }
}

/// `authenticationSuccess`.
package struct AuthenticationSuccess: Equatable, Sendable {
    package let user: String
    package let attributes: Attributes?

    /// `attributes` (Appendix A, AttributesType): three elements that are always there, then the released ones.
    package struct Attributes: Equatable, Sendable {
        package let authenticationDate: Date
        package let longTermAuthenticationRequestTokenUsed: Bool
        package let isFromNewLogin: Bool
        /// In the order of release; each name once.
        package let released: [AttributeRelease.Value]
    }

    /// A 2.0 answer has attributes only for a remembered session, and then only the protocol's own: every validation
    /// method must tell the application that the person may not be sitting there (§4.1.3).
    init(_ ticket: ServiceTicket, user: String, released: [AttributeRelease.Value], version: ServiceResponse.Version) {
        self.user = user
        let hasAttributes = version == .cas3 || ticket.isFromRememberedSession
        attributes = hasAttributes ? Attributes(ticket, released: version == .cas3 ? released : []) : nil
    }
}

extension AuthenticationSuccess.Attributes {
    init(_ ticket: ServiceTicket, released: [AttributeRelease.Value]) {
        authenticationDate = ticket.authenticatedAt
        longTermAuthenticationRequestTokenUsed = ticket.isFromRememberedSession
        isFromNewLogin = ticket.isFromNewLogin
        self.released = released.filter { AttributeName.isUsable($0.name) }
    }
}
