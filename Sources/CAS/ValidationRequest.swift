import Cryptography
package import Wire

/// One call of `/serviceValidate` or `/p3/serviceValidate` (CAS 3.0 §2.5.1, §2.8.1).
///
/// The ticket itself stops here: only its hash goes on, so no log line and no answer can repeat it.
package struct ValidationRequest: Equatable, Sendable {
    /// The presented service, decoded, not yet compared with anything.
    package var service: String
    /// `OpaqueToken.hash(of:)` of the presented ticket; the key under which the store takes it.
    package var ticketHash: String
    /// Whether the presented ticket begins like a proxy ticket (§3.2.1).
    package var isProxyTicket: Bool
    /// `renew`: only a ticket from an initial login will do.
    package var requiresNewLogin: Bool
    /// `pgtUrl`: where the service wants a proxy-granting ticket delivered (§2.5.4).
    package var proxyCallback: String?
    package var format: ServiceResponse.Format

    /// What a request turned out to be. A refusal is no thrown error: it is an answer in the protocol's own shape.
    package enum Reading: Equatable, Sendable {
        case request(ValidationRequest)
        /// Nothing was attempted with the ticket; it stays as it was.
        case refused(CASError, format: ServiceResponse.Format)
    }

    /// Reads the parameters of a validation.
    ///
    /// Every parameter of §2.5.1 may occur once. An unsupported `format` is an error (§2.5.1) and, as there is no
    /// format to answer in, told in XML.
    package static func read(_ parameters: RequestParameters) -> Reading {
        do {
            let format = try ServiceResponse.Format(parameters)
            do {
                return .request(try ValidationRequest(parameters, format: format))
            } catch { return .refused(error.failure, format: format) }
        } catch { return .refused(error.failure, format: .xml) }
    }

    /// The answer when the store knows no ticket of this hash.
    ///
    /// A proxy ticket gets its own explanation, which §2.5 recommends for this address.
    package var unknownTicket: CASError { isProxyTicket ? .proxyTicket : .unknownTicket }

    private init(_ parameters: RequestParameters, format: ServiceResponse.Format) throws(Unusable) {
        let service = try parameters.once("service")
        let ticket = try parameters.once("ticket")
        self.proxyCallback = try parameters.once("pgtUrl")
        do {
            self.requiresNewLogin = try parameters.isSet("renew")
        } catch { throw Unusable(.repeatedParameter) }
        guard let service, let ticket else { throw Unusable(.missingParameter) }
        self.service = service
        self.ticketHash = OpaqueToken.hash(of: ticket)
        self.isProxyTicket = ticket.hasPrefix("PT-")
        self.format = format
    }
}

/// Carries a failure from the reading functions to ``ValidationRequest/read(_:)``, which returns it.
struct Unusable: Error {
    let failure: CASError
    init(_ failure: CASError) { self.failure = failure }
}

extension ServiceResponse.Format {
    /// The `format` parameter; XML when it is absent (§2.5.1). Upper and lower case are both in use.
    fileprivate init(_ parameters: RequestParameters) throws(Unusable) {
        switch try parameters.once("format")?.lowercased() {
        case nil, "xml": self = .xml
        case "json": self = .json
        default: throw Unusable(.unsupportedFormat)
        }
    }
}

extension RequestParameters {
    /// A parameter that must not be repeated; empty counts as absent.
    fileprivate func once(_ name: String) throws(Unusable) -> String? {
        do { return try single(name) } catch { throw Unusable(.repeatedParameter) }
    }

    /// Whether a flag such as `renew` is set (§2.1.1: "if this parameter is set", recommended value `true`).
    ///
    /// Any value sets it, none as well; only the plain word `false`, which some clients send, does not.
    /// - Throws: `.repeated(name)`.
    func isSet(_ name: String) throws(RequestParametersError) -> Bool {
        guard let value = try value(name) else { return false }
        return value.lowercased() != "false"
    }
}
