import Directory
import Wire

extension ClaimedDomain {
    /// One word, and whether the proof of a verified domain is still there.
    var stateName: String {
        switch state {
        case .pending: "pending"
        case .failed: "failed"
        case .verified: failure == nil ? "verified" : "verified, proof missing"
        }
    }

    var json: JSON {
        [
            "domain": .string(name.text), "state": .string(stateKey), "token": .string(token),
            "file": ["url": .string(fileURL), "content": .string(token)],
            "cname": ["name": .string(recordName), "target": .string(recordTarget)],
            "addedAt": .time(addedAt), "verifiedAt": .time(verifiedAt), "checkedAt": .time(checkedAt),
            "nextCheckAt": .time(nextCheckAt), "failure": failure?.json ?? .null,
        ]
    }

    private var stateKey: String {
        switch state {
        case .pending: "pending"
        case .failed: "failed"
        case .verified: "verified"
        }
    }

    /// What to put where.
    var instructions: [String] {
        [
            "Prove that it is yours in one of these two ways.", "",
            "A file on the domain's web server:", "    address  \(fileURL)", "    content  \(token)",
            "  Anybody must get it at this very address, by https, without a redirect and without signing in.", "",
            "Or a CNAME record in the domain's zone:", "    name     \(recordName)", "    target   \(recordTarget)",
            "  Nothing has to exist under the target. Some consoles want the name without \(name.text), and a final",
            "  dot after the target.", "",
            "Gatehouse looks for it by itself during seven days, at first every few minutes, and tells in the log and in",
            "`gatehouse domain list`. To have it look now: gatehouse domain check \(name.text)",
        ]
    }

    /// What the last check came to.
    var report: [String] {
        guard let failure else { return ["The domain \(name.text) is verified: members sign in as name@\(name.text)."] }
        let beginning =
            verifiedAt == nil
            ? "The domain \(name.text) is not verified."
            : "The domain \(name.text) stays verified, but its proof is not there any more."
        switch failure {
        case .verifiedElsewhere:
            return [beginning, "The proof is there, but another tenant has verified this domain before."]
        case .unproved(let file, let record):
            return [beginning, "File:  \(file.words)", "CNAME: \(record.words)", ""] + instructions
        }
    }
}

extension DomainFailure {
    fileprivate var json: JSON {
        switch self {
        case .unproved(let file, let record):
            ["file": .string(file.rawValue), "cname": .string(record.rawValue)]
        case .verifiedElsewhere: ["reason": .string(rawValue)]
        }
    }
}

extension DomainFailure.FileFault {
    fileprivate var words: String {
        switch self {
        case .missing: "the web server has no such file; it is in another place or has another name"
        case .redirected: "the web server redirects this address to another, which is not followed"
        case .different: "something else is at this address than the token alone"
        case .unreachable: "the web server could not be reached, or answers with an error"
        case .untrusted: "the web server's certificate is not trusted, not valid now, or for another name"
        case .forbidden: "the domain's address is not on the public network and was not called"
        }
    }
}

extension DomainFailure.RecordFault {
    fileprivate var words: String {
        switch self {
        case .missing: "there is no such record, or it has not spread yet"
        case .different: "the record has another target"
        case .unavailable: "the name servers gave no answer"
        }
    }
}
