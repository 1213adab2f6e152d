package import FoundationEssentials
import Wire

/// Tencent Cloud "SMS" (短信): `SendSms`, version 2021-01-11, one receiver a request.
///
/// The vendor sends approved templates only. The text of a message is therefore not sent; the template of its purpose
/// is, with the message's parameters in order.
package struct TencentCloudSMSGateway: SMSGateway {
    package var name: String { "tencent" }

    private let settings: Settings
    private let endpoint: VendorEndpoint
    private let http: OutboundHTTP
    private let now: @Sendable () -> Date

    /// - Parameters:
    ///   - http: Must be allowed to reach the endpoint.
    ///   - now: The clock; the vendor refuses requests that are signed five minutes off its own.
    /// - Throws: ``OutboundError`` when the endpoint is no absolute URL without path.
    package init(
        _ settings: Settings, http: OutboundHTTP, now: @escaping @Sendable () -> Date
    ) throws(OutboundError) {
        self.settings = settings
        self.endpoint = try VendorEndpoint(settings.endpoint)
        self.http = http
        self.now = now
    }

    package func send(_ message: SMSMessage) async throws -> SMSReceipt {
        let answer = TencentSMSAnswer(try await http.answer(to: try request(message, now: now())))
        return SMSReceipt(gateway: name, reference: try answer.reference(of: message))
    }

    /// The request for one message; a function of its arguments alone.
    func request(_ message: SMSMessage, now: Date) throws(SMSError) -> OutboundRequest {
        let body = try body(message)
        let signed = [
            (name: "Content-Type", value: "application/json; charset=utf-8"), (name: "Host", value: endpoint.host),
            (name: "X-TC-Action", value: "SendSms"),
        ]
        let signature = TencentRequestSignature(
            CanonicalRequest(headers: signed, body: body), service: "sms", time: now)
        let unsigned = [
            (name: "X-TC-Version", value: "2021-01-11"), (name: "X-TC-Region", value: settings.region),
            (name: "X-TC-Timestamp", value: signature.timestamp),
            (name: "Authorization", value: signature.authorization(settings.key)),
        ]
        return OutboundRequest(.post, endpoint.url + "/", headers: signed + unsigned, body: body)
    }

    private func body(_ message: SMSMessage) throws(SMSError) -> [UInt8] {
        let approved = settings.approval(forPhone: message.to)
        let template = try approved.templates.neededTemplate(for: message.purpose)
        let values = try template.values(of: message).map(\.value)
        var json = JSONWriter()
        json.beginObject()
        json.member("PhoneNumberSet", [message.to])
        json.member("SmsSdkAppId", settings.applicationID)
        json.member("TemplateId", template.id)
        json.member("SignName", ifPresent: approved.signature)
        json.member("TemplateParamSet", values)
        json.endObject()
        return json.bytes
    }
}
