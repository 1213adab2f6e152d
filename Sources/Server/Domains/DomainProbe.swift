package import Directory
import FoundationEssentials
package import Gateways

/// Looks where the proof of a domain must be. What counts as one is for ``ClaimedDomain`` to say.
package struct DomainProbe: Sendable {
    private let http: OutboundHTTP
    private let dns: DNSResolver
    private let origin: @Sendable (DomainName) -> String

    /// A token and its line end are far shorter; an error page is longer.
    private static let greatestFile = 256

    /// - Parameters:
    ///   - http: Decides which addresses may be called, and for how long; stays open and the caller's.
    ///   - origin: Where the web server of a domain is; tests have theirs on loopback.
    package init(
        http: OutboundHTTP, dns: DNSResolver,
        origin: @escaping @Sendable (DomainName) -> String = { "https://\($0.text)" }
    ) {
        self.http = http
        self.dns = dns
        self.origin = origin
    }

    /// What is wrong with both proofs; nil when one of them is right. The web server is only called when the record is
    /// not.
    /// - Throws: `CancellationError`; whatever web and name servers do is an answer.
    func failure(of domain: ClaimedDomain) async throws -> DomainFailure? {
        guard let record = try await recordFault(of: domain), let file = try await fileFault(of: domain) else {
            return nil
        }
        return .unproved(file: file, record: record)
    }

    private func fileFault(of domain: ClaimedDomain) async throws -> DomainFailure.FileFault? {
        let request = OutboundRequest(
            .get, "\(origin(domain.name))/\(domain.fileName)", headers: [("Accept", "text/plain")],
            maximumResponseBytes: Self.greatestFile)
        do {
            let response = try await http.send(request)
            return switch response.status {
            case 200: domain.isProof(file: response.body) ? nil : .different
            case 300..<400: .redirected
            case 500...: .unreachable
            default: .missing
            }
        } catch let error as OutboundError { return .init(error) }
    }

    private func recordFault(of domain: ClaimedDomain) async throws -> DomainFailure.RecordFault? {
        do {
            let targets = try await dns.canonicalNames(of: domain.recordName)
            guard !targets.isEmpty else { return .missing }
            return targets.contains(where: domain.isProof(target:)) ? nil : .different
        } catch is DNSError { return .unavailable }
    }
}

extension DomainFailure.FileFault {
    fileprivate init(_ error: OutboundError) {
        switch error {
        case .forbiddenAddress, .insecure: self = .forbidden
        case .untrusted: self = .untrusted
        case .responseTooLarge: self = .different
        case .invalidURL, .unresolvable, .unreachable, .timedOut, .unreadableCertificates: self = .unreachable
        }
    }
}
