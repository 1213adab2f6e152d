import Wire

/// What the vendor answered to one message ("SendSms": response parameters; "API 错误码").
struct AlibabaSMSAnswer: Equatable, Sendable {
    /// The HTTP status.
    var status: Int
    /// `Code`; nil when the body is not what the vendor documents.
    var code: String?
    /// `BizId`, the number of the sending.
    var sendingID: String?

    init(_ response: OutboundResponse) {
        let json = response.json
        status = response.status
        code = json?["Code"]?.string
        sendingID = json?["BizId"]?.string
    }

    /// - Returns: What the vendor calls the message, when it says so in harmless text.
    /// - Throws: ``SMSError`` unless the vendor took the message.
    func reference(of message: SMSMessage) throws(SMSError) -> String? {
        guard status != 429, status < 500, let code else { throw .status(status) }
        guard code == "OK" else { throw Self.error(code, message) }
        guard status == 200 else { throw .status(status) }
        return VendorWord.reference(sendingID, of: message)
    }

    /// Whatever is neither about the receiver nor passes by itself needs a person: keys, permissions, clock, account
    /// without money, signature, template, variables, and codes that we do not know.
    private static func error(_ text: String, _ message: SMSMessage) -> SMSError {
        guard let code = VendorWord.code(text, about: message) else { return .unavailable(reason: "unreadable code") }
        if aboutReceiver.contains(code) { return .rejected(code: code) }
        if passing.contains(where: { code == $0 || code.hasPrefix($0 + ".") }) { return .unavailable(reason: code) }
        return .misconfigured(code: code)
    }

    /// `BUSINESS_LIMIT_CONTROL` counts what one phone got: going to another vendor would evade what protects the
    /// person. `BLACK_KEY_CONTROL_LIMIT` is the list of those who want no messages.
    private static let aboutReceiver: Set = [
        "isv.MOBILE_NUMBER_ILLEGAL", "isv.BUSINESS_LIMIT_CONTROL", "isv.BLACK_KEY_CONTROL_LIMIT",
    ]

    /// The vendor's own trouble, too many requests, and the limits of the whole account for a day or a month.
    private static let passing = [
        "isp.SYSTEM_ERROR", "isp.GATEWAY_ERROR", "isp.UNKNOWN", "isv.DAY_LIMIT_CONTROL", "isv.MONTH_LIMIT_CONTROL",
        "InternalError", "ServiceUnavailable", "Throttling",
    ]
}
