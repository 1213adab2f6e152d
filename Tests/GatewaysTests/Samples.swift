import Cryptography
import FoundationEssentials
import Synchronization
import Testing

@testable import Gateways

/// 2023-11-14T22:13:20Z
let sendingTime = Date(timeIntervalSince1970: 1_700_000_000)
let message = SMSMessage(
    to: "+8613800001234", purpose: "LOGIN_SMS", text: "您的验证码是 123456",
    parameters: [.init("code", "123456"), .init("minutes", "5")], code: "123456")
let accessKey = AccessKey(id: "key-1", secret: "secret-1")
/// 24 bytes; the one of the reference libraries' tests.
let webhookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

let purposes = ["LOGIN_SMS", "FORGET_PWD_SMS", "BIND_MOBILE_SMS"]

func approval(_ signature: String? = "测试", _ templates: String = "LOGIN_SMS=SMS_1") throws -> SMSApproval {
    SMSApproval(signature: signature, templates: try SMSTemplates(templates, purposes: purposes))
}

/// The gateways that call somebody, each with settings of its own and the answers that its vendor documents.
enum Vendor: String, CaseIterable, Sendable {
    case huawei, alibaba, tencent, webhook

    func gateway(
        _ url: String, _ http: OutboundHTTP, key: AccessKey = accessKey, secret: String = webhookSecret
    ) throws -> any SMSGateway {
        let clock = { @Sendable in sendingTime }
        switch self {
        case .huawei:
            let settings = HuaweiCloudSMSGateway.Settings(
                endpoint: url, key: key, sender: "8824110605", approved: try approval())
            return try HuaweiCloudSMSGateway(settings, http: http, now: clock)
        case .alibaba:
            let settings = AlibabaCloudSMSGateway.Settings(endpoint: url, key: key, approved: try approval())
            return try AlibabaCloudSMSGateway(settings, http: http, now: clock)
        case .tencent:
            let settings = TencentCloudSMSGateway.Settings(
                endpoint: url, key: key, applicationID: "1400006666", approved: try approval())
            return try TencentCloudSMSGateway(settings, http: http, now: clock)
        case .webhook:
            let settings = WebhookSMSGateway.Settings(
                url: url, secret: try WebhookSecret(secret), approved: try approval())
            return try WebhookSMSGateway(settings, http: http, now: clock)
        }
    }

    /// What says that the message was taken.
    func accepted(_ reference: String) -> String {
        switch self {
        case .huawei:
            #"{"code":"000000","description":"Success","result":[{"status":"000000","smsMsgId":"\#(reference)"}]}"#
        case .alibaba: #"{"Message":"OK","RequestId":"A-1","Code":"OK","BizId":"\#(reference)"}"#
        case .tencent:
            #"{"Response":{"SendStatusSet":[{"SerialNo":"\#(reference)","Code":"Ok","Fee":1}],"RequestId":"a-1"}}"#
        case .webhook: #"{"id":"\#(reference)"}"#
        }
    }

    /// What says that it was not; no JSON escapes in the code.
    func refused(_ code: String) -> String {
        switch self {
        case .huawei: #"{"code":"\#(code)","description":"sent to +8613800001234"}"#
        case .alibaba: #"{"Message":"sent to +8613800001234","RequestId":"A-1","Code":"\#(code)"}"#
        case .tencent:
            #"{"Response":{"Error":{"Code":"\#(code)","Message":"sent to +8613800001234"},"RequestId":"a-1"}}"#
        case .webhook: #"{"error":"\#(code)"}"#
        }
    }
}

/// What came of sending one message, on both sides.
struct Sending {
    var result: Result<SMSReceipt, SMSError>
    var received: [Receiver.Received]
}

/// Sends a message to a receiver that answers as told.
func sending(
    _ message: SMSMessage = message, to answer: Receiver.Answer, timeout: TimeInterval = 120,
    through gateway: (_ url: String, OutboundHTTP) throws -> any SMSGateway
) async throws -> Sending {
    try await Receiver.run(answer) { receiver in
        try await using(loopbackClient { $0.requestTimeout = timeout }) { http in
            let gateway = try gateway("http://127.0.0.1:\(receiver.port)", http)
            do {
                let receipt = try await gateway.send(message)
                return Sending(result: .success(receipt), received: receiver.received)
            } catch let error as SMSError {
                return Sending(result: .failure(error), received: receiver.received)
            }
        }
    }
}

/// The vendors' side of the digests, written without the code under test.
enum Oracle {
    static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    static func hash(_ text: String) -> String { hex(SHA256.hash(Array(text.utf8))) }

    static func code(_ text: String, _ key: [UInt8]) -> [UInt8] {
        HMACSHA256.authenticate(Array(text.utf8), key: key)
    }

    /// The canonical form of what arrived, with the headers that its `Authorization` names.
    /// - Parameter path: When the vendor's form differs from what arrived.
    static func canonical(_ received: Receiver.Received, _ names: [String], path: String? = nil) -> String {
        let parts = received.uri.split(separator: "?", maxSplits: 1).map(String.init)
        let fields = names.map { "\($0):\(received.headers[$0] ?? "")\n" }.joined()
        let query = parts.count > 1 ? parts[1] : ""
        return [
            received.method, path ?? parts[0], query, fields, names.joined(separator: ";"), hash(received.body),
        ].joined(separator: "\n")
    }

    /// The names between `SignedHeaders=` and the next comma.
    static func signedNames(_ received: Receiver.Received) -> [String] {
        let authorization = received.headers["authorization"] ?? ""
        guard let start = authorization.firstRange(of: "SignedHeaders=")?.upperBound else { return [] }
        return authorization[start...].prefix { $0 != "," }.split(separator: ";").map(String.init)
    }
}
