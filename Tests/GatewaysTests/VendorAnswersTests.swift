import FoundationEssentials
import Testing
import Wire

@testable import Gateways

@Suite("Every vendor's gateway: what no vendor answers")
struct VendorAnswersTests {
    struct Odd: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var answer: Receiver.Answer
        var error: SMSError
        /// A receiver of one's own may answer what it likes, as long as the status says that it took the message.
        var webhookTakesIt = false
    }

    static let oddAnswers: [Odd] = [
        Odd(
            testDescription: "a page", answer: .status(200, [], "<html>ok</html>"),
            error: .misconfigured(code: "HTTP 200"), webhookTakesIt: true),
        Odd(
            testDescription: "nothing", answer: .status(200), error: .misconfigured(code: "HTTP 200"),
            webhookTakesIt: true),
        Odd(
            testDescription: "an empty object", answer: .status(200, [], "{}"),
            error: .misconfigured(code: "HTTP 200"), webhookTakesIt: true),
        Odd(
            testDescription: "other types",
            answer: .status(200, [], #"{"code":0,"Code":["OK"],"Response":[{"Code":"Ok"}],"result":"000000","id":7}"#),
            error: .misconfigured(code: "HTTP 200"), webhookTakesIt: true),
        Odd(
            testDescription: "deep nesting",
            answer: .status(200, [], String(repeating: "[", count: 100_000)),
            error: .misconfigured(code: "HTTP 200"), webhookTakesIt: true),
        Odd(
            testDescription: "a megabyte",
            answer: .status(200, [], "{\"id\":\"" + String(repeating: "x", count: 1_048_576) + "\"}"),
            error: .unavailable(reason: "responseTooLarge")),
        Odd(
            testDescription: "no such page", answer: .status(404, [], "<html>"), error: .misconfigured(code: "HTTP 404")
        ),
        Odd(
            testDescription: "too many requests", answer: .status(429, [], "{}"),
            error: .unavailable(reason: "HTTP 429")),
        Odd(
            testDescription: "a failing proxy", answer: .status(502, [], "<html>"),
            error: .unavailable(reason: "HTTP 502")),
    ]

    @Test("is a failure with a fixed text", .tags(.security), arguments: Vendor.allCases, oddAnswers)
    func odd(_ vendor: Vendor, _ odd: Odd) async throws {
        let result = try await sending(to: odd.answer) { try vendor.gateway($0, $1) }.result
        let isTaken = vendor == .webhook && odd.webhookTakesIt
        #expect(result == (isTaken ? .success(SMSReceipt(gateway: "webhook")) : .failure(odd.error)))
    }

    @Test("a redirect is not followed", .tags(.security), arguments: Vendor.allCases, [301, 302, 307, 308])
    func redirect(_ vendor: Vendor, _ status: Int) async throws {
        try await Receiver.run(.status(200, [], vendor.accepted("1"))) { other in
            let location = [("location", "http://127.0.0.1:\(other.port)/")]
            let sent = try await sending(to: .status(status, location)) { try vendor.gateway($0, $1) }
            #expect(sent.result == .failure(.misconfigured(code: "HTTP \(status)")))
            #expect(sent.received.count == 1)
            #expect(other.received.isEmpty)
        }
    }

    @Test("a vendor that does not answer is unavailable, after the time allowed", arguments: Vendor.allCases)
    func silence(_ vendor: Vendor) async throws {
        let sent = try await sending(to: .silence, timeout: 0.5) { try vendor.gateway($0, $1) }
        #expect(sent.result == .failure(.unavailable(reason: "timedOut")))
    }

    @Test("a vendor that is not there is unavailable", arguments: Vendor.allCases)
    func refused(_ vendor: Vendor) async throws {
        let port = try await Receiver.run(.silence) { $0.port }
        try await using(loopbackClient()) { http in
            let gateway = try vendor.gateway("http://127.0.0.1:\(port)", http)
            await #expect(throws: SMSError.unavailable(reason: "unreachable")) { try await gateway.send(message) }
        }
    }

    @Test("a vendor that cannot be verified gets no message", .tags(.security), arguments: Vendor.allCases)
    func untrusted(_ vendor: Vendor) async throws {
        let certificate = try TestCertificate()
        try await Receiver.run(.status(200, [], vendor.accepted("1")), tls: certificate.context) { receiver in
            try await using(loopbackClient()) { http in
                let gateway = try vendor.gateway("https://localhost:\(receiver.port)", http)
                await #expect(throws: SMSError.unavailable(reason: "untrusted")) { try await gateway.send(message) }
            }
            #expect(receiver.received.isEmpty)
        }
    }

    @Test(
        "an address that may not be called is a mistake of the settings", .tags(.security), arguments: Vendor.allCases)
    func forbidden(_ vendor: Vendor) async throws {
        try await using(loopbackClient { $0.allowsLoopback = false }) { http in
            for (url, code) in [("http://127.0.0.1:9", "insecure"), ("https://169.254.169.254", "forbiddenAddress")] {
                let gateway = try vendor.gateway(url, http)
                await #expect(throws: SMSError.misconfigured(code: code)) { try await gateway.send(message) }
            }
        }
    }

    @Test("giving up waiting is no failure of the vendor", arguments: Vendor.allCases)
    func cancelled(_ vendor: Vendor) async throws {
        let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
        let answer = Receiver.Answer.deciding { _ in
            arrived.yield()
            return .silence
        }
        try await Receiver.run(answer) { receiver in
            try await using(loopbackClient()) { http in
                let gateway = try vendor.gateway("http://127.0.0.1:\(receiver.port)", http)
                let task = Task { try await gateway.send(message) }
                for await _ in arrivals { break }
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
            }
        }
    }
}

