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
    /// `result[0].smsMsgId`.
    var messageID: String?

    init(_ response: OutboundResponse) {
        let json = response.json
        let receivers = json?["result"]?.array ?? []
        status = response.status
        code = json?["code"]?.string
        receiverStatuses = receivers.compactMap { $0["status"]?.string }
        messageID = receivers.first?["smsMsgId"]?.string
    }

    /// - Returns: What the vendor calls the message, when it says so in harmless text.
    /// - Throws: ``SMSError`` unless the vendor took the message.
    func reference(of message: SMSMessage) throws(SMSError) -> String? {
        guard status != 429, status < 500, let code else { throw .status(status) }
        // What is said about our receiver explains more than the summary.
        if let refusal = receiverStatuses.first(where: { $0 != Self.success }) { throw Self.error(refusal, message) }
        guard code == Self.success else { throw Self.error(code, message) }
        // Success without a receiver: nothing was sent.
        guard status == 200, !receiverStatuses.isEmpty else { throw .unavailable(reason: "no result") }
        return VendorWord.reference(messageID, of: message)
    }

    /// Codes `E0000..` and `E0001..` are about headers, keys and permissions, `E2000..` about template, signature and
    /// channel; whatever remains is about the receiver. `E000000` is the vendor's own trouble.
    private static func error(_ text: String, _ message: SMSMessage) -> SMSError {
        guard let code = VendorWord.code(text, about: message) else { return .unavailable(reason: "unreadable code") }
        if code == "E000000" { return .unavailable(reason: code) }
        let isOurs = ["E0000", "E0001", "E2000", "APIGW."].contains { code.hasPrefix($0) }
        return isOurs ? .misconfigured(code: code) : .rejected(code: code)
    }
}
