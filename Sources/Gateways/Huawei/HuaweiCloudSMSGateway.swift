import Cryptography
package import FoundationEssentials
import Wire

/// Huawei Cloud "Message & SMS" (消息&短信): `POST /sms/batchSendSms/v1`, one receiver a request.
///
/// The vendor sends approved templates only. The text of a message is therefore not sent; the template of its purpose
/// is, with the message's parameters.
package struct HuaweiCloudSMSGateway: SMSGateway {
    package var name: String { "huawei" }
    static let path = "/sms/batchSendSms/v1"

    private let settings: Settings
    private let endpoint: VendorEndpoint
    private let http: OutboundHTTP
    private let now: @Sendable () -> Date

    /// - Parameters:
    ///   - http: Must be allowed to reach the endpoint.
    ///   - now: The clock; the vendor refuses requests that are signed at another time than its own.
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
        let answer = HuaweiSMSAnswer(try await http.answer(to: request))
        return SMSReceipt(gateway: name, reference: try answer.reference(of: message))
    }

    /// The request for one message; a function of its arguments alone.
    func request(_ message: SMSMessage, nonce: String, now: Date) throws(SMSError) -> OutboundRequest {
        let body = Array(FormURLEncoded.encode(try form(message)).utf8)
        let contentType = "application/x-www-form-urlencoded"
        var headers = [(name: "Content-Type", value: contentType)]
        switch settings.authentication {
        case .signature: headers += signatureHeaders(contentType: contentType, body: body, now: now)
        case .usernameToken: headers += tokenHeaders(nonce: nonce, now: now)
        }
        return OutboundRequest(.post, endpoint.url + Self.path, headers: headers, body: body)
    }

    /// `templateParas` is a JSON array inside the form; left out for templates without variables. `signature` belongs
    /// to templates of the general kind only, and only within the Chinese mainland.
    private func form(_ message: SMSMessage) throws(SMSError) -> [FormURLEncoded.Pair] {
        let template = try settings.approved.templates.neededTemplate(for: message.purpose)
        var pairs = [
            FormURLEncoded.Pair("from", settings.sender), FormURLEncoded.Pair("to", message.to),
            FormURLEncoded.Pair("templateId", template.id),
        ]
        let values = try template.values(of: message).map { JSON.string($0.value) }
        if !values.isEmpty { pairs.append(FormURLEncoded.Pair("templateParas", JSON.array(values).text)) }
        if let signature = settings.approved.signature { pairs.append(FormURLEncoded.Pair("signature", signature)) }
        return pairs
    }

    private func signatureHeaders(contentType: String, body: [UInt8], now: Date) -> [(name: String, value: String)] {
        let date = VendorTime.basic(now)
        // Sent as it is signed; a client would leave a port of 443 out by itself.
        let sent = [(name: "Host", value: endpoint.host), (name: HuaweiRequestSignature.dateHeader, value: date)]
        let signature = HuaweiRequestSignature(
            CanonicalRequest(path: Self.path, headers: sent + [(name: "Content-Type", value: contentType)], body: body))
        return sent + [(name: "Authorization", value: signature.authorization(settings.key, date: date))]
    }

    private func tokenHeaders(nonce: String, now: Date) -> [(name: String, value: String)] {
        let token = HuaweiUsernameToken(
            username: settings.key.id, password: settings.key.secret, nonce: nonce,
            created: VendorTime.extended(now))
        return [
            (name: "Authorization", value: HuaweiUsernameToken.authorization),
            (name: "X-WSSE", value: token.headerValue),
        ]
    }
}
