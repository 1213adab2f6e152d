import Cryptography
package import FoundationEssentials
import Wire

/// Alibaba Cloud "Short Message Service" (短信服务): `SendSms` of Dysmsapi, version 2017-05-25, one receiver a request.
///
/// The vendor sends approved templates only. The text of a message is therefore not sent; the template of its purpose
/// is, with the message's parameters by name. The API's description declares all parameters as parts of the query.
package struct AlibabaCloudSMSGateway: SMSGateway {
    package var name: String { "alibaba" }

    private let settings: Settings
    private let endpoint: VendorEndpoint
    private let http: OutboundHTTP
    private let now: @Sendable () -> Date

    /// - Parameters:
    ///   - http: Must be allowed to reach the endpoint.
    ///   - now: The clock; the vendor refuses requests that are signed fifteen minutes off its own.
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
        var random = SecureRandom()
        let request = try request(message, nonce: hexadecimal(random.bytes(16)), now: now())
        let answer = AlibabaSMSAnswer(try await http.answer(to: request))
        return SMSReceipt(gateway: name, reference: try answer.reference(of: message))
    }

    /// The request for one message; a function of its arguments alone.
    func request(_ message: SMSMessage, nonce: String, now: Date) throws(SMSError) -> OutboundRequest {
        var request = CanonicalRequest(query: try parameters(message), headers: [])
        request.headers = [
            (name: "host", value: endpoint.host), (name: "x-acs-action", value: "SendSms"),
            (name: "x-acs-content-sha256", value: request.bodyHash),
            (name: "x-acs-date", value: VendorTime.extended(now)), (name: "x-acs-signature-nonce", value: nonce),
            (name: "x-acs-version", value: "2017-05-25"),
        ]
        let authorization = AlibabaRequestSignature(request: request).authorization(settings.key)
        return OutboundRequest(
            .post, "\(endpoint.url)\(request.path)?\(request.queryText)",
            headers: request.headers + [(name: "Authorization", value: authorization)])
    }

    /// `TemplateParam` is a JSON object of texts; left out for templates without variables.
    private func parameters(_ message: SMSMessage) throws(SMSError) -> [FormURLEncoded.Pair] {
        guard let approved = settings.approval(forPhone: message.to) else {
            throw .misconfigured(code: "ambiguous number")
        }
        let template = try approved.templates.neededTemplate(for: message.purpose)
        var pairs = [
            FormURLEncoded.Pair("PhoneNumbers", Self.phoneNumber(message)),
            FormURLEncoded.Pair("TemplateCode", template.id),
        ]
        if let signature = approved.signature { pairs.append(FormURLEncoded.Pair("SignName", signature)) }
        let values = try template.values(of: message).map { JSON.Member($0.name, .string($0.value)) }
        if !values.isEmpty { pairs.append(FormURLEncoded.Pair("TemplateParam", JSON.object(values).text)) }
        return pairs
    }

    /// Country code and number, without `+`: `8613800001234`, `85251234567` ("SendSms", `PhoneNumbers`: `+`, `+86`,
    /// `0086`, `86` or nothing before the 11 digits of a mainland number, else country code and number).
    private static func phoneNumber(_ message: SMSMessage) -> String { String(message.to.dropFirst()) }
}
