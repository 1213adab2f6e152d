import Cryptography
import FoundationEssentials
import Testing
import Wire

@testable import Gateways

@Suite("Standard Webhooks 1.0.0: signature scheme")
struct WebhookSecretTests {
    /// `test_sign_function` and `TestWebhookSign` of the reference libraries for Python and Go
    /// (github.com/standard-webhooks/standard-webhooks).
    @Test("signs as the reference libraries do", .tags(.security))
    func vector() throws {
        let signature = try WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").signature(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: "1614265330", body: Array(#"{"test": 2432232314}"#.utf8))
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    static func secret(_ count: Int) -> String { "whsec_" + Base64.encode([UInt8](repeating: 7, count: count)) }

    @Test("takes 24 to 64 bytes", arguments: [24, 25, 26, 32, 64])
    func lengths(_ count: Int) throws {
        _ = try WebhookSecret(Self.secret(count))
    }

    @Test(
        "refuses what is no secret", .tags(.security),
        arguments: [
            ("", WebhookSecret.Refusal.prefix), ("whsec_", .length), (secret(23), .length), (secret(65), .length),
            ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", .prefix), ("whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", .prefix),
            ("Whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", .prefix), ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", .encoding),
            ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS-", .encoding),
            ("whsec_ MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", .encoding),
        ])
    func refuses(_ text: String, _ refusal: WebhookSecret.Refusal) {
        #expect(throws: refusal) { try WebhookSecret(text) }
    }
}

@Suite("Messages through a receiver of one's own")
struct WebhookSMSTests {
    /// What a receiver does with a request: checks the signature over what arrived, and the time.
    static func judge(_ received: Receiver.Received) -> Receiver.Answer {
        let id = received.headers["webhook-id"] ?? ""
        let timestamp = received.headers["webhook-timestamp"] ?? ""
        let key = (try? Base64.decode(String(webhookSecret.dropFirst(6)))) ?? []
        let expected = "v1," + Base64.encode(Oracle.code("\(id).\(timestamp).\(received.body)", key))
        guard !id.contains("."), timestamp == "1700000000", received.headers["webhook-signature"] == expected else {
            return .status(401)
        }
        return .status(202, [], Vendor.webhook.accepted("queue-7"))
    }

    static let receipt = SMSReceipt(gateway: "webhook", reference: "queue-7")

    static func arrives(_ approved: SMSApproval? = nil) async throws -> Sending {
        try await sending(to: .deciding(judge)) { url, http in
            var settings = WebhookSMSGateway.Settings(
                url: url + "/sms?tenant=a%20b", secret: try WebhookSecret(webhookSecret))
            if let approved { settings.approved = approved }
            return try WebhookSMSGateway(settings, http: http, now: { sendingTime })
        }
    }

    @Test("sends the whole message, signed", .tags(.security))
    func sends() async throws {
        let sent = try await Self.arrives()
        #expect(sent.result == .success(Self.receipt))
        let received = try #require(sent.received.first)
        #expect(received.method == "POST")
        #expect(received.uri == "/sms?tenant=a%20b")
        #expect(received.headers["content-type"] == "application/json")
        #expect(received.headers["webhook-id"]?.wholeMatch(of: /msg_[0-9A-Za-z_-]{22}/) != nil)
        #expect(
            received.body == """
                {"type":"sms.send","to":"+8613800001234","purpose":"LOGIN_SMS","text":"您的验证码是 123456",\
                "parameters":{"code":"123456","minutes":"5"}}
                """)
    }

    @Test("passes on template and signature where there are any")
    func approved() async throws {
        let sent = try await Self.arrives(approval("测试", "LOGIN_SMS=SMS_1:code"))
        #expect(sent.result == .success(Self.receipt))
        #expect(
            sent.received.first?.body == """
                {"type":"sms.send","to":"+8613800001234","purpose":"LOGIN_SMS","text":"您的验证码是 123456",\
                "template":"SMS_1","signature":"测试","parameters":{"code":"123456"}}
                """)
        let other = try await Self.arrives(approval(nil, "BIND_MOBILE_SMS=SMS_1"))
        #expect(other.result == .success(Self.receipt))
        #expect(other.received.first?.body.contains("template") == false)
    }

    @Test("no two messages have one id", .tags(.security))
    func ids() async throws {
        var seen: Set<String> = []
        for _ in 0..<3 { seen.insert(try await Self.arrives().received.first?.headers["webhook-id"] ?? "") }
        #expect(seen.count == 3)
    }

    @Test("a wrong secret is refused", .tags(.security))
    func wrongSecret() async throws {
        let sent = try await sending(to: .deciding(Self.judge)) {
            try Vendor.webhook.gateway($0, $1, secret: WebhookSecretTests.secret(24))
        }
        #expect(sent.result == .failure(.misconfigured(code: "HTTP 401")))
    }

    static func result(_ status: Int, _ body: String) async throws -> Result<SMSReceipt, SMSError> {
        try await sending(to: .status(status, [], body)) { try Vendor.webhook.gateway($0, $1) }.result
    }

    @Test("every 2xx is success, whatever the body", arguments: [(200, "ok"), (201, "{}"), (204, ""), (299, "[1]")])
    func success(_ status: Int, _ body: String) async throws {
        #expect(try await Self.result(status, body) == .success(SMSReceipt(gateway: "webhook")))
    }

    @Test("a refusal that names the phone as its reason is one", arguments: [400, 404, 422])
    func rejected(_ status: Int) async throws {
        #expect(
            try await Self.result(status, #"{"error":"rejected"}"#) == .failure(.rejected(code: "HTTP \(status)")))
    }

    @Test(
        "any other refusal needs a person",
        arguments: [
            (400, #"{"error":"misconfigured"}"#), (404, #"{"error":"misconfigured"}"#),
            (422, #"{"error":"misconfigured"}"#), (404, "<html>"), (422, #"{"error":"Rejected"}"#),
            (400, #"{"error":["rejected"]}"#), (401, #"{"error":"rejected"}"#), (403, #"{"error":"rejected"}"#),
            (410, ""), (302, #"{"error":"rejected"}"#),
        ])
    func misconfigured(_ status: Int, _ body: String) async throws {
        #expect(try await Self.result(status, body) == .failure(.misconfigured(code: "HTTP \(status)")))
    }

    @Test("too many requests and the receiver's own trouble pass", arguments: [429, 500, 502, 503])
    func unavailable(_ status: Int) async throws {
        #expect(
            try await Self.result(status, #"{"error":"rejected"}"#)
                == .failure(.unavailable(reason: "HTTP \(status)")))
    }

    @Test(
        "does not start with an address that is not called",
        arguments: [
            ("", OutboundError.invalidURL), ("sms.example", .invalidURL), ("ftp://sms.example/", .insecure),
            ("https://a:b@sms.example/", .invalidURL),
        ])
    func urls(_ url: String, _ error: OutboundError) async throws {
        try await using(loopbackClient()) { http in
            #expect(throws: error) { try Vendor.webhook.gateway(url, http) }
        }
    }
}
