import Cryptography
package import FoundationEssentials
import Wire

/// A receiver of the enterprise's own that sends messages by whatever means it has, called and signed as Standard
/// Webhooks 1.0.0 specifies.
///
/// ```json
/// {"type":"sms.send","to":"+8613800001234","purpose":"LOGIN_SMS","text":"…",
///  "template":"SMS_1","signature":"…","parameters":{"code":"123456"}}
/// ```
/// The receiver answers 2xx when it takes the message, maybe with `{"id":"…"}`; 400, 404 or 422 with
/// `{"error":"rejected"}` when it does not send to this phone.
package struct WebhookSMSGateway: SMSGateway {
    package var name: String { "webhook" }

    private let settings: Settings
    private let http: OutboundHTTP
    private let now: @Sendable () -> Date

    /// - Parameters:
    ///   - http: Must be allowed to reach the receiver.
    ///   - now: The clock; receivers refuse requests that are signed some minutes off their own.
    /// - Throws: ``OutboundError`` when the URL is none that may be called.
    package init(
        _ settings: Settings, http: OutboundHTTP, now: @escaping @Sendable () -> Date
    ) throws(OutboundError) {
        // That http leads to loopback is checked when a request is sent.
        _ = try OutboundTarget(settings.url, allowsLoopback: true)
        self.settings = settings
        self.http = http
        self.now = now
    }

    package func send(_ message: SMSMessage) async throws -> SMSReceipt {
        var random = SecureRandom()
        let request = try request(message, id: "msg_" + Identifier.make(using: &random), now: now())
        let answer = WebhookSMSAnswer(try await http.answer(to: request))
        return SMSReceipt(gateway: name, reference: try answer.reference(of: message))
    }

    /// The request for one message; a function of its arguments alone.
    func request(_ message: SMSMessage, id: String, now: Date) throws(SMSError) -> OutboundRequest {
        let body = try body(message)
        let timestamp = String(Int64(now.timeIntervalSince1970))
        return OutboundRequest(
            .post, settings.url,
            headers: [
                (name: "Content-Type", value: "application/json"), (name: "webhook-id", value: id),
                (name: "webhook-timestamp", value: timestamp),
                (
                    name: "webhook-signature",
                    value: settings.secret.signature(id: id, timestamp: timestamp, body: body)
                ),
            ], body: body)
    }

    private func body(_ message: SMSMessage) throws(SMSError) -> [UInt8] {
        let template = settings.approved.templates.template(for: message.purpose)
        let values = try template?.values(of: message) ?? message.parameters
        var json = JSONWriter()
        json.beginObject()
        json.member("type", "sms.send")
        json.member("to", message.to)
        json.member("purpose", message.purpose)
        json.member("text", message.text)
        json.member("template", ifPresent: template?.id)
        json.member("signature", ifPresent: settings.approved.signature)
        json.member("parameters", json: .object(values.map { JSON.Member($0.name, .string($0.value)) }))
        json.endObject()
        return json.bytes
    }
}

/// What the receiver answered to one message.
struct WebhookSMSAnswer: Equatable, Sendable {
    /// The HTTP status.
    var status: Int
    /// `error`.
    var error: String?
    /// `id`.
    var messageID: String?

    init(_ response: OutboundResponse) {
        let json = response.json
        status = response.status
        error = json?["error"]?.string
        messageID = json?["id"]?.string
    }

    /// - Returns: What the receiver calls the message, when it says so in harmless text.
    /// - Throws: ``SMSError`` unless the receiver took the message.
    func reference(of message: SMSMessage) throws(SMSError) -> String? {
        if (200...299).contains(status) { return VendorWord.reference(messageID, of: message) }
        // A receiver that is not there answers 404 as well, so only the word says that the phone is the reason.
        guard error == "rejected", [400, 404, 422].contains(status) else { throw .status(status) }
        throw .rejected(code: "HTTP \(status)")
    }
}
