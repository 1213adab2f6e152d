import Cryptography
package import FoundationEssentials

/// A domain that a tenant says is its own, and how far the proof of it is.
///
/// There are two proofs, either of which does: a file on the domain's web server, or a CNAME record in its zone. Both
/// hold the token, which nobody but the tenant was told, so that nobody else can have had them put there. The token
/// is no secret beyond that: the proof publishes it.
package struct ClaimedDomain: Equatable, Sendable {
    package let tenantID: String
    package let name: DomainName
    /// See ``mintToken(using:)``.
    package let token: String
    /// Whole seconds, as all times here.
    package let addedAt: Date
    /// When it was first proved; a proof that goes away later does not take this back.
    package private(set) var verifiedAt: Date?
    package private(set) var checkedAt: Date?
    /// What the last check found wrong; of a verified domain, that the proof is not there any more.
    package private(set) var failure: DomainFailure?
    /// When it is to be checked next; nil: when somebody asks for it.
    package private(set) var nextCheckAt: Date?

    /// How far the proof is.
    package enum State: Equatable, Sendable {
        /// Not looked at yet.
        case pending
        /// Looked at, and not proved.
        case failed(DomainFailure)
        case verified
    }

    package var state: State {
        if verifiedAt != nil { return .verified }
        return failure.map { .failed($0) } ?? .pending
    }

    /// Claims a domain; it is to be checked at once.
    package init(_ name: DomainName, of tenantID: String, token: String, now: Date) {
        self.tenantID = tenantID
        self.name = name
        self.token = token
        addedAt = now
        nextCheckAt = now
    }

    /// Takes a domain as it was stored.
    package init(
        stored claim: ClaimedDomain, verifiedAt: Date?, checkedAt: Date?, failure: DomainFailure?, nextCheckAt: Date?
    ) {
        self = claim
        self.verifiedAt = verifiedAt
        self.checkedAt = checkedAt
        self.failure = failure
        self.nextCheckAt = nextCheckAt
    }

    /// A new token: 32 characters of `a-z 2-7` (160 random bits), so that it can be a label of a domain name.
    package static func mintToken(using random: inout some RandomNumberGenerator) -> String {
        let letters = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
        return String(decoding: random.bytes(32).map { letters[Int($0 & 31)] }, as: UTF8.self)
    }

    // MARK: What to put where

    /// The name of the file at the root of the domain's web server.
    package var fileName: String { "gatehouse-\(token).txt" }
    /// Where the file must be found, without a redirect.
    package var fileURL: String { "https://\(name.text)/\(fileName)" }
    /// The name of the CNAME record.
    package var recordName: String { "\(token).\(name.text)" }
    /// What the CNAME record must say. Nothing has to exist there: the text is compared and never looked up. It lies in
    /// the domain itself, so that a tenant whose issuer moves keeps its proof.
    package var recordTarget: String { "\(token).\(Self.recordLabel).\(name.text)" }

    private static let recordLabel = "gatehouse"
    /// What ``recordTarget`` is longer than the domain.
    static let recordOverhead = 32 + 1 + 9 + 1

    /// Whether what was found in the file's place is the token: alone, but for the line end that editors add.
    package func isProof(file: [UInt8]) -> Bool {
        ["", "\n", "\r\n"].contains { file == Array((token + $0).utf8) }
    }

    /// Whether what a CNAME record was found to say is what it must.
    /// - Parameter target: As it is written in zones, maybe with a final dot.
    package func isProof(target: String) -> Bool {
        TypedText.lowercasedASCII(target.hasSuffix(".") ? String(target.dropLast()) : target) == recordTarget
    }

    // MARK: Checks

    /// The domain after a check.
    /// - Parameter failure: nil when a proof was found. Where the name servers could not be asked, a verified domain stays
    ///   as it is and is looked for again soon: their fault, or ours, is not the loss of a proof.
    package func checked(_ failure: DomainFailure?, now: Date) -> ClaimedDomain {
        var next = self
        next.checkedAt = now
        if verifiedAt != nil, case .unproved(_, .unavailable) = failure {
            next.nextCheckAt = now + Self.hours
            return next
        }
        next.failure = failure
        if failure == nil { next.verifiedAt = verifiedAt ?? now }
        next.nextCheckAt = next.verifiedAt == nil ? Self.retry(of: addedAt, now: now) : now + Self.week
        return next
    }

    /// What the log is told of a check: a result that is new, and the last that is looked for by itself.
    /// - Parameter old: The domain as it was before the check.
    package func event(since old: ClaimedDomain) -> DomainEvent? {
        switch (old.verifiedAt, failure) {
        case (nil, nil): .verified(name)
        case (nil, let failure?): failure != old.failure || nextCheckAt == nil ? .failed(name, failure) : nil
        case (_, let failure?): old.failure == nil ? .proofMissing(name, failure) : nil
        case (_, nil): nil
        }
    }

    /// Soon at first, as whoever added the domain is at it; rarely later, as zones take hours to spread. A week after
    /// it was added nobody is.
    private static func retry(of addedAt: Date, now: Date) -> Date? {
        let age = now.timeIntervalSince(addedAt)
        let wait = waits.first { age < $0.age }?.wait ?? hours
        let next = now + wait
        return next <= addedAt + week ? next : nil
    }

    /// Up to an age of the claim, how long to the next check; seconds.
    private static let waits: [(age: TimeInterval, wait: TimeInterval)] = [(300, 300), (1_200, 900), (4_800, 3_600)]
    private static let hours: TimeInterval = 4 * 3_600
    private static let week: TimeInterval = 7 * 86_400
}
