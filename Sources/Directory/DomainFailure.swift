/// Why a domain is not proved: the closed list that the audit log and the command line tell.
package enum DomainFailure: Equatable, Sendable {
    /// Neither proof is there.
    case unproved(file: FileFault, record: RecordFault)
    /// The proof is there, but another tenant gave it first. Only who has proved the domain learns this.
    case verifiedElsewhere

    /// What is wrong with the file.
    package enum FileFault: String, Equatable, Sendable, CaseIterable {
        /// The web server has no such file.
        case missing
        /// The web server sends elsewhere, where nobody goes.
        case redirected
        /// Something else is in the file.
        case different
        /// No address, nobody there, no answer in time, or an error of the server.
        case unreachable
        /// The certificate is not trusted, not valid now, or for another name.
        case untrusted
        /// The domain's address is one of the inside, which is not called.
        case forbidden
    }

    /// What is wrong with the record.
    package enum RecordFault: String, Equatable, Sendable, CaseIterable {
        case missing
        /// It says something else.
        case different
        /// The name servers could not be asked, or their answer could not be read.
        case unavailable
    }
}

/// How a failure is stored: `file:missing cname:different`, or `verified_elsewhere`.
extension DomainFailure: RawRepresentable {
    package init?(rawValue: String) {
        guard rawValue != Self.elsewhere else {
            self = .verifiedElsewhere
            return
        }
        let words = rawValue.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 2, words[0].hasPrefix("file:"), words[1].hasPrefix("cname:"),
            let file = FileFault(rawValue: String(words[0].dropFirst(5))),
            let record = RecordFault(rawValue: String(words[1].dropFirst(6)))
        else { return nil }
        self = .unproved(file: file, record: record)
    }

    package var rawValue: String {
        switch self {
        case .unproved(let file, let record): "file:\(file.rawValue) cname:\(record.rawValue)"
        case .verifiedElsewhere: Self.elsewhere
        }
    }

    static let elsewhere = "verified_elsewhere"
}