@Suite("Every vendor's gateway: what is kept of an answer")
struct VendorWordTests {
    @Test(
        "a code that is no short word, or shows the message, is not repeated", .tags(.security),
        arguments: [Vendor.huawei, .alibaba, .tencent],
        [
            "sent to +8613800001234", "isv.13800001234", "E00001234", "code.123456", "", "7", "E000\\n", "isv.短信",
            "A\(String(repeating: "b", count: 64))", "<b>", "isv/X", "\\u0000",
        ])
    func codes(_ vendor: Vendor, _ code: String) async throws {
        let sent = try await sending(to: .status(200, [], vendor.refused(code))) { try vendor.gateway($0, $1) }
        #expect(sent.result == .failure(.unavailable(reason: "unreadable code")))
    }

    @Test("a code may have 64 characters", arguments: [Vendor.alibaba, .tencent])
    func longCode(_ vendor: Vendor) async throws {
        let code = "A_-.:\(String(repeating: "b", count: 59))"
        let sent = try await sending(to: .status(200, [], vendor.refused(code))) { try vendor.gateway($0, $1) }
        #expect(sent.result == .failure(.misconfigured(code: code)))
    }

    @Test("keeps the vendor's reference", arguments: Vendor.allCases)
    func references(_ vendor: Vendor) async throws {
        let reference = "a-B_9.:^" + String(repeating: "0", count: 120)
        let sent = try await sending(to: .status(200, [], vendor.accepted(reference))) { try vendor.gateway($0, $1) }
        #expect(sent.result == .success(SMSReceipt(gateway: vendor.rawValue, reference: reference)))
    }

    @Test(
        "drops a reference that is free text, or shows the message", .tags(.security), arguments: Vendor.allCases,
        [
            "", "a b", "短信", "a\\n", "<b>", "a;b", "+8613800001234", "8613800001234", "m-00001234", "otp:123456:1",
            String(repeating: "1", count: 129),
        ])
    func hostileReferences(_ vendor: Vendor, _ reference: String) async throws {
        let sent = try await sending(to: .status(200, [], vendor.accepted(reference))) { try vendor.gateway($0, $1) }
        #expect(sent.result == .success(SMSReceipt(gateway: vendor.rawValue)))
    }

    @Test("drops a reference that shows a password in a message without a code", .tags(.security))
    func values() async throws {
        var other = message
        other.code = nil
        other.parameters = [.init("password", "Xq7mLp2z"), .init("name", "ab")]
        for (reference, kept) in [("m-Xq7mLp2z", nil), ("m-ab", "m-ab")] as [(String, String?)] {
            let answer = Receiver.Answer.status(200, [], Vendor.webhook.accepted(reference))
            let sent = try await sending(other, to: answer) { try Vendor.webhook.gateway($0, $1) }
            #expect(sent.result == .success(SMSReceipt(gateway: "webhook", reference: kept)))
        }
    }
}

@Suite("What gateways hold does not print")
struct PrintingTests {
    static func secrets() throws -> [Any] {
        let approved = try approval("secret-1")
        return [
            message, accessKey, try WebhookSecret(webhookSecret),
            HuaweiCloudSMSGateway.Settings(
                endpoint: "https://secret-1", key: accessKey, sender: "secret-1", approved: approved),
            AlibabaCloudSMSGateway.Settings(endpoint: "https://secret-1", key: accessKey, approved: approved),
            TencentCloudSMSGateway.Settings(
                endpoint: "https://secret-1", key: accessKey, applicationID: "secret-1", approved: approved),
            WebhookSMSGateway.Settings(
                url: "https://secret-1/?k=secret-1", secret: try WebhookSecret(webhookSecret), approved: approved),
        ]
    }

    @Test("messages, keys and settings are dots", .tags(.security))
    func dots() throws {
        for secret in try Self.secrets() {
            #expect("\(secret)" == "•••")
            #expect(String(reflecting: secret) == "•••")
            var text = ""
            dump(secret, to: &text)
            for word in ["13800001234", "123456", "secret-1", "MfKQ", "key-1", "49, 242"] {
                #expect(!text.contains(word))
            }
        }
    }
}
