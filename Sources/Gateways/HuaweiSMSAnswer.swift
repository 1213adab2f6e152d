import Wire

/// What the vendor answered to one message ("SMS Sending API": response parameters, error codes).
///
/// The answer has a code of its own and, when the request was understood, a status for each receiver. Both must be
/// `000000`: a request can be a success in which the one message was refused.
struct HuaweiSMSAnswer: Equatable, Sendable {
    private static let success = "000000"

    /// The HTTP status.
    var status: Int
    /// `code`; nil when the body is not what the vendor documents.
    var code: String?
    /// `result[].status`, one a receiver.
    var receiverStatuses: [String]

    init(_ response: OutboundResponse) {
        status = response.status
        let json = try? JSON.parse(response.body, maximumDepth: 8)
        code = json?["code"]?.string
        receiverStatuses = json?["result"]?.array?.compactMap { $0["status"]?.string } ?? []
    }

    /// - Throws: ``SMSError`` unless the vendor took the message.
    func check() throws(SMSError) {
        guard status != 429, status < 500 else { throw .unavailable(reason: "HTTP \(status)") }
        guard let code else { throw .misconfigured(code: "HTTP \(status)") }
        // What is said about our receiver explains more than the summary.
        if let refusal = receiverStatuses.first(where: { $0 != Self.success }) { throw Self.error(refusal) }
        guard code == Self.success else { throw Self.error(code) }
        // Success without a receiver: nothing was sent.
        guard status == 200, !receiverStatuses.isEmpty else { throw .unavailable(reason: "no result") }
    }

    /// Codes `E0000..` and `E0001..` are about headers, keys and permissions, `E2000..` about template, signature and
    /// channel; whatever remains is about the receiver. `E000000` is the vendor's own trouble.
    private static func error(_ code: String) -> SMSError {
        let isWord =
            code.utf8.count <= 32 && code.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") }
        guard isWord else { return .unavailable(reason: "unreadable code") }
        if code == "E000000" { return .unavailable(reason: code) }
        let isOurs = ["E0000", "E0001", "E2000", "APIGW."].contains { code.hasPrefix($0) }
        return isOurs ? .misconfigured(code: code) : .rejected(code: code)
    }
}
