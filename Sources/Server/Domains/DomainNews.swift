import Directory

/// What administrators are told of a domain's check: the first proof, the end of the search, and the loss of a proof.
struct DomainNews: Equatable, Sendable {
    let tenantID: String
    let domain: DomainName
    /// Of the sentence in the texts of pages.
    let key: String

    /// - Returns: nil for what is looked for again soon: who added the domain is at it then.
    init?(_ result: DomainVerification.Result) {
        switch result.event {
        case .verified: key = "domainNewsVerified"
        case .failed where result.domain.nextCheckAt == nil: key = "domainNewsFailed"
        case .proofMissing: key = "domainNewsMissing"
        case .added, .removed, .failed, nil: return nil
        }
        tenantID = result.domain.tenantID
        domain = result.domain.name
    }
}
