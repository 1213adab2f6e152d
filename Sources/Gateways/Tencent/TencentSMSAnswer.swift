import Wire

/// What the vendor answered to one message ("SendSms": output parameters, error codes; "返回结果").
///
/// An answer has either an error of the whole request or a status for each receiver, both with HTTP status 200.
struct TencentSMSAnswer: Equatable, Sendable {
    private static let success = "Ok"

    /// The HTTP status.
    var status: Int
    /// Whether there is a `Response`, as everything that the vendor's interface answers has.
    var isResponse: Bool
    /// `Error.Code`.
    var errorCode: String?
    /// `SendStatusSet[].Code`, one a receiver.
    var receiverCodes: [String]
    /// `SendStatusSet[0].SerialNo`.
    var serialNumber: String?

    init(_ response: OutboundResponse) {
        let body = response.json?["Response"]
        let receivers = body?["SendStatusSet"]?.array ?? []
        status = response.status
        isResponse = body?.members != nil
        errorCode = body?["Error"]?["Code"]?.string
        receiverCodes = receivers.compactMap { $0["Code"]?.string }
        serialNumber = receivers.first?["SerialNo"]?.string
    }

    /// - Returns: What the vendor calls the message, when it says so in harmless text.
    /// - Throws: ``SMSError`` unless the vendor took the message.
    func reference(of message: SMSMessage) throws(SMSError) -> String? {
        guard status == 200, isResponse else { throw .status(status) }
        if let errorCode { throw Self.error(errorCode, message) }
        if let refusal = receiverCodes.first(where: { $0 != Self.success }) { throw Self.error(refusal, message) }
        // Success without a receiver: nothing was sent.
        guard !receiverCodes.isEmpty else { throw .unavailable(reason: "no result") }
        return VendorWord.reference(serialNumber, of: message)
    }

    /// Whatever is neither about the receiver nor passes by itself needs a person: keys, permissions, clock, account
    /// without money, application, signature, template, variables, and codes that we do not know.
    private static func error(_ text: String, _ message: SMSMessage) -> SMSError {
        guard let code = VendorWord.code(text, about: message) else { return .unavailable(reason: "unreadable code") }
        if aboutReceiver.contains(code) { return .rejected(code: code) }
        if needingPerson.contains(code) { return .misconfigured(code: code) }
        let isPassing = passing.contains { code == $0 || code.hasPrefix($0 + ".") }
        return isPassing ? .unavailable(reason: code) : .misconfigured(code: code)
    }

    /// The limits of one phone are among them: going to another vendor would evade what protects the person.
    private static let aboutReceiver: Set = [
        "FailedOperation.PhoneNumberInBlacklist", "InvalidParameterValue.IncorrectPhoneNumber",
        "LimitExceeded.PhoneNumberDailyLimit", "LimitExceeded.PhoneNumberOneHourLimit",
        "LimitExceeded.PhoneNumberSameContentDailyLimit", "LimitExceeded.PhoneNumberThirtySecondLimit",
    ]

    /// What the families below have in them that does not pass: our clock is ten minutes off, the country is not
    /// among those that the console allows.
    private static let needingPerson: Set = [
        "InternalError.RequestTimeException", "LimitExceeded.AppCountryOrRegionInBlacklist",
    ]

    /// The vendor's own trouble, too many requests, and the limits of the whole account or application.
    private static let passing = ["InternalError", "LimitExceeded", "RequestLimitExceeded", "ServiceUnavailable"]
}
