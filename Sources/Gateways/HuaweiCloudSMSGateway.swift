import Cryptography
package import FoundationEssentials
import Wire

/// Huawei Cloud "Message & SMS" (消息&短信): `POST /sms/batchSendSms/v1`, one receiver a request.
///
/// The vendor sends approved templates only. The text of a message is therefore not sent; the template of its purpose
/// is, with the message's parameters.
package struct HuaweiCloudSMSGateway: SMSGateway {
    private let settings: Settings
    private let http: OutboundHTTP
    private let now: @Sendable () -> Date
    static let path = "/sms/batchSendSms/v1"

    /// - Parameters:
    ///   - http: Must be allowed to reach the endpoint.
    ///   - now: The clock; the vendor refuses requests that are signed at another time than its own.
    /// - Throws: ``OutboundError/invalidURL`` when the endpoint is no absolute URL without path.
    package init(_ settings: Settings, http: OutboundHTTP, now: @escaping @Sendable () -> Date) throws {
        guard URL(string: settings.endpoint)?.host() != nil, Self.host(of: settings.endpoint) != nil else {
            throw OutboundError.invalidURL
        }
        self.settings = settings
        self.http = http
        self.now = now
    }

    package func send(_ message: SMSMessage) async throws {
        guard let template = settings.templates[message.purpose] ?? settings.defaultTemplate else {
            throw SMSError.noTemplate(purpose: message.purpose)
        }
        var random = SecureRandom()
        let request = request(message, template, nonce: hexadecimal(random.bytes(16)), now: now())
        let response: OutboundResponse
        do { response = try await http.send(request) } catch { throw Self.unavailable(error) }
        try HuaweiSMSAnswer(response).check()
    }

    /// The request for one message; a function of its arguments alone.
    func request(_ message: SMSMessage, _ template: Template, nonce: String, now: Date) -> OutboundRequest {
        let body = Array(FormURLEncoded.encode(Self.form(message, template)).utf8)
        let contentType = "application/x-www-form-urlencoded"
        var headers = [(name: "Content-Type", value: contentType)]
        switch settings.authentication {
        case .signature: headers += signatureHeaders(contentType: contentType, body: body, now: now)
        case .usernameToken: headers += tokenHeaders(nonce: nonce, now: now)
        }
        return OutboundRequest(.post, settings.endpoint + Self.path, headers: headers, body: body)
    }

    /// `templateParas` is a JSON array inside the form; left out for templates without variables. `signature` belongs
    /// to templates of the general kind only, and only within the Chinese mainland.
    private static func form(_ message: SMSMessage, _ template: Template) -> [FormURLEncoded.Pair] {
        var pairs = [
            FormURLEncoded.Pair("from", template.sender), FormURLEncoded.Pair("to", message.to),
            FormURLEncoded.Pair("templateId", template.id),
        ]
        if !message.parameters.isEmpty {
            pairs.append(FormURLEncoded.Pair("templateParas", JSON.array(message.parameters.map(JSON.string)).text))
        }
        if let signature = template.signature { pairs.append(FormURLEncoded.Pair("signature", signature)) }
        return pairs
    }

    private func signatureHeaders(contentType: String, body: [UInt8], now: Date) -> [(name: String, value: String)] {
        let date = VendorTime.basic(now)
        // Sent as it is signed; a client would leave a port of 443 out by itself.
        let sent = [
            (name: "Host", value: Self.host(of: settings.endpoint) ?? ""),
            (name: HuaweiRequestSignature.dateHeader, value: date),
        ]
        let signature = HuaweiRequestSignature(
            method: "POST", path: Self.path, headers: sent + [(name: "Content-Type", value: contentType)], body: body)
        let authorization = signature.authorization(
            accessKey: settings.applicationKey, secretKey: settings.applicationSecret, date: date)
        return sent + [(name: "Authorization", value: authorization)]
    }

    private func tokenHeaders(nonce: String, now: Date) -> [(name: String, value: String)] {
        let token = HuaweiUsernameToken(
            username: settings.applicationKey, password: settings.applicationSecret, nonce: nonce,
            created: VendorTime.extended(now))
        return [
            (name: "Authorization", value: HuaweiUsernameToken.authorization),
            (name: "X-WSSE", value: token.headerValue),
        ]
    }

    /// Host and port of a URL that has neither path nor query.
    private static func host(of endpoint: String) -> String? {
        guard let range = endpoint.firstRange(of: "://") else { return nil }
        let host = endpoint[range.upperBound...]
        return host.isEmpty || host.contains { "/?#@".contains($0) } ? nil : String(host)
    }

    private static func unavailable(_ error: any Error) -> any Error {
        guard let error = error as? OutboundError else { return error }
        return SMSError.unavailable(reason: "\(error)")
    }
}
